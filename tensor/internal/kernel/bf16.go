package kernel

import (
	"math"
	"unsafe"
)

// Layout is how the values of an operand follow one another along k, and so which chain a tile computes of them.
type Layout uint8

// The layouts. Those of convolutions in bfloat16 are Swapped and Paired, where the order of a chain is 1, 0, 3, 2, 5, 4, ...,
// that of VDPBF16PS. Split and Tiled are those of products of matrices, which BlockTile computes by blocks.
const (
	Plain   Layout = iota // float32, in order
	Swapped               // bfloat16 in float32, neighbours swapped; the tile takes and leaves subnormal values as zeros
	Paired                // two bfloat16 in one word, the even one in its lower half, as VDPBF16PS takes them; zeros likewise
	Split                 // bfloat16 in float32, the even ones of a block before its odd ones
	Tiled                 // words as in Paired, the last block completed, and the left operand by rows
)

// Pairing tells which tiers use a tile for the layout Paired. Only tests change it.
var Pairing = [len(tiers)]bool{AVX512: HasPairs() && fastPairs()}

// BF16Layout is the layout of operands in bfloat16 for the tile of a tier.
func (t Tier) BF16Layout() Layout {
	if Pairing[t] {
		return Paired
	}
	return Swapped
}

// Room is how many rows k rows take while they are packed, an even number but in Plain. Steps is how many rows they are
// afterwards, which a tile goes through.
func (l Layout) Room(k int) int {
	switch l {
	case Plain:
		return k
	case Tiled:
		return (k + BlockK - 1) / BlockK * BlockK
	}
	return k + k&1
}

func (l Layout) Steps(k int) int {
	if l == Paired || l == Tiled {
		return l.Room(k) / 2
	}
	return l.Room(k)
}

// Flip is 1 if neighbours change places: row k is packed as row k^Flip.
func (l Layout) Flip() int {
	if l == Swapped {
		return 1
	}
	return 0
}

// What is packed behind an odd last k, in the left operand and in the right one. Their product is minus zero, which changes
// no sum.
const PadLeft = float32(0)

var PadRight = float32(math.Copysign(0, -1))

// Finish converts k rows of width values from float32, where each has been packed at its place (Flip, Source), to the layout.
// width is a multiple of 8 unless the layout is Swapped or Split.
func (l Layout) Finish(x []float32, k, width int, pad float32) {
	if l == Plain {
		return
	}
	room := l.Room(k)
	if k < room {
		Fill(x[(k^l.Flip())*width:][:(room-k)*width], pad)
	}
	x = x[:room*width]
	if l == Swapped || l == Split {
		roundBF16(x)
		return
	}
	for s := range room / 2 {
		pairRows(x[s*width:][:width], x[2*s*width:][:width], x[(2*s+1)*width:][:width])
	}
}

// FinishInOrder is Finish for rows that have been packed in order.
func (l Layout) FinishInOrder(x []float32, k, width int, pad float32) {
	if l == Swapped {
		for r := 0; r < k; r += 2 {
			even, odd := x[r*width:][:width], x[(r+1)*width:][:width]
			if r+1 == k {
				copy(odd, even)
				break
			}
			for i, v := range even {
				even[i], odd[i] = odd[i], v
			}
		}
	}
	l.Finish(x, k, width, pad)
}

// Row converts a row of the left operand to the layout: to Steps(len(src)) values, not Plain.
func (l Layout) Row(dst, src []float32) {
	if l == Swapped {
		copy(dst, src)
		if len(src)&1 != 0 {
			dst[len(src)] = PadLeft
		}
		swapBF16(dst[:l.Room(len(src))])
		return
	}
	whole := src[:len(src)&^1]
	pairBF16(dst[:len(whole)/2], whole)
	if len(src) > len(whole) {
		bitsOf(dst)[len(whole)/2] = bf16Bits(src[len(whole)]) >> 16
	}
}

// bf16Bits is x rounded to the nearest bfloat16, the even one of two, as the bits of a float32.
func bf16Bits(x float32) uint32 {
	b := math.Float32bits(x)
	if x != x {
		return (b | 1<<22) &^ 0xffff
	}
	return (b + 0x7fff + b>>16&1) &^ 0xffff
}

// RoundBF16 returns x rounded to the nearest bfloat16, the even one of two.
func RoundBF16(x float32) float32 { return math.Float32frombits(bf16Bits(x)) }

// roundBF16 rounds every value.
func roundBF16(x []float32) {
	for i := vectorRoundBF16(x, x); i < len(x); i++ {
		x[i] = RoundBF16(x[i])
	}
}

// swapBF16 rounds every value, and swaps those of a pair.
func swapBF16(x []float32) {
	for i := vectorSwapBF16(x, x); i < len(x); i += 2 {
		x[i], x[i+1] = RoundBF16(x[i+1]), RoundBF16(x[i])
	}
}

// pairBF16 rounds every value of src and writes word i of pair i.
func pairBF16(dst, src []float32) {
	words := bitsOf(dst)
	for i := vectorPairBF16(dst, src); i < len(dst); i++ {
		words[i] = bf16Bits(src[2*i])>>16 | bf16Bits(src[2*i+1])
	}
}

// pairRows writes words of even and odd, which may start where dst does.
func pairRows(dst, even, odd []float32) {
	words := bitsOf(dst)
	for i := vectorPairRows(dst, even, odd); i < len(dst); i++ {
		words[i] = bf16Bits(even[i])>>16 | bf16Bits(odd[i])
	}
}

// bitsOf is the same memory as words: as float32 they might not survive being moved.
func bitsOf(x []float32) []uint32 {
	return unsafe.Slice((*uint32)(unsafe.Pointer(unsafe.SliceData(x))), len(x))
}

// lowerBF16 and upperBF16 are the values of a word's halves.
func lowerBF16(w uint32) float32 { return math.Float32frombits(w << 16) }
func upperBF16(w uint32) float32 { return math.Float32frombits(w &^ 0xffff) }

// flushed is x, or a zero of its sign if it is subnormal.
func flushed(x float32) float32 {
	if b := math.Float32bits(x); b&0x7f800000 == 0 {
		return math.Float32frombits(b & (1 << 31))
	}
	return x
}

// FMAFlushed is FMA32 with subnormal operands taken as zeros, and a subnormal result left as one: a result that is
// subnormal even if it is rounded to the 24 bits of a normal one.
func FMAFlushed(x, y, z float32) float32 {
	x, y, z = flushed(x), flushed(y), flushed(z)
	const least = 0x1p-126
	r := FMA32(x, y, z)
	switch {
	case r > least || r < -least || r != r:
		return r
	case r == least || r == -least:
		// It may have become that by being rounded to fewer bits: 2^64 times as large it has all of them.
		s := float32(sumOdd(float64(float64(x)*float64(y)), float64(z)) * 0x1p64)
		if s < least*0x1p64 && s > -least*0x1p64 {
			return float32(math.Copysign(0, float64(r)))
		}
		return r
	}
	return flushed(r)
}
