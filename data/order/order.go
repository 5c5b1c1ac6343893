package order

import (
	"fmt"
	"math/bits"

	"github.com/rondo-ml/rondo/tensor"
)

// rounds of the network: four make a permutation that looks random; more, since
// small numbers of items have few bits.
const rounds = 8

// Order is a random order of items. It is a value; any number of goroutines may
// use it.
type Order struct {
	n     uint64
	half  uint // bits of half a value
	key   [2]uint32
	epoch uint64
}

// New returns the order of n items in an epoch, counted from 0. It panics when n
// or epoch is negative.
func New(seed uint64, epoch, n int) Order {
	if n < 0 || epoch < 0 {
		panic(fmt.Sprintf("order: %d items in epoch %d", n, epoch))
	}
	width := uint(bits.Len64(uint64(max(n, 2) - 1)))
	return Order{n: uint64(n), half: (width + 1) / 2, key: [2]uint32{uint32(seed), uint32(seed >> 32)}, epoch: uint64(epoch)}
}

// At returns the item at place i. It panics when i is not in [0, n).
func (o Order) At(i int) int {
	if i < 0 || uint64(i) >= o.n {
		panic(fmt.Sprintf("order: place %d of %d", i, o.n))
	}
	x := o.permute(uint64(i))
	for x >= o.n {
		x = o.permute(x)
	}
	return int(x)
}

// permute is a permutation of all values of 2·half bits.
func (o Order) permute(x uint64) uint64 {
	mask := uint64(1)<<o.half - 1
	left, right := x>>o.half, x&mask
	for r := range uint32(rounds) {
		left, right = right, left^(o.round(right, r)&mask)
	}
	return left<<o.half | right
}

// round makes random bits of half a value.
func (o Order) round(half uint64, r uint32) uint64 {
	w := tensor.Philox(o.key, [4]uint32{uint32(half), r, uint32(o.epoch), uint32(o.epoch >> 32)})
	return uint64(w[0]) | uint64(w[1])<<32
}
