package worker

import (
	"fmt"
	"sync"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// liveness tells whether this process gets on, for whoever restarts it if it does not. What it waits for is no fault of
// its own: with one slow worker all others stand in the ring, and restarting them would help nobody.
type liveness struct {
	mu     sync.Mutex
	work   func() effort
	signs  signs
	effort effort
	at     time.Time // of the last sign of life
}

// signs are what of the step loop shows that it lives.
type signs struct {
	doing    api.Doing
	progress uint64
	began    time.Time
	bytes    int64
	blocked  bool
}

// stillFor is how long a process may compute or load without taking any processor time or any step before it counts
// as dead. Disks of clusters may stand still for a minute.
const stillFor = 2 * time.Minute

func newLiveness(now time.Time) *liveness { return &liveness{work: effortOf, at: now} }

// look says what is wrong with a process of these signs; "": nothing.
func (l *liveness) look(now time.Time, s signs) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	work := l.work()
	if s.waits() || s != l.signs || work.beyond(l.effort) {
		l.at = now
	}
	l.signs, l.effort = s, work
	if still := now.Sub(l.at); still >= stillFor {
		return fmt.Sprintf("it %s, has done nothing for %v, and waits for nobody", doingWords[s.doing], still.Round(time.Second))
	}
	return ""
}

// waits says that the step loop can do nothing before others have: the coordinator, the ring, neighbours.
func (s signs) waits() bool {
	switch s.doing {
	case api.Doing_UNTOLD, api.Doing_IDLE, api.Doing_CONNECTING, api.Doing_FINISHING:
		return true
	}
	return s.blocked
}

// doingWords say what a step loop does.
var doingWords = map[api.Doing]string{
	api.Doing_UNTOLD:     "waits for a coordinator that leads",
	api.Doing_IDLE:       "waits for the next view",
	api.Doing_CONNECTING: "closes the ring",
	api.Doing_LOADING:    "reads data or a checkpoint",
	api.Doing_BRINGING:   "takes from the others what the ring begins with",
	api.Doing_STEPPING:   "computes a step",
	api.Doing_EVALUATING: "measures the held-out set",
	api.Doing_FINISHING:  "has done all steps",
	api.Doing_SAVING:     "waits until the checkpoint before is written",
}

// signs are those of now.
func (a *activity) signs() signs {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := signs{doing: a.doing, progress: a.progress, began: a.began}
	if a.group != nil {
		g := a.group.Standing()
		s.blocked, s.bytes = g.Blocked, g.Bytes
	}
	return s
}

// inRing says that the worker has its place among the others, in a ring that is closed.
func (a *activity) inRing() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch a.doing {
	case api.Doing_UNTOLD, api.Doing_IDLE, api.Doing_CONNECTING:
		return false
	}
	return a.group != nil
}
