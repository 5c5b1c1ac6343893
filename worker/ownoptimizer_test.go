package worker

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/nn/optim"
	"github.com/rondo-ml/rondo/tensor"
)

// heavyBall is an optimizer of a program's own: SGD with momentum, and faults on demand.
type heavyBall struct {
	Momentum float64 `field:"momentum" allowed:"[0, 2]" about:"up to 2, where that of others is below 1"`
	Fault    string  `field:"fault" oneof:"none, panic, nothing, short, nameless, twice, average, fills" about:"what is wrong with it"`
}

func init() {
	optim.Register("heavy-ball", optim.Kind[heavyBall]{Defaults: heavyBall{Momentum: 0.9, Fault: "none"}, New: newHeavyBall})
}

type heavyBalls struct {
	*optim.SGD
	parts []optim.NamedSlice
	fills bool // the gradient, which it may write over
}

func (o *heavyBalls) Step(pool *tensor.Pool, params, grad []float32, lr float64, step uint64) {
	o.SGD.Step(pool, params, grad, lr, step)
	if o.fills {
		tensor.Fill(grad, 1)
	}
}

func (o *heavyBalls) State() []optim.NamedSlice { return o.parts }

func newHeavyBall(c heavyBall, groups []optim.Group, decay float64) optim.Optimizer {
	o := &heavyBalls{SGD: optim.NewSGD(groups, optim.SGDConfig{Momentum: c.Momentum, WeightDecay: decay})}
	o.parts = o.SGD.State()
	switch c.Fault {
	case "panic":
		panic("no balls today")
	case "nothing":
		return nil
	case "short":
		o.parts = []optim.NamedSlice{{Name: "ball", Data: make([]float32, 3)}}
	case "nameless":
		o.parts[0].Name = ""
	case "twice":
		o.parts = slices.Concat(o.parts, o.parts)
	case "average":
		o.parts[0].Name = "average"
	case "fills":
		o.fills = true
	}
	return o
}

// A run with it is that of the same optimizer under its other name, on any number of workers.
func TestOwnOptimizer(t *testing.T) {
	sets := []string{"optimizer.momentum=0.8", "optimizer.weight_decay=0.01", "optimizer.lr=0.02"}
	own, known := imageFile(t, "lenet5", append([]string{"optimizer.kind=heavy-ball"}, sets...)...), imageFile(t, "lenet5", sets...) // which is sgd
	want := runInProcess(t, known, 1, 1, 1)
	for _, workers := range []int{1, 3} {
		if got := runInProcess(t, own, workers, 2, 1); got.sum != want.sum {
			t.Errorf("%d workers: other bits than sgd", workers)
		}
	}
	if n := optimizerSlices(own.Optimizer); n != 1 {
		t.Errorf("it is planned to keep %d numbers a weight", n)
	}
}

// Its fields are checked, printed and part of the bits; they take the place of those that others have under their names.
func TestOwnOptimizerInRunFiles(t *testing.T) {
	text := []byte("data: {train: x}\noptimizer: {kind: heavy-ball, momentum: 1.5, clip: 2}\n")
	f, err := runfile.Parse("r.yaml", text, nil)
	if err != nil {
		t.Fatal(err)
	}
	bits := f.Bits()
	if bits["optimizer.kind"] != "heavy-ball" || bits["optimizer.momentum"] != "1.5" || bits["optimizer.fault"] != "none" || bits["optimizer.beta1"] != "" || bits["optimizer.clip"] != "2" {
		t.Errorf("bits %v", bits)
	}
	again, err := runfile.FromBits("r.yaml", bits)
	if err != nil || !maps.Equal(again.Bits(), bits) {
		t.Errorf("from its bits: %v, %v", again, err)
	}
	printed, err := runfile.Parse("r.yaml", []byte(f.YAML()), nil)
	if err != nil || !maps.Equal(printed.Bits(), bits) || strings.Count(f.YAML(), "momentum:") != 1 {
		t.Errorf("%v: printed as\n%s", err, f.YAML())
	}
	for _, c := range []struct{ set, want string }{
		{"optimizer.momentum=2.5", "optimizer.momentum: found 2.5, want a number from 0 to 2"},
		{"optimizer.fault=all", `optimizer.fault: found "all", want one of none, panic, `},
		{"optimizer.beta1=0.5", "optimizer.beta1: found 0.5, want nothing: heavy-ball reads momentum, fault, lr, "},
		{"optimizer.nesterov=true", "optimizer.nesterov: found true, want nothing: heavy-ball reads momentum, fault, lr, "},
		{"optimizer.mass=1", `unknown field "optimizer.mass"`},
		{"optimizer.kind=heavy", `optimizer.kind: found "heavy", want `},
	} {
		if _, err := runfile.Parse("r.yaml", text, []string{c.set}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.set, err, c.want)
		}
	}
	if _, err := runfile.Parse("r.yaml", nil, []string{"data.train=x", "optimizer.fault=none"}); err == nil || !strings.Contains(err.Error(), "optimizer.fault: found \"none\", want nothing: adam reads beta1, beta2, eps, lr, ") {
		t.Errorf("a field of it for adam: %v", err)
	}
	for _, name := range []string{"sgd", "adam", "adamw", "rmsprop", "rmsprop-tf", "adagrad", "lars", "lamb"} { // none of them can be one's own
		if f, err := runfile.Parse("r.yaml", nil, []string{"data.train=x", "optimizer.kind=" + name}); err != nil || f.Optimizer.Fields != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What is wrong with an optimizer of one's own is an error that names it.
func TestOwnOptimizerMistakes(t *testing.T) {
	for fault, want := range map[string]string{
		"panic":    "optimizer.kind: heavy-ball panics: no balls today",
		"nothing":  "optimizer.kind: New of heavy-ball returns no optimizer",
		"short":    "optimizer.kind: heavy-ball keeps 3 numbers as its ball, want ",
		"nameless": `optimizer.kind: heavy-ball calls a part of its state ""`,
		"twice":    `optimizer.kind: heavy-ball calls a part of its state "sgd.m"`,
		"average":  `optimizer.kind: heavy-ball calls a part of its state "average"`,
	} {
		f := imageFile(t, "lenet5", "optimizer.kind=heavy-ball", "optimizer.fault="+fault)
		model, err := NewModel(f.Model)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := newUpdater(f, model.Params()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want one with %q", fault, err, want)
		}
	}
}
