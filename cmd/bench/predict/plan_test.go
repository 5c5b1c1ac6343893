package predict

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// TestPlanByHand follows a plan with pencil and paper.
func TestPlanByHand(t *testing.T) {
	plan := func(c Cluster, n int) Planned {
		t.Helper()
		p, err := Plan(byHand(), c, n)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	c := Cluster{Cores: 2, Bandwidth: 1000, Price: 3}
	p := plan(c, 1)
	near(t, "one node's step", p.Step, 4.1)
	near(t, "its efficiency", p.Efficiency, 1)
	if p.Bound != Compute || p.Lanes != 4 {
		t.Errorf("%+v", p)
	}

	// Two nodes have 8 lanes and send 7/8 + 1/2 = 1.375 of each bucket: 1.375 s and 4.125 s. The first is there at
	// 2 s and gone before the second is, at 4 s.
	p = plan(c, 2)
	near(t, "two nodes' step", p.Step, 4+4.125+0.1)
	near(t, "their efficiency", p.Efficiency, 4.1/8.225)
	near(t, "their rate", p.Rate, 2*50/8.225)
	near(t, "their time", p.Time, 50*8.225)
	near(t, "their cost", p.Cost, 2*3*50*8.225/3600)
	if p.Bound != Wire {
		t.Errorf("bound by %s", p.Bound)
	}

	// Half the bytes.
	c.Wire = 0.5
	near(t, "bfloat16 on the wire", plan(c, 2).Step, 4+4.125/2+0.1)

	// The second bucket's 8 chunks leave 1.375 times: 11 frames of 0.1 s; the first's take half as much time from
	// each of two cores.
	c = Cluster{Cores: 2, Bandwidth: 1e12, Frame: 0.1}
	p = plan(c, 2)
	near(t, "costly frames", p.Step, 4+0.55+1.1+0.1)
	if p.Bound != Frames {
		t.Errorf("bound by %s", p.Bound)
	}

	c = Cluster{Cores: 2, Bandwidth: 1e12, Latency: 0.1}
	p = plan(c, 16) // 31 hops, and 15 for the losses
	near(t, "a long way round", p.Step, 4+3000e-12*(63/64.+15/16.)+3.1+1.5+0.1)
	if p.Bound != Latency {
		t.Errorf("bound by %s", p.Bound)
	}
	c = Cluster{Cores: 2, Bandwidth: 1e12, CPU: 0.01}
	if p = plan(c, 2); p.Bound != Cipher {
		t.Errorf("bound by %s", p.Bound)
	}
	for _, n := range []int{-1, 0, maxPlanned + 1} {
		if _, err := Plan(byHand(), c, n); err == nil {
			t.Errorf("%d nodes: no error", n)
		}
	}
}

// TestPlanLanes: a node has the lanes of the run file, or a divisor of them where all would be too many, or one.
func TestPlanLanes(t *testing.T) {
	r := byHand()
	r.Most = 999
	for n, want := range map[int]int{1: 4, 249: 4, 250: 2, 499: 2, 500: 1, 999: 1, 5000: 1} {
		p, err := Plan(r, Cluster{Cores: 2, Bandwidth: 1e12}, n)
		if err != nil || p.Lanes != n*want {
			t.Errorf("%d nodes: %d lanes, %v; want %d", n, p.Lanes, err, n*want)
		}
	}
}

func TestFrames(t *testing.T) {
	near(t, "small chunks", FramesOf(1000, 8), 8)
	near(t, "a bucket of one segment", FramesOf(segmentBytes, 1), 1)
	near(t, "a little more", FramesOf(segmentBytes+4, 1), 2)
	near(t, "each chunk two segments", FramesOf(4*(segmentBytes+4), 4), 8)
	s := Step{Lanes: 2, Buckets: []Bucket{{Bytes: 16 * segmentBytes}}}
	c := Cluster{Cores: 1, Bandwidth: 1e12, Frame: 1}
	half := c
	half.Wire = 0.5 // a frame has as many numbers as ever, of half the bytes
	near(t, "on a wire of half the bytes", follow(s, half, 2, 2).busy, follow(s, c, 2, 2).busy)
}

func TestExtrapolated(t *testing.T) {
	extrapolated := func(steps []Step, m int, least float64) Step {
		t.Helper()
		s, err := Extrapolated(steps, m, least)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	steps := byHand().Alone
	s := extrapolated(steps, 8, 8)
	near(t, "twice the lanes", s.Total, 8.1)
	near(t, "its second bucket", s.Buckets[1].Ready, 8)
	s = extrapolated(steps, 8, 16.2)
	near(t, "as long as its operations take at least", s.Total, 16.2)
	near(t, "its gradients then", s.Computed, 16)
	near(t, "its first bucket then", s.Buckets[0].Ready, 8)
	near(t, "the measured first bucket", steps[1].Buckets[0].Ready, 2)

	// Chance had the longer step of the two take less.
	steps[0], steps[0].Lanes, steps[1].Late[19] = steps[1], 2, 0.3
	steps[1].Computed, steps[1].Total = 3.5, 3.6
	steps[1].Buckets = []Bucket{{1000, 1.5, 0}, {3000, 3.5, 0}}
	s = extrapolated(steps, 8, 14.4)
	near(t, "four times the step", s.Total, 14.4)
	near(t, "its gradients", s.Computed, 14)
	near(t, "its first of two buckets", s.Buckets[0].Ready, 6)
	near(t, "its latest, of four parts that are late by themselves", s.Late[19], 2*0.3)

	for _, m := range []int{0, 4} {
		if _, err := Extrapolated(steps, m, 0); err == nil {
			t.Errorf("%d lanes: no error", m)
		}
	}
	if _, err := Extrapolated(steps[:1], 8, 0); err == nil {
		t.Error("one step: no error")
	}
}

// TestPlanProperties: a plan for one node is what was measured, and a better cluster is never slower; what binds a
// step is worth taking away.
func TestPlanProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, c := anyRun(t), anyCluster(t)
		c.Frame = rapid.Float64Range(0, 1e-3).Draw(t, "frame")
		n := rapid.IntRange(1, 2000).Draw(t, "nodes")
		p, err := Plan(r, c, n)
		if err != nil {
			t.Fatal(err)
		}
		one := r.step(c, r.Lanes).Total
		if n == 1 && math.Abs(p.Step-one) > 1e-12*one {
			t.Fatalf("one node takes %v, measured %v", p.Step, one)
		}
		if p.Efficiency > 1+1e-12 || p.Ring < 0 || p.Compute > p.Step {
			t.Fatalf("%+v", p)
		}
		if p.Bound == Compute {
			return
		}
		without, _ := r.planned(c.without(p.Bound), n)
		if p.Bound == Slowest {
			without = p.Step - p.Slowest
		}
		if without >= p.Step {
			t.Fatalf("bound by %s, but without it %v is no less than %v", p.Bound, without, p.Step)
		}
	})
}
