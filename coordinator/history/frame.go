package history

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"math"
	"strings"
	"time"
)

// A history is written as frames, one behind another, and each can be told from
// whatever lies before it: where a write was torn, a reader goes on with the next.
//
//	magic 4 | checksum 4 | kind 1 | length of the payload 2 | payload
//
// The checksum is CRC-32C of all behind it; numbers are little-endian.
//
//	columns  the names as JSON
//	points   checksum of the names 4 | step 8 | microseconds since 1970 8, then
//	         for each point: steps on, microseconds on (varints), float32 values
//	cut      step 8: what came behind it counts no more
//	note     a Note as JSON
//	outcome  step 8 | part 1 | parts 1 | this part of the deflated JSON of an api.Outcome
//	fall     the same of an api.WorkerWaterfall
//	layers   what 1 | part 1 | parts 1 | this part of the deflated api.Network or api.Health
const (
	kindColumns = 'C'
	kindPoints  = 'P'
	kindCut     = 'X'
	kindNote    = 'N'
	kindOutcome = 'O'
	kindLayers  = 'L'
	kindFall    = 'F'

	headBytes = 11
	maxFrame  = 16 << 10 // bytes of a payload, but of a note
	maxNote   = math.MaxUint16
)

var (
	magic      = [4]byte{0xf7, 'R', 'h', 'i'}
	castagnoli = crc32.MakeTable(crc32.Castagnoli)
)

func appendFrame(dst []byte, kind byte, payload []byte) []byte {
	dst = append(dst, magic[:]...)
	at := len(dst)
	dst = append(dst, 0, 0, 0, 0, kind)
	dst = binary.LittleEndian.AppendUint16(dst, uint16(len(payload)))
	dst = append(dst, payload...)
	binary.LittleEndian.PutUint32(dst[at:], crc32.Checksum(dst[at+4:], castagnoli))
	return dst
}

// AppendCut appends that the points behind a step count no more.
func AppendCut(dst []byte, step uint64) []byte {
	return appendFrame(dst, kindCut, binary.LittleEndian.AppendUint64(nil, step))
}

// AppendNote appends what is said beside the points.
func AppendNote(dst []byte, n Note) ([]byte, error) {
	text, err := json.Marshal(n)
	if err == nil && len(text) > maxNote {
		err = fmt.Errorf("%d bytes, at most %d", len(text), maxNote)
	}
	if err != nil {
		return dst, fmt.Errorf("history: a note: %w", err)
	}
	return appendFrame(dst, kindNote, text), nil
}

// Writer makes frames of points.
type Writer struct {
	columns int
	names   uint32
	head    []byte // the frame of the columns
	begun   bool   // it was given out
	payload []byte // of the points that wait
	step    uint64
	at      int64
	first   time.Time
}

// NewWriter is for points with some columns, which New takes.
func NewWriter(columns ...string) (*Writer, error) {
	if err := checkColumns(columns); err != nil {
		return nil, fmt.Errorf("history: %w", err)
	}
	text, err := json.Marshal(columns)
	if err != nil || len(text) > maxFrame {
		return nil, fmt.Errorf("history: the columns take %d bytes, at most %d: %v", len(text), maxFrame, err)
	}
	return &Writer{columns: len(columns), names: checksum(columns), head: appendFrame(nil, kindColumns, text)}, nil
}

func checksum(columns []string) uint32 {
	return crc32.Checksum([]byte(strings.Join(columns, "\x00")), castagnoli)
}

// Add takes a point, with a value for each column. It says whether it is time
// for Take: points of a second wait, or as many as a frame holds.
func (w *Writer) Add(step uint64, at time.Time, values []float32) (full bool) {
	micros := at.UnixMicro()
	if len(w.payload) == 0 {
		w.payload = binary.LittleEndian.AppendUint32(w.payload, w.names)
		w.payload = binary.LittleEndian.AppendUint64(w.payload, step)
		w.payload = binary.LittleEndian.AppendUint64(w.payload, uint64(micros))
		w.step, w.at, w.first = step, micros, at
	}
	w.payload = binary.AppendUvarint(w.payload, step-w.step)
	w.payload = binary.AppendVarint(w.payload, micros-w.at)
	for _, v := range values[:w.columns] {
		w.payload = binary.LittleEndian.AppendUint32(w.payload, math.Float32bits(v))
	}
	w.step, w.at = step, micros
	most := 2*binary.MaxVarintLen64 + 4*w.columns
	return len(w.payload)+most > maxFrame || at.Sub(w.first) >= time.Second || at.Before(w.first)
}

// Take returns what waits, as frames; nil when nothing does.
func (w *Writer) Take() (frames []byte) {
	if len(w.payload) == 0 {
		return nil
	}
	if !w.begun {
		frames, w.begun = append(frames, w.head...), true
	}
	frames = appendFrame(frames, kindPoints, w.payload)
	w.payload = w.payload[:0]
	return frames
}
