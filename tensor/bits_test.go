package tensor

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"testing"
)

// The bits of everything that computes, on fixed operands. They are the same for every tier, processor and
// architecture, and for good: a change of this hash breaks the promise that a run can be repeated.
func TestBitsForGood(t *testing.T) {
	const want = "011b0778582ebc699c000c7cb5024c55a9b93fd110088a8f80fbe3906034e20d"
	eachTier(t, func(t *testing.T) {
		h := sha256.New()
		put := func(x ...float32) {
			for _, v := range x {
				h.Write(binary.LittleEndian.AppendUint32(nil, math.Float32bits(v)))
			}
		}
		put64 := func(v float64) { h.Write(binary.LittleEndian.AppendUint64(nil, math.Float64bits(v))) }
		var p *Pool
		s := source{Seed: 18}
		c, a, b := product(&s, 19, 333, 70)
		var w Panels
		w.Pack(p, b.Matrix)
		p.MatMulAdd(c.Matrix, a.Matrix, &w)
		d := NewMatrix(333, 70)
		p.MatMulTransAdd(d, AllRows(a.Matrix), AllRows(c.Matrix))
		sums := make([]float32, 70)
		p.ColumnSumAdd(sums, AllRows(c.Matrix))
		put(copyOf(c.Matrix).Data...)
		put(d.Data...)
		put(sums...)
		x := d.Data[:5000]
		for _, f := range []func(dst, src []float32){Exp, Sigmoid, Tanh} {
			y := make([]float32, len(x))
			f(y, x)
			put(y...)
		}
		put64(SumSquares(x))
		put64(LogSumExp(x))
		SoftmaxRow(x, x)
		put(x...)
		for i := range uint32(5000) {
			put(Normal([2]uint32{3, i}, [4]uint32{i, 1, 2, 3}))
		}
		m, v := make([]float32, len(x)), make([]float32, len(x))
		for step := 1; step < 5; step++ {
			AdamStep(x, m, v, a.Data[:len(x)], NewAdamCoeffs(step, 1e-3, 0.9, 0.999, 1e-8, 0.1))
			SGDStep(x, m, v, 0.1, 0.9, 0.01)
			Axpy(x, 0.3, m)
		}
		put(x...)
		if got := hex.EncodeToString(h.Sum(nil)); got != want {
			t.Errorf("the bits are %s, not %s", got, want)
		}
	})
}
