package kernel_test

import (
	"math"
	"testing"

	"github.com/rondo-ml/rondo/tensor/internal/kernel"
	"github.com/rondo-ml/rondo/tensor/internal/kerneltest"
)

// sameBits64 is kerneltest.SameBits of float64.
func sameBits64(a, b float64) bool {
	return math.Float64bits(a) == math.Float64bits(b) || a != a && b != b
}

// lossValues fills slices of n values for a loss: some equal pairs, far ones, zeros of both signs, NaN and infinities.
func lossValues(s *kerneltest.Source, n int) (x, y []float32) {
	x, y = make([]float32, n), make([]float32, n)
	s.Fill(x)
	s.Fill(y)
	special := []float32{0, float32(math.Copysign(0, -1)), float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)), 3e38, 1e-40, 1}
	for i := range x {
		if i%3 == 1 {
			x[i], y[i] = special[i%len(special)], special[i/len(special)%len(special)]
		}
	}
	return x, y
}

// requireTerms compares float64 results, and those of float32, with their formula.
func requireTerms(t *testing.T, name string, i int, got, want float64, slope, wantSlope float32) {
	t.Helper()
	if !sameBits64(got, want) || !kerneltest.SameBits(slope, wantSlope) {
		t.Fatalf("%s, value %d: %v and slope %v, want %v and %v", name, i, got, slope, want, wantSlope)
	}
}

func TestHuberTerms(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T) {
		s := kerneltest.Source{Seed: 31}
		for n := range 70 {
			x, y := lossValues(&s, n)
			terms, slopes := make([]float64, n), make([]float32, n)
			kernel.HuberTerms(terms, slopes, x, y, 0.7, 1.0/3)
			for i := range x {
				d := float64(x[i]) - float64(y[i])
				c := max(min(d, 0.7), -0.7)
				requireTerms(t, "Huber", i, terms[i], float64(c*(d-float64(c*0.5))), slopes[i], float32(c*(1.0/3)))
			}
		}
	})
}

// Sums of squares are those of Dot, to the bit, of rows that vectors make whole or not.
func TestSquaredRows(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T) {
		s := kerneltest.Source{Seed: 34}
		for _, n := range []int{1, 3, 15, 16, 17, 32, 64, 80} {
			for rows := range 6 {
				x, y := lossValues(&s, rows*n)
				slopes := kerneltest.NewGuarded(&s, rows, n, n)
				sums, d := make([]float64, rows), make([]float32, n)
				kernel.SquaredRows(sums, slopes.Data, x, y, 0.3)
				for r, sum := range sums {
					for j := range d {
						d[j] = x[r*n+j] - y[r*n+j]
						requireTerms(t, "squared", r*n+j, 0, 0, slopes.Data[r*n+j], float32(0.3)*d[j])
					}
					if want := kernel.Dot(d, d); !sameBits64(sum, want) {
						t.Fatalf("row %d of %d values: %v, want %v", r, n, sum, want)
					}
				}
				slopes.Intact(t)
			}
		}
	})
}

// Each row is added up in order, whatever is beside it.
func TestSumRows(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T) {
		s := kerneltest.Source{Seed: 35}
		for n := range 20 {
			for rows := range 28 {
				values, sums, want := make([]float64, rows*n), make([]float64, rows+1), make([]float64, rows+1)
				for i := range values {
					values[i] = math.Ldexp(float64(s.Word()), -s.Below(64)) // so that the order shows
				}
				for r := range rows + 1 {
					sums[r] = float64(r) / 3
					want[r] = sums[r]
				}
				for r := range rows {
					for _, v := range values[r*n : (r+1)*n] {
						want[r] += v
					}
				}
				kernel.SumRows(sums[:rows], values)
				for r := range sums {
					if !sameBits64(sums[r], want[r]) {
						t.Fatalf("row %d of %d, %d values: %v, want %v", r, rows, n, sums[r], want[r])
					}
				}
			}
		}
	})
}

func TestLogisticTerms(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T) {
		s := kerneltest.Source{Seed: 32}
		for n := range 70 {
			x, y := lossValues(&s, n)
			terms, ones, e := make([]float64, n), make([]float64, n), make([]float32, n)
			for i, v := range x {
				e[i] = kernel.ExpOf(-float32(math.Abs(float64(v))))
			}
			before := append([]float32(nil), e...)
			kernel.LogisticTerms(terms, ones, e, x, y, 1.0/3)
			for i := range x {
				x, no, e1 := float64(x[i]), 1-float64(y[i]), float64(before[i])
				against := ((1 + e1) - math.Copysign(1-e1, x)) * 0.5 / (1 + e1)
				requireTerms(t, "logistic", i, terms[i], float64(no*x)+(math.Abs(x)-x)*0.5, e[i], float32((no-against)*(1.0/3)))
				if !sameBits64(ones[i], 1+e1) {
					t.Fatalf("value %d: %v, want %v", i, ones[i], 1+e1)
				}
			}
		}
	})
}

// Logarithms of all kinds of numbers, in place or not, with the bits of LogOf and as near as it promises.
func TestLogs(t *testing.T) {
	special := []float64{1, 2, 0.5, math.Sqrt2 / 2, math.Nextafter(math.Sqrt2/2, 0), math.MaxFloat64, 0x1p-1022, 0x1p-1074, 0,
		math.Copysign(0, -1), -1, -0x1p-1060, math.Inf(1), math.Inf(-1), math.NaN()}
	kerneltest.EachTier(t, func(t *testing.T) {
		s := kerneltest.Source{Seed: 33}
		for n := range 100 {
			x, y := make([]float64, n), make([]float64, n)
			for i := range x {
				x[i] = math.Ldexp(1+float64(s.Word())/(1<<32), s.Below(2000)-1000)
				if n > 40 && i%7 == n%7 {
					x[i] = special[s.Below(len(special))]
				}
			}
			kernel.Logs(y, x)
			for i, v := range x {
				want := math.Log(v)
				if v > 0 && v < 0x1p-1022 { // where Go's own is wrong on some processors
					want = math.Log(v*0x1p100) - 100*math.Ln2
				}
				if !sameBits64(y[i], kernel.LogOf(v)) || math.Abs(y[i]-want) > 4e-16*math.Abs(want) || (y[i] != y[i]) != (want != want) {
					t.Fatalf("value %d of %d: ln(%v) = %v, alone %v, want %v", i, n, v, y[i], kernel.LogOf(v), want)
				}
			}
			kernel.Logs(x, x)
			for i, v := range x {
				if !sameBits64(v, y[i]) {
					t.Fatalf("value %d of %d in place: %v, want %v", i, n, v, y[i])
				}
			}
		}
	})
}
