package portable

import (
	"math"
	"testing"
)

func TestLog(t *testing.T) {
	for _, x := range []float64{1e-300, 1e-10, 0.3, 0.7071, 0.99999, 1, 1.0000001, 1.41, 2, 10, 255.5, 1e10, math.MaxFloat64} {
		got, want := Log(x), math.Log(x)
		if math.Abs(got-want) > 4e-16*max(1e-9, math.Abs(want)) {
			t.Errorf("ln %v = %v, want %v", x, got, want)
		}
	}
	if !math.IsNaN(Log(math.NaN())) || !math.IsNaN(Log(-1)) ||
		!math.IsInf(Log(0), -1) || !math.IsInf(Log(math.Inf(1)), 1) {
		t.Error("ln of NaN, -1, 0 or Inf is not what math.Log gives")
	}
}

// TestLogBits holds Log to the loop that its bits were set by.
func TestLogBits(t *testing.T) {
	loop := func(x float64) float64 {
		fraction, exponent := math.Frexp(x)
		if fraction < math.Sqrt2/2 {
			fraction, exponent = 2*fraction, exponent-1
		}
		s := (fraction - 1) / (fraction + 1)
		square, sum := s*s, 0.0
		for k := 25; k >= 3; k -= 2 {
			sum = float64(sum*square) + 1/float64(k)
		}
		series := float64(2*s) + float64(float64(2*s)*float64(square*sum))
		return float64(float64(exponent)*math.Ln2) + series
	}
	check := func(x float64) {
		if got, want := Log(x), loop(x); got != want {
			t.Errorf("ln %v = %v, want %v", x, got, want)
		}
	}
	for _, x := range []float64{math.SmallestNonzeroFloat64, 0x1p-1023, 0x1p-1022, math.Sqrt2 / 2, 1, math.Sqrt2, math.MaxFloat64} {
		check(x)
		check(math.Nextafter(x, 0) + math.SmallestNonzeroFloat64)
	}
	for i, x := 0, 1e-320; i < 100000; i++ {
		check(x)
		check(1 + float64(i)/1e5) // the sum of two classes
		x *= 1.0144
	}
}

func TestExp(t *testing.T) {
	for _, x := range []float64{0, 1e-320, 1e-9, -1e-9, 0.3, -0.3465, 0.3466, 1, -1, 10.5, -37.25, 88.7, 700.1, -700.1, 709} {
		got, want := Exp(x), math.Exp(x)
		if math.Abs(got/want-1) > 4e-16 {
			t.Errorf("e^%v = %v, want %v", x, got, want)
		}
	}
	if got := Exp(-740); math.Abs(got/math.Exp(-740)-1) > 0.1 { // a subnormal of few bits
		t.Errorf("e^-740 = %v", got)
	}
	if !math.IsNaN(Exp(math.NaN())) || Exp(math.Inf(-1)) != 0 || Exp(-800) != 0 ||
		!math.IsInf(Exp(math.Inf(1)), 1) || !math.IsInf(Exp(800), 1) {
		t.Error("e^x of NaN, ±Inf or ±800 is not what math.Exp gives")
	}
}

func TestPow(t *testing.T) {
	for _, c := range [][2]float64{{0.5, 2}, {0.9, 0.5}, {0.1, 3.7}, {2, 10}, {1e-9, 0.25}, {3, -2}, {0, 2}, {7, 0}, {0, 0}, {1, 1e9}} {
		if got, want := Pow(c[0], c[1]), math.Pow(c[0], c[1]); math.Abs(got-want) > 1e-14*math.Abs(want) {
			t.Errorf("%v^%v = %v, want %v", c[0], c[1], got, want)
		}
	}
	for _, n := range []uint64{0, 1, 2, 7, 1000, 123456} {
		if got, want := PowInt(0.9999, n), math.Pow(0.9999, float64(n)); math.Abs(got-want) > 1e-11*want {
			t.Errorf("0.9999^%d = %v, want %v", n, got, want)
		}
	}
}

func TestCosPi(t *testing.T) {
	for i := range 101 {
		x := float64(i) / 100
		if got, want := CosPi(x), math.Cos(math.Pi*x); math.Abs(got-want) > 1e-15 {
			t.Errorf("cos %vπ = %v, want %v", x, got, want)
		}
	}
}

func TestSinc(t *testing.T) {
	for x := -20.0; x <= 20; x += 1.0 / 64 {
		want := 1.0
		if x != 0 {
			want = math.Sin(math.Pi*x) / (math.Pi * x)
		}
		if got := Sinc(x); math.Abs(got-want) > 4e-16 || x != 0 && x == math.Floor(x) && got != 0 {
			t.Errorf("sinc %v = %v, want %v", x, got, want)
		}
	}
}

func TestLogSingle(t *testing.T) {
	for x := 1e-300; x < 1e300; x *= 1.37 {
		want := math.Log(x)
		if got := LogSingle(x); math.Abs(got-want) > 1e-9*math.Abs(want) {
			t.Fatalf("LogSingle(%g) is %.15g, want %.15g", x, got, want)
		}
	}
	for i := range 4000 { // about 1, where the result is small
		x := 0.5 + float64(i)/2000
		if got, want := LogSingle(x), math.Log(x); math.Abs(got-want) > 1e-9*math.Abs(want) {
			t.Fatalf("LogSingle(%g) is %.15g, want %.15g", x, got, want)
		}
	}
}
