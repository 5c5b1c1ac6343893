package health

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
)

// made are the values of which testdata/distributions.py asked NumPy.
var made = map[string]func(i int) float64{
	"around zero": func(i int) float64 { return even(i) * even(i) * even(i) },
	"small":       func(i int) float64 { return math.Ldexp(even(i), -(i * 31 % 40)) },
	"rectified":   func(i int) float64 { return max(even(i), 0) },
	"all alike":   func(int) float64 { return 0.75 },
}

// even is spread evenly around zero, and exact.
func even(i int) float64 { return float64(i*7919%5003-2501) / 4096 }

func values(t *testing.T, name string) []float32 {
	t.Helper()
	f := made[name]
	if f == nil {
		t.Fatalf("no values are called %q", name)
	}
	x := make([]float32, 5000)
	for i := range x {
		x[i] = float32(f(i))
	}
	return x
}

func near(a, b, share float64) bool { return math.Abs(a-b) <= share*math.Abs(b)+1e-30 }

func TestDistributionsAreNumPys(t *testing.T) {
	text, err := os.ReadFile("testdata/distributions.json")
	if err != nil {
		t.Fatal(err)
	}
	var want []struct {
		Name                            string
		Mean, Deviation, Norm, Min, Max float64
		Zeros                           int64
		Quantiles                       []float64
		Positive, Negative              []int64
	}
	if err := json.Unmarshal(text, &want); err != nil || len(want) != len(made) {
		t.Fatalf("%d cases, %v", len(want), err)
	}
	for _, w := range want {
		x := values(t, w.Name)
		var all, part Tally
		all.Add(x[:1234])
		part.Add(x[1234:])
		all.Merge(&part)
		d := all.Distribution()
		if !near(d.Norm, w.Norm, 1e-6) || math.Abs(d.Mean-w.Mean) > 1e-6*w.Deviation+1e-12 || math.Abs(d.Deviation-w.Deviation) > 1e-6*w.Deviation+1e-7 ||
			!near(d.Min, w.Min, 1e-6) || !near(d.Max, w.Max, 1e-6) || d.Zeros != w.Zeros || d.Count != 5000 || d.Bad != 0 {
			t.Errorf("%s: got %+v, NumPy has %+v", w.Name, d, w)
		}
		for i, q := range d.Quantiles {
			if !near(q, w.Quantiles[i], 1.0/16) && math.Abs(q-w.Quantiles[i]) > 1e-3*w.Deviation {
				t.Errorf("%s: quantile %v is %v, NumPy has %v", w.Name, Shares[i], q, w.Quantiles[i])
			}
		}
		for sign, h := range map[string]Histogram{"positive": d.Positive, "negative": d.Negative} {
			list := w.Positive
			if sign == "negative" {
				list = w.Negative
			}
			for bin, n := range list {
				at, got := bin+coarse*lowest-h.First, int64(0)
				if 0 <= at && at < len(h.Bins) {
					got = h.Bins[at]
				}
				if got != n {
					t.Errorf("%s: %s bin from %v holds %d, NumPy has %d", w.Name, sign, Edge(bin+coarse*lowest), got, n)
				}
			}
		}
	}
}

func TestNotFiniteIsCountedAlone(t *testing.T) {
	inf := float32(math.Inf(1))
	var y Tally
	y.Add([]float32{1, float32(math.NaN()), 3, inf, -inf, 0})
	d := y.Distribution()
	if d.Count != 6 || d.Bad != 3 || d.Zeros != 1 || d.Mean != 4.0/3 || d.Max != 3 || d.Min != 0 || d.Norm != math.Sqrt(10) {
		t.Errorf("got %+v", d)
	}
	var none Tally
	none.Add([]float32{inf})
	if d := none.Distribution(); d.Bad != 1 || d.Mean != 0 || len(d.Positive.Bins) != 0 {
		t.Errorf("of nothing finite: %+v", d)
	}
}

// The ends of the magnitudes hold what lies beyond them.
func TestHistogramEnds(t *testing.T) {
	var y Tally
	y.Add([]float32{1e-45, math.MaxFloat32, -1e-45})
	d := y.Distribution()
	if d.Positive.First != coarse*lowest || len(d.Positive.Bins) != coarse*octaves || d.Positive.Bins[0] != 1 || d.Positive.Bins[coarse*octaves-1] != 1 {
		t.Errorf("positive: %+v", d.Positive)
	}
	if d.Negative.First != coarse*lowest || !slices.Equal(d.Negative.Bins, []int64{1}) {
		t.Errorf("negative: %+v", d.Negative)
	}
	if Edge(3) != 3 || Edge(-1) != 0.75 {
		t.Errorf("edges: %v, %v", Edge(3), Edge(-1))
	}
}

func TestUnitsAndGates(t *testing.T) {
	u, more := NewUnits(3), NewUnits(3)
	u.Add([]float32{0, 1, 0})
	more.Add([]float32{0, 0, -2})
	if u.Dead() != 2 {
		t.Errorf("%d units are dead", u.Dead())
	}
	if u.Merge(more); u.Dead() != 1 {
		t.Errorf("%d units are dead in both", u.Dead())
	}
	var g Gates
	g.Add([]float32{0.95, 0.5, 0.05, 0.01, 0.9, 0.1})
	g.Merge(Gates{Count: 4, Open: 1})
	if g != (Gates{Count: 10, Open: 2, Closed: 2}) {
		t.Errorf("gates: %+v", g)
	}
}

// Each rule has signs that it alone recognizes, and a neighbour that it does not.
func TestRules(t *testing.T) {
	cases := map[string][2]func(*Signs){
		"first not finite":      {func(s *Signs) { s.BadFirst, s.BadStep = true, 7 }, func(s *Signs) { s.BadStep = 7 }},
		"not finite":            {func(s *Signs) { s.Bad = 1 }, func(s *Signs) { s.Bad = 0 }},
		"exploding":             {func(s *Signs) { s.Gradient = 51 * s.Usual }, func(s *Signs) { s.Gradient = 49 * s.Usual }},
		"dead units":            {func(s *Signs) { s.Dead = 0.5 }, func(s *Signs) { s.Dead = 0.09 }},
		"vanishing":             {func(s *Signs) { s.Others = 1.1e4 * s.Gradient }, func(s *Signs) { s.Others = 0.9e4 * s.Gradient }},
		"vanishes through time": {func(s *Signs) { s.Early, s.Late = 1e-6, 1 }, func(s *Signs) { s.Early, s.Late = 0.1, 1 }},
		"explodes through time": {func(s *Signs) { s.Early, s.Late = 1e4, 1 }, func(s *Signs) { s.Early, s.Late = 1e4, 0 }},
		"saturated gates":       {func(s *Signs) { s.Gate, s.Flat = "forget", 0.96 }, func(s *Signs) { s.Flat = 0.9 }},
		"update too large":      {func(s *Signs) { s.Ratio = -1.9 }, func(s *Signs) { s.Ratio = -2.1 }},
		"update too small":      {func(s *Signs) { s.Ratio = -4.1 }, func(s *Signs) { s.Ratio = -3.9 }},
		"some dead units":       {func(s *Signs) { s.Dead = 0.2 }, func(s *Signs) { s.Dead = 0.05 }},
	}
	well := func() Signs {
		s := Unknown()
		s.Ratio, s.Gradient, s.Usual, s.Others, s.Dead, s.Flat, s.Early, s.Late = -3, 1, 1, 1, 0, 0.3, 1, 1
		return s
	}
	for _, r := range Rules {
		c, there := cases[r.Name]
		if !there {
			t.Errorf("rule %q has no case", r.Name)
			continue
		}
		s := well()
		c[0](&s)
		if v := Judge(s); v.Rule != r.Name || v.Level != r.Level || v.Level == Good || v.Text == "" || strings.ContainsAny(v.Text, "\n") {
			t.Errorf("%s: %+v", r.Name, v)
		}
		s = well()
		c[1](&s)
		if v := Judge(s); v.Rule != "" || v.Level != Good {
			t.Errorf("not %s: %+v", r.Name, v)
		}
	}
	if v := Judge(Unknown()); v.Level != Good || v.Text == "" {
		t.Errorf("of the unknown: %+v", v)
	}
}

func FuzzTally(f *testing.F) {
	f.Add([]byte{0, 0, 128, 63, 0, 0, 192, 255, 1, 0, 0, 0})
	f.Fuzz(func(t *testing.T, raw []byte) {
		x := make([]float32, len(raw)/4)
		for i := range x {
			x[i] = math.Float32frombits(uint32(raw[4*i]) | uint32(raw[4*i+1])<<8 | uint32(raw[4*i+2])<<16 | uint32(raw[4*i+3])<<24)
		}
		var y Tally
		y.Add(x)
		d := y.Distribution()
		total := d.Bad + d.Zeros
		for _, n := range slices.Concat(d.Positive.Bins, d.Negative.Bins) {
			total += n
		}
		if d.Count != int64(len(x)) || total != d.Count {
			t.Errorf("%d values: %+v", len(x), d)
		}
		for i, q := range d.Quantiles {
			if q < d.Min || q > d.Max || i > 0 && q < d.Quantiles[i-1] {
				t.Errorf("quantiles %v of %v to %v", d.Quantiles, d.Min, d.Max)
			}
		}
	})
}

func BenchmarkTally(b *testing.B) {
	x := make([]float32, 1<<16)
	for i := range x {
		x[i] = float32(math.Sin(float64(i)) * 0.02)
	}
	b.SetBytes(int64(4 * len(x)))
	var y Tally
	for b.Loop() {
		y.Add(x)
	}
}
