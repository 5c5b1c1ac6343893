package tensorboard

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"os"
	"path/filepath"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// Writer writes events, when Flush is called. After an error it writes no more.
type Writer struct {
	to  io.Writer
	buf []byte // what waits for Flush
	err error
}

// Scalar is a value of a tag.
type Scalar struct {
	Tag   string
	Value float32
}

// Create begins a file in a directory, which is made where it is not there. Its
// name has the time, the host and the process, as TensorBoard wants them.
func Create(dir string, now time.Time) (*Writer, io.Closer, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, nil, err
	}
	host, err := os.Hostname()
	if err != nil {
		host = "host"
	}
	f, err := os.OpenFile(filepath.Join(dir, fmt.Sprintf("events.out.tfevents.%010d.%s.%d", now.Unix(), host, os.Getpid())),
		os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return nil, nil, err
	}
	return NewWriter(f, now), f, nil
}

// NewWriter begins a file.
func NewWriter(to io.Writer, now time.Time) *Writer {
	w := &Writer{to: to}
	w.record(protowire.AppendString(protowire.AppendTag(event(now, 0), 3, protowire.BytesType), "brain.Event:2"))
	return w
}

// Scalars adds values after so many steps.
func (w *Writer) Scalars(at time.Time, step uint64, values ...Scalar) {
	var summary []byte
	for _, s := range values {
		v := appendBytes(nil, 1, []byte(s.Tag))
		v = protowire.AppendFixed32(protowire.AppendTag(v, 2, protowire.Fixed32Type), math.Float32bits(s.Value))
		summary = appendBytes(summary, 1, v)
	}
	w.record(appendBytes(event(at, step), 5, summary))
}

// Text adds a text, which is shown as Markdown.
func (w *Writer) Text(at time.Time, step uint64, tag, text string) {
	const dtString, dataClassTensor = 7, 2
	plugin := appendBytes(nil, 1, []byte("text"))
	metadata := appendVarint(appendBytes(nil, 1, plugin), 4, dataClassTensor)
	dim := appendVarint(nil, 1, 1)
	tensor := appendBytes(appendVarint(nil, 1, dtString), 2, appendBytes(nil, 2, dim))
	tensor = appendBytes(tensor, 8, []byte(text))
	v := appendBytes(appendBytes(appendBytes(nil, 1, []byte(tag)), 8, tensor), 9, metadata)
	w.record(appendBytes(event(at, step), 5, appendBytes(nil, 1, v)))
}

// Restart says that steps from one on are done again: readers forget what they
// were told of them.
func (w *Writer) Restart(at time.Time, step uint64) {
	const start = 1
	w.record(appendBytes(event(at, step), 7, appendVarint(nil, 1, start)))
}

// Flush writes what was added.
func (w *Writer) Flush() error {
	if w.err == nil {
		_, w.err = w.to.Write(w.buf)
	}
	w.buf = w.buf[:0]
	return w.err
}

func (w *Writer) record(data []byte) {
	at := len(w.buf)
	w.buf = binary.LittleEndian.AppendUint64(w.buf, uint64(len(data)))
	w.buf = binary.LittleEndian.AppendUint32(w.buf, masked(w.buf[at:]))
	w.buf = append(w.buf, data...)
	w.buf = binary.LittleEndian.AppendUint32(w.buf, masked(data))
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// masked is the checksum in the form in which it may lie among what it is of.
func masked(data []byte) uint32 {
	c := crc32.Checksum(data, castagnoli)
	return (c>>15 | c<<17) + 0xa282ead8
}

func event(at time.Time, step uint64) []byte {
	e := protowire.AppendTag(nil, 1, protowire.Fixed64Type)
	e = protowire.AppendFixed64(e, math.Float64bits(float64(at.UnixMicro())/1e6))
	return appendVarint(e, 2, step)
}

func appendVarint(b []byte, field protowire.Number, v uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.VarintType), v)
}

func appendBytes(b []byte, field protowire.Number, v []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), v)
}
