package inside

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/rondo-ml/rondo/data/cutting"
	"github.com/rondo-ml/rondo/nn/look"
)

const (
	mostPrompt = 2000 // bytes that are typed
	mostText   = 4000 // bytes of the data
	mostBack   = 400  // characters that are looked back at
	mostCells  = 40   // cells, and places, that are named
	guessed    = 5    // characters that are named behind each one
)

// read reads the text that a question is about.
func (n *network) read(q query) (*look.Reading, error) {
	text, err := n.textOf(q)
	if err != nil {
		return nil, err
	}
	if n.reading != nil && string(n.reading.Text) == string(text) {
		return n.reading, nil
	}
	n.reading = nil
	n.reading, err = look.Read(n.writer, n.pool, text)
	return n.reading, err
}

// textOf is what was typed, as it stands or as a review among those of a set, or a part of the data.
func (n *network) textOf(q query) ([]byte, error) {
	if text := q.Get("prompt"); text != "" {
		err := checkPrompt(text)
		if q.Get("review") == "1" {
			text = n.review(text)
		}
		return []byte(text), err
	}
	source, err := n.source()
	if err != nil {
		return nil, fmt.Errorf("%w; type a text", err)
	}
	set, err := n.textSet(source)
	if err != nil {
		return nil, fmt.Errorf("%w; type a text", err)
	}
	size := int(min(set.Size(), math.MaxInt)) // of large sets, too, whose places are found all over them
	from, err := q.number("from", 0, 0, size-1)
	if err != nil {
		return nil, err
	}
	length, err := q.number("length", 1000, 1, mostText)
	if err != nil {
		return nil, err
	}
	text := make([]byte, min(length, size-from))
	if _, err := set.ReadAt(text, int64(from)); err != nil {
		return nil, err
	}
	return text, nil
}

// review is a text as one of the reviews that were learnt, if the checkpoint, or the data that are there, say how they were cleaned.
func (n *network) review(text string) string {
	cleaned := cutting.ReviewsCleaning(n.manifest.Data)
	if cleaned != "" {
		return cutting.Review(cleaned, text)
	}
	if source, err := n.source(); err == nil {
		if set, err := n.textSet(source); err == nil {
			cleaned = cutting.ReviewsCleaning(set.Meta())
		}
	}
	return cutting.Review(cleaned, text)
}

func checkPrompt(text string) error {
	if len(text) > mostPrompt {
		return fmt.Errorf("the text has %d bytes, at most %d are read", len(text), mostPrompt)
	}
	return nil
}

// text is what is read, and what is expected behind each character.
func (n *network) text(_ context.Context, q query) (answer, error) {
	r, err := n.read(q)
	if err != nil {
		return answer{}, err
	}
	a := struct {
		Text  []byte `json:"text"`
		Next  []byte `json:"next"`  // five bytes behind each character, the likeliest first
		P     []int  `json:"p"`     // their probabilities, in thousandths
		Wide  int    `json:"wide"`  // how many, where the network has fewer symbols
		Worth []int  `json:"worth"` // the probability of the character that is there, in thousandths; -1 of the first
	}{Text: r.Text, Wide: min(guessed, len(r.Logits[0]))}
	for i := range r.Text {
		for _, g := range r.Next(i, guessed) {
			a.Next = append(a.Next, g.Byte)
			a.P = append(a.P, thousandths(g.Probability))
		}
		a.Worth = append(a.Worth, worth(r, i))
	}
	return ofJSON(a)
}

// worth is how likely the character at i was.
func worth(r *look.Reading, i int) int {
	if i == 0 {
		return -1
	}
	for _, g := range r.Next(i-1, 256) {
		if g.Byte == r.Text[i] {
			return thousandths(g.Probability)
		}
	}
	return 0
}

func thousandths(p float64) int {
	if math.IsNaN(p) {
		return 0
	}
	return int(math.Round(1000 * p))
}

// state is a text as it was read, and the state of it that is asked for.
func (n *network) state(q query) (*look.Reading, *look.Cells, error) {
	r, err := n.read(q)
	if err != nil {
		return nil, nil, err
	}
	s, err := r.State(q.Get("state"))
	return r, s, err
}

// cell is what one holds behind each character.
func (n *network) cell(_ context.Context, q query) (answer, error) {
	_, s, err := n.state(q)
	if err != nil {
		return answer{}, err
	}
	cell, err := q.number("cell", 0, 0, s.Width-1)
	if err != nil {
		return answer{}, err
	}
	values, err := s.Held(cell)
	if err != nil {
		return answer{}, err
	}
	told := make([]float32, len(values))
	for i, v := range values {
		told[i] = float32(math.Round(float64(finite(v))*1e4) / 1e4)
	}
	return ofJSON(map[string]any{"state": s.Name, "cell": cell, "values": told})
}

// ranking is the cells of a state, or a layer, in the order in which they stand out in symbols from to to-1 of a text, and the one
// that is asked for, or else stands out most.
type ranking struct {
	state    *look.Cells
	from, to int
	cells    []look.Ranked
	cell     look.Ranked
}

func (n *network) ranked(q query) (k ranking, err error) {
	_, s, err := n.state(q)
	if err != nil {
		return k, err
	}
	return rank(q, s)
}

// rank orders cells by the range that a question is about.
func rank(q query, s *look.Cells) (k ranking, err error) {
	k.state = s
	if k.from, err = q.number("a", 0, 0, len(s.Values)-1); err != nil {
		return k, err
	}
	if k.to, err = q.number("b", k.from+1, k.from+1, len(s.Values)); err != nil {
		return k, err
	}
	if k.cells, err = s.Rank(k.from, k.to); err != nil {
		return k, err
	}
	if k.cell = k.cells[0]; !q.Has("cell") {
		return k, nil
	}
	cell, err := q.number("cell", 0, 0, len(k.cells)-1)
	if err != nil {
		return k, err
	}
	k.cell = k.cells[slices.IndexFunc(k.cells, func(c look.Ranked) bool { return c.Cell == cell })]
	return k, nil
}

// cells are those that stand out in a range, and where else in the text one of them is on.
func (n *network) cells(_ context.Context, q query) (answer, error) {
	k, err := n.ranked(q)
	if err != nil {
		return answer{}, err
	}
	return k.told()
}

// told is what is answered of a ranking.
func (k ranking) told() (answer, error) {
	runs, err := k.state.Runs(k.cell, k.from, k.to)
	if err != nil {
		return answer{}, err
	}
	return ofJSON(map[string]any{"state": k.state.Name, "from": k.from, "to": k.to, "cells": k.cells[:min(mostCells, len(k.cells))],
		"cell": k.cell, "places": append([]look.Run{}, runs[:min(mostCells, len(runs))]...), "all": len(runs)})
}

// next is what matters for the likeliest character behind one.
func (n *network) next(_ context.Context, q query) (answer, error) {
	r, err := n.read(q)
	if err != nil {
		return answer{}, err
	}
	at, err := q.number("at", len(r.Text)-1, 0, len(r.Text)-1)
	if err != nil {
		return answer{}, err
	}
	wanted, err := q.number("byte", int(r.Next(at, 1)[0].Byte), 0, 255)
	if err != nil {
		return answer{}, err
	}
	from := max(0, at+1-mostBack)
	lengths, err := look.Influence(n.writer, n.pool, r.Text[from:at+1], byte(wanted))
	if err != nil {
		return answer{}, err
	}
	most := 0.0
	for _, v := range lengths {
		most = max(most, v)
	}
	for i, v := range lengths {
		lengths[i] = math.Round(1e4*v/max(most, 1e-30)) / 1e4
		if v != v {
			return answer{}, errors.New("the gradient is not finite")
		}
	}
	return ofJSON(map[string]any{"at": at, "from": from, "byte": wanted, "lengths": lengths})
}
