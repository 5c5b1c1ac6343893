package worker

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/coordinator"
)

// TestCoordinatorBeforeStart kills the coordinator while one of two workers waits for the other. The next one begins another run, with
// the worker that waited. When that one is killed too, the third takes this worker for one of its run.
func TestCoordinatorBeforeStart(t *testing.T) {
	k := newSimKit(t)
	late := [][2]string{{"worker-1", "coordinator-0"}}
	early := &trigger{host: "worker-0", what: "says: heartbeat", strike: func(c *simCluster) {
		c.killHost("coordinator-0")
		c.net.alter(func() { c.net.sever(late, -1) })
	}}
	again := &trigger{host: "worker-0", what: "says: step step 8", strike: func(c *simCluster) { c.killHost("coordinator-0") }}
	text := k.want(t, "the coordinator before the start", 0, func(c *simCluster) coordinator.Result {
		c.least, c.rest = 2, 200*time.Millisecond
		c.net.alter(func() { c.net.sever(late, 1) })
		c.at(early, again)
		return c.carry(2, false, nil)
	}, early, again)
	if strings.Contains(text, "was refused") || !strings.Contains(text, "leads on") {
		t.Errorf("the third coordinator does not take both workers up:\n%s", text)
	}
}

// TestLossAtStartFromCheckpoint kills two neighbours of four workers, so that the others begin anew from the checkpoint, and one of these
// at each frame of that. Until it was given the states of its neighbour's lanes, the last one must not tell that it has them.
func TestLossAtStartFromCheckpoint(t *testing.T) {
	k := newSimKit(t)
	for after := range 3 {
		if testing.Short() && after != 1 { // of neighbouring points one
			continue
		}
		two := &trigger{host: "worker-0", what: "says: step step 8", strike: func(c *simCluster) {
			c.killWorker("worker-1")
			c.killWorker("worker-2")
		}}
		third := dies("worker-0", "ring: view 3", after)
		k.want(t, fmt.Sprintf("a loss at the start from a checkpoint, after %d frames", after), 0, func(c *simCluster) coordinator.Result {
			c.rest = 5 * time.Second // the new ones come too late
			c.at(two, third)
			return c.carry(4, false, nil)
		}, two, third)
	}
}
