package worker

import (
	"slices"
	"sort"

	"github.com/rondo-ml/rondo/allreduce"
	"github.com/rondo-ml/rondo/nn"
)

// bucketElements is the least size of a bucket but the last, 256 KiB of
// gradient: large enough that a frame's cost is small beside it, small enough
// that the output layer's bucket leaves while the recurrent layers are still
// being differentiated. It decides where chunks lie and so the order of
// additions: changing it changes the bits of every run.
const bucketElements = 1 << 16

// partElements is the least size of a part of a bucket. It decides no bits, but
// all workers must cut alike.
const partElements = 1 << 16

// bucket is a run of consecutive parameters whose gradients are added up in one
// layout of chunks.
type bucket struct {
	begin, end int // elements of the flat gradient
	params     []*nn.Param
}

// part is consecutive elements of a bucket whose gradients travel together, as
// soon as the last of them is complete.
type part struct {
	number     uint32
	begin, end int // elements of the flat gradient
	of         allreduce.Part
	missing    int // of this step, how many elements are not complete yet
}

// cutBuckets puts the parameters into buckets, from the last to the first:
// about the order in which backward completes them. Frozen ones are in none.
func cutBuckets(ps *nn.Params, atLeast int) []bucket {
	var buckets []bucket
	for _, p := range slices.Backward(ps.List) {
		if p.Frozen {
			continue
		}
		n := len(buckets) - 1
		behind := p.Offset + p.Size()
		if n < 0 || buckets[n].begin != behind || buckets[n].end-buckets[n].begin >= atLeast {
			buckets = append(buckets, bucket{end: behind})
			n++
		}
		buckets[n].begin = p.Offset
		buckets[n].params = append(buckets[n].params, p)
	}
	return buckets
}

// cutParts cuts buckets where backward completes a stage of a matrix, into parts of
// atLeast elements or, of small buckets, fewer. They are in the order of the flat gradient, and leave out what is frozen.
func cutParts(buckets []bucket, atLeast int) []part {
	var parts []part
	for _, b := range slices.Backward(buckets) {
		at := b.begin
		leave := func(end int) {
			parts = append(parts, part{number: uint32(len(parts)), begin: at, end: end,
				of: allreduce.Part{First: at - b.begin, Of: b.end - b.begin}})
			at = end
		}
		for _, p := range slices.Backward(b.params) {
			for row := p.StageEnd(0); row < p.Rows; row = p.StageEnd(row) {
				if end := p.Offset + row*p.Cols; end-at >= atLeast && b.end-end >= atLeast {
					leave(end)
				}
			}
		}
		leave(b.end)
	}
	return parts
}

// complete notes that elements [begin, end) of the flat gradient are complete and
// calls leave for every part of which they were the last.
func complete(parts []part, begin, end int, leave func(*part)) {
	for i := sort.Search(len(parts), func(i int) bool { return parts[i].end > begin }); i < len(parts) && parts[i].begin < end; i++ {
		p := &parts[i]
		if p.missing -= min(end, p.end) - max(begin, p.begin); p.missing == 0 {
			leave(p)
		}
	}
}
