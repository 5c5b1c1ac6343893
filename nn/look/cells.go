package look

import (
	"cmp"
	"fmt"
	"math"
	"sort"
)

// Ranked is a cell and how much it stands out in a range of a text.
type Ranked struct {
	Cell    int     `json:"cell"`
	Inside  float64 `json:"inside"` // its mean, of tanh of what it holds
	Outside float64 `json:"outside"`
	Score   float64 `json:"score"` // their difference by its deviation over the whole text; below zero where it is lower inside
}

// Cells is the channels of a course as cells, of which it keeps the numbers.
func (c Course) Cells(name string) *Cells {
	cells := &Cells{Name: name, Width: c.Channels}
	for t := range c.Steps {
		cells.Values = append(cells.Values, c.Values[t*c.Channels:(t+1)*c.Channels])
	}
	return cells
}

// CheckRange says whether symbols [from, to) are a part of n, with others beside them.
func CheckRange(from, to, n int) error {
	if from < 0 || from >= to || to > n || to-from == n {
		return fmt.Errorf("range %d:%d: a part of the text's %d symbols, from 0 on, is wanted", from, to, n)
	}
	return nil
}

// Rank orders the cells by how much they stand out in symbols [from, to), whichever way. It wants symbols on both
// sides of the range's ends.
func (c *Cells) Rank(from, to int) ([]Ranked, error) {
	n := len(c.Values)
	if err := CheckRange(from, to, n); err != nil {
		return nil, err
	}
	var ranked []Ranked
	for cell := range c.Width {
		track, err := c.Cell(cell)
		if err != nil {
			return nil, err
		}
		r := Ranked{Cell: cell}
		inside, outside, square := 0.0, 0.0, 0.0
		for i, v := range track {
			if i >= from && i < to {
				inside += float64(v)
			} else {
				outside += float64(v)
			}
		}
		mean := (inside + outside) / float64(n)
		for _, v := range track {
			square += (float64(v) - mean) * (float64(v) - mean)
		}
		r.Inside, r.Outside = inside/float64(to-from), outside/float64(n-to+from)
		if deviation := math.Sqrt(square / float64(n)); deviation > 0 {
			r.Score = (r.Inside - r.Outside) / deviation
		}
		ranked = append(ranked, r)
	}
	sort.SliceStable(ranked, func(i, j int) bool { return cmp.Less(math.Abs(ranked[j].Score), math.Abs(ranked[i].Score)) })
	return ranked, nil
}

// threshold is half of the way from the mean outside to that inside. The cell is on above it, or below for a sign of -1.
func (r Ranked) threshold() (middle, sign float64) {
	if r.Inside < r.Outside {
		return (r.Inside + r.Outside) / 2, -1
	}
	return (r.Inside + r.Outside) / 2, 1
}

// Run is consecutive symbols [From, To) where a cell is on.
type Run struct {
	From int     `json:"from"`
	To   int     `json:"to"`
	Mean float64 `json:"mean"`
}

// Runs returns where else a cell is on as it is in symbols [from, to): beyond half of the way from its mean outside to
// that inside. The strongest come first.
func (c *Cells) Runs(r Ranked, from, to int) ([]Run, error) {
	track, err := c.Cell(r.Cell)
	if err != nil {
		return nil, err
	}
	middle, sign := r.threshold()
	var runs []Run
	for i := 0; i < len(track); i++ {
		start, sum := i, 0.0
		for i < len(track) && sign*(float64(track[i])-middle) > 0 {
			sum += float64(track[i])
			i++
		}
		if i > start && (i <= from || start >= to) {
			runs = append(runs, Run{start, i, sum / float64(i-start)})
		}
	}
	sort.SliceStable(runs, func(i, j int) bool { return cmp.Less(sign*runs[j].Mean, sign*runs[i].Mean) })
	return runs, nil
}
