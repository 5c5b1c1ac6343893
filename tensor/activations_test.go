package tensor

import (
	"fmt"
	"math"
	"testing"
)

// activationTests are the functions of activations.go with their formulas in float64 and their slopes.
var activationTests = []struct {
	name    string
	forward func(dst, src []float32)
	back    func(dx, dy, x []float32)
	f, df   func(x float64) float64
}{
	{"LeakyReLU", func(y, x []float32) { LeakyReLU(y, x, 0.1) }, func(dx, dy, x []float32) { LeakyReLUBack(dx, dy, x, 0.1) },
		func(x float64) float64 { return max(x, 0) + 0.1*min(x, 0) }, func(x float64) float64 { return when(x > 0, 1, 0.1) }},
	{"HardSigmoid", HardSigmoid, HardSigmoidBack,
		func(x float64) float64 { return min(max(x+3, 0), 6) / 6 }, func(x float64) float64 { return when(math.Abs(x) < 3, 1./6, 0) }},
	{"HardSwish", HardSwish, HardSwishBack, func(x float64) float64 { return x * min(max(x+3, 0), 6) / 6 },
		func(x float64) float64 { return min(max(x+3, 0), 6)/6 + when(math.Abs(x) < 3, x/6, 0) }},
	{"GELUTanh", GELUTanh, GELUTanhBack, geluTanh, func(x float64) float64 { return slope(geluTanh, x) }},
	{"ELU", func(y, x []float32) { ELU(y, x, 1.5) }, func(dx, dy, x []float32) {
		y := make([]float32, len(x))
		ELU(y, x, 1.5)
		ELUBack(dx, dy, y, 1.5)
	},
		func(x float64) float64 { return max(x, 0) + 1.5*math.Expm1(min(x, 0)) },
		func(x float64) float64 { return when(x > 0, 1, 1.5*math.Exp(min(x, 0))) }},
	{"Softplus", func(y, x []float32) { Softplus(y, x, 2) }, func(dx, dy, x []float32) { SoftplusBack(dx, dy, x, 2) },
		func(x float64) float64 { return max(x, 0) + math.Log1p(math.Exp(-2*math.Abs(x)))/2 },
		func(x float64) float64 { return 1 / (1 + math.Exp(-2*x)) }},
}

func when(is bool, yes, no float64) float64 {
	if is {
		return yes
	}
	return no
}

func geluTanh(x float64) float64 {
	return x * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x))) / 2
}

// slope is the derivative of a smooth function, by five points.
func slope(f func(float64) float64, x float64) float64 {
	const h = 1e-3
	return (8*(f(x+h)-f(x-h)) - (f(x+2*h) - f(x-2*h))) / (12 * h)
}

// activationInputs are values of all sizes, with those where functions break.
func activationInputs(n int) []float32 {
	s := source{Seed: 81}
	x := make([]float32, n)
	s.Fill(x)
	for i := range x {
		x[i] *= float32(math.Exp(float64(i%23) - 16))
	}
	return append(x, 0, float32(math.Copysign(0, -1)), 3, -3, 1e-30, -1e-30, 60, -60)
}

// Functions and gradients against their formulas: relative to the result, or to what it is made of.
func TestActivationsAgainstDefinition(t *testing.T) {
	x := activationInputs(3000)
	dy := make([]float32, len(x))
	s := source{Seed: 82}
	s.Fill(dy)
	eachTier(t, func(t *testing.T) {
		for _, a := range activationTests {
			y, dx := make([]float32, len(x)), copyOf(Of(dy, 1, len(dy))).Data
			a.forward(y, x)
			a.back(dx, dy, x)
			for i, v := range x {
				v := float64(v)
				if want := a.f(v); !(math.Abs(float64(y[i])-want) <= 1e-6*math.Abs(want)+1e-7*math.Abs(v)*math.Exp(-math.Abs(v))+1e-12) {
					t.Fatalf("%s of %v is %v, want %v", a.name, x[i], y[i], want)
				}
				if math.Abs(v) == 3 && a.name != "ELU" { // where it has a corner
					continue
				}
				want := float64(dy[i]) * (1 + a.df(v))
				if off := math.Abs(float64(dx[i]) - want); !(off <= 2e-6*(1+math.Abs(v)*math.Exp(-math.Abs(v)))*math.Abs(float64(dy[i]))) {
					t.Fatalf("%s: the gradient at %v is %v, want %v", a.name, x[i], dx[i], want)
				}
			}
		}
	})
}

// Bits at every length, over themselves or not, and NaN.
func TestActivationLengths(t *testing.T) {
	x := activationInputs(1200)
	for _, a := range activationTests {
		whole, back, dy := make([]float32, len(x)), make([]float32, len(x)), activationInputs(1200)
		a.forward(whole, x)
		a.back(back, dy, x)
		for _, n := range []int{0, 1, 7, 8, 9, 511, 512, 513, 1025} {
			s := source{Seed: 83}
			y := newGuarded(&s, 1, n, n)
			copy(y.Data, x[:n])
			a.forward(y.Data[:n], y.Data[:n])
			y.intact(t)
			requireSame(t, fmt.Sprintf("%s of %d values", a.name, n), y.Matrix, Of(whole[:n], 1, n))
			clear(y.Data[:n])
			a.back(y.Data[:n], dy[:n], x[:n])
			y.intact(t)
			requireSame(t, fmt.Sprintf("%s back, %d values", a.name, n), y.Matrix, Of(back[:n], 1, n))
		}
		nan := []float32{float32(math.NaN())}
		if a.forward(nan, nan); nan[0] == nan[0] {
			t.Errorf("%s of NaN is %v", a.name, nan[0])
		}
	}
}

func TestLogSoftmax(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		for _, n := range []int{1, 5, 40, 700} {
			x, dy := activationInputs(n)[:n], make([]float32, n)
			s := source{Seed: 84}
			s.Fill(dy)
			for i := range x {
				x[i] += 100
			}
			y, dx := make([]float32, n), make([]float32, n)
			LogSoftmaxRow(y, x)
			LogSoftmaxBackRow(dx, dy, y)
			sum, total := 0.0, 0.0
			for i, v := range x {
				sum += math.Exp(float64(v) - 100)
				total += float64(dy[i])
			}
			for i, v := range x {
				want := float64(v) - 100 - math.Log(sum)
				if math.Abs(float64(y[i])-want) > 1e-5+1e-7*math.Abs(want) {
					t.Fatalf("value %d of %d: %v, want %v", i, n, y[i], want)
				}
				if want := float64(dy[i]) - math.Exp(want)*total; math.Abs(float64(dx[i])-want) > 1e-5 {
					t.Fatalf("gradient %d of %d: %v, want %v", i, n, dx[i], want)
				}
			}
		}
	})
}

func TestPReLU(t *testing.T) {
	x := activationInputs(1000)
	n := len(x)
	y, dx, ds, dy, slopes := make([]float32, n), make([]float32, n), make([]float32, n), make([]float32, n), make([]float32, n)
	s := source{Seed: 85}
	s.Fill(slopes)
	s.Fill(dy)
	PReLU(y, x, slopes)
	PReLUBack(dx, ds, dy, x, slopes)
	for i, v := range x {
		wantY, wantX, wantS := v, dy[i], float32(0)
		if v <= 0 {
			wantY, wantX, wantS = slopes[i]*v, slopes[i]*dy[i], dy[i]*v
		}
		if y[i] != wantY || dx[i] != wantX || ds[i] != wantS {
			t.Fatalf("of %v: %v, %v, %v; want %v, %v, %v", v, y[i], dx[i], ds[i], wantY, wantX, wantS)
		}
	}
}

// everyActivation computes the functions.
func everyActivation(_ testing.TB, _ *Pool, put func(name string, x []float32)) func() {
	x := activationInputs(2500)
	dy := make([]float32, len(x))
	s := source{Seed: 86}
	s.Fill(dy)
	y := make([]float32, len(x))
	return func() {
		for _, a := range activationTests {
			a.forward(y, x)
			put(a.name, y)
			a.back(y, dy, x)
			put(a.name+" back", y)
		}
		LogSoftmaxRow(y, x)
		put("LogSoftmaxRow", y)
		LogSoftmaxBackRow(x, dy, y)
		put("LogSoftmaxBackRow", x)
	}
}

func TestActivationBitsForGood(t *testing.T) { requireBits(t, "activation", everyActivation) }

func TestActivationsAllocateNothing(t *testing.T) {
	requireNoAllocations(t, func(tb testing.TB, p *Pool, _ func(string, []float32)) func() {
		x := activationInputs(2500)
		y, dy := make([]float32, len(x)), make([]float32, len(x))
		return func() {
			for _, a := range activationTests {
				if a.forward(y, x); a.name != "ELU" { // whose test has memory of its own
					a.back(y, dy, x)
				}
			}
			ELUBack(y, dy, x, 1)
			LogSoftmaxRow(y, x)
			LogSoftmaxBackRow(x, dy, y)
			PReLU(y, x, dy)
		}
	})
}

// The same bits on every tier, of any number of values, in place or not, where NaN and infinities are among them.
func TestActivationsOfAllLengths(t *testing.T) {
	var want []float32 // of plain Go, which comes first
	eachTier(t, func(t *testing.T) {
		var all []float32
		for n := range 70 {
			x := activationInputs(n)[:n]
			for i, v := range []float32{float32(math.NaN()), inf, -inf, 0, float32(math.Copysign(0, -1))} {
				if at := i*13 + n%13; at < n {
					x[at] = v
				}
			}
			for _, a := range activationTests {
				y, dx, dy := make([]float32, n), make([]float32, n), make([]float32, n)
				s := source{Seed: uint32(n)}
				s.Fill(dx)
				s.Fill(dy)
				a.forward(y, x)
				a.back(dx, dy, x)
				a.forward(dy, append(dy[:0], x...))
				all = append(append(append(all, y...), dx...), dy...)
			}
		}
		if want == nil {
			want = all
		}
		for i, v := range all {
			if math.Float32bits(v) != math.Float32bits(want[i]) && (v == v || want[i] == want[i]) {
				t.Fatalf("value %d is %v, want %v", i, v, want[i])
			}
		}
	})
}
