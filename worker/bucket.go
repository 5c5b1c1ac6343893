package worker

import "github.com/rondo-ml/rondo/nn"

// bucketElements is the least size of a bucket, 1 MiB of gradient: large
// enough that a frame's cost is small beside it, small enough that the first
// bucket leaves early in the backward pass. It decides where chunks lie and so
// the order of additions: changing it changes the bits of every run.
const bucketElements = 1 << 18

// bucket is a run of consecutive parameters whose gradients travel together.
type bucket struct {
	number     uint32
	begin, end int // elements of the flat gradient
	params     int // how many parameters it holds
	missing    int // of this step, how many are not differentiated yet
}

// cutBuckets puts the parameters, in order, into buckets. The result says for
// each parameter (by index) which bucket it is in.
func cutBuckets(ps *nn.Params, atLeast int) (buckets []*bucket, of []*bucket) {
	var b *bucket
	for _, p := range ps.List {
		if b == nil || b.end-b.begin >= atLeast {
			b = &bucket{number: uint32(len(buckets)), begin: p.Offset}
			buckets = append(buckets, b)
		}
		b.end = p.Offset + p.Size()
		b.params++
		of = append(of, b)
	}
	return buckets, of
}

// whole notes that one more of its parameters is differentiated and says
// whether that was the last.
func (b *bucket) whole() bool {
	b.missing--
	return b.missing == 0
}
