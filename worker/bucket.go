package worker

import "github.com/rondo-ml/rondo/nn"

// bucketElements is the least size of a bucket but the last, 256 KiB of
// gradient: large enough that a frame's cost is small beside it, small enough
// that the output layer's bucket leaves while the recurrent layers are still
// being differentiated. It decides where chunks lie and so the order of
// additions: changing it changes the bits of every run.
const bucketElements = 1 << 16

// bucket is a run of consecutive parameters whose gradients travel together.
type bucket struct {
	number     uint32
	begin, end int // elements of the flat gradient
	params     int // how many parameters it holds
	missing    int // of this step, how many are not differentiated yet
}

// cutBuckets puts the parameters into buckets, from the last to the first:
// about the order in which backward completes them. The result says for each
// parameter (by index) which bucket it is in.
func cutBuckets(ps *nn.Params, atLeast int) (buckets []*bucket, of []*bucket) {
	of = make([]*bucket, len(ps.List))
	var b *bucket
	for i := len(ps.List) - 1; i >= 0; i-- {
		p := ps.List[i]
		if b == nil || b.end-b.begin >= atLeast {
			b = &bucket{number: uint32(len(buckets)), end: p.Offset + p.Size()}
			buckets = append(buckets, b)
		}
		b.begin = p.Offset
		b.params++
		of[i] = b
	}
	return buckets, of
}

// whole notes that one more of its parameters is differentiated and says
// whether that was the last.
func (b *bucket) whole() bool {
	b.missing--
	return b.missing == 0
}
