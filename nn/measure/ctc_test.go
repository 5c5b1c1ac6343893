package measure

import (
	"math"
	"slices"
	"testing"
)

// rowsOf returns the logits of a step.
func rowsOf(logits [][]float32) func(int) []float32 {
	return func(t int) []float32 { return logits[t] }
}

func TestGreedy(t *testing.T) {
	one := func(symbols ...int) [][]float32 {
		logits := make([][]float32, len(symbols))
		for i, s := range symbols {
			logits[i] = make([]float32, 4)
			logits[i][s] = 1
		}
		return logits
	}
	for _, c := range []struct {
		path []int
		want []int32
	}{
		{nil, nil}, {[]int{0, 0}, nil}, {[]int{1, 1, 2}, []int32{1, 2}}, {[]int{0, 3, 0, 3, 3, 0}, []int32{3, 3}}, {[]int{2, 1, 2}, []int32{2, 1, 2}},
	} {
		logits := one(c.path...)
		if got := Greedy(nil, len(logits), rowsOf(logits)); !slices.Equal(got, c.want) {
			t.Errorf("%v reads %v, want %v", c.path, got, c.want)
		}
		if got := Beam(1, len(logits), rowsOf(logits)); len(c.path) == 0 && len(got) != 0 {
			t.Errorf("nothing reads %v", got)
		}
	}
}

// A wide beam finds the symbols that all paths together make likeliest.
func TestBeam(t *testing.T) {
	const steps, symbols = 5, 3
	differ := 0
	for seed := range 40 {
		logits := make([][]float32, steps)
		for i := range logits {
			logits[i] = make([]float32, symbols)
			for j := range logits[i] {
				logits[i][j] = float32(math.Sin(float64(seed*100+i*symbols+j) * 12.9898))
			}
		}
		sums, best := map[string]float64{}, ""
		for path := range 243 {
			read, p := []byte(nil), 1.0
			for i := range steps {
				s := path % symbols
				path /= symbols
				p *= math.Exp(float64(logits[i][s]))
				read = append(read, byte(s))
			}
			read = slices.DeleteFunc(slices.Compact(read), func(b byte) bool { return b == 0 })
			if sums[string(read)] += p; sums[string(read)] > sums[best] {
				best = string(read)
			}
		}
		for text, sum := range sums {
			if sum > sums[best] {
				best = text
			}
		}
		var want []int32
		for _, b := range []byte(best) {
			want = append(want, int32(b))
		}
		if got := Beam(1000, steps, rowsOf(logits)); !slices.Equal(got, want) {
			t.Errorf("seed %d: the beam reads %v, want %v", seed, got, want)
		}
		if !slices.Equal(Greedy(nil, steps, rowsOf(logits)), want) {
			differ++
		}
	}
	if differ == 0 {
		t.Error("greedy reads the same everywhere: nothing was tested")
	}
}

// Hundreds of steps underflow nothing.
func TestBeamOfManySteps(t *testing.T) {
	logits := make([][]float32, 3000)
	var want []int32
	for i := range logits {
		logits[i] = []float32{0, 0, 0, 0}
		if logits[i][i%3] = 2; i%3 != 0 {
			want = append(want, int32(i%3))
		}
	}
	if got := Beam(4, len(logits), rowsOf(logits)); !slices.Equal(got, want) {
		t.Errorf("the beam reads %d symbols, want %d", len(got), len(want))
	}
	s := newBeamSearch(4)
	for _, row := range logits {
		s.step(row)
	}
	if most := 1 + 4*len(logits); len(s.nodes) > most {
		t.Errorf("%d prefixes are kept, want at most %d", len(s.nodes), most)
	}
}
