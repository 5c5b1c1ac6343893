package nn

import (
	"fmt"

	"github.com/rondo-ml/rondo/tensor"
)

// ForwardPacked is Forward for rows of different lengths: mean and variance are of the steps that rows have, PyTorch's norm of the
// data of a packed sequence; all other steps yield zeros, whatever stands there. Nil lengths are Forward.
//
// A lane whose rows have less than two steps has no variance to tell: it leaves the running statistics as they are. Under
// [Tape.SyncBatchNorm] every lane counts by its steps.
func (b *BatchNorm) ForwardPacked(t *Tape, x *Node, lengths *Lengths) *Node {
	if lengths == nil {
		return b.Forward(t, x)
	}
	if x.Cols != b.channels || x.Layout.IsImage() {
		panic(fmt.Sprintf("nn: %s takes rows of %d channels, got %d (%v)", b.Name, b.channels, x.Cols, x))
	}
	lengths.fit(b.Name, x.Layout)
	lanes := x.Layout.Lanes
	op := &packedNorm{BatchNorm: b, tape: t, x: x, y: t.like(x), lengths: lengths, lanes: lanes, steps: make([]float64, lanes), sums: make([]float64, 2*lanes*x.Cols)}
	op.ofBatch = b.NoRunning || t.learns() && !b.fixed()
	if op.ofBatch && t.Mode == Training && t.sync != nil {
		op.sync = t.sync.join(t, b.Name, x.Cols, 1) // and the steps of the lane
	}
	for _, p := range []**Buffer{&op.mean, &op.variance, &op.scale, &op.shift, &op.u, &op.v} {
		*p = t.Buffer(lanes * x.Cols)
	}
	use := Use{
		Name: b.Name, Inputs: []*Node{x}, Outputs: []*Node{op.y}, Keep: []*Node{x},
		Saved: []*Buffer{op.mean, op.variance, op.scale, op.shift}, Scratch: []*Buffer{op.u, op.v}, Sets: true,
	}
	if !b.NoAffine {
		op.weight, op.bias = t.Param(b.Weight), t.Param(b.Bias)
		use.Weights = []*Weight{op.weight, op.bias}
	}
	if op.measures() {
		t.measures[b.Mean], t.measures[b.Variance] = true, true
	}
	t.Record(op, use)
	return op.y
}

// packedNorm is a batch norm over packed sequences. Its small matrices are [lanes, channels].
type packedNorm struct {
	*BatchNorm
	tape         *Tape
	x, y         *Node
	weight, bias *Weight // nil without
	lengths      *Lengths
	lanes        int
	ofBatch      bool      // mean and variance are those of its steps
	sync         *normSync // and of those of the other lanes, or nil

	mean, variance *Buffer // of each lane
	scale, shift   *Buffer // Weight/√(variance + Eps), and Bias - mean·scale
	u, v           *Buffer // backward: the sums, then b and c of dx = scale·dy + (b·x + c)

	steps []float64 // steps of all rows of each lane
	all   float64   // the same of the batch; without sync it is not used
	sums  []float64 // [lanes, 2·channels] scratch

	dx    tensor.Matrix // the gradient of x while Backward runs
	fresh bool
}

func (o *packedNorm) measures() bool { return o.ofBatch && o.tape.Mode == Training && !o.NoRunning }

// counted is how many steps the moments of a lane are of.
func (o *packedNorm) counted(lane int) float64 {
	if o.sync != nil {
		return o.all
	}
	return o.steps[lane]
}

func (o *packedNorm) small(b *Buffer) tensor.Matrix { return tensor.Of(b.Data, o.lanes, o.x.Cols) }

// has says whether row is a step that its row of the batch has, and of which lane it is.
func (o *packedNorm) has(row int) (lane int, has bool) {
	n := len(o.lengths.Of)
	return row % n / (n / o.lanes), row/n < int(o.lengths.Of[row%n])
}

// each calls f for the rows of x that are steps of a lane, in order.
func (o *packedNorm) each(lane int, f func(row int)) {
	n, rows := len(o.lengths.Of), len(o.lengths.Of)/o.lanes
	for step := range o.lengths.Steps {
		for i := lane * rows; i < (lane+1)*rows; i++ {
			if step < int(o.lengths.Of[i]) {
				f(step*n + i)
			}
		}
	}
}

func (o *packedNorm) Forward() {
	if !o.ofBatch {
		for l := range o.lanes {
			copy(o.small(o.mean).Row(l), o.Mean.Value())
			copy(o.small(o.variance).Row(l), o.Variance.Value())
		}
	} else if o.takeMoments(); o.sync != nil && o.tape.failed != nil {
		return
	}
	if o.measures() {
		o.measure()
	}
	for l := range o.lanes {
		o.setScale(l)
	}
	x, y := o.x.Value(), o.y.Value()
	o.tape.pool.For(y.Rows, 64, func(lo, hi int) {
		for row := lo; row < hi; row++ {
			lane, has := o.has(row)
			if !has {
				clear(y.Row(row))
				continue
			}
			tensor.Mul(y.Row(row), x.Row(row), o.small(o.scale).Row(lane))
			tensor.Add(y.Row(row), y.Row(row), o.small(o.shift).Row(lane))
		}
	})
}

// takeMoments sets mean and variance to those of each lane, or of the batch.
func (o *packedNorm) takeMoments() {
	if o.sync == nil || !o.sync.again {
		o.tape.pool.For(o.lanes, 1, func(lo, hi int) {
			for l := lo; l < hi; l++ {
				o.moments(l)
			}
		})
	}
	if o.sync == nil {
		return
	}
	if !o.sync.again {
		o.tellSteps()
		o.sync.begin(o.sync.site, o.small(o.mean).Row, o.small(o.variance).Row)
		if !o.sync.end() {
			return
		}
		o.all = o.sync.foldMoments()
	}
	for l := range o.lanes {
		copy(o.small(o.mean).Row(l), o.sync.mean)
		copy(o.small(o.variance).Row(l), o.sync.variance)
	}
}

// tellSteps puts the steps of each lane behind what is gathered.
func (o *packedNorm) tellSteps() {
	for l, v := range o.sync.own {
		v[2*o.x.Cols] = o.steps[l]
	}
}

// moments forms those of a lane, in float64; of none they are zero.
func (o *packedNorm) moments(lane int) {
	x, n := o.x.Value(), 0
	sum := o.sums[2*lane*o.x.Cols:][:2*o.x.Cols]
	clear(sum)
	sum, square := sum[:o.x.Cols], sum[o.x.Cols:]
	o.each(lane, func(row int) {
		for j, v := range x.Row(row) {
			sum[j] += float64(v)
		}
		n++
	})
	count := float64(max(n, 1))
	for j := range sum {
		sum[j] /= count
	}
	o.each(lane, func(row int) {
		for j, v := range x.Row(row) {
			d := float64(v) - sum[j]
			square[j] += float64(d * d)
		}
	})
	means, variances := o.small(o.mean).Row(lane), o.small(o.variance).Row(lane)
	for j, m := range sum {
		means[j], variances[j] = float32(m), float32(square[j]/count)
	}
	o.steps[lane] = float64(n)
}

// measure leaves the lanes' moments for the running ones.
func (o *packedNorm) measure() {
	for l := range o.lanes {
		mean, variance := o.Mean.Measured(o.tape.gradLane+l), o.Variance.Measured(o.tape.gradLane+l)
		n := o.counted(l)
		if n < 2 {
			copy(mean, o.Mean.Value())
			copy(variance, o.Variance.Value())
			continue
		}
		copy(mean, o.small(o.mean).Row(l))
		tensor.Scale(variance, o.small(o.variance).Row(l), float32(n)/float32(n-1))
	}
}

func (o *packedNorm) setScale(lane int) {
	mean, variance := o.small(o.mean).Row(lane), o.small(o.variance).Row(lane)
	scale, shift := o.small(o.scale).Row(lane), o.small(o.shift).Row(lane)
	for j, v := range variance {
		gamma, beta := float32(1), float32(0)
		if o.weight != nil {
			gamma, beta = o.weight.Value().Data[j], o.bias.Value().Data[j]
		}
		scale[j] = gamma / o.deviation(v)
		shift[j] = beta - float32(mean[j]*scale[j])
	}
}

func (o *packedNorm) Backward() {
	if !o.y.NeedsGrad() {
		return
	}
	if o.weight != nil {
		o.weight.takeCleared()
		o.bias.takeCleared()
	}
	o.tape.pool.For(o.lanes, 1, func(lo, hi int) {
		for l := lo; l < hi; l++ {
			o.addSums(l)
		}
	})
	if o.sync != nil {
		o.tellSteps()
		o.sync.begin(o.sync.site+1, o.small(o.u).Row, o.small(o.v).Row)
		if !o.sync.end() {
			return
		}
		o.sync.foldSums(o.small(o.u).Row(0), o.small(o.v).Row(0))
		for l := 1; l < o.lanes; l++ {
			copy(o.small(o.u).Row(l), o.small(o.u).Row(0))
			copy(o.small(o.v).Row(l), o.small(o.v).Row(0))
		}
	}
	for l := range o.lanes {
		o.passOn(l)
	}
	if o.dx, o.fresh = o.x.TakeGrad(); o.dx.Rows > 0 {
		o.tape.pool.For(o.dx.Rows, 64, o.backRows)
	}
}

// addSums forms the sums of dy and dy·(x - mean) over a lane, and adds them to the gradients of bias and weight.
func (o *packedNorm) addSums(lane int) {
	x, dy, mean := o.x.Value(), o.y.Grad(), o.small(o.mean).Row(lane)
	sum := o.sums[2*lane*o.x.Cols:][:2*o.x.Cols]
	clear(sum)
	sum, product := sum[:o.x.Cols], sum[o.x.Cols:]
	o.each(lane, func(row int) {
		given := x.Row(row)
		for j, d := range dy.Row(row) {
			sum[j] += float64(d)
			product[j] += float64(float64(d) * (float64(given[j]) - float64(mean[j])))
		}
	})
	u, v := o.small(o.u).Row(lane), o.small(o.v).Row(lane)
	for j := range u {
		u[j], v[j] = float32(sum[j]), float32(product[j])
	}
	if o.weight == nil {
		return
	}
	dgamma, dbeta, variance := o.weight.Grad(lane).Data, o.bias.Grad(lane).Data, o.small(o.variance).Row(lane)
	for j := range u {
		dgamma[j] += v[j] / o.deviation(variance[j])
		dbeta[j] += u[j]
	}
}

// passOn makes of the sums the gradient that passes through the moments, as that of batchNorm.
func (o *packedNorm) passOn(lane int) {
	u, v := o.small(o.u).Row(lane), o.small(o.v).Row(lane)
	if !o.ofBatch {
		clear(u)
		clear(v)
		return
	}
	mean, variance, scale := o.small(o.mean).Row(lane), o.small(o.variance).Row(lane), o.small(o.scale).Row(lane)
	n := float32(max(o.counted(lane), 1))
	for j, sum := range u {
		deviation := o.deviation(variance[j])
		b := -float32(scale[j]*v[j]) / float32(float32(deviation*deviation)*n)
		u[j], v[j] = b, -float32(scale[j]*sum)/n-float32(b*mean[j])
	}
}

func (o *packedNorm) backRows(lo, hi int) {
	x, dy := o.x.Value(), o.y.Grad()
	for row := lo; row < hi; row++ {
		lane, has := o.has(row)
		dx := o.dx.Row(row)
		switch {
		case !has && o.fresh:
			clear(dx)
			continue
		case !has:
			continue
		}
		scale, b, c, given := o.small(o.scale).Row(lane), o.small(o.u).Row(lane), o.small(o.v).Row(lane), x.Row(row)
		for j, d := range dy.Row(row) {
			g := float32(scale[j]*d) + float32(float32(b[j]*given[j])+c[j])
			if o.fresh {
				dx[j] = g
			} else {
				dx[j] += g
			}
		}
	}
}
