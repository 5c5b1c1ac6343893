package history

import (
	"fmt"
	"slices"
	"time"
)

// Bounds on what is asked for.
const (
	// DefaultPoints is how many buckets an answer has at most, where nobody says.
	DefaultPoints = 1000
	// MaxPoints bounds them.
	MaxPoints = 5000
)

// Query asks for a range of steps.
type Query struct {
	From, To uint64   // steps, both taken in; To 0: the last
	Points   int      // buckets at most; 0: DefaultPoints
	Columns  []string // empty: all
}

// Validate says what is wrong with a query.
func (q *Query) Validate() error {
	if q.To > 0 && q.From > q.To {
		return fmt.Errorf("the range of steps ends at %d, before it begins at %d", q.To, q.From)
	}
	if q.Points < 0 || q.Points > MaxPoints {
		return fmt.Errorf("%d points are asked for; ask for 1 to %d", q.Points, MaxPoints)
	}
	if len(q.Columns) > MaxColumns {
		return fmt.Errorf("%d columns are asked for; a run has no more than %d", len(q.Columns), MaxColumns)
	}
	return nil
}

// Series is an answer: buckets of Width steps, the first one with From in it.
// Buckets without a step are left out.
type Series struct {
	From    uint64             `json:"from"`
	To      uint64             `json:"to"`
	End     uint64             `json:"end"` // last step there is; 0: none
	Width   uint64             `json:"width"`
	Started time.Time          `json:"started"` // of the run, as far as is known
	Steps   []uint64           `json:"steps"`   // last step of each bucket
	Seconds Seconds            `json:"seconds"` // from Started to that step
	Columns map[string]*Column `json:"columns"`
}

// Column is what each bucket knows of a column. What is not finite is null in
// JSON.
type Column struct {
	Min  Values   `json:"min"`
	Max  Values   `json:"max"`
	Mean Values   `json:"mean"`
	Last Values   `json:"last"`
	Bad  []uint64 `json:"bad"` // values that were not finite
}

// Series answers a query that is valid.
func (h *History) Series(q Query) Series {
	h.mu.RLock()
	defer h.mu.RUnlock()
	s := Series{From: max(q.From, 1), To: q.To, End: h.last, Width: 1, Steps: []uint64{}, Seconds: Seconds{}, Columns: map[string]*Column{}}
	if h.last > 0 {
		s.Started = time.UnixMicro(int64(h.started * 1e6)).UTC()
	}
	if s.To == 0 || s.To > h.last {
		s.To = h.last
	}
	var chosen []int
	for i, name := range h.columns {
		if len(q.Columns) == 0 || slices.Contains(q.Columns, name) {
			s.Columns[name] = &Column{Min: Values{}, Max: Values{}, Mean: Values{}, Last: Values{}, Bad: []uint64{}}
			chosen = append(chosen, i)
		}
	}
	if s.From > s.To {
		return s
	}
	points := uint64(q.Points)
	if points == 0 {
		points = DefaultPoints
	}
	shift, l := h.pick(s.From, s.To, points)
	s.Width = 1 << shift
	g := gather{h: h, s: &s, l: l, shift: shift, chosen: chosen, cells: make([]cell, len(h.columns))}
	l.each((s.From-1)>>shift<<shift+1, (s.To-1)>>shift<<shift+s.Width, g.take)
	g.put()
	return s
}

// pick finds the narrowest buckets that are no more than so many between two
// steps, and the level to make them of: the highest that has them, or, where it
// has dropped some, the lowest that has not.
func (h *History) pick(from, to, points uint64) (shift uint, l *level) {
	for (to-1)>>shift-(from-1)>>shift+1 > points {
		shift++
	}
	k := min(int(shift/fan), len(h.levels)-1)
	for k < len(h.levels)-1 && h.levels[k].lost > (from-1)>>shift<<shift {
		k++
		shift = max(shift, h.levels[k].shift)
	}
	return shift, &h.levels[k]
}

// gather makes an answer's buckets of a level's.
type gather struct {
	h      *History
	s      *Series
	l      *level
	shift  uint
	chosen []int  // columns
	cells  []cell // of the bucket under way
	last   uint64 // step of it; 0: none is under way
	at     float64
}

func (g *gather) take(last uint64, at float64, b *block, i int) bool {
	if g.last > 0 && (last-1)>>g.shift != (g.last-1)>>g.shift {
		g.put()
	}
	g.last, g.at = last, at
	g.l.addTo(g.cells, b, i)
	return true
}

func (g *gather) put() {
	if g.last == 0 {
		return
	}
	g.s.Steps = append(g.s.Steps, g.last)
	g.s.Seconds = append(g.s.Seconds, g.at-g.h.started)
	for _, i := range g.chosen {
		c, of := g.s.Columns[g.h.columns[i]], &g.cells[i]
		least, most, mean, last := of.shown()
		c.Min, c.Max, c.Mean, c.Last = append(c.Min, least), append(c.Max, most), append(c.Mean, mean), append(c.Last, last)
		c.Bad = append(c.Bad, uint64(of.bad))
	}
	clear(g.cells)
	g.last = 0
}
