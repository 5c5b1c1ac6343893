package coordinator

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// fallEvery is how often the workers are asked where the time of a step goes, while somebody wants to see it; fallAhead is
// how long before that step they are asked, so that all tell of the same one.
const (
	fallEvery = 2 * time.Second
	fallAhead = 300 * time.Millisecond
)

// falls are the newest waterfalls of the workers.
type falls struct {
	asked time.Time
	of    map[string]*api.Waterfall // by worker
}

// askFalls asks all workers of the ring for the waterfall of one step that comes.
func (t *term) askFalls() {
	b := t.board
	b.mu.Lock()
	now := b.clock.Now()
	var conns []uint64
	if now.Sub(b.falls.asked) >= fallEvery {
		for i := range b.state.Members {
			if m := &b.state.Members[i]; m.live() && m.Conn != 0 && m.EndLane > m.FirstLane {
				conns = append(conns, m.Conn)
			}
		}
	}
	if len(conns) == 0 {
		b.mu.Unlock()
		return
	}
	b.falls.asked = now
	ahead := 1.0
	if usual := b.tempo.step.mean(); usual > 0 {
		ahead = min(math.Ceil(fallAhead.Seconds()/usual), 1e6)
	}
	at := b.state.Step + 1 + uint64(ahead)
	b.mu.Unlock()
	for _, conn := range conns {
		t.hub.send(conn, &api.ToWorker{Message: &api.ToWorker_Look{Look: &api.Look{Waterfall: at}}})
	}
}

// fell takes a worker's waterfall.
func (t *term) fell(conn uint64, f *api.Waterfall) {
	if f.GetKept() {
		t.passOn(conn, f)
		return
	}
	b := t.board
	b.mu.Lock()
	defer b.mu.Unlock()
	m := b.state.byConn(conn)
	if m == nil {
		return
	}
	if b.falls.of == nil {
		b.falls.of = map[string]*api.Waterfall{}
	}
	b.falls.of[m.Name] = f
	for name := range b.falls.of {
		if b.state.byName(name) == nil {
			delete(b.falls.of, name)
		}
	}
	b.wake()
}

// passOn gives a worker's waterfall to the one that writes the history, or to nobody where that one does not keep up.
func (t *term) passOn(conn uint64, f *api.Waterfall) {
	b := t.board
	b.mu.Lock()
	m, first := b.state.byConn(conn), b.state.first()
	if m == nil || first == nil || first.Conn == 0 || first.Conn == conn {
		b.mu.Unlock()
		return
	}
	f.Worker = m.Name
	to := first.Conn
	b.mu.Unlock()
	t.hub.spare(to, &api.ToWorker{Message: &api.ToWorker_Recorded{Recorded: f}})
}

// Waterfalls are where the time of a step went, by the workers of the ring. While somebody asks they tell it every two seconds.
func (c *Coordinator) Waterfalls() api.Waterfalls {
	c.mu.Lock()
	t := c.term
	c.mu.Unlock()
	if t != nil {
		t.askFalls()
	}
	return c.board.waterfalls()
}

func (b *board) waterfalls() api.Waterfalls {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := api.Waterfalls{Workers: []api.WorkerWaterfall{}}
	var there []*member
	for i := range b.state.Members {
		if m := &b.state.Members[i]; m.live() && m.EndLane > m.FirstLane && b.falls.of[m.Name] != nil {
			there = append(there, m)
		}
	}
	slices.SortFunc(there, func(x, y *member) int { return cmp.Compare(x.FirstLane, y.FirstLane) })
	for _, m := range there {
		list.Workers = append(list.Workers, api.WaterfallOf(m.Name, b.falls.of[m.Name]))
	}
	return list
}

// checkWaterfall says what is wrong with a waterfall.
func checkWaterfall(f *api.Waterfall, steps uint64) error {
	if n := len(f.GetSpans()); n > api.MaxFallSpans {
		return fmt.Errorf("waterfall.spans: %d of them, at most %d", n, api.MaxFallSpans)
	}
	for i, s := range f.GetSpans() {
		if _, known := api.Part_name[int32(s.GetPart())]; !known || s.GetNumber() < 0 || s.GetBeginNs() < 0 || s.GetEndNs() < s.GetBeginNs() || s.GetBytes() < 0 {
			return fmt.Errorf("waterfall.spans: span %d is part %d, number %d, from %d to %d ns, of %d bytes", i, s.GetPart(), s.GetNumber(), s.GetBeginNs(), s.GetEndNs(), s.GetBytes())
		}
	}
	return cmp.Or(checkCount("waterfall", f.GetStep(), steps), api.CheckSizes("waterfall", f.GetTotalNs(), int64(f.GetLeftOut())))
}
