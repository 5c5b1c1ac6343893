package check

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/optim"
	"github.com/rondo-ml/rondo/tensor"
)

// start compares the loss of the first step with what a network that knows nothing would have, and with what it is without
// the first values that are not drawn.
func start(n *Network) (string, error) {
	loss, classes, err := firstLoss(n, false)
	if err != nil {
		return "", err
	}
	found := fmt.Sprintf("the loss starts at %.4g", loss)
	if classes >= 2 {
		unknowing := math.Log(float64(classes))
		if !(loss <= 2*unknowing+1) {
			return "", fmt.Errorf("the loss starts at %.4g nats; a network that knows nothing has log %d = %.4g: the first weights are too large, "+
				"or the output is no logits", loss, classes, unknowing)
		}
		found += fmt.Sprintf(" nats; log %d is %.4g", classes, unknowing)
	}
	if n.First == nil {
		return found, nil
	}
	without, _, err := firstLoss(n, true)
	return fmt.Sprintf("%s; without %s, it starts at %.4g", found, n.FirstAbout, without), err
}

// firstLoss is the loss of the first step, and how many classes its targets tell apart; 0 where they are no classes.
func firstLoss(n *Network, drawn bool) (loss float64, classes int, err error) {
	r := n.begin(way{lanes: n.Shape.Lanes, threads: n.threads(), steps: 1, drawn: drawn})
	defer r.pool.Close()
	if err := r.step(0); err != nil {
		return 0, 0, err
	}
	t, err := r.tapeAt(0)
	if err != nil {
		return 0, 0, err
	}
	for _, p := range t.rec.Parts() {
		if k, ok := p.Holds.(*nn.Targets); ok && classes < 2 {
			classes = k.Classes
		}
	}
	return mean(t), classes, nil
}

// mean is the first loss of the batch that was replayed last, all of whose lanes the tape has.
func mean(t *recorded) float64 {
	loss, sum := t.rec.Losses[0], 0.0
	for _, lane := range loss.LaneSum {
		sum += lane
	}
	return sum / max(loss.Divisor(), math.SmallestNonzeroFloat64)
}

// gradients looks for parameters that no step gives a gradient.
func gradients(n *Network) (string, error) {
	r := n.begin(way{lanes: n.Shape.Lanes, threads: n.threads(), steps: n.steps()})
	defer r.pool.Close()
	reached := map[string]bool{}
	for step := range n.steps() {
		if err := r.step(step); err != nil {
			return "", fmt.Errorf("step %d: %w", step, err)
		}
		for _, p := range n.Params.List {
			if slices.ContainsFunc(r.sum[p.Offset:p.Offset+p.Size()], func(v float32) bool { return v != 0 }) {
				reached[p.Name] = true
			}
		}
	}
	var without []string
	frozen := 0
	for _, p := range n.Params.List {
		switch {
		case p.Frozen:
			frozen++
		case !reached[p.Name]:
			without = append(without, p.Name)
		}
	}
	if len(without) > 0 {
		const most = 8
		text := strings.Join(without[:min(most, len(without))], ", ")
		if len(without) > most {
			text += fmt.Sprintf(" and %d more", len(without)-most)
		}
		return "", fmt.Errorf("%s: the gradient is zero in all of %d steps; does Forward use the layer, and does the loss depend on it?", text, n.steps())
	}
	found := fmt.Sprintf("all %d parameters", len(n.Params.List)-frozen)
	if frozen > 0 {
		found += fmt.Sprintf(" that are not frozen (%d are)", frozen)
	}
	return found, nil
}

// What it may cost to learn one lane of a batch by heart: floating-point operations in all, and steps.
const (
	heartOperations      = 3e12
	fewSteps, manySteps  = 30, 300
	heartRate            = 3e-3
	heartShare           = 0.5 // of the loss at the start that may be left
	backwardOfOperations = 3   // a step costs so many times its Forward
)

// overfit learns the first lane of the first batch by heart; all of it, where norms need the other lanes.
func overfit(n *Network) (string, error) {
	r := n.begin(way{lanes: n.fewest(), threads: n.threads()})
	defer r.pool.Close()
	t, err := r.tapeAt(0)
	if err != nil {
		return "", err
	}
	if err := t.fill(0, 0); err != nil {
		return "", err
	}
	part := "a lane"
	if n.meet() {
		part = "the batch"
	}
	weights := make([]float64, r.lanes)
	for _, loss := range t.rec.Losses {
		loss.Weigh(weights)
		loss.Total = 0
		for _, w := range weights {
			loss.Total += w
		}
		if loss.Total == 0 {
			return part + " has no target", nil
		}
	}
	ps := n.Params
	adam := optim.NewAdam(optim.Whole(ps.Size()), optim.AdamConfig{Beta1: 0.9, Beta2: 0.999, Eps: 1e-8})
	steps := int(min(manySteps, max(fewSteps, heartOperations/float64(backwardOfOperations*max(1, t.tape.Operations())))))
	first, loss := 0.0, 0.0
	for step := range steps {
		t.tape.Begin(0, 0, 0) // the same chance in every step
		t.tape.Forward()
		if loss = mean(t); step == 0 {
			first = loss
		}
		if loss <= heartShare*first {
			return fmt.Sprintf("the loss of %s falls from %.4g to %.4g, steps taken: %d", part, first, loss, step), nil
		}
		if math.IsNaN(loss) || math.IsInf(loss, 0) {
			return "", fmt.Errorf("the loss of %s is %v after %d steps", part, loss, step)
		}
		t.tape.Backward(nil)
		grad := ps.LaneGrads(0)
		for lane := 1; lane < r.lanes; lane++ {
			tensor.Add(grad, grad, ps.LaneGrads(lane))
		}
		optim.ClipGlobalNorm(r.pool, grad, 1)
		adam.Step(r.pool, ps.Values, grad, heartRate, uint64(step))
		ps.Changed()
	}
	return "", fmt.Errorf("the loss of %s falls only from %.4g to %.4g in %d steps of Adam at %v: the network does not learn even one batch by heart",
		part, first, loss, steps, heartRate)
}
