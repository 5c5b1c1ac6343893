package nn

import (
	"fmt"
	"math"

	"github.com/rondo-ml/rondo/tensor"
)

// BatchNorm is torch.nn.BatchNorm1d and 2d (Ioffe and Szegedy, 2015), channel by
// channel:
//
//	y = (x - mean)/√(variance + Eps)·Weight + Bias
//
// While training, mean and variance are those of each lane's own rows, of all
// its steps and pixels, the variance divided by their number; so they depend on
// the run file's lanes and not on the workers. Mean and Variance follow them (see [Statistic]), the
// variance divided by the rows less one, and take their place for inference.
type BatchNorm struct {
	Name           string
	Weight, Bias   *Param // [channels]
	Mean, Variance *Statistic
	Eps            float32
}

// NewBatchNorm registers name.weight (1), name.bias (0), name.running_mean,
// name.running_var and name.num_batches_tracked, with PyTorch's eps of 1e-5 and
// momentum of 0.1.
func NewBatchNorm(ps *Params, name string, channels int) *BatchNorm {
	const momentum = 0.1
	ps.AddCounter(name + ".num_batches_tracked")
	return &BatchNorm{
		Name:     name,
		Weight:   ps.Add(name+".weight", ConstantInit(1), channels),
		Bias:     ps.Add(name+".bias", ConstantInit(0), channels),
		Mean:     ps.AddStatistic(name+".running_mean", 0, momentum, channels),
		Variance: ps.AddStatistic(name+".running_var", 1, momentum, channels),
		Eps:      1e-5,
	}
}

// Forward records r(norm(x)).
func (b *BatchNorm) Forward(t *Tape, x *Node, r tensor.Rectifier) *Node {
	return b.record(t, x, nil, r)
}

// Residual records r(norm(x) + add), the end of a residual block.
func (b *BatchNorm) Residual(t *Tape, x, add *Node, r tensor.Rectifier) *Node {
	if !add.Layout.SameRows(x.Layout) || add.Cols != x.Cols {
		panic(fmt.Sprintf("nn: %s adds %dx%d to %dx%d (%v; %v)", b.Name, add.Rows, add.Cols, x.Rows, x.Cols, add, x))
	}
	return b.record(t, x, add, r)
}

func (b *BatchNorm) record(t *Tape, x, add *Node, r tensor.Rectifier) *Node {
	weight, bias := t.Param(b.Weight), t.Param(b.Bias)
	if x.Cols != weight.Cols {
		panic(fmt.Sprintf("nn: %s takes %d channels, got %d (%v)", b.Name, weight.Cols, x.Cols, x))
	}
	lanes, steps := 1, 1
	if t.Mode == Training {
		lanes, steps = x.Layout.Lanes, x.Layout.Steps
		if x.Rows/lanes < 2 {
			t.Refuse(fmt.Errorf("%s has one value of each channel in a lane to take the variance of; "+
				"give a lane more rows (fewer batch.lanes or a larger batch.global) or larger images", b.Name))
		}
	}
	op := &batchNorm{BatchNorm: b, tape: t, r: r, x: x, add: add, y: t.like(x), weight: weight, bias: bias,
		lanes: lanes, steps: steps}
	for _, p := range []**Buffer{&op.mean, &op.variance, &op.scale, &op.shift, &op.u, &op.v} {
		*p = t.Buffer(steps * lanes * x.Cols)
	}
	use := Use{
		Name: b.Name, Inputs: []*Node{x}, Outputs: []*Node{op.y}, Keep: []*Node{x},
		Saved: []*Buffer{op.mean, op.variance, op.scale, op.shift}, Scratch: []*Buffer{op.u, op.v},
		Weights: []*Weight{weight, bias}, Sets: true, InPlace: add != x,
	}
	if add != nil {
		use.Inputs = append(use.Inputs, add)
	}
	if add != nil && r != tensor.Identity {
		use.Keep = append(use.Keep, op.y)
	}
	if c, ok := t.producerOf(x).(*conv2d); ok && t.Mode == Training && c.behind == nil {
		c.behind, op.measured = op, true
		ahead := &t.uses[x.producer]
		ahead.Saved = append(ahead.Saved, op.mean, op.variance)
	}
	t.measures[b.Mean], t.measures[b.Variance] = true, true
	t.Record(op, use)
	return op.y
}

// batchNorm has one lane of one step for inference. Its small matrices are
// [steps*lanes, channels]: a lane is one block of rows in every step, and so it
// has its values again for every step.
type batchNorm struct {
	*BatchNorm
	tape         *Tape
	r            tensor.Rectifier
	x, add, y    *Node // add may be nil
	weight, bias *Weight
	lanes, steps int

	mean, variance *Buffer // of each lane
	scale, shift   *Buffer // Weight/√(variance + Eps), and Bias - mean·scale
	u, v           *Buffer // backward: the sums, then b and c

	measured, summed bool // by the convolutions that write x and the gradient of y while they have them in cache
}

func (o *batchNorm) small(b *Buffer) tensor.Matrix {
	return tensor.Of(b.Data, o.steps*o.lanes, o.x.Cols)
}

// deviation returns √(variance + Eps).
func (o *batchNorm) deviation(variance float32) float32 {
	return float32(math.Sqrt(float64(variance) + float64(o.Eps)))
}

func (o *batchNorm) Forward() {
	t, x := o.tape, o.x.Value()
	if t.Mode == Training {
		if !o.measured {
			t.pool.BatchMoments(o.small(o.mean), o.small(o.variance), x, o.x.Layout.Width)
		}
		o.joinMoments()
		o.measure()
	} else {
		copy(o.mean.Data, o.Mean.Value())
		copy(o.variance.Data, o.Variance.Value())
	}
	n, gamma, beta := o.x.Cols, o.weight.Value().Data, o.bias.Value().Data
	for i, v := range o.variance.Data {
		scale := gamma[i%n] / o.deviation(v)
		o.scale.Data[i] = scale
		o.shift.Data[i] = beta[i%n] - float32(o.mean.Data[i]*scale)
	}
	var add tensor.Matrix
	if o.add != nil {
		add = o.add.Value()
	}
	t.pool.BatchNorm(o.y.Value(), x, add, o.small(o.scale), o.small(o.shift), o.r)
}

// measure leaves the lanes' moments for the running ones.
func (o *batchNorm) measure() {
	rows := o.x.Rows / o.lanes
	unbiased := float32(rows) / float32(max(1, rows-1))
	for l := range o.lanes {
		own := o.tape.gradLane + l
		copy(o.Mean.Measured(own), o.small(o.mean).Row(l))
		tensor.Scale(o.Variance.Measured(own), o.small(o.variance).Row(l), unbiased)
	}
}

func (o *batchNorm) Backward() {
	t, dy, from := o.tape, o.y.Grad(), o.normed()
	setWeight, setBias := o.weight.TakeGrads(), o.bias.TakeGrads()
	if !o.summed {
		t.pool.BatchNormSums(o.small(o.u), o.small(o.v), dy, from)
	}
	o.joinSums()
	rows := float32(o.x.Rows / o.lanes)
	for l := range o.lanes {
		mean, variance, scale := o.small(o.mean).Row(l), o.small(o.variance).Row(l), o.small(o.scale).Row(l)
		dgamma, dbeta := o.weight.Grad(l).Data, o.bias.Grad(l).Data
		u, v := o.small(o.u).Row(l), o.small(o.v).Row(l)
		for j, sum := range u {
			product, deviation := v[j], o.deviation(variance[j])
			if setWeight {
				dgamma[j] = 0
			}
			if setBias {
				dbeta[j] = 0
			}
			dgamma[j] += product / deviation
			dbeta[j] += sum
			// dx = scale·g + (b·x + c)
			b := -float32(scale[j]*product) / float32(float32(deviation*deviation)*rows)
			u[j], v[j] = b, -float32(scale[j]*sum)/rows-float32(b*mean[j])
		}
	}
	o.repeat(o.u)
	o.repeat(o.v)
	var dadd tensor.Matrix
	setAdd := false
	if o.add != nil { // taken first: where add is x, its gradient is set before that of x is added to it
		dadd, setAdd = o.add.TakeGrad()
	}
	dx, setX := o.x.TakeGrad()
	if dx.Rows == 0 {
		o.backAdd(dadd, setAdd)
		return
	}
	t.pool.BatchNormBack(dx, dadd, setX, setAdd, dy, from, o.small(o.u), o.small(o.v))
}

// normed is what the gradients are taken from.
func (o *batchNorm) normed() tensor.Normed {
	n := tensor.Normed{X: o.x.Value(), Width: o.x.Layout.Width, R: o.r, Mean: o.small(o.mean), Scale: o.small(o.scale), Shift: o.small(o.shift)}
	if o.add != nil {
		n.Y = o.y.Value()
	}
	return n
}

// backAdd adds the gradient of add alone: x wants none.
func (o *batchNorm) backAdd(dadd tensor.Matrix, set bool) {
	if dadd.Rows > 0 {
		if set {
			clear(dadd.Data)
		}
		tensor.RectifyBack(dadd.Data, o.y.Grad().Data, o.y.Value().Data, o.r)
	}
}
