package tensor

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"testing"
)

// everyImageKernel runs all kernels of images once, on n images, and hands their results to put.
func everyImageKernel(t testing.TB, p *Pool, put func(x []float32)) func() {
	const n = 4
	var runs []func()
	for i, shape := range convShapes {
		c, x, dy, w := newConvTest(t, shape, n, uint32(i))
		y, dx, dw := NewMatrix(dy.Rows, dy.Cols), NewMatrix(x.Rows, x.Cols), make([]float32, len(w))
		var fwd, bwd ConvPanels
		runs = append(runs, func() {
			fwd.Pack(p, c, w)
			bwd.PackBackward(p, c, w)
			p.Conv(y, x, &fwd, dy.Row(0), ReLU)
			p.ConvBackData(dx, dy, &bwd)
			p.ConvBackDataSet(dx, dy, &bwd)
			p.ConvBackWeights(dw, c, x, dy)
			p.ConvBackWeightsSet(dw, c, x, dy)
			put(y.Data)
			put(dx.Data)
			put(dw)
		})
	}
	s, err := NewPooling(PoolShape{InH: 8, InW: 9, KH: 3, KW: 3, StrideH: 2, StrideW: 2, PadH: 1, PadW: 1})
	if err != nil {
		t.Fatal(err)
	}
	for cols := 5; cols < 50; cols += 28 {
		m := func(rows int) Matrix { return random(NewMatrix(rows, cols), uint32(rows)) }
		x, z, dx, y, at := m(n*72), m(n*72), m(n*72), m(n*s.OutH*s.OutW), m(n*s.OutH*s.OutW)
		a, b, c := m(2), m(2), m(2)
		runs = append(runs, func() {
			p.MaxPool(y, at, x, s)
			p.MaxPoolBack(dx, y, at, s)
			p.AvgPool(y, x, s, true)
			p.AvgPoolBack(dx, y, s, false)
			from := Normed{X: z, Width: 9, R: ReLU, Mean: a, Scale: b, Shift: c}
			p.BatchMoments(a, b, x, 9)
			p.BatchNorm(z, x, dx, a, b, ReLU6)
			p.BatchNormSums(a, c, x, from)
			p.BatchNormBack(dx, Matrix{}, true, false, x, from, b, c)
			from.R = Identity
			p.BatchNormBack(dx, z, false, false, x, from, b, c)
			Rectify(x.Data, dx.Data, ReLU)
			RectifyBack(dx.Data, z.Data, x.Data, ReLU6)
			put(y.Data)
			put(at.Data)
			put(dx.Data)
			put(z.Data)
			put(c.Data)
		})
	}
	return func() {
		for _, f := range runs {
			f()
		}
	}
}

// The bits of all that computes on images, which are the same for every tier, number of goroutines, processor and
// architecture, and for good.
func TestImageBitsForGood(t *testing.T) {
	requireBits(t, "e9c63eecea0bf9f52664199f12899ba8b3636364766d02ed4586179104777ec4", everyImageKernel)
}

func TestImageKernelsAllocateNothing(t *testing.T) { requireNoAllocations(t, everyImageKernel) }

// everyKernel prepares a run of many of them, which puts all results.
type everyKernel func(t testing.TB, p *Pool, put func([]float32)) (run func())

// requireBits hashes the results of all kernels on every tier.
func requireBits(t *testing.T, want string, every everyKernel) {
	t.Helper()
	p := NewPool(3)
	defer p.Close()
	eachTier(t, func(t *testing.T) {
		h := sha256.New()
		every(t, p, func(x []float32) {
			for _, v := range x {
				h.Write(binary.LittleEndian.AppendUint32(nil, math.Float32bits(v)))
			}
		})()
		if got := hex.EncodeToString(h.Sum(nil)); got != want {
			t.Errorf("the bits are %s, not %s", got, want)
		}
	})
}

// requireNoAllocations runs the kernels again and again.
func requireNoAllocations(t *testing.T, every everyKernel) {
	t.Helper()
	for size := 1; size <= 3; size++ {
		p := NewPool(size)
		run := every(t, p, func([]float32) {})
		if n := testing.AllocsPerRun(5, run); n > 0 {
			t.Errorf("%v allocations on %d goroutines", n, size)
		}
		p.Close()
	}
}
