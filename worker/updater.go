package worker

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/optim"
	"github.com/rondo-ml/rondo/nn/safetensors"
	"github.com/rondo-ml/rondo/tensor"
)

// updater turns the summed gradient of a step into new weights. It holds all that
// a checkpoint must keep for the next steps beside the weights: the optimizer's
// state, the average of the weights, what a plateau has learnt.
type updater struct {
	file      runfile.Optimizer
	params    *nn.Params
	groups    []optim.Group
	optimizer optim.Optimizer
	rates     optim.Schedule
	floor     float64

	average    *optim.Average // of the weights; nil without one
	statistics *optim.Average // of the norms' running statistics, with it
	plateau    *optim.Plateau // nil without one
	told       [4]int64       // the plateau's state as a checkpoint has it
}

func newUpdater(f *runfile.File, params *nn.Params) (*updater, error) {
	u := &updater{file: f.Optimizer, params: params, groups: groupsOf(f.Optimizer, f.Model.Factors(), params), rates: f.Rates()}
	u.floor = u.rates.Floor
	var err error
	if u.optimizer, err = newOptimizer(f.Optimizer, u.groups); err != nil {
		return nil, err
	}
	if decay := f.Optimizer.Average; decay > 0 {
		u.average = optim.NewAverage(params.Size(), decay)
		u.statistics = optim.NewAverage(params.StatisticsSize(), decay)
	}
	if cfg, listens := f.Plateau(); listens {
		u.plateau = optim.NewPlateau(cfg)
		u.keep()
	}
	return u, nil
}

// groupsOf makes a group of each parameter. Norms and biases have one dimension.
func groupsOf(o runfile.Optimizer, rates nn.Factors, params *nn.Params) []optim.Group {
	var groups []optim.Group
	for _, p := range params.List {
		g := optim.Group{Begin: p.Offset, End: p.Offset + p.Size(), Rate: rates.Of(p.Name), Decays: o.DecayNorms || len(p.Shape) > 1}
		if p.Frozen {
			g.Rate = 0
		}
		groups = append(groups, g)
	}
	return groups
}

func newOptimizer(o runfile.Optimizer, groups []optim.Group) (optim.Optimizer, error) {
	adam := optim.AdamConfig{Beta1: o.Beta1, Beta2: o.Beta2, Eps: o.Eps, WeightDecay: o.WeightDecay}
	switch o.Kind {
	case "sgd":
		return optim.NewSGD(groups, optim.SGDConfig{Momentum: o.Momentum, Nesterov: o.Nesterov, WeightDecay: o.WeightDecay}), nil
	case "adam":
		return optim.NewAdam(groups, adam), nil
	case "adamw":
		adam.Decoupled = true
		return optim.NewAdam(groups, adam), nil
	case "rmsprop", "rmsprop-tf":
		return optim.NewRMSprop(groups, optim.RMSpropConfig{Alpha: o.Alpha, Eps: o.Eps, Momentum: o.Momentum, WeightDecay: o.WeightDecay,
			Centered: o.Centered, TensorFlow: o.Kind == "rmsprop-tf"}), nil
	case "adagrad":
		return optim.NewAdagrad(groups, optim.AdagradConfig{Eps: o.Eps, RateDecay: o.RateDecay, WeightDecay: o.WeightDecay, Initial: o.Initial}), nil
	case "lars":
		return optim.NewLARS(groups, optim.LARSConfig{Momentum: o.Momentum, Trust: o.Trust, Eps: o.Eps, WeightDecay: o.WeightDecay}), nil
	case "lamb":
		return optim.NewLAMB(groups, adam), nil
	}
	return newOwnOptimizer(o, groups)
}

// newOwnOptimizer makes one of a kind that the program has registered. It is an error for it to panic, and for its state not to
// be of the parameters.
func newOwnOptimizer(o runfile.Optimizer, groups []optim.Group) (made optim.Optimizer, err error) {
	info, ok := optim.Lookup(o.Kind)
	if !ok {
		return nil, fmt.Errorf("optimizer.kind: %q is not known", o.Kind)
	}
	defer func() {
		if v := recover(); v != nil {
			made, err = nil, fmt.Errorf("optimizer.kind: %s panics: %v", o.Kind, v)
		}
	}()
	if made = info.New(o.Fields, groups, o.WeightDecay); made == nil {
		return nil, fmt.Errorf("optimizer.kind: New of %s returns no optimizer", o.Kind)
	}
	size, names := optim.Size(groups), map[string]bool{averageName: true}
	for _, s := range made.State() {
		switch {
		case s.Name == "" || strings.Contains(s.Name, "/") || names[s.Name]:
			return nil, fmt.Errorf("optimizer.kind: %s calls a part of its state %q; give each a name of its own, without a slash", o.Kind, s.Name)
		case len(s.Data) != size:
			return nil, fmt.Errorf("optimizer.kind: %s keeps %d numbers as its %s, want %d: one for each of the parameters", o.Kind, len(s.Data), s.Name, size)
		}
		names[s.Name] = true
	}
	return made, nil
}

// start begins from the weights as they are.
func (u *updater) start() {
	if u.average != nil {
		u.average.Start(u.params.Values)
		u.statistics.Start(u.params.Running)
	}
}

// lr is the learning rate of a step.
func (u *updater) lr(step uint64) float64 {
	rate := u.rates.LR(step)
	if u.plateau != nil {
		return u.plateau.LR(rate, u.floor)
	}
	return rate
}

// clip measures the norm of the gradient, and limits it and its elements as the
// run file says. A norm that is not finite leaves the gradient alone.
func (u *updater) clip(pool *tensor.Pool, grad []float32) (norm float64, clipped bool) {
	norm, clipped = optim.ClipGlobalNorm(pool, grad, u.file.Clip)
	if u.file.ClipValue > 0 && !math.IsNaN(norm) && !math.IsInf(norm, 0) {
		optim.ClipValue(pool, grad, float32(u.file.ClipValue))
	}
	return norm, clipped
}

// apply updates weights, which lie as the parameters do.
func (u *updater) apply(pool *tensor.Pool, weights, grad []float32, lr float64, step uint64) {
	if u.file.L1 > 0 {
		optim.AddL1(pool, grad, weights, u.groups, float32(u.file.L1))
	}
	u.optimizer.Step(pool, weights, grad, lr, step)
}

// leavesZeros says that apply leaves a gradient of zero as it is.
func (u *updater) leavesZeros() bool {
	return u.file.L1 == 0 && slices.Contains([]string{"sgd", "adam", "adamw"}, u.file.Kind)
}

// follow moves the averages towards the weights and the running statistics that a
// step has left.
func (u *updater) follow(pool *tensor.Pool) {
	if u.average != nil {
		u.average.Follow(pool, u.params.Values)
		for _, p := range u.params.List {
			if p.Frozen { // its average would be off by roundings
				copy(u.average.Values[p.Offset:p.Offset+p.Size()], p.Value().Data)
			}
		}
		u.statistics.Follow(pool, u.params.Running)
		at := 0
		for _, s := range u.params.Statistics {
			if s.Fixed {
				copy(u.statistics.Values[at:at+s.Size], s.Value())
			}
			at += s.Size
		}
	}
}

// withAverage runs f with the average of the weights in their place, if there is
// one.
func (u *updater) withAverage(f func() error) error {
	if u.average == nil {
		return f()
	}
	u.swap()
	defer u.swap()
	return f()
}

func (u *updater) swap() {
	u.average.Swap(u.params.Values)
	u.statistics.Swap(u.params.Running)
	u.params.Changed()
}

// observe takes the held-out loss.
func (u *updater) observe(loss float64) {
	if u.plateau != nil {
		u.plateau.Observe(loss)
		u.keep()
	}
}

// keep brings the plateau's state into the form in which a checkpoint has it.
func (u *updater) keep() {
	s := u.plateau.State()
	u.told = [4]int64{int64(math.Float64bits(s.Best)), int64(s.Bad), int64(s.Cooldown), int64(s.Falls)}
}

// What the tensors of the average and of a plateau are called in checkpoints.
const (
	averageName = "average"
	plateauName = "plateau" // the best loss as the bits of a float64, and PlateauState's other fields in order
)

// tensors are views of what a checkpoint keeps, by parameter.
func (u *updater) tensors() []safetensors.Tensor {
	var list []safetensors.Tensor
	parts := u.optimizer.State()
	if u.average != nil {
		parts = append(parts, optim.NamedSlice{Name: averageName, Data: u.average.Values})
	}
	for _, part := range parts {
		for _, p := range u.params.List {
			list = append(list, safetensors.Tensor{Name: part.Name + "/" + p.Name, Shape: p.Shape, Data: part.Data[p.Offset : p.Offset+p.Size()]})
		}
	}
	if u.average != nil {
		at := 0
		for _, s := range u.params.Statistics {
			list = append(list, safetensors.Tensor{Name: averageName + "/" + s.Name, Shape: []int{s.Size}, Data: u.statistics.Values[at : at+s.Size]})
			at += s.Size
		}
	}
	if u.plateau != nil {
		list = append(list, safetensors.Tensor{Name: plateauName, Shape: []int{len(u.told)}, Data: u.told[:]})
	}
	return list
}

// restored says that tensors were written to.
func (u *updater) restored() {
	if u.plateau != nil {
		u.plateau.Restore(optim.PlateauState{Best: math.Float64frombits(uint64(u.told[0])),
			Bad: uint64(u.told[1]), Cooldown: uint64(u.told[2]), Falls: uint64(u.told[3])})
	}
}
