package predict

import (
	"math/rand/v2"
	"testing"
)

// TestLate compares the slowest of n with drawings, and with what is known.
func TestLate(t *testing.T) {
	var totals []float64
	for i := range 40 {
		totals = append(totals, 2+float64((i*7)%40)/10) // 2.0 to 5.9
	}
	l := LateOf(totals, 2)
	near(t, "the least late", l[0], 0.1)
	near(t, "the latest", l[19], 3.9)
	near(t, "one worker", l.slowest(1), 0)
	near(t, "very many workers", l.slowest(1<<16), 3.9)
	near(t, "no steps", LateOf(nil, 1).slowest(8), 0)
	near(t, "steps that are alike", LateOf([]float64{3, 3}, 3).slowest(8), 0)
	rng := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{2, 3, 8} {
		const steps = 100_000
		sum := 0.0
		for range steps {
			latest := l[0]
			for range n {
				latest = max(latest, l[rng.IntN(len(l))])
			}
			sum += latest
		}
		if got, want := l.slowest(n), sum/steps; got < want-0.02 || got > want+0.02 {
			t.Errorf("of %d workers the slowest is %v late, drawn %v", n, got, want)
		}
	}
}

// TestSlowest has workers whose steps are alike but for one in four, which takes a second longer.
func TestSlowest(t *testing.T) {
	r := byHand()
	for i := range r.Alone {
		for k := 15; k < 20; k++ {
			r.Alone[i].Late[k] = 1
		}
	}
	c := Cluster{Cores: 2, Bandwidth: 1e12}
	for n, want := range map[int]float64{1: 0, 2: 1 - 0.75*0.75, 4: 1 - 0.75*0.75*0.75*0.75} {
		calm, err := Predict(byHand(), c, n)
		if err != nil {
			t.Fatal(err)
		}
		p, err := Predict(r, c, n)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "the wait for the slowest", p.Slowest, want)
		near(t, "the step with it", p.Step, calm.Step+want)
		one, err := Plan(r, c, n)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "the planned wait", one.Slowest, want)
	}
	quarter, err := Predict(r, Cluster{Cores: 0.25, Bandwidth: 1e12}, 2)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "the wait on a quarter of a core", quarter.Slowest, 1-0.75*0.75)
}
