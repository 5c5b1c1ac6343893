package kernel_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/rondo-ml/rondo/tensor/internal/kernel"
	"github.com/rondo-ml/rondo/tensor/internal/kerneltest"
)

// blocksByDefinition is c += a*b in the order of BlockTile, of rows of a and of b.
func blocksByDefinition(c kerneltest.Grid, a, b kerneltest.Grid, add func(x, y, z float32) float32) {
	for i := range c.Rows {
		for j := range c.Cols {
			for k0 := 0; k0 < b.Rows; k0 += kernel.BlockK {
				var sums [2]float32
				for k := k0; k < min(k0+kernel.BlockK, b.Rows); k++ {
					sums[k%2] = add(kernel.RoundBF16(a.Row(i)[k]), kernel.RoundBF16(b.Row(k)[j]), sums[k%2])
				}
				block := kernel.Flushed(sums[0] + sums[1])
				c.Row(i)[j] = kernel.Flushed(kernel.Flushed(c.Row(i)[j]) + block)
			}
		}
	}
}

// hard are values whose products and sums are subnormal or nearly so, infinite, none, zeros of both signs and tiny beside them.
func hard(s *kerneltest.Source) float32 {
	some := [...]float32{0, float32(math.Copysign(0, -1)), 0x1p-126, -0x1p-127, 0x1p-63, -0x1.8p-64, 0x1.fep-64, 0x1p-70, -0x1p127,
		0x1p-149, -0x1.02p-63, 1, -1, 0x1p100, float32(math.Inf(1)), float32(math.NaN()), float32(math.Inf(-1))}
	if s.Below(40) > 0 {
		return some[s.Below(len(some)-3)]
	}
	return some[len(some)-3+s.Below(3)]
}

// least are values whose sums lie about the least normal one. 0x1p-63*0x1p-63 - 0x1p-75*0x1.8p-76 is subnormal only if it is
// rounded to the 24 bits of a normal value.
func least(s *kerneltest.Source) float32 {
	return [...]float32{0, 0x1p-63, -0x1p-63, 0x1p-75, -0x1.8p-76, 0x1p-126}[s.Below(6)]
}

// TestBlockTile compares tiles of any shape with the definition, on values that are usual, hard and about the least.
func TestBlockTile(t *testing.T) {
	kerneltest.EachBlockLayout(t, func(t *testing.T) {
		on := kernel.Active
		l := on.BlockLayout()
		mr, nr := on.BlockShape(l)
		s := kerneltest.Source{Seed: 51}
		rounds := 400
		if testing.Short() {
			rounds = 60
		}
		for round := range rounds {
			m, k, width := 1+s.Below(mr), 1+s.Below(100), 1+s.Below(nr)
			if round%2 == 0 {
				m, width = mr, nr
			}
			if l == kernel.Tiled && round%4 < 2 {
				m += s.Below(70)
			}
			a, b := kerneltest.NewGuarded(&s, m, k, k), kerneltest.NewGuarded(&s, k, width, width)
			c := kerneltest.NewGuarded(&s, m, width, width+s.Below(20))
			if value := [...]func(*kerneltest.Source) float32{hard, least, nil}[round%3]; value != nil {
				for _, x := range [][]float32{a.Data, b.Data} {
					for i := range x {
						x[i] = value(&s)
					}
				}
				for i := range m {
					for j := range c.Row(i) {
						c.Row(i)[j] = value(&s)
					}
				}
			}
			want := kerneltest.GridOf(append([]float32(nil), c.Data...), m, width)
			want.Stride = c.Stride
			u := packedBlocks(l, a.Grid, b.Grid, mr, nr)
			u.C, u.CStride, u.Rows = c.Data, c.Stride, m
			if round%5 == 0 {
				u.Start = make([]float32, nr)
				s.Fill(u.Start)
				for i := range m {
					copy(want.Row(i), u.Start)
				}
			}
			blocksByDefinition(want, a.Grid, b.Grid, kernel.FMAFlushed)
			u.Run(on, l, width)
			kerneltest.RequireSame(t, fmt.Sprintf("m %d, k %d, %d columns", m, k, width), c.Grid, want)
			c.Intact(t)
		}
	})
}

// packedBlocks packs operands as the layout wants them.
func packedBlocks(l kernel.Layout, a, b kerneltest.Grid, mr, nr int) kernel.BlockTile {
	k := b.Rows
	room := l.Room(k)
	right := kernel.AlignedSlice(room * nr)
	for place := range room {
		if q := l.Source(place, k); q < k {
			copy(right[place*nr:], b.Row(q))
		}
	}
	l.Finish(right, k, nr, kernel.PadRight)
	u := kernel.BlockTile{B: right, K: room}
	if l == kernel.Tiled {
		u.AStride = room/2 + 16
		u.A = kernel.AlignedSlice(a.Rows * u.AStride)
		for i := range a.Rows {
			l.RoundRow(u.A[i*u.AStride:], a.Row(i), kernel.PadLeft)
		}
		return u
	}
	u.A = kernel.AlignedSlice(room * mr)
	row := make([]float32, room)
	for i := range a.Rows {
		l.RoundRow(row, a.Row(i), kernel.PadLeft)
		for q, v := range row {
			u.A[q*mr+i] = v
		}
	}
	return u
}
