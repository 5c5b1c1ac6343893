package coordinator

import (
	"testing"
	"time"
)

// When nothing has happened for how long a run stands still, after steps that
// took given times.
func TestStandstillLimit(t *testing.T) {
	const ms = time.Millisecond
	repeat := func(n int, d ...time.Duration) (all []time.Duration) {
		for range n {
			all = append(all, d...)
		}
		return all
	}
	for name, c := range map[string]struct {
		steps []time.Duration
		want  time.Duration
	}{
		"none yet":                  {nil, 0},
		"fast ones":                 {repeat(100, 3*ms), standFloor},
		"slow ones":                 {repeat(100, 30*time.Second), 150 * time.Second},
		"one alone":                 {repeat(1, 2*time.Second), 10 * time.Second},
		"a pause now and then":      {repeat(3, append(repeat(19, 100*ms), 4*time.Second)...), 6 * time.Second * 2},
		"as wide as they are long":  {repeat(20, time.Second, 3*time.Second), 23 * time.Second},
		"one pause far out of line": {append(repeat(64, 100*ms), time.Hour), 4 * standFloor},
	} {
		var p standstill
		now := time.Now()
		for i, d := range c.steps {
			now = now.Add(d)
			if i == 0 {
				p.step(now, d, false)
				continue
			}
			p.step(now, time.Nanosecond, false) // the clock counts, not the report
		}
		if got := p.limit(); got > c.want || got < c.want*2/3 {
			t.Errorf("%s: %v, want at most %v and not much less", name, got, c.want)
		}
	}
}

// An evaluation is no standstill; one that takes much longer than the others is.
func TestStandstillEvaluates(t *testing.T) {
	var p standstill
	now := time.Now()
	wait := func(d time.Duration, want bool) {
		t.Helper()
		now = now.Add(d)
		if _, got := p.since(now); got != want {
			t.Errorf("%v later it is said %v", d, got)
		}
	}
	for range 20 {
		now = now.Add(100 * time.Millisecond)
		p.step(now, 0, false)
	}
	p.step(now, 0, true)
	wait(10*time.Minute, false)
	p.evaluated(now)
	wait(2*time.Second, false)
	wait(2*time.Second, true)
	p.step(now, 0, true)
	wait(20*time.Minute, false)
	wait(40*time.Minute, true)
}

// A coordinator that was frozen blames nobody for its own silence.
func TestStandstillFrozen(t *testing.T) {
	var p standstill
	now := time.Now()
	for range 20 {
		now = now.Add(time.Second)
		p.tick(now)
		p.step(now, 0, false)
	}
	now = now.Add(time.Hour)
	p.tick(now)
	if _, stands := p.since(now); stands {
		t.Error("after an hour of its own it says that training stands still")
	}
	for range 30 {
		now = now.Add(time.Second)
		p.tick(now)
	}
	if _, stands := p.since(now); !stands {
		t.Error("half a minute later it does not")
	}
}
