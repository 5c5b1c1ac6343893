package history

import (
	"slices"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// Texts are what was told after some steps, as JSON, the newest and some of those before. The zero value is ready. A copy stays as it is
// when the original takes more.
type Texts struct {
	steps  []uint64
	packed [][]byte // a table of a hundred classes has hundreds of kilobytes
}

// MaxTexts bounds those that are kept.
const MaxTexts = 128

// Add takes one, as JSON. Those of its step and later ones go: the run went back. Where there are too many, every second
// goes.
func (o *Texts) Add(step uint64, text []byte) { o.add(step, pack(text)) }

func (o *Texts) add(step uint64, packed []byte) {
	kept, _ := slices.BinarySearch(o.steps, step)
	o.keep(kept)
	o.steps, o.packed = append(o.steps, step), append(o.packed, packed)
	if len(o.steps) <= MaxTexts {
		return
	}
	var some Texts
	for i := range o.steps {
		if (len(o.steps)-1-i)%2 == 0 { // the newest stays
			some.steps, some.packed = append(some.steps, o.steps[i]), append(some.packed, o.packed[i])
		}
	}
	*o = some
}

// keep keeps the first n, with no room behind them that a copy could share.
func (o *Texts) keep(n int) {
	o.steps, o.packed = slices.Clip(o.steps[:n]), slices.Clip(o.packed[:n])
}

// Cut drops those behind a step: the run went back to it.
func (o *Texts) Cut(step uint64) {
	kept, there := slices.BinarySearch(o.steps, step)
	if there {
		kept++
	}
	o.keep(kept)
}

// Join puts others behind: those of their first step and later ones go.
func (o *Texts) Join(later Texts) {
	for i, step := range later.steps {
		o.add(step, later.packed[i])
	}
}

// Steps are those that there are.
func (o *Texts) Steps() []uint64 { return slices.Clone(o.steps) }

// At is the text of a step, or that of the newest where the step is 0; nil where there is none.
func (o *Texts) At(step uint64) []byte {
	i, there := slices.BinarySearch(o.steps, step)
	if step == 0 && len(o.steps) > 0 {
		i, there = len(o.steps)-1, true
	}
	if !there {
		return nil
	}
	text, err := unpack(o.packed[i], api.MaxOutcome)
	if err != nil {
		return nil // it was packed by Add
	}
	return text
}
