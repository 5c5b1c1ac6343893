package allreduce

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// Standing is how a group gets on at one moment, for the report about a ring that
// does not move. A link over which nothing comes any more, though both ends live, shows in two
// of them: the one has sent more frames than the other has received.
type Standing struct {
	Awaits   []Await // collectives under way, by step
	Blocked  bool    // a caller can do nothing but wait for one
	Sent     int64   // frames to the next worker: handed to the link,
	Queued   int     // or waiting for it
	Received int64   // frames from the previous worker
	Bytes    int64   // from the previous worker, those of a frame that is not whole too: they rise while anything comes
}

// Await is a collective under way and what it lacks.
type Await struct {
	Step  uint64
	What  string // bucket, gather, broadcast, barrier, mirror
	Tag   uint32
	Since time.Time // of its begin here
	From  int       // the worker whose frames are to come: the previous one
	Peer  string    // that worker's name
	Lacks string    // "step 3 bucket 5: 9 frames, first the partial of chunk 0 segment 0"
}

func (a Await) String() string {
	return fmt.Sprintf("from worker %d (%s): %s", a.From, a.Peer, a.Lacks)
}

// Awaiting says for each collective under way what it needs from the previous
// worker. A group that is dead awaits nothing.
func (g *Group) Awaiting() []Await {
	e := &g.engine
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.over {
		return nil
	}
	var all []Await
	for _, k := range slices.SortedFunc(maps.Keys(e.active), key.compare) {
		c := e.active[k]
		a := Await{Step: k.step, What: k.class.String(), Tag: k.tag, Since: c.began, From: g.self, Lacks: c.machine.Awaiting()}
		if g.prev != nil {
			a.From, a.Peer = g.view.Prev(g.self), g.prev.Peer()
		}
		all = append(all, a)
	}
	return all
}

// Standing says how the group gets on. It may be called beside all else.
func (g *Group) Standing() Standing {
	s := Standing{Awaits: g.Awaiting(), Blocked: g.blocked.Load() > 0, Queued: g.queue.size(),
		Sent: g.framesSent.Load(), Received: g.framesReceived.Load(), Bytes: g.bytesReceived.Load()}
	if l, ok := g.prev.(counting); ok {
		s.Bytes = max(s.Bytes, l.came())
	}
	return s
}
