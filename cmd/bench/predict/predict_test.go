package predict

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// byHand is a run of four lanes: two buckets of 1000 and 3000 bytes, and 0.1 s of optimizer.
func byHand() Run {
	return Run{Lanes: 4, Steps: 100, Targets: 50, Cores: 2, Alone: []Step{
		{Lanes: 2, Buckets: []Bucket{{1000, 1, 0}, {3000, 2, 0}}, Computed: 2, Total: 2.1},
		{Lanes: 4, Buckets: []Bucket{{1000, 2, 0}, {3000, 4, 0}}, Computed: 4, Total: 4.1},
	}}
}

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-9*(1+math.Abs(want)) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

// TestByHand follows the buckets with pencil and paper.
func TestByHand(t *testing.T) {
	predict := func(r Run, c Cluster, n int) Prediction {
		t.Helper()
		p, err := Predict(r, c, n)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	c := Cluster{Nodes: 4, Cores: 2, Bandwidth: 1000, Price: 3}
	p := predict(byHand(), c, 1)
	near(t, "one worker's step", p.Step, 4.1)
	near(t, "its time", p.Time, 410)
	near(t, "its cost", p.Cost, 3*410/3600.)
	near(t, "its rate", p.Rate, 50/4.1)
	near(t, "its efficiency", p.Efficiency, 1)
	near(t, "what it sends", p.Sent, 0)

	// Two workers send 3/4 + 1/2 = 1.25 of each bucket: 1.25 s and 3.75 s. The first is there at 1 s and gone at
	// 2.25 s; the second is there at 2 s, waits for the first, and is gone at 6 s.
	p = predict(byHand(), c, 2)
	near(t, "two workers' step", p.Step, 6+0.1)
	near(t, "their compute", p.Compute, 2)
	near(t, "their wait", p.Ring, 4)
	near(t, "hidden", p.Hidden, 1-4/5.)
	near(t, "sent", p.Sent, 5000)
	near(t, "their efficiency", p.Efficiency, 4.1/(2*6.1))
	near(t, "their cost", p.Cost, 2*3*610/3600.)

	// Ten times the bandwidth: 0.125 s beside backward, 0.375 s after it. Hops: one beyond the beginning.
	c.Bandwidth, c.Latency = 10000, 0.01
	near(t, "a faster network", predict(byHand(), c, 2).Step, 2+0.375+3*0.01+0.01+0.1)

	// A core's work of 0.2 ms for each byte: the first bucket's 0.25 s take 0.125 s of both cores from backward, and
	// sending takes longer than the network: 0.25 s and 0.75 s.
	c.Bandwidth, c.Latency, c.CPU = 1e9, 0, 0.0002
	p = predict(byHand(), c, 2)
	near(t, "compute with a costly network", p.Compute, 2.125)
	near(t, "a costly network", p.Step, 2.125+0.75+0.1)

	// Four workers, each with one lane, take no less than with two lanes: one was not measured.
	c.CPU = 0
	near(t, "four workers", predict(byHand(), c, 4).Step, 2.1+6000*1e-9*3/4)

	// Three workers: the slowest has two lanes.
	if p := predict(byHand(), c, 3); p.Lanes != 2 || p.Workers != 3 {
		t.Errorf("%+v", p)
	}

	// Twice the cores: half the time, but for the ring's.
	c.Cores = 4
	near(t, "more cores", predict(byHand(), c, 1).Step, 2.05)

	// A quarter of a core: eight times as long as on two, and the costly network's core is a quarter too: its 0.25 s take
	// 1 s of backward, which goes on until 17 s; then 0.75 s take 3 s.
	quarter := Cluster{Cores: 0.25, Bandwidth: 1e9, CPU: 0.0002}
	p = predict(byHand(), quarter, 2)
	near(t, "compute on a quarter of a core", p.Compute, 8*2+1)
	near(t, "a quarter of a core", p.Step, 8*2+1+3+8*0.1)

	// Frames that find the ring at rest: each bucket goes around as 4 chunks, 1.25 times, so wakes 5 times, of 0.1 s. Of the first bucket's
	// 1.25 s on a network that is slow a core is at work for none but that, (0 + 0.5)/(1 + 0.5/1.25) = 0.357 s; of the second's 3.75 s,
	// 0.5/(1 + 0.5/3.75) = 0.441 s. Both cores compute for 0.5 of the first before all gradients are there, and the second waits for the first.
	c = Cluster{Cores: 2, Bandwidth: 1000, Wake: 0.1}
	p = predict(byHand(), c, 2)
	near(t, "compute with a ring that is woken", p.Compute, 2+0.5/1.4/2)
	near(t, "a slow network that wakes", p.Step, 1+1.25+3.75+0.1)
	// Where hops are what lasts, all wakes but few: 3 hops of 10 s.
	c = Cluster{Cores: 2, Bandwidth: 1e12, Wake: 0.1, Latency: 10}
	near(t, "far hops", predict(byHand(), c, 2).Compute, 2+0.5/(1+0.5/30)/2)
	// A ring that is at work all the time is not woken: 0.25 s of work for each 0.25 s.
	c = Cluster{Cores: 2, Bandwidth: 1e12, CPU: 0.0002, Wake: 0.1}
	near(t, "a ring without rest", predict(byHand(), c, 2).Step, 2.125+0.75+0.1)

	// The fold of an own step is in what was measured, and goes on beside the network.
	r := byHand()
	r.Alone[0].Buckets[1].Fold, r.Alone[0].Total = 0.5, 2.6
	c = Cluster{Cores: 2, Bandwidth: 1e12}
	near(t, "the fold hides the network", predict(r, c, 2).Step, 2.6)
	c.Bandwidth = 3750
	near(t, "the network hides the fold", predict(r, c, 2).Step, 2.6+0.5)
	c = Cluster{Cores: 2, Bandwidth: 1e12, CPU: 0.0002} // 0.25 s of work for the first bucket and 0.75 s for the second
	near(t, "sending beside the fold", predict(r, c, 2).Step, 2.125+0.75+0.1)
	r.Cores, c.Cores = 1, 1
	near(t, "one core sends and folds", predict(r, c, 2).Step, 2.25+0.75+0.5+0.1)
	c.CPU = 0
	r.Cores, c.Cores = 1, 0.25
	near(t, "the fold on a quarter of a core hides the network", predict(r, c, 2).Step, 4*2.6)
}

func TestErrors(t *testing.T) {
	c := Cluster{Cores: 2, Bandwidth: 1}
	for _, n := range []int{-1, 0, 5} {
		if _, err := Predict(byHand(), c, n); err == nil {
			t.Errorf("%d workers: no error", n)
		}
	}
	r := byHand()
	r.Alone = r.Alone[:1]
	if _, err := Predict(r, c, 1); err == nil {
		t.Error("no step with all lanes: no error")
	}
	r = byHand()
	r.Alone[0].Buckets = r.Alone[0].Buckets[:1]
	if _, err := Predict(r, c, 1); err == nil {
		t.Error("other buckets: no error")
	}
}

// anyRun draws a run whose steps are what a worker could measure: more lanes take longer.
func anyRun(t *rapid.T) Run {
	seconds := rapid.Float64Range(1e-6, 10)
	buckets := rapid.IntRange(1, 5).Draw(t, "buckets")
	r := Run{Steps: 10, Targets: 100, Cores: 2}
	bytes := make([]float64, buckets)
	for i := range bytes {
		bytes[i] = rapid.Float64Range(4, 1e8).Draw(t, "bytes")
	}
	var s Step
	for range rapid.IntRange(1, 4).Draw(t, "steps") {
		r.Lanes += rapid.IntRange(1, 5).Draw(t, "lanes")
		next := Step{Lanes: r.Lanes}
		at := 0.0
		for i := range bytes {
			least := 0.0
			if s.Buckets != nil {
				least = s.Buckets[i].Ready
			}
			at = max(at, least) + seconds.Draw(t, "ready")
			next.Buckets = append(next.Buckets, Bucket{bytes[i], at, rapid.Float64Range(0, 0.1).Draw(t, "fold")})
		}
		next.Computed = at + rapid.Float64Range(0, 0.1).Draw(t, "computed")
		next.Total = max(alone(next), s.Total) + seconds.Draw(t, "rest")
		for i := range next.Late {
			next.Late[i] = rapid.Float64Range(-0.1, 1).Draw(t, "late")
		}
		slices.Sort(next.Late[:])
		s = next
		r.Alone = append(r.Alone, next)
	}
	return r
}

func anyCluster(t *rapid.T) Cluster {
	return Cluster{Nodes: 4, Cores: rapid.Float64Range(0.1, 8).Draw(t, "cores"), Bandwidth: rapid.Float64Range(1e5, 1e11).Draw(t, "bandwidth"),
		Latency: rapid.Float64Range(0, 1).Draw(t, "latency"), CPU: rapid.Float64Range(0, 1e-8).Draw(t, "cpu"), Price: 1,
		Frame: rapid.Float64Range(0, 1e-4).Draw(t, "frame"), Wake: rapid.Float64Range(0, 1e-4).Draw(t, "wake")}
}

// TestProperties: one worker takes what was measured; a better network never makes a step longer; no number of
// workers is faster than its slowest worker alone; what is reported hangs together.
func TestProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, c := anyRun(t), anyCluster(t)
		n := rapid.IntRange(1, r.Lanes).Draw(t, "n")
		predict := func(c Cluster, n int) Prediction {
			p, err := Predict(r, c, n)
			if err != nil {
				t.Fatal(err)
			}
			return p
		}
		same := c
		same.Cores = r.Cores
		if got, want := predict(same, 1).Step, r.Alone[len(r.Alone)-1].Total; math.Abs(got-want) > 1e-12*want {
			t.Fatalf("one worker: %v, measured %v", got, want)
		}
		p := predict(c, n)
		atLeast := func(what string, worse Prediction) {
			if worse.Step < p.Step*(1-1e-12) {
				t.Fatalf("%s: %v, before %v", what, worse.Step, p.Step)
			}
		}
		worse := c
		worse.Bandwidth *= rapid.Float64Range(0.01, 1).Draw(t, "narrower")
		atLeast("a narrower network", predict(worse, n))
		worse = c
		worse.Latency += rapid.Float64Range(0, 1).Draw(t, "farther")
		atLeast("a farther network", predict(worse, n))
		worse = c
		worse.CPU += rapid.Float64Range(0, 1e-8).Draw(t, "costlier")
		atLeast("a costlier network", predict(worse, n))
		worse = c
		worse.Frame += rapid.Float64Range(0, 1e-4).Draw(t, "costlier frames")
		atLeast("costlier frames", predict(worse, n))
		worse = c
		worse.Wake += rapid.Float64Range(0, 1e-4).Draw(t, "costlier wakes")
		atLeast("costlier wakes", predict(worse, n))
		if alone := r.step(c, p.Lanes).Total; p.Step < alone*(1-1e-12) {
			t.Fatalf("%d workers take %v, the slowest alone %v", n, p.Step, alone)
		}
		free := c
		free.Bandwidth, free.Latency, free.CPU, free.Frame, free.Wake = math.Inf(1), 0, 0, 0, 0
		if got, want := predict(free, n).Step, r.step(c, p.Lanes).Total+p.Slowest; math.Abs(got-want) > 1e-9*want {
			t.Fatalf("a network without cost: %v, alone %v", got, want)
		}
		if p.Hidden < 0 || p.Hidden > 1 || p.Ring < 0 || p.Slowest < 0 || p.Compute > p.Step || math.Abs(p.Rate*p.Step-r.Targets) > 1e-6 || p.Cost <= 0 {
			t.Fatalf("%+v", p)
		}
	})
}
