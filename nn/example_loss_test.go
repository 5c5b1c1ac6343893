package nn_test

import (
	"fmt"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/tensor"
)

// pinball is the loss of a quantile: what a row's numbers exceed costs 9 times
// what they lack, so that a network learns what is exceeded in one case of ten.
func pinball(slopes, x, targets []float32) float64 {
	sum := 0.0
	for j, v := range x {
		d := float64(v) - float64(targets[j])
		slope := 0.1
		if d < 0 {
			slope = -0.9
		}
		sum += float64(slope * d)
		slopes[j] = float32(slope)
	}
	return sum
}

// learn trains a constant by the loss that end records behind it, in steps against its gradient.
func learn(steps int, end func(t *nn.Tape, x *nn.Node, targets *nn.TargetValues)) float32 {
	params := nn.NewParams()
	bias := nn.NewLinear(params, "constant", 1, 1, true)
	params.Allocate()
	params.AllocateGrads(1)
	shape := nn.Shape{Steps: 1, Lanes: 1, Rows: 10}
	pool := tensor.NewPool(1)
	defer pool.Close()
	tape := nn.NewTape(params, pool, shape, nn.Training, 1)
	zeros := nn.NewImages(shape, 1, 1, 1)
	targets := nn.NewTargetValues(shape.Layout(), 1)
	for i := range targets.Value {
		targets.Value[i] = float32(i) + 0.5
	}
	targets.Count = len(targets.Value)
	end(tape, bias.Forward(tape, tape.Flatten("flat", tape.Images(zeros))), targets)
	tape.Plan()
	for step := range steps {
		tape.Begin(uint64(step), 0, 0)
		tape.Forward()
		tape.Backward(nil)
		tensor.Axpy(params.Values, -0.125, params.LaneGrads(0))
		params.Changed()
	}
	return params.Get("constant.bias").Value().Data[0]
}

// A loss of one's own is a function of a row and its targets.
func ExampleTape_RowLoss() {
	x := learn(1000, func(t *nn.Tape, x *nn.Node, targets *nn.TargetValues) { t.RowLoss("pinball", x, targets, pinball) })
	fmt.Printf("of the numbers 0.5 to 9.5, nine are below %.1f\n", x)
	// Output:
	// of the numbers 0.5 to 9.5, nine are below 8.5
}

// meanSquare is a loss without targets: the mean square of an activation's rows.
type meanSquare struct {
	*nn.Loss
	x *nn.Node
}

func (o *meanSquare) Forward() {
	for row := range o.Row {
		x := o.x.Value().Row(row)
		o.Row[row] = tensor.Dot(x, x)
	}
	o.SumLanes()
}

func (o *meanSquare) Backward() {
	if o.x.NeedsGrad() {
		tensor.Axpy(o.x.Grad().Data, 2*o.Scale(), o.x.Value().Data)
	}
}

// A tape may end in several losses, and in operations of one's own.
func ExampleTape_End() {
	x := learn(200, func(t *nn.Tape, x *nn.Node, targets *nn.TargetValues) {
		t.SquaredError("error", x, targets)
		op := &meanSquare{x: x}
		op.Loss = nn.NewLoss("small", x.Layout, func(int) float64 { return 1 }, func() int { return targets.Count })
		op.Weight = 0.25
		t.End(op, op.Loss, nn.Use{Inputs: []*nn.Node{x}, Keep: []*nn.Node{x}})
	})
	fmt.Printf("the mean is 5, and a small number near it is %.2f\n", x)
	// Output:
	// the mean is 5, and a small number near it is 4.00
}
