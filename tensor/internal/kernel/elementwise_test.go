package kernel_test

import (
	"math"
	"testing"

	"github.com/rondo-ml/rondo/tensor/internal/kernel"
	"github.com/rondo-ml/rondo/tensor/internal/kerneltest"
)

// Each function against its formula, at every length (the loops treat whole vectors and rests apart),
// with the destination apart from the sources and the same as each of them.
func TestElementwise(t *testing.T) {
	const alpha = float32(1.7)
	for _, f := range []struct {
		name  string
		slice func(dst, a, b []float32)
		one   func(dst, a, b float32) float32
	}{
		{"Add", kernel.Add, func(_, a, b float32) float32 { return a + b }},
		{"Twice", func(dst, a, _ []float32) { kernel.Twice(dst, a) }, func(_, a, _ float32) float32 { return (0 + a) + a }},
		{"Mul", kernel.Mul, func(_, a, b float32) float32 { return a * b }},
		{"Scale", func(dst, a, _ []float32) { kernel.Scale(dst, a, alpha) }, func(_, a, _ float32) float32 { return alpha * a }},
		{"Axpy", func(dst, a, _ []float32) { kernel.Axpy(dst, alpha, a) },
			func(d, a, _ float32) float32 { return d + float32(alpha*a) }},
		{"SubtractFrom", func(dst, a, _ []float32) { kernel.SubtractFrom(dst, a, alpha) }, func(_, a, _ float32) float32 { return a - alpha }},
		{"Fill", func(dst, _, _ []float32) { kernel.Fill(dst, alpha) }, func(_, _, _ float32) float32 { return alpha }},
	} {
		kerneltest.EachTier(t, func(t *testing.T) {
			s := kerneltest.Source{Seed: 12}
			for n := range 70 {
				dst, a, b := kerneltest.NewGuarded(&s, 1, n, n), kerneltest.NewGuarded(&s, 1, n, n), kerneltest.NewGuarded(&s, 1, n, n)
				if n > 2 {
					a.Data[n-1], b.Data[n/2] = float32(math.NaN()), float32(math.Inf(-1))
				}
				want := kerneltest.GridOf(make([]float32, n), 1, n)
				apply := func(d []float32) {
					for i := range want.Data {
						want.Data[i] = f.one(d[i], a.Data[i], b.Data[i])
					}
				}
				apply(dst.Data)
				f.slice(dst.Data, a.Data, b.Data)
				kerneltest.RequireSame(t, f.name, dst.Grid, want)
				apply(a.Data)
				f.slice(a.Data, a.Data, b.Data)
				kerneltest.RequireSame(t, f.name+" onto a", a.Grid, want)
				apply(b.Data)
				f.slice(b.Data, a.Data, b.Data)
				kerneltest.RequireSame(t, f.name+" onto b", b.Grid, want)
				dst.Intact(t)
				a.Intact(t)
				b.Intact(t)
			}
		})
	}
}

// Twice has no negative zero, in a vector or behind the last.
func TestTwiceNegativeZero(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T) {
		x := make([]float32, 11)
		kernel.Fill(x, float32(math.Copysign(0, -1)))
		kernel.Twice(x, x)
		for i, v := range x {
			if math.Float32bits(v) != 0 {
				t.Errorf("value %d is %v", i, v)
			}
		}
	})
}

func TestHasNonFinite(t *testing.T) {
	for n := range 70 {
		x := make([]float32, n)
		kernel.Fill(x, math.MaxFloat32)
		if kernel.HasNonFinite(x) {
			t.Fatalf("%d finite values", n)
		}
		for i := range x {
			for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
				x[i] = float32(bad)
				if !kernel.HasNonFinite(x) {
					t.Fatalf("%v at %d of %d not found", bad, i, n)
				}
			}
			x[i] = -math.MaxFloat32
		}
	}
}

func TestDot(t *testing.T) {
	want := map[int]float64{}
	kerneltest.EachTier(t, func(t *testing.T) {
		s := kerneltest.Source{Seed: 19}
		for n := range 100 {
			a, b := kerneltest.NewGuarded(&s, 1, n, n), kerneltest.NewGuarded(&s, 1, n, n)
			exact := 0.0
			for i, v := range a.Data {
				exact += float64(v) * float64(b.Data[i])
			}
			got := kernel.Dot(a.Data, b.Data)
			if math.Abs(got-exact) > 1e-13 {
				t.Fatalf("%d values: %v, want %v", n, got, exact)
			}
			if first, ok := want[n]; ok && got != first {
				t.Fatalf("%d values: %v, plain Go has %v", n, got, first)
			}
			want[n] = got
			if n > 0 {
				b.Data[n/2] = float32(math.NaN())
				if got := kernel.Dot(a.Data, b.Data); got == got {
					t.Fatalf("%d values with a NaN: %v", n, got)
				}
			}
		}
	})
}

func TestSoftmaxRow(t *testing.T) {
	s := kerneltest.Source{Seed: 14}
	for n := range 50 {
		x, y := make([]float32, n), make([]float32, n)
		s.Fill(x)
		kernel.Scale(x, x, 30)
		sum := 0.0
		for _, v := range x {
			sum += math.Exp(float64(v))
		}
		kernel.SoftmaxRow(y, x)
		for i, v := range x {
			if want := math.Exp(float64(v)) / sum; math.Abs(float64(y[i])-want) > 2e-6*want { // x-max is rounded near 30
				t.Fatalf("%d values: %v, want %v", n, y[i], want)
			}
		}
		if got, want := kernel.LogSumExp(x), math.Log(sum); n > 0 && math.Abs(got-want) > 1e-6 || n == 0 && got != want {
			t.Fatalf("%d values: LogSumExp %v, want %v", n, got, want)
		}
		kernel.SoftmaxRow(x, x)
		kerneltest.RequireSame(t, "in place", kerneltest.GridOf(x, 1, n), kerneltest.GridOf(y, 1, n))
	}
	far := []float32{1e30, -1e30, 1e30}
	kernel.SoftmaxRow(far, far)
	kerneltest.RequireSame(t, "far apart", kerneltest.GridOf(far, 1, 3), kerneltest.GridOf([]float32{0.5, 0, 0.5}, 1, 3))
	bad := []float32{1, float32(math.NaN()), 3}
	kernel.SoftmaxRow(bad, bad)
	if bad[0] == bad[0] || bad[2] == bad[2] {
		t.Errorf("a NaN gives %v", bad)
	}
}

func TestMaximum(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T) {
		s := kerneltest.Source{Seed: 23}
		for n := 1; n < 70; n++ {
			x := make([]float32, n)
			s.Fill(x)
			for at := range x {
				x[at] = 2
				if got := kernel.Maximum(x); got != 2 {
					t.Fatalf("2 at %d of %d: %v", at, n, got)
				}
				x[at] = float32(math.NaN())
				if got := kernel.Maximum(x); got == got {
					t.Fatalf("NaN at %d of %d: %v", at, n, got)
				}
				x[at] = float32(math.Inf(-1))
			}
			if got := kernel.Maximum(x); got != float32(math.Inf(-1)) {
				t.Fatalf("all %d -Inf: %v", n, got)
			}
		}
		if got := kernel.Maximum(nil); got != 0 {
			t.Errorf("of nothing: %v", got)
		}
	})
}

// The gradient of a softmax against the formula in float64, and the same bits in every tier.
func TestSoftmaxBackRow(t *testing.T) {
	var want [70]kerneltest.Guarded
	kerneltest.EachTier(t, func(t *testing.T) {
		s := kerneltest.Source{Seed: 24}
		for n := range want {
			dx, dy, y := kerneltest.NewGuarded(&s, 1, n, n), kerneltest.NewGuarded(&s, 1, n, n), kerneltest.NewGuarded(&s, 1, n, n)
			kernel.SoftmaxRow(y.Data, y.Data)
			before := dx.Copy()
			kernel.SoftmaxBackRow(dx.Data, dy.Data, y.Data)
			sum := 0.0
			for i, v := range y.Data {
				sum += float64(v) * float64(dy.Data[i])
			}
			for i, v := range y.Data {
				exact := float64(before.Data[i]) + float64(v)*(float64(dy.Data[i])-sum)
				if math.Abs(float64(dx.Data[i])-exact) > 1e-6 {
					t.Fatalf("value %d of %d: %v, want %v", i, n, dx.Data[i], exact)
				}
			}
			dx.Intact(t)
			if want[n].All == nil { // plain Go comes first
				want[n] = dx
			}
			kerneltest.RequireSame(t, "dx", dx.Grid, want[n].Grid)
		}
	})
}

// Rows taken four at a time have the bits of each by itself, on every tier.
func TestSoftmaxRows(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T) {
		s := kerneltest.Source{Seed: 25}
		for rows := range 10 {
			for _, n := range []int{1, 3, 7, 8, 16, 21, 64, 1003} {
				x, want := kerneltest.NewGuarded(&s, rows, n, n), make([]float32, rows*n)
				if rows > 1 {
					x.Data[n] = float32(math.NaN())
				}
				for r := range rows {
					kernel.SoftmaxRow(want[r*n:(r+1)*n], x.Data[r*n:(r+1)*n])
				}
				got := kerneltest.NewGuarded(&s, rows, n, n)
				kernel.SoftmaxRows(got.Data[:rows*n], x.Data[:rows*n], rows)
				kerneltest.RequireSame(t, "rows", got.Grid, kerneltest.GridOf(want, rows, n))
				kernel.SoftmaxRows(x.Data[:rows*n], x.Data[:rows*n], rows)
				kerneltest.RequireSame(t, "in place", x.Grid, kerneltest.GridOf(want, rows, n))
				got.Intact(t)
				x.Intact(t)
			}
		}
	})
}
