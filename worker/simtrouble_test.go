package worker

import (
	"fmt"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/coordinator"
)

// TestUnfitDisk has the disk full, or read-only, from the midst of a change of views on, for some steps or to the end. For some
// steps costs checkpoints and nothing else; to the end is a refusal with the path and the reason.
func TestUnfitDisk(t *testing.T) {
	k := newSimKit(t)
	for _, unfit := range []error{syscall.ENOSPC, syscall.EROFS} {
		for _, run := range runsOfTest() {
			name := fmt.Sprintf("%s, %v", run.name, unfit)
			begins := []*trigger{dies("worker-2", "reduction of step 4", 2),
				{host: "worker-1", what: "ring: view 2", strike: func(c *simCluster) { c.setDisk(0, unfit) }}}
			fits := &trigger{host: "worker-1", what: "says: step step 8", strike: func(c *simCluster) { c.setDisk(0, nil) }}
			k.wantCalm(t, name+", for a while", run.file, append(begins, fits)...)
			for _, b := range begins {
				b.seen = 0
			}
			r, text := k.play(t, 1, run.file, func(c *simCluster) coordinator.Result {
				c.at(begins...)
				return c.carry(3, false, nil)
			})
			if r.ExitCode != 1 || !strings.Contains(r.Reason, unfit.Error()) || !strings.Contains(r.Reason, "step-0000000") {
				k.report(t, name, text)
				t.Errorf("%s, to the end: %+v, want the path and the reason", name, r)
			}
		}
	}
}

// TestSlowDisk has each operation of the disk take seconds: nobody is evicted for that.
func TestSlowDisk(t *testing.T) {
	k := newSimKit(t)
	for _, run := range runsOfTest() {
		text := k.want(t, run.name+" on a slow disk", run.file, func(c *simCluster) coordinator.Result {
			c.setDisk(time.Second, nil)
			return c.carry(3, false, nil)
		})
		if strings.Contains(text, "the ring changes") {
			k.report(t, run.name+" on a slow disk", text)
			t.Errorf("%s: somebody was evicted", run.name)
		}
	}
}

// setClock is a clock that people set.
type setClock struct {
	coordinator.SystemClock
	mu  sync.Mutex
	off time.Duration
}

func (c *setClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Round(0).Add(c.off) // without the reading that nobody can set
}

func (c *setClock) set(off time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.off = off
}

// TestClockSet sets the coordinators' clock back and forth by an hour, at once before a worker is frozen. The worker is evicted as
// soon as by a right clock, nobody else is, and the run ends with the calm digest.
func TestClockSet(t *testing.T) {
	k := newSimKit(t)
	for _, run := range runsOfTest() {
		for _, offs := range [][2]time.Duration{{-time.Hour, 0}, {time.Hour, 0}, {-time.Hour, time.Hour}} {
			clock := &setClock{}
			freezes := &trigger{host: "worker-1", what: "reduction of step 4", strike: func(c *simCluster) {
				clock.set(offs[1])
				c.freeze("worker-1", 20*time.Second)
			}}
			triggers := []*trigger{
				{host: "worker-0", what: "says: step step 2", strike: func(*simCluster) { clock.set(offs[0]) }},
				freezes,
				{host: "coordinator-0", what: "generation 2", strike: func(*simCluster) {
					if took := freezes.since(); took > 4*time.Second {
						t.Errorf("%s, the clock set by %v: evicted after %v", run.name, offs, took)
					}
				}},
			}
			text := k.want(t, fmt.Sprintf("%s, the clock set by %v", run.name, offs), run.file, func(c *simCluster) coordinator.Result {
				c.clock = clock
				c.at(triggers...)
				return c.carry(3, false, nil)
			}, triggers...)
			if n := strings.Count(text, "was lost at step"); n != 1 {
				t.Errorf("%s, the clock set by %v: %d workers were lost:\n%s", run.name, offs, n, text)
			}
		}
	}
}
