package onnx

import (
	"encoding/binary"
	"io"
	"math"
)

// The numbers of the fields are those of onnx.proto. A message is pieces of bytes, of which weights are written from
// where they lie.

// message is an encoded message: heads that are at hand, and floats behind each.
type message struct {
	pieces []piece
	size   int
}

// piece is bytes, and values of float32 behind them.
type piece struct {
	bytes  []byte
	values []float32
}

func (m *message) add(b []byte) {
	if n := len(m.pieces); n > 0 && m.pieces[n-1].values == nil {
		m.pieces[n-1].bytes = append(m.pieces[n-1].bytes, b...)
	} else {
		m.pieces = append(m.pieces, piece{bytes: append([]byte(nil), b...)})
	}
	m.size += len(b)
}

const (
	varint   = 0
	lengthed = 2
	fixed32  = 5
)

func (m *message) tag(field, wire int) {
	m.add(binary.AppendUvarint(nil, uint64(field)<<3|uint64(wire)))
}

// number adds an integer.
func (m *message) number(field int, v int64) {
	m.tag(field, varint)
	m.add(binary.AppendUvarint(nil, uint64(v)))
}

// float adds a float32.
func (m *message) float(field int, v float32) {
	m.tag(field, fixed32)
	m.add(binary.LittleEndian.AppendUint32(nil, math.Float32bits(v)))
}

// text adds a string, where there is one.
func (m *message) text(field int, v string) {
	if v != "" {
		m.always(field, v)
	}
}

// always adds a string that may be empty.
func (m *message) always(field int, v string) {
	m.tag(field, lengthed)
	m.add(append(binary.AppendUvarint(nil, uint64(len(v))), v...))
}

// message adds a message.
func (m *message) message(field int, of *message) {
	m.tag(field, lengthed)
	m.add(binary.AppendUvarint(nil, uint64(of.size)))
	for _, p := range of.pieces {
		m.add(p.bytes)
		if p.values != nil {
			m.attach(p.values)
		}
	}
}

// floats adds raw values.
func (m *message) floats(field int, values []float32) {
	m.tag(field, lengthed)
	m.add(binary.AppendUvarint(nil, uint64(4*len(values))))
	m.attach(values)
}

func (m *message) attach(values []float32) {
	if len(values) == 0 {
		return
	}
	if len(m.pieces) == 0 || m.pieces[len(m.pieces)-1].values != nil {
		m.pieces = append(m.pieces, piece{})
	}
	m.pieces[len(m.pieces)-1].values = values
	m.size += 4 * len(values)
}

// write writes the message.
func (m *message) write(w io.Writer) error {
	const some = 1 << 14
	buffer := make([]byte, 0, 4*some)
	for _, p := range m.pieces {
		if _, err := w.Write(p.bytes); err != nil {
			return err
		}
		for values := p.values; len(values) > 0; {
			n := min(some, len(values))
			buffer = buffer[:0]
			for _, v := range values[:n] {
				buffer = binary.LittleEndian.AppendUint32(buffer, math.Float32bits(v))
			}
			if _, err := w.Write(buffer); err != nil {
				return err
			}
			values = values[n:]
		}
	}
	return nil
}
