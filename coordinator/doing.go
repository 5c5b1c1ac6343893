package coordinator

import (
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// doing is what a member's step loop does, as its heartbeats tell.
type doing struct {
	What           api.Doing
	Generation     uint64 // of the ring that it is in, or closes
	Since          time.Time
	Progress       uint64    // a number that changes as long as the worker gets on
	Progressed     time.Time // when it changed last
	Blocked        bool      // it can do nothing but wait for the ring
	Next, Prev     bool      // it has the links to its neighbours
	Sent, Received int64     // frames to the next worker and from the previous
	Awaits         []*api.Await
	Told           time.Time        // of the heartbeat
	Link           *api.LinkFigures // to the next worker; nil: its system does not tell
	Memory, Limit  int64            // bytes that its process holds, and may hold; 0: not known
	Ceiling        float64          // floating-point operations a second that its threads can do; 0: not known
}

// beat hears a heartbeat.
func (d *decision) beat(e heartbeat) {
	m := d.heard(e.Conn)
	if m == nil || e.Beat == nil {
		return
	}
	b, last := e.Beat, m.Doing
	m.Doing = doing{What: b.Doing, Generation: b.Generation, Since: d.now.Add(-time.Duration(b.DoingNs)), Progress: b.Progress, Progressed: last.Progressed,
		Blocked: b.Blocked, Next: b.Next, Prev: b.Prev, Sent: b.Sent, Received: b.Received, Awaits: b.Awaits, Told: d.now,
		Link: b.Link, Memory: b.Resident, Limit: b.MemoryLimit, Ceiling: b.Ceiling}
	if last.Told.IsZero() || b.Progress != last.Progress || b.Generation != last.Generation || b.Doing != last.What {
		m.Doing.Progressed = d.now
	}
}

// computes says that a member is at what only itself can bring on.
func (m *member) computes() bool {
	return !m.Doing.Blocked && (m.Doing.What == api.Doing_STEPPING || m.Doing.What == api.Doing_EVALUATING)
}

// waits says that a member can do nothing before others have.
func (m *member) waits() bool { return m.Doing.Blocked || m.Doing.What == api.Doing_CONNECTING }
