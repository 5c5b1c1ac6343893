package worker

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/coordinator"
)

// split lets nothing through any more between some hosts and all others, for a while; inward alone: only to them.
func (c *simCluster) split(side []string, inward bool, lasts time.Duration) {
	var cut [][2]string
	c.net.mu.Lock()
	for host := range c.net.procs {
		for _, own := range side {
			if slices.Contains(side, host) {
				continue
			}
			if cut = append(cut, [2]string{host, own}); !inward {
				cut = append(cut, [2]string{own, host})
			}
		}
	}
	c.net.mu.Unlock()
	c.net.alter(func() { c.net.sever(cut, 1) })
	time.AfterFunc(lasts, func() { c.net.alter(func() { c.net.sever(cut, -1) }) })
}

// TestSplit cuts a minority of four workers off, half of them, and most of them, with the coordinator on either side, both ways and
// one way only, in the midst of a step. When all hear one another again the run has ended or ends, with the calm digest.
func TestSplit(t *testing.T) {
	k := newSimKit(t)
	for _, run := range runsOfTest() {
		for _, side := range [][]string{{"worker-3"}, {"worker-2", "worker-3"}, {"worker-1", "worker-3"}, {"worker-1", "worker-2", "worker-3"}} {
			for _, inward := range []bool{false, true} {
				if run.file != 0 && len(side) != 2 || testing.Short() && inward != (side[0] == "worker-2") {
					continue // the least of it; a short test cuts one side one way only
				}
				name := fmt.Sprintf("%s, %v cut off, inward alone %v", run.name, side, inward)
				cut := &trigger{host: "worker-3", what: "reduction of step 4", after: 1, strike: func(c *simCluster) { c.split(side, inward, 30*time.Second) }}
				k.want(t, name, run.file, func(c *simCluster) coordinator.Result {
					c.at(cut)
					return c.carry(4, false, nil)
				}, cut)
			}
		}
	}
}
