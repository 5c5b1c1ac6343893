package history

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"io"
	"slices"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// outcomeHead is before the bytes of an outcome's frame: step 8, which part this is, and of how many.
const outcomeHead = 10

// AppendOutcome appends what an evaluation shows, the JSON of an [api.Outcome].
func AppendOutcome(dst []byte, step uint64, text []byte) []byte {
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, flate.BestSpeed)
	if err != nil {
		panic(err) // the level is constant
	}
	_, _ = w.Write(text) // a buffer takes all
	_ = w.Close()
	parts := slices.Collect(slices.Chunk(packed.Bytes(), maxFrame-outcomeHead))
	if len(parts) > 255 {
		return dst
	}
	for i, part := range parts {
		payload := binary.LittleEndian.AppendUint64(nil, step)
		payload = append(payload, byte(i), byte(len(parts)))
		dst = appendFrame(dst, kindOutcome, append(payload, part...))
	}
	return dst
}

// outcome takes a part of one. Parts follow one another; where one is missing the whole is.
func (l *Loader) outcome(payload []byte) {
	if len(payload) < outcomeHead {
		return
	}
	step, part, parts := binary.LittleEndian.Uint64(payload), int(payload[8]), int(payload[9])
	if part == 0 {
		l.packed, l.parts = nil, 0
	}
	if part != l.parts {
		l.packed, l.parts = nil, -1 // until another begins
		return
	}
	l.packed, l.parts = append(l.packed, payload[outcomeHead:]...), part+1
	if l.parts != parts {
		return
	}
	text, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(l.packed)), api.MaxOutcome+1))
	if err != nil {
		return
	}
	if o, err := api.DecodeOutcome(text); err == nil && o.Step == step {
		l.Outcomes.Add(step, text)
	}
}

// Outcomes are what evaluations show, the newest and some of those before. The zero value is ready.
type Outcomes struct {
	steps []uint64
	texts [][]byte
}

// MaxOutcomes bounds those that are kept.
const MaxOutcomes = 128

// Add takes one, as JSON. Those of its step and later ones go: the run went back. Where there are too many, every second
// goes.
func (o *Outcomes) Add(step uint64, text []byte) {
	kept := len(o.steps)
	for kept > 0 && o.steps[kept-1] >= step {
		kept--
	}
	o.steps, o.texts = append(slices.Clip(o.steps[:kept]), step), append(slices.Clip(o.texts[:kept]), text)
	if len(o.steps) <= MaxOutcomes {
		return
	}
	var some Outcomes
	for i := range o.steps {
		if (len(o.steps)-1-i)%2 == 0 { // the newest stays
			some.steps, some.texts = append(some.steps, o.steps[i]), append(some.texts, o.texts[i])
		}
	}
	*o = some
}

// Join puts others behind: those of their first step and later ones go.
func (o *Outcomes) Join(later Outcomes) {
	for i, step := range later.steps {
		o.Add(step, later.texts[i])
	}
}

// Steps are those that there are.
func (o *Outcomes) Steps() []uint64 { return slices.Clone(o.steps) }

// At is the outcome of a step as JSON, or that of the newest where the step is 0; nil where there is none.
func (o *Outcomes) At(step uint64) []byte {
	if step == 0 && len(o.texts) > 0 {
		return o.texts[len(o.texts)-1]
	}
	if i, there := slices.BinarySearch(o.steps, step); there {
		return o.texts[i]
	}
	return nil
}
