package history

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"io"
	"slices"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// textHead is before the bytes of a text's frame: step 8, which part this is, and of how many.
const textHead = 10

// pack deflates a text.
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
	return appendText(dst, kindOutcome, step, text)
}

// AppendWaterfall appends where the time of a step went, the JSON of an [api.WorkerWaterfall].
func AppendWaterfall(dst []byte, step uint64, text []byte) []byte {
	return appendText(dst, kindFall, step, text)
}

// appendText appends what was told after a step, in parts.
func appendText(dst []byte, kind byte, step uint64, text []byte) []byte {
	parts := slices.Collect(slices.Chunk(pack(text), maxFrame-textHead))
	if len(parts) > 255 {
		return dst
	}
	for i, part := range parts {
		payload := binary.LittleEndian.AppendUint64(nil, step)
		payload = append(payload, byte(i), byte(len(parts)))
		dst = appendFrame(dst, kind, append(payload, part...))
	}
	return dst
}

// text takes a part of one, and returns the whole with the last.
func (p *parted) text(payload []byte, most int64) (step uint64, text []byte, complete bool) {
	if len(payload) < textHead {
		return 0, nil, false
	}
	packed, complete := p.take(int(payload[8]), int(payload[9]), payload[textHead:])
	if !complete {
		return 0, nil, false
	}
	text, err := unpack(packed, most)
	return binary.LittleEndian.Uint64(payload), text, err == nil
}

// outcome takes a part of what an evaluation shows.
func (l *Loader) outcome(payload []byte) {
	step, text, complete := l.parts.text(payload, api.MaxOutcome)
	if !complete {
		return
	}
	if o, err := api.DecodeOutcome(text); err == nil && o.Step == step {
		l.Outcomes.Add(step, text)
	}
}

// waterfall takes a part of where the time of a step went.
func (l *Loader) waterfall(payload []byte) {
	step, text, complete := l.falls.text(payload, api.MaxWaterfall)
	if !complete {
		return
	}
	if f, err := api.DecodeWaterfall(text); err == nil && f.Step == step {
		l.Waterfalls.Add(f.Worker, step, text)
	}
}
