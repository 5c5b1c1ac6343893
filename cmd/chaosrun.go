package cmd

import (
	"fmt"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/rondo-ml/rondo/coordinator"
	"github.com/rondo-ml/rondo/coordinator/api"
)

// chaosRun is one of the two runs of `rondo chaos`: the calm one, or the one with faults.
type chaosRun struct {
	plan  *faultPlan    // nil: calm
	quiet time.Duration // without new faults, and of the calm one the end, so long after the first step; 0: never
	until uint64        // steps after which the run stops; 0: all
	bound workersBound

	meter  stepMeter
	result coordinator.Result
	asked  atomic.Bool // to stop, by a signal
}

// workersBound are how few and how many workers leave and join go to.
type workersBound struct{ least, most int }

// accompany hears of the steps of a run that has begun and makes the faults, until it is called off.
func (c *chaosRun) accompany(t *training) (callOff func()) {
	if c.until > 0 {
		t.coord.StopAt(c.until, "the calm run went so far")
	}
	over := make(chan struct{})
	begun := make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() { c.measure(t, begun, over) })
	all.Go(func() {
		select {
		case <-begun:
			c.disturb(t, over)
		case <-over:
		}
	})
	return func() {
		close(over)
		all.Wait()
	}
}

// measure tells the meter of every change, and people of what the run recovered from.
func (c *chaosRun) measure(t *training, begun chan<- struct{}, over <-chan struct{}) {
	changed, cancel := t.coord.Subscribe()
	defer cancel()
	for {
		s := t.coord.Status()
		back := c.meter.observe(time.Now(), s)
		if back != nil {
			c.say(t, s, fmt.Sprintf("goes on after %v with %s", back.recovered.Round(time.Millisecond), countText(len(s.Workers), "worker")))
		}
		if begun != nil && s.Step > 0 {
			close(begun)
			begun = nil
		}
		select {
		case <-changed:
		case <-over:
			return
		}
	}
}

// say prints a line about a moment of the run.
func (c *chaosRun) say(t *training, s api.Status, text string) {
	out := t.out
	if terminalOf(out) != nil { // clear of the bar
		out = t.progress
	}
	fmt.Fprintf(out, "%7.1f s  step %-6d %s\n", time.Since(c.meter.first.at).Seconds(), s.Step, text)
}

// disturb makes one fault after another. Of a calm run it waits for the end of the time, if that has one.
func (c *chaosRun) disturb(t *training, over <-chan struct{}) {
	var end <-chan time.Time
	if c.quiet > 0 {
		timer := time.NewTimer(c.quiet)
		defer timer.Stop()
		end = timer.C
	}
	if c.plan == nil {
		select {
		case <-end:
			t.coord.Stop("the time of --for is over")
		case <-over:
		}
		return
	}
	var frozen sync.WaitGroup
	defer frozen.Wait()
	for {
		f := c.plan.next()
		wait := time.NewTimer(f.after)
		select {
		case <-wait.C:
		case <-end:
			wait.Stop()
			return
		case <-over:
			wait.Stop()
			return
		}
		c.strike(t, f, &frozen, over)
	}
}

// strike makes a fault. What cannot be, as one worker less than one, is another.
func (c *chaosRun) strike(t *training, f fault, frozen *sync.WaitGroup, over <-chan struct{}) {
	s := t.coord.Status()
	ring := slices.DeleteFunc(slices.Clone(s.Workers), func(w api.Worker) bool { return w.EndLane <= w.FirstLane || w.State == "lost" })
	if len(ring) == 0 || s.Phase == api.PhaseStopping {
		return
	}
	at := func(i uint64) string { return ring[(f.victim+i)%uint64(len(ring))].Name }
	name, text := at(0), ""
	hit := func(sig os.Signal, names ...string) {
		for _, n := range names {
			t.crew.forgive(n)
			t.children.signal(n, sig)
		}
	}
	if f.kind == "term" && s.Expected < 2 {
		f.kind = "kill" // the last worker that leaves saves, and the run stops
	}
	c.meter.fault(time.Now(), f.kind, s)
	switch f.kind {
	case "kill":
		hit(syscall.SIGKILL, name)
		text = "kill " + name
	case "two":
		hit(syscall.SIGKILL, name, at(1))
		text = fmt.Sprintf("kill %s and %s", name, at(1))
	case "all":
		for _, w := range ring {
			hit(syscall.SIGKILL, w.Name)
		}
		text = "kill all"
	case "stop":
		hit(syscall.SIGSTOP, name)
		text = fmt.Sprintf("stop %s for %v", name, f.frozen.Round(time.Millisecond))
		frozen.Go(func() { t.wake(name, f.frozen, over) })
	case "cut":
		hit(syscall.SIGUSR1, name)
		text = fmt.Sprintf("cut the connection behind %s", name)
	case "term":
		hit(syscall.SIGTERM, name)
		text = "terminate " + name
	default:
		want := s.Expected + map[string]int{"leave": -1, "join": 1}[f.kind]
		if want < c.bound.least || want > c.bound.most {
			want = 2*s.Expected - want
		}
		want = min(max(want, c.bound.least), c.bound.most)
		t.coord.Scale(want)
		text = fmt.Sprintf("%s: %s wanted", f.kind, countText(want, "worker"))
	}
	c.say(t, s, text)
}

// wake lets a frozen worker go on after a time, or at the end.
func (t *training) wake(name string, after time.Duration, over <-chan struct{}) {
	wait := time.NewTimer(after)
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-over:
	}
	t.children.signal(name, syscall.SIGCONT)
}

// forgive lets a worker be started again though it ended soon after its start.
func (c *crew) forgive(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if h := c.hands[name]; h != nil {
		h.early = 0
	}
}

// ended notes how the run ended, and says whether that is as it should.
func (c *chaosRun) ended(r coordinator.Result) bool {
	c.result = r
	planned := c.until > 0 || c.plan == nil && c.quiet > 0
	return r.ExitCode == 0 || r.ExitCode == exitStopped && planned && !c.asked.Load()
}
