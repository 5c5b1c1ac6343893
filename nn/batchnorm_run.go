package nn

import (
	"math"

	"github.com/rondo-ml/rondo/tensor"
)

func (o *batchNorm) small(b *Buffer) tensor.Matrix {
	return tensor.Of(b.Data, o.steps*o.lanes, o.x.Cols)
}

// deviation returns √(variance + Eps).
func (b *BatchNorm) deviation(variance float32) float32 {
	return float32(math.Sqrt(float64(variance) + float64(b.Eps)))
}

func (o *batchNorm) Forward() {
	t, x := o.tape, o.x.Value()
	if o.ofBatch {
		if !o.measured {
			t.pool.BatchMoments(o.small(o.mean), o.small(o.variance), x, o.x.Layout.Width)
			o.gatherMoments()
		}
		if o.sync == nil {
			o.joinMoments()
		} else if !o.takeMoments() {
			return
		}
	} else {
		copy(o.mean.Data, o.Mean.Value())
		copy(o.variance.Data, o.Variance.Value())
		o.spread(o.mean)
		o.spread(o.variance)
	}
	if o.measures() {
		o.measure()
	}
	o.setScales()
	if o.f != nil {
		o.f.run()
		return
	}
	t.pool.BatchNorm(o.y.Value(), x, o.added(), o.small(o.scale), o.small(o.shift), o.r)
}

// setScales sets scale and shift from the moments.
func (o *batchNorm) setScales() {
	n, gamma, beta := o.x.Cols, float32(1), float32(0)
	var weights, biases []float32
	if o.weight != nil {
		weights, biases = o.weight.Value().Data, o.bias.Value().Data
	}
	for i, v := range o.variance.Data {
		if weights != nil {
			gamma, beta = weights[i%n], biases[i%n]
		}
		scale := gamma / o.deviation(v)
		o.scale.Data[i] = scale
		o.shift.Data[i] = beta - float32(o.mean.Data[i]*scale)
	}
}

// added is the value of what is added, without rows where nothing is.
func (o *batchNorm) added() tensor.Matrix {
	if o.add == nil {
		return tensor.Matrix{}
	}
	return o.add.Value()
}

// measure leaves the lanes' moments for the running ones. With those of the whole batch, every lane leaves the same.
func (o *batchNorm) measure() {
	rows := o.x.Rows / o.lanes
	if o.sync != nil {
		rows = o.sync.rows(rows)
	}
	unbiased := float32(rows) / float32(max(1, rows-1))
	for l := range o.lanes {
		own := o.tape.gradLane + l
		copy(o.Mean.Measured(own), o.small(o.mean).Row(l))
		tensor.Scale(o.Variance.Measured(own), o.small(o.variance).Row(l), unbiased)
	}
}

func (o *batchNorm) Backward() {
	if !o.y.NeedsGrad() {
		return
	}
	t, dy, from := o.tape, o.y.Grad(), o.normed()
	if o.f != nil {
		o.f.back()
	}
	if !o.summed {
		t.pool.BatchNormSums(o.small(o.u), o.small(o.v), dy, from)
		o.gatherSums()
	}
	if o.sync == nil {
		o.joinSums()
	}
	if o.weight != nil {
		o.weight.takeCleared()
		o.bias.takeCleared()
	}
	for l := range o.lanes {
		o.backSmall(l)
	}
	if o.sync == nil {
		o.repeat(o.u)
		o.repeat(o.v)
	} else if !o.takeSums() {
		return
	}
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

// backSmall adds a lane's sums to the gradients of weight and bias, and makes of
// them what BatchNormBack reads, unless the sums of the other lanes are to come.
func (o *batchNorm) backSmall(l int) {
	u, v := o.small(o.u).Row(l), o.small(o.v).Row(l)
	if o.weight != nil {
		dgamma, variance := o.weight.Grad(l).Data, o.small(o.variance).Row(l)
		for j, product := range v {
			dgamma[j] += product / o.deviation(variance[j])
		}
		tensor.Add(o.bias.Grad(l).Data, o.bias.Grad(l).Data, u)
	}
	if !o.ofBatch { // its moments pass nothing on
		clear(u)
		clear(v)
	} else if o.sync == nil {
		o.passOn(l, o.x.Rows/o.lanes)
	}
}

// passOn makes of the sums of so many rows, in row l, the b and c that BatchNormBack reads:
//
//	dx = scale·g + (b·x + c)
//
// They are the gradient that passes through the moments.
func (o *batchNorm) passOn(l, rows int) {
	u, v := o.small(o.u).Row(l), o.small(o.v).Row(l)
	mean, variance, scale := o.small(o.mean).Row(l), o.small(o.variance).Row(l), o.small(o.scale).Row(l)
	n := float32(rows)
	for j, sum := range u {
		product, deviation := v[j], o.deviation(variance[j])
		b := -float32(scale[j]*product) / float32(float32(deviation*deviation)*n)
		u[j], v[j] = b, -float32(scale[j]*sum)/n-float32(b*mean[j])
	}
}

// normed is what the gradients are taken from.
func (o *batchNorm) normed() tensor.Normed {
	n := tensor.Normed{X: o.x.Value(), Width: o.x.Layout.Width, R: o.r, Mean: o.small(o.mean), Scale: o.small(o.scale), Shift: o.small(o.shift)}
	if o.add != nil && o.r != tensor.Identity {
		n.Y = o.y.Value()
	}
	return n
}

// backAdd adds the gradient of add alone: x wants none.
func (o *batchNorm) backAdd(dadd tensor.Matrix, set bool) {
	if dadd.Rows == 0 {
		return
	}
	dy := o.y.Grad()
	for r := range dadd.Rows {
		to := dadd.Row(r)
		if set {
			clear(to)
		}
		if o.r == tensor.Identity { // the results, of which it needs none, are not kept
			tensor.Add(to, to, dy.Row(r))
		} else {
			tensor.RectifyBack(to, dy.Row(r), o.y.Value().Row(r), o.r)
		}
	}
}
