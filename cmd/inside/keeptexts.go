package inside

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/rondo-ml/rondo/nn/look"
)

// texts keeps a part of the data, and the cells of each state that change most over it.
func (k *keeper) texts(a *about) {
	from := []string{"from", "0", "length", fmt.Sprint(keptText)}
	if a.Samples == 0 || !k.keep("text", 2, from...) {
		a.States = nil
		return
	}
	var states []state
	all := map[string]lively{}
	for _, s := range a.States {
		if len(states) == keptStates {
			break
		}
		cells, err := safely(k.ctx, func(context.Context) (lively, error) { return k.cellsOver(s) })
		if err != nil {
			k.missing(fmt.Sprintf("cells of %s: %v", s.Name, err))
		}
		for _, cell := range cells.first() {
			if k.keep("cell of "+s.Name, 4, append(slices.Clone(from), "state", s.Name, "cell", fmt.Sprint(cell))...) {
				s.Kept = append(s.Kept, cell)
			}
		}
		if len(s.Kept) > 0 {
			states, all[s.Name] = append(states, s), cells
		}
	}
	if a.States = states; len(states) == 0 {
		k.list = nil // a text is looked at by its cells
		return
	}
	for _, i := range memoriesFirst(states) {
		s := &states[i]
		s.Kept = k.held(all[s.Name], s.Kept, append(slices.Clone(from), "state", s.Name)...)
	}
}

// memoriesFirst are the numbers of states, those of memories before the others, and the last layer's, which the page shows
// first, before those of others.
func memoriesFirst(states []state) (order []int) {
	rank := func(i int) int {
		if strings.Contains(states[i].Name, ".c_") {
			return 0
		}
		return 1
	}
	for i := range slices.Backward(states) {
		order = append(order, i)
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(rank(a), rank(b)) })
	return order
}

// cellsOver are the cells of a state over the text that was read.
func (k *keeper) cellsOver(s state) (lively, error) {
	if k.reading == nil {
		return lively{}, errors.New("no text was read")
	}
	held, err := k.reading.State(s.Name)
	if err != nil {
		return lively{}, err
	}
	return livelyOf(held)
}

// lively is the cells of a state, or the channels of a layer, over a text, those that differ most from their mean over it first.
type lively struct {
	*look.Cells
	order []int
}

func livelyOf(c *look.Cells) (lively, error) {
	spread, order := make([]float64, c.Width), make([]int, c.Width)
	for cell := range spread {
		values, err := c.Held(cell)
		if err != nil {
			return lively{}, err
		}
		mean := 0.0
		for _, v := range values {
			mean += float64(v) / float64(len(values))
		}
		for _, v := range values {
			spread[cell] += (float64(v) - mean) * (float64(v) - mean)
		}
		order[cell] = cell
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case spread[a] > spread[b]:
			return -1
		case spread[a] < spread[b]:
			return 1
		}
		return 0
	})
	return lively{c, order}, nil
}

// first are those that are kept number by number.
func (l lively) first() []int { return l.order[:min(keptCells, len(l.order))] }

// heldCells is what cells hold through a text, by which a report ranks them: tanh of it, in steps from the least to the greatest.
type heldCells struct {
	State    string       `json:"state"`
	Of       int          `json:"of"`       // cells that there are
	Cells    []int        `json:"cells"`    // those that are kept, the liveliest first
	Held     []byte       `json:"held"`     // of each its symbols, a byte each: 0 is its least, 255 its greatest
	Extremes [][2]float32 `json:"extremes"` // these
}

// add adds what one more cell holds.
func (h *heldCells) add(cell int, track []float32) {
	low, high := float32(1), float32(-1)
	for i, v := range track {
		track[i] = finite(v)
		low, high = min(low, track[i]), max(high, track[i])
	}
	for _, v := range track {
		h.Held = append(h.Held, byte(math.Round(255*float64(v-low)/max(float64(high-low), 1e-30))))
	}
	h.Cells, h.Extremes = append(h.Cells, cell), append(h.Extremes, [2]float32{low, high})
}

// held keeps what as many cells hold as half of the room is enough for, the liveliest first, and returns which; those that were kept
// before where it is not enough for these.
func (k *keeper) held(cells lively, before []int, fields ...string) []int {
	h := heldCells{State: cells.Name, Of: len(cells.order)}
	const beside = 50 // bytes that the number of a cell and its extremes take at most
	for _, cell := range cells.order {
		if n := len(h.Cells) + 1; n*len(cells.Values)*4/3+n*beside+len(cells.Name)+100 > k.room/2 {
			break
		}
		track, err := cells.Cell(cell)
		if err != nil {
			break
		}
		h.add(cell, track)
	}
	if len(h.Cells) < len(before) {
		k.missing(fmt.Sprintf("no room to rank the cells of %s by a range", cells.Name))
		return before
	}
	body, err := json.Marshal(h)
	if err != nil {
		return before
	}
	k.room -= len(body)
	k.list = append(k.list, Kept{Ask: asked("held", queryOf(fields...)), Body: body})
	return h.Cells
}
