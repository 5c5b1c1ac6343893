package history

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"hash/crc32"
	"math"
	"slices"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/layers"
)

// maxEvaluations bounds those that are kept, the newest.
const maxEvaluations = 10_000

// Loader makes a history of frames, which are written to it in pieces of any
// size. Damaged ones are passed over.
type Loader struct {
	History *History // nil until the columns are known

	Run         *api.Run         // as it was begun last; nil: no note says
	Evaluations []api.Evaluation // of the steps that count
	Outcomes    Texts            // of some of them, each an api.Outcome
	Waterfalls  Falls            // of some steps
	Layers      layers.Past      // the network, and how its layers fared in some steps

	rest  []byte // of a frame that is not whole yet
	names uint32 // of the columns of the points that come
	place []int  // of those columns in History; -1: it has none of that name

	parts  parted // of an outcome
	falls  parted // of a waterfall
	layers parted // of a network or of how one fares
}

// Write takes the next piece. It never fails.
func (l *Loader) Write(piece []byte) (int, error) {
	l.rest = append(l.rest, piece...)
	text := l.rest
	for {
		at := bytes.Index(text, magic[:])
		if at < 0 {
			text = text[max(0, len(text)-len(magic)+1):]
			break
		}
		text = text[at:]
		if len(text) < headBytes {
			break
		}
		size := headBytes + int(binary.LittleEndian.Uint16(text[9:]))
		if size > headBytes+maxFrame && text[8] != kindNote {
			text = text[1:]
			continue
		}
		if len(text) < size {
			break
		}
		if crc32.Checksum(text[8:size], castagnoli) != binary.LittleEndian.Uint32(text[4:]) {
			text = text[1:]
			continue
		}
		l.frame(text[8], text[headBytes:size])
		text = text[size:]
	}
	l.rest = append(l.rest[:0], text...)
	return len(piece), nil
}

func (l *Loader) frame(kind byte, payload []byte) {
	switch kind {
	case kindColumns:
		l.columns(payload)
	case kindPoints:
		l.points(payload)
	case kindCut:
		if len(payload) == 8 {
			l.cut(binary.LittleEndian.Uint64(payload))
		}
	case kindNote:
		l.note(payload)
	case kindOutcome:
		l.outcome(payload)
	case kindLayers:
		l.layer(payload)
	case kindFall:
		l.waterfall(payload)
	}
}

// cut drops what came behind a step: the run went back to it.
func (l *Loader) cut(step uint64) {
	if l.History != nil {
		l.History.Cut(step)
	}
	behind := slices.IndexFunc(l.Evaluations, func(e api.Evaluation) bool { return e.Step > step })
	if behind >= 0 {
		l.Evaluations = l.Evaluations[:behind]
	}
	l.Outcomes.Cut(step)
	l.Waterfalls.Cut(step)
	l.Layers.Cut(step)
}

// note takes what is said beside the points. An evaluation of an earlier step
// than the one before says that the run went back.
func (l *Loader) note(payload []byte) {
	var n Note
	if json.Unmarshal(payload, &n) != nil {
		return
	}
	if n.Run != nil {
		l.Run = n.Run
	}
	if n.Spoiled != nil {
		l.Layers.Spoiled(n.Spoiled.Step, n.Spoiled.Where)
	}
	if e := n.Evaluation; e != nil {
		kept := len(l.Evaluations)
		for kept > 0 && l.Evaluations[kept-1].Step >= e.Step {
			kept--
		}
		l.Evaluations = append(l.Evaluations[:kept], *e)
		l.Evaluations = l.Evaluations[max(0, kept+1-maxEvaluations):]
	}
}

// columns takes the names of the values that follow. Those that came first are
// those of the history; a later program that has others is heard as far as it
// has the same.
func (l *Loader) columns(payload []byte) {
	var names []string
	if json.Unmarshal(payload, &names) != nil || checkColumns(names) != nil {
		return
	}
	if l.History == nil {
		l.History = New(names...)
	}
	l.names, l.place = checksum(names), nil
	for _, name := range names {
		l.place = append(l.place, slices.Index(l.History.columns, name))
	}
}

func (l *Loader) points(payload []byte) {
	if len(l.place) == 0 || len(payload) < 20 || binary.LittleEndian.Uint32(payload) != l.names {
		return
	}
	step, at := binary.LittleEndian.Uint64(payload[4:]), int64(binary.LittleEndian.Uint64(payload[12:]))
	values := make([]float32, len(l.History.columns))
	for rest := payload[20:]; len(rest) > 0; {
		on, n := binary.Uvarint(rest)
		if n <= 0 {
			return
		}
		micros, m := binary.Varint(rest[n:])
		if m <= 0 || len(rest) < n+m+4*len(l.place) {
			return
		}
		rest = rest[n+m:]
		step, at = step+on, at+micros
		for i := range values {
			values[i] = None()
		}
		for i, to := range l.place {
			if to >= 0 {
				values[to] = value(math.Float32frombits(binary.LittleEndian.Uint32(rest[4*i:])))
			}
		}
		rest = rest[4*len(l.place):]
		if step > 0 {
			l.History.Add(step, time.UnixMicro(at), values)
		}
	}
}

// value is a value as it was written: None, a number, or the one NaN.
func value(v float32) float32 {
	if IsNone(v) {
		return v
	}
	return Value(float64(v))
}
