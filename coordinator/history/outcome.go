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

// pack deflates the JSON of an outcome.
func pack(text []byte) []byte {
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, flate.BestSpeed)
	if err != nil {
		panic(err) // the level is constant
	}
	_, _ = w.Write(text) // a buffer takes all
	_ = w.Close()
	return packed.Bytes()
}

// unpack inflates what pack made, and of other bytes no more than so many and one.
func unpack(packed []byte, most int64) ([]byte, error) {
	return io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(packed)), most+1))
}

// parted is what comes in the payloads of several frames.
type parted struct {
	packed []byte
	next   int // part that comes; -1: one is missing
}

// take takes a part, and returns the whole with the last. Parts follow one another; where one is missing the whole is.
func (p *parted) take(part, parts int, data []byte) (whole []byte, complete bool) {
	if part == 0 {
		p.packed, p.next = nil, 0
	}
	if part != p.next {
		p.packed, p.next = nil, -1 // until another begins
		return nil, false
	}
	p.packed, p.next = append(p.packed, data...), part+1
	return p.packed, p.next == parts
}

// AppendOutcome appends what an evaluation shows, the JSON of an [api.Outcome].
func AppendOutcome(dst []byte, step uint64, text []byte) []byte {
	parts := slices.Collect(slices.Chunk(pack(text), maxFrame-outcomeHead))
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

// outcome takes a part of one.
func (l *Loader) outcome(payload []byte) {
	if len(payload) < outcomeHead {
		return
	}
	packed, complete := l.parts.take(int(payload[8]), int(payload[9]), payload[outcomeHead:])
	if !complete {
		return
	}
	text, err := unpack(packed, api.MaxOutcome)
	if err != nil {
		return
	}
	if o, err := api.DecodeOutcome(text); err == nil && o.Step == binary.LittleEndian.Uint64(payload) {
		l.Outcomes.Add(o.Step, text)
	}
}

// Outcomes are what evaluations show, the newest and some of those before. The zero value is ready. A copy stays as it is
// when the original takes more.
type Outcomes struct {
	steps  []uint64
	packed [][]byte // a table of a hundred classes has hundreds of kilobytes as JSON
}

// MaxOutcomes bounds those that are kept.
const MaxOutcomes = 128

// Add takes one, as JSON. Those of its step and later ones go: the run went back. Where there are too many, every second
// goes.
func (o *Outcomes) Add(step uint64, text []byte) { o.add(step, pack(text)) }

func (o *Outcomes) add(step uint64, packed []byte) {
	kept, _ := slices.BinarySearch(o.steps, step)
	o.keep(kept)
	o.steps, o.packed = append(o.steps, step), append(o.packed, packed)
	if len(o.steps) <= MaxOutcomes {
		return
	}
	var some Outcomes
	for i := range o.steps {
		if (len(o.steps)-1-i)%2 == 0 { // the newest stays
			some.steps, some.packed = append(some.steps, o.steps[i]), append(some.packed, o.packed[i])
		}
	}
	*o = some
}

// keep keeps the first n, with no room behind them that a copy could share.
func (o *Outcomes) keep(n int) {
	o.steps, o.packed = slices.Clip(o.steps[:n]), slices.Clip(o.packed[:n])
}

// Cut drops those behind a step: the run went back to it.
func (o *Outcomes) Cut(step uint64) {
	kept, there := slices.BinarySearch(o.steps, step)
	if there {
		kept++
	}
	o.keep(kept)
}

// Join puts others behind: those of their first step and later ones go.
func (o *Outcomes) Join(later Outcomes) {
	for i, step := range later.steps {
		o.add(step, later.packed[i])
	}
}

// Steps are those that there are.
func (o *Outcomes) Steps() []uint64 { return slices.Clone(o.steps) }

// At is the outcome of a step as JSON, or that of the newest where the step is 0; nil where there is none.
func (o *Outcomes) At(step uint64) []byte {
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
