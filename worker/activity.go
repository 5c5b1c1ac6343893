package worker

import (
	"sync"
	"time"

	"github.com/rondo-ml/rondo/allreduce"
	"github.com/rondo-ml/rondo/coordinator/api"
)

// activity is what the step loop does, for the coordinator, which finds out by it why
// a run does not move.
type activity struct {
	mu         sync.Mutex
	doing      api.Doing
	began      time.Time
	generation uint64
	next, prev bool             // links that are made
	group      *allreduce.Group // nil: none yet

	// Of the last look, which is beside the step loop.
	progress uint64
	bytes    int64  // that had come in the ring
	work     effort // of the process
}

// begin notes what the step loop turns to.
func (a *activity) begin(doing api.Doing) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.doing == doing && doing != api.Doing_STEPPING { // of steps each counts
		return
	}
	a.doing, a.began = doing, time.Now()
	a.progress++
}

// connects notes that the worker closes the ring of a generation.
func (a *activity) connects(generation uint64) {
	a.begin(api.Doing_CONNECTING)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.generation, a.next, a.prev, a.group, a.bytes = generation, false, false, nil, 0
}

// linked notes a link of that ring.
func (a *activity) linked(generation uint64, next bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.generation == generation {
		a.next, a.prev = a.next || next, a.prev || !next
		a.progress++
	}
}

// joined notes that the ring is closed.
func (a *activity) joined(g *allreduce.Group) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.group, a.next, a.prev = g, true, true
}

// idle says that the step loop is in no ring and waits for the next.
func (a *activity) idle() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.doing == api.Doing_IDLE
}

// since is when it turned to what it does.
func (a *activity) since() time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.began
}

// maxAwaits is how many collectives a heartbeat tells of. The earliest step's come first,
// and those count.
const maxAwaits = 8

// look says what the step loop does, since when, and whether it gets on: the frames that come are progress,
// and where it is not the ring that it waits for, the work of the process is.
func (a *activity) look(applied uint64) *api.Heartbeat {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := time.Now()
	h := &api.Heartbeat{Step: applied, Generation: a.generation, Doing: a.doing, DoingNs: int64(now.Sub(a.began)), Next: a.next, Prev: a.prev}
	if a.group != nil {
		s := a.group.Standing()
		if info, told := a.group.LinkInfo(); told {
			h.Link = &api.LinkFigures{RttNs: int64(info.RTT), RttDeviationNs: int64(info.Deviation), Retransmits: info.Retransmits}
		}
		h.Blocked, h.Sent, h.Received = s.Blocked, s.Sent+int64(s.Queued), s.Received
		for _, w := range s.Awaits[:min(len(s.Awaits), maxAwaits)] {
			h.Awaits = append(h.Awaits, &api.Await{Step: w.Step, What: awaitName(w.What, w.Tag), SinceNs: max(0, int64(now.Sub(w.Since))), Lacks: w.Lacks})
		}
		if s.Bytes > a.bytes {
			a.bytes = s.Bytes
			a.progress++
		}
	}
	work := effortOf()
	if !h.Blocked && work.beyond(a.work) {
		a.progress++
	}
	a.work = work
	h.Progress = a.progress
	return h
}

// effort is what a process has done.
type effort struct {
	cpu   time.Duration
	disk  int64 // blocks and pages that it has read or written
	known bool  // the system tells
}

// idling is the processor time that a process takes between two heartbeats for them and for other talk.
const idling = 3 * time.Millisecond

// beyond says that a process has worked since the last look. Where the system does not tell, it may have.
func (e effort) beyond(last effort) bool {
	return !e.known || e.cpu-last.cpu > idling || e.disk > last.disk
}
