package look

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"sort"
)

// Target is a number for each character of a text that a cell may follow.
type Target struct {
	Name   string
	Values []float64
	Counts bool // it counts on and on, so no threshold parts inside and outside
}

// NewTarget makes a target of a text. A name stands for one that is ready-made:
//
//	line      how many characters behind the beginning of the line
//	quotes    1 within double quotes, which end on their line
//	brackets  how many brackets ( [ { are open
//
// Anything else is a regular expression: 1 in what it matches, 0 elsewhere.
func NewTarget(text []byte, name string) (Target, error) {
	t := Target{Name: name, Values: make([]float64, len(text))}
	switch name {
	case "":
		return t, errors.New("an empty target: line, quotes, brackets or a regular expression is wanted")
	case "line":
		t.Counts = true
		for i := range text {
			if text[i] != '\n' && i > 0 {
				t.Values[i] = t.Values[i-1] + 1
			}
		}
	case "quotes":
		for _, at := range regexp.MustCompile(`"[^"\n]*"`).FindAllIndex(text, -1) {
			fill(t.Values[at[0] : at[1]-1]) // behind the second quote it is over
		}
	case "brackets":
		open := 0.0
		for i, c := range text {
			switch {
			case bytes.IndexByte([]byte("([{"), c) >= 0:
				open++
			case bytes.IndexByte([]byte(")]}"), c) >= 0:
				open = max(0, open-1)
			}
			t.Values[i] = open
		}
	default:
		pattern, err := regexp.Compile(name)
		if err != nil {
			return t, err
		}
		for _, at := range pattern.FindAllIndex(text, -1) {
			fill(t.Values[at[0]:at[1]])
		}
	}
	if len(text) == 0 || slices.Min(t.Values) == slices.Max(t.Values) {
		return t, fmt.Errorf("target %q is the same at all %d characters of the text; give another text or target", name, len(text))
	}
	return t, nil
}

func fill(list []float64) {
	for i := range list {
		list[i] = 1
	}
}

// Follower is a cell and how well it follows a target.
type Follower struct {
	Cell        int     `json:"cell"`
	Correlation float64 `json:"correlation"` // Pearson's, of tanh of what the cell holds

	// A threshold of tanh of what the cell holds, of the best F1 for the target being above 0: beyond it, above if the
	// correlation is positive and below if not. F1 is 0 for a target that counts.
	Threshold float64 `json:"threshold"`
	F1        float64 `json:"f1"`
}

// Follow ranks the cells by their correlation with a target, of whichever sign, and returns the first top of them.
func (c *Cells) Follow(target Target, top int) ([]Follower, error) {
	if len(target.Values) != len(c.Values) || len(c.Values) == 0 {
		return nil, fmt.Errorf("a target of %d characters for a text of %d", len(target.Values), len(c.Values))
	}
	var list []Follower
	for cell := range c.Width {
		track, err := c.Cell(cell)
		if err != nil {
			return nil, err
		}
		list = append(list, Follower{Cell: cell, Correlation: correlation(track, target.Values)})
	}
	sort.SliceStable(list, func(i, j int) bool { return cmp.Less(math.Abs(list[j].Correlation), math.Abs(list[i].Correlation)) })
	list = list[:min(top, len(list))]
	for i := range list {
		if target.Counts {
			break
		}
		track, err := c.Cell(list[i].Cell)
		if err != nil {
			return nil, err
		}
		list[i].Threshold, list[i].F1 = bestThreshold(track, target.Values, list[i].Correlation < 0)
	}
	return list, nil
}

// correlation is Pearson's; 0 for a cell that does not move.
func correlation(track []float32, target []float64) float64 {
	if slices.Min(track) == slices.Max(track) || slices.Min(target) == slices.Max(target) {
		return 0
	}
	n, meanX, meanY := float64(len(track)), 0.0, 0.0
	for i, x := range track {
		meanX += float64(x) / n
		meanY += target[i] / n
	}
	xx, yy, xy := 0.0, 0.0, 0.0
	for i, v := range track {
		x, y := float64(v)-meanX, target[i]-meanY
		xx += x * x
		yy += y * y
		xy += x * y
	}
	return xy / math.Sqrt(xx*yy)
}

// bestThreshold is the value at or above which, or below which if below, a character counts as inside so that F1 is best.
func bestThreshold(track []float32, target []float64, below bool) (threshold, best float64) {
	order := make([]int, len(track))
	inside := 0
	for i := range order {
		order[i] = i
		if target[i] > 0 {
			inside++
		}
	}
	sign := float32(1)
	if below {
		sign = -1
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(sign*track[b], sign*track[a]) })
	hits := 0
	for k, i := range order {
		if target[i] > 0 {
			hits++
		}
		if k+1 < len(order) && track[order[k+1]] == track[i] { // equal values are on one side
			continue
		}
		if f1 := 2 * float64(hits) / float64(k+1+inside); f1 > best {
			best, threshold = f1, float64(track[i])
		}
	}
	return threshold, best
}

// Move is a change of a cell from one character to the next.
type Move struct {
	At   int     `json:"at"` // the character behind which the cell holds the new value
	From float64 `json:"from"`
	To   float64 `json:"to"` // values as the cell holds them
}

// Moves returns the largest changes of what a cell holds, the largest first. Before the text it holds 0.
func (c *Cells) Moves(cell, top int) ([]Move, error) {
	if _, err := c.Cell(cell); err != nil {
		return nil, err
	}
	var list []Move
	was := 0.0
	for i, v := range c.Values {
		now := float64(v[cell])
		list = append(list, Move{i, was, now})
		was = now
	}
	sort.SliceStable(list, func(i, j int) bool {
		return cmp.Less(math.Abs(list[j].To-list[j].From), math.Abs(list[i].To-list[i].From))
	})
	return list[:min(top, len(list))], nil
}
