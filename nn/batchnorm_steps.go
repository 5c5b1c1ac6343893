package nn

// A lane of a sequence has a block of rows in every step. The kernels take each
// block for a lane of its own; these join what they find. With one step, there
// is nothing to join.

// joinMoments makes of the moments of a lane's steps those of all its rows, and
// gives them to every step.
func (o *batchNorm) joinMoments() {
	if o.steps == 1 {
		return
	}
	means, variances, n := o.small(o.mean), o.small(o.variance), float64(o.steps)
	for l := range o.lanes {
		for j := range o.x.Cols {
			mean, variance := 0.0, 0.0
			for s := l; s < means.Rows; s += o.lanes {
				mean += float64(means.Row(s)[j])
			}
			mean /= n
			for s := l; s < means.Rows; s += o.lanes {
				d := float64(means.Row(s)[j]) - mean
				variance += float64(variances.Row(s)[j]) + float64(d*d)
			}
			means.Row(l)[j], variances.Row(l)[j] = float32(mean), float32(variance/n)
		}
	}
	o.repeat(o.mean)
	o.repeat(o.variance)
}

// joinSums adds the sums of a lane's steps up, where the first step has its own.
func (o *batchNorm) joinSums() {
	if o.steps == 1 {
		return
	}
	us, vs := o.small(o.u), o.small(o.v)
	for l := range o.lanes {
		for j := range o.x.Cols {
			u, v := 0.0, 0.0
			for s := l; s < us.Rows; s += o.lanes {
				u += float64(us.Row(s)[j])
				v += float64(vs.Row(s)[j])
			}
			us.Row(l)[j], vs.Row(l)[j] = float32(u), float32(v)
		}
	}
}

// spread gives every lane of every step what the first row has.
func (o *batchNorm) spread(b *Buffer) {
	first := b.Data[:o.x.Cols]
	for at := len(first); at < len(b.Data); at += len(first) {
		copy(b.Data[at:], first)
	}
}

// repeat gives every step what the first has for each lane.
func (o *batchNorm) repeat(b *Buffer) {
	first := b.Data[:o.lanes*o.x.Cols]
	for at := len(first); at < len(b.Data); at += len(first) {
		copy(b.Data[at:], first)
	}
}
