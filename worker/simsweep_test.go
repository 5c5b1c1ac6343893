package worker

import (
	"flag"
	"fmt"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/coordinator"
)

// simEvery is how many moments TestEveryMoment goes on by. make sim takes small steps.
var simEvery = flag.Int("sim.every", 0, "have TestEveryMoment strike at every so-many-th moment; 0: at two of each kind")

// sweeps are what happens to a run of three workers at each moment of one of its processes.
var sweeps = []struct {
	name, host string
	strike     func(c *simCluster)
	after      bool // another worker was lost before
}{
	{"a worker killed", "worker-1", func(c *simCluster) { c.killWorker("worker-1") }, false},
	{"owner and keeper killed", "worker-1", func(c *simCluster) { c.killWorker("worker-2"); c.killWorker("worker-1") }, false},
	{"killed after another", "worker-1", func(c *simCluster) { c.killWorker("worker-1") }, true},
	{"asked to leave", "worker-0", func(c *simCluster) { c.askLeave("worker-0") }, false},
	{"frozen", "worker-2", func(c *simCluster) { c.freeze("worker-2", 5*time.Second) }, false},
	{"the coordinator killed", "coordinator-0", func(c *simCluster) { c.killHost("coordinator-0") }, false},
}

// TestEveryMoment strikes a run at the moments of a process, one by one: what others see of a process is the same wherever it
// is lost between two of them.
func TestEveryMoment(t *testing.T) {
	if testing.Short() && *simEvery == 0 {
		t.Skip("long")
	}
	k := newSimKit(t)
	for _, run := range pointRuns {
		for _, s := range sweeps {
			// play counts the moments of the host, after the earlier loss, and strikes at one; -1: at none.
			play := func(at int) (moments int) {
				var before []*trigger
				if s.after {
					before = append(before, dies("worker-2", "reduction of step 4", 2))
				}
				strike := &trigger{host: s.host, after: at, strike: s.strike}
				k.want(t, fmt.Sprintf("%s, %s at moment %d", run.name, s.name, at), run.file, func(c *simCluster) coordinator.Result {
					c.at(before...)
					first := c.moment
					c.at(strike)
					then := c.moment
					c.moment = func(m simMoment) {
						if first(m); !s.after || before[0].came() {
							then(m)
						}
					}
					return c.carry(3, false, nil)
				}, before...)
				return strike.seen
			}
			all := play(-1)
			by := *simEvery
			if by == 0 {
				by = all/2 + 1
			}
			for at := by / 2; at < all; at += by {
				play(at)
			}
		}
	}
}
