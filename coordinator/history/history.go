package history

import (
	"fmt"
	"slices"
	"sync"
	"time"
)

// Sizes of a pyramid.
const (
	fan        = 4    // each level has buckets of 2^fan times as many steps
	height     = 8    // levels
	rawBlock   = 1024 // steps of a block of the lowest level
	rawBlocks  = 1024
	cellBlock  = 256 // buckets of a block of the others
	cellBlocks = 256

	// MaxColumns bounds the columns, and with them what a step takes.
	MaxColumns = 64
	// MaxStep bounds the steps: what is larger is none.
	MaxStep = 1 << 60
	// maxSeconds since 1970 are what a time in JSON can say: the year 9999.
	maxSeconds = 253402300799
)

// History is the curves of a run.
type History struct {
	mu      sync.RWMutex
	columns []string
	levels  []level // of 1, 16, 256, … steps
	last    uint64  // step; 0: none
	started float64 // seconds since 1970; of the first point there ever was
}

// New is a history without a point. It panics for columns that cannot be: none,
// too many, two of a name.
func New(columns ...string) *History {
	if err := checkColumns(columns); err != nil {
		panic("history: " + err.Error())
	}
	h := &History{columns: slices.Clone(columns)}
	for k := range uint(height) {
		l := level{shift: k * fan, columns: len(columns), size: cellBlock, most: cellBlocks}
		if k == 0 {
			l.size, l.most = rawBlock, rawBlocks
		}
		h.levels = append(h.levels, l)
	}
	return h
}

func checkColumns(columns []string) error {
	if n := len(columns); n == 0 || n > MaxColumns {
		return fmt.Errorf("%d columns; there may be 1 to %d", n, MaxColumns)
	}
	for i, c := range columns {
		if c == "" || slices.Contains(columns[:i], c) {
			return fmt.Errorf("column %d is called %q, which is empty or another's name", i+1, c)
		}
	}
	return nil
}

// Columns are the names of a point's values.
func (h *History) Columns() []string { return slices.Clone(h.columns) }

// Add appends the point of a step, with a value for each column. It is false,
// and nothing happens, for a step that is not behind the last one (see Cut), and
// for a time that is before 1970 or that JSON cannot say.
func (h *History) Add(step uint64, at time.Time, values []float32) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if step <= h.last || step > MaxStep || len(values) != len(h.columns) {
		return false
	}
	seconds := float64(at.UnixMicro()) / 1e6
	if seconds < 0 || seconds > maxSeconds {
		return false
	}
	if h.started == 0 || seconds < h.started {
		h.started = seconds
	}
	for k := range h.levels {
		h.levels[k].add(step, seconds, values)
	}
	h.last = step
	return true
}

// Append adds the points of another history that are behind the last, as far as
// it keeps them one by one. Columns are matched by their names.
func (h *History) Append(o *History) {
	place := make([]int, len(h.columns))
	for i, name := range h.columns {
		place[i] = slices.Index(o.columns, name)
	}
	mine := make([]float32, len(h.columns))
	o.Each(h.Last(), func(step uint64, at time.Time, values []float32) bool {
		for i, from := range place {
			if mine[i] = None(); from >= 0 {
				mine[i] = values[from]
			}
		}
		h.Add(step, at, mine)
		return true
	})
}

// Cut drops the points behind a step: the run went back to it.
func (h *History) Cut(step uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if step >= h.last {
		return
	}
	h.levels[0].cut(step)
	for k := 1; k < len(h.levels); k++ {
		h.levels[k].mend(h.levels[k].cut(step), &h.levels[k-1])
	}
	h.last = 0
	for k := 0; k < len(h.levels) && h.last == 0; k++ {
		h.last = h.levels[k].last()
	}
}

// Last is the newest step; 0 when there is none.
func (h *History) Last() uint64 {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.last
}

// Each calls f with the points behind a step, as far as they are kept one by
// one, until it is false. The values are f's only until it returns, and no point
// can be added before: f must be quick.
func (h *History) Each(after uint64, f func(step uint64, at time.Time, values []float32) bool) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	n := len(h.columns)
	if after >= h.last {
		return
	}
	h.levels[0].each(after+1, h.last, func(step uint64, at float64, b *block, i int) bool {
		return f(step, time.UnixMicro(int64(at*1e6)), b.values[i*n:(i+1)*n])
	})
}
