package worker

import (
	"fmt"
	"math"
	"math/bits"

	"github.com/rondo-ml/rondo/nn/safetensors"
	"github.com/rondo-ml/rondo/tensor"
	"github.com/rondo-ml/rondo/worker/checkpoint"
)

// groups are views of all that a checkpoint of the trainer's lanes holds, by group.
func (t *trainer) groups() map[string][]safetensors.Tensor {
	all := map[string][]safetensors.Tensor{checkpoint.Weights: t.params.Tensors()}
	if o := t.updater.tensors(); len(o) > 0 {
		all[checkpoint.Optimizer] = o
	}
	for l := range t.lanes.count() {
		group := checkpoint.LaneGroup(t.lanes.first + l)
		all[group] = nil
		for _, st := range t.states.List {
			all[group] = append(all[group], safetensors.Tensor{Name: st.Name, Shape: []int{t.states.Rows, st.Width}, Data: st.Lane(l)})
		}
	}
	return all
}

// markOf is a mark of a tensor's bits: one bit that differs gives another mark, whatever the number of threads.
func markOf(pool *tensor.Pool, x safetensors.Tensor) uint64 {
	var words []float32
	h := uint64(markSeed)
	switch data := x.Data.(type) {
	case []float32:
		words = data
	case []int64:
		for _, v := range data {
			h = markMix(h, uint64(v))
		}
		return h
	}
	blocks := make([]uint64, (len(words)+markBlock-1)/markBlock)
	pool.For(len(blocks), 1, func(lo, hi int) {
		for b := lo; b < hi; b++ {
			blocks[b] = markFloats(words[b*markBlock : min(len(words), (b+1)*markBlock)])
		}
	})
	for _, b := range blocks {
		h = markMix(h, b)
	}
	return h
}

const (
	markBlock = 1 << 14 // elements that one goroutine takes at a time
	markSeed  = 0x9e3779b97f4a7c15
	markPrime = 0x9fb21c651e98df25 // odd, so that multiplying by it loses nothing
)

// markMix brings a word into a mark; for each mark, and for each word, it is a permutation.
func markMix(h, word uint64) uint64 {
	h = bits.RotateLeft64(h, 23) ^ word
	h *= markPrime
	return h ^ h>>29
}

// markFloats marks numbers in four chains, so that the multiplications overlap. Each step of a chain is a permutation
// of it, so a number with other bits cannot leave it as it was.
func markFloats(x []float32) uint64 {
	a, b, c, d := uint64(1), uint64(2), uint64(3), uint64(4)
	for ; len(x) >= 8; x = x[8:] {
		a = (a ^ wordOf(x[0], x[1])) * markPrime
		b = (b ^ wordOf(x[2], x[3])) * markPrime
		c = (c ^ wordOf(x[4], x[5])) * markPrime
		d = (d ^ wordOf(x[6], x[7])) * markPrime
		a, b, c, d = a^a>>32, b^b>>32, c^c>>32, d^d>>32
	}
	for _, v := range x {
		a = (a ^ uint64(math.Float32bits(v))) * markPrime
		a ^= a >> 32
	}
	return markMix(markMix(markMix(a, b), c), d)
}

func wordOf(low, high float32) uint64 {
	return uint64(math.Float32bits(high))<<32 | uint64(math.Float32bits(low))
}

// marks are those of tensors.
func (t *trainer) marks(tensors []safetensors.Tensor) []uint64 {
	list := make([]uint64, len(tensors))
	for i, x := range tensors {
		list[i] = markOf(t.pool, x)
	}
	return list
}

// markAll is one mark for many.
func markAll(marks []uint64) uint64 {
	h := uint64(markSeed)
	for _, m := range marks {
		h = markMix(h, m)
	}
	return h
}

// markText is the mark of a model's weights, as the journal has it.
func markText(weights []uint64) string { return fmt.Sprintf("%016x", markAll(weights)) }
