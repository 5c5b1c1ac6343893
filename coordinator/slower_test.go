package coordinator

import (
	"strings"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// paced is a run of two workers whose steps have a computing time each; the first one waits for the second.
type paced struct {
	b     *board
	clock *handClock
	s     state
	step  uint64
}

func pacedRun() *paced {
	p := &paced{}
	p.b, p.clock, p.s = boardOf(2)
	p.s.plan.Steps = 10000
	p.s = play(p.b, p.clock, p.s, joins(2)...)
	return p
}

// steps plays so many steps, a tick behind each.
func (p *paced) steps(n int, own, other, data, ring time.Duration) {
	total := data + ring + max(own, other)
	for range n {
		for i, compute := range []time.Duration{own, other} {
			p.s = play(p.b, p.clock, p.s, stepReported{uint64(i + 1), &api.StepReport{Step: p.step, Loss: 2, Lr: 0.1, Targets: 500, TotalNs: int64(total),
				ComputeNs: int64(compute), RingNs: int64(ring), WaitNs: int64(max(own, other) - compute), DataNs: int64(data)}})
		}
		p.s = play(p.b, p.clock, p.s, tick{})
		p.step++
	}
}

func (p *paced) alarm() *api.Alarm { st := p.b.Status(); return st.Alarm(api.AlarmSlower) }

// A run that gets slower than its own median says so while it lasts, and who computes longer: not those who wait.
func TestSlowerThanItsMedian(t *testing.T) {
	p := pacedRun()
	const ms = time.Millisecond
	p.steps(100, 10*ms, 10*ms, ms, ms)
	p.steps(6, 10*ms, 100*ms, ms, ms)
	p.steps(20, 10*ms, 11*ms, ms, ms)
	if a := p.alarm(); a != nil {
		t.Fatalf("a few slow steps: %v", a)
	}
	p.steps(40, 10*ms, 15*ms, ms, ms)
	if a := p.alarm(); a != nil {
		t.Fatalf("half as long again: %v", a)
	}
	p.steps(30, 10*ms, 40*ms, ms, ms)
	a := p.alarm()
	if a == nil || !strings.Contains(a.What, "worker-1 computes ") || strings.Contains(a.What, "worker-0") || !strings.Contains(a.What, "42ms, and 12") {
		t.Fatalf("a worker is slow: %v", a)
	}
	if m := scrape(t, p.b); m["rondo_slower"] != 1 {
		t.Error("no series tells of it")
	}
	p.steps(500, 10*ms, 40*ms, ms, ms)
	if b := p.alarm(); b == nil || b.Since != a.Since {
		t.Errorf("what it was told of is not what is usual: %v, before %v", b, a)
	}
	p.steps(30, 10*ms, 19*ms, ms, ms)
	if p.alarm() == nil {
		t.Error("it takes less to stay slow")
	}
	p.steps(30, 10*ms, 10*ms, ms, ms)
	st := p.b.Status()
	if p.alarm() != nil || !happened("the run is slower than its own median")(st) || !happened("steps take their usual time again")(st) {
		t.Errorf("it is over: %v, %v", p.alarm(), st.Events)
	}
}

// What is not computing is told of as what it is, and another ring has another usual time.
func TestSlowerForWhat(t *testing.T) {
	const ms = time.Millisecond
	for want, slow := range map[string]func(*paced){
		"it is the ring":              func(p *paced) { p.steps(40, 10*ms, 10*ms, ms, 30*ms) },
		"worker-0 reads rows for":     func(p *paced) { p.steps(60, 10*ms, 10*ms, 50*ms, ms) },
		"worker-0 computes 3.0 times": func(p *paced) { p.steps(90, 30*ms, 20*ms, ms, ms) },
	} {
		p := pacedRun()
		p.steps(80, 10*ms, 10*ms, ms, ms)
		slow(p)
		if a := p.alarm(); a == nil || !strings.Contains(a.What, want) {
			t.Errorf("%s: %v", want, a)
		}
		p.s.View.Generation++
		p.steps(1, 10*ms, 40*ms, ms, ms)
		if a := p.alarm(); a != nil {
			t.Errorf("%s: in a new ring %v", want, a)
		}
	}
}

func TestSpans(t *testing.T) {
	s := spans{}
	if s.median() != 0 {
		t.Errorf("of none: %v", s.median())
	}
	for _, d := range []time.Duration{0, time.Nanosecond, time.Second, time.Second, 1000 * time.Hour} {
		s.add(d)
	}
	if got := s.median().Seconds(); got < 0.99 || got > 1.01 {
		t.Errorf("median %v s", got)
	}
	for i := range 100000 {
		s.add(time.Duration(i) * time.Microsecond)
	}
	if got := s.median().Seconds(); got < 0.049 || got > 0.051 || len(s) > 1000 {
		t.Errorf("median %v s of %d classes", got, len(s))
	}
}
