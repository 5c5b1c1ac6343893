package torchfile

import (
	"fmt"
	"math"
	"strconv"
)

const opStop = '.'

// opcodes are those of the protocols 0 to 5 that can stand in a state_dict. Absent are the
// ones that take classes by number from a registry, and buffers from elsewhere.
var opcodes = [256]func(*machine) error{
	0x80: func(m *machine) error { _, err := m.in.uint(1); return err }, // PROTO
	0x95: func(m *machine) error { return m.frame() },
	'(':  func(m *machine) error { return m.mark() },
	'0':  func(m *machine) error { return m.drop() },
	'1':  func(m *machine) error { _, err := m.popMark(); return err },
	'2':  func(m *machine) error { return m.twice() },

	'N':  func(m *machine) error { return m.push(nil) },
	0x88: func(m *machine) error { return m.push(true) },
	0x89: func(m *machine) error { return m.push(false) },
	'I':  func(m *machine) error { return m.decimal() },
	'L':  func(m *machine) error { return m.decimal() },
	'J':  func(m *machine) error { return m.number(4, func(x uint64) any { return int64(int32(x)) }) },
	'K':  func(m *machine) error { return m.number(1, func(x uint64) any { return int64(x) }) },
	'M':  func(m *machine) error { return m.number(2, func(x uint64) any { return int64(x) }) },
	'G':  func(m *machine) error { return m.number(8, bigEndianFloat) },
	'F':  func(m *machine) error { return m.decimalFloat() },
	0x8a: func(m *machine) error { return m.text(1, integer) },
	0x8b: func(m *machine) error { return m.text(4, integer) },

	'T':  func(m *machine) error { return m.text(4, asString) },
	'U':  func(m *machine) error { return m.text(1, asString) },
	'X':  func(m *machine) error { return m.text(4, asString) },
	0x8c: func(m *machine) error { return m.text(1, asString) },
	0x8d: func(m *machine) error { return m.text(8, asString) },
	'B':  func(m *machine) error { return m.text(4, asBytes) },
	'C':  func(m *machine) error { return m.text(1, asBytes) },
	0x8e: func(m *machine) error { return m.text(8, asBytes) },
	0x96: func(m *machine) error { return m.text(8, asBytes) },
	'V':  func(m *machine) error { return m.textLine(false) },
	'S':  func(m *machine) error { return m.textLine(true) },

	']':  func(m *machine) error { return m.push(&list{}) },
	'}':  func(m *machine) error { return m.push(&dict{}) },
	')':  func(m *machine) error { return m.push(tuple(nil)) },
	0x8f: func(m *machine) error { return m.push(&opaque{what: "a set"}) },
	0x85: func(m *machine) error { return m.popTuple(1) },
	0x86: func(m *machine) error { return m.popTuple(2) },
	0x87: func(m *machine) error { return m.popTuple(3) },
	't': func(m *machine) error {
		return m.gather(func(items []any) (any, error) { return append(tuple(nil), items...), nil })
	},
	'l': func(m *machine) error {
		return m.gather(func(items []any) (any, error) { return &list{append([]any(nil), items...)}, nil })
	},
	0x91: func(m *machine) error {
		return m.gather(func([]any) (any, error) { return &opaque{what: "a set"}, nil })
	},
	'd':  func(m *machine) error { return m.newDict() },
	'a':  func(m *machine) error { return m.addOne() },
	'e':  func(m *machine) error { return m.addMarked(m.add) },
	0x90: func(m *machine) error { return m.addMarked(m.add) },
	's':  func(m *machine) error { return m.setOne() },
	'u':  func(m *machine) error { return m.addMarked(m.setAll) },

	'p':  func(m *machine) error { return m.memoLine(m.remember) },
	'q':  func(m *machine) error { return m.memoAt(1, m.remember) },
	'r':  func(m *machine) error { return m.memoAt(4, m.remember) },
	0x94: func(m *machine) error { return m.remember(int64(len(m.memo))) },
	'g':  func(m *machine) error { return m.memoLine(m.recall) },
	'h':  func(m *machine) error { return m.memoAt(1, m.recall) },
	'j':  func(m *machine) error { return m.memoAt(4, m.recall) },

	'c':  func(m *machine) error { return m.global() },
	0x93: func(m *machine) error { return m.globalOfStack() },
	'R':  func(m *machine) error { return m.reduce() },
	0x81: func(m *machine) error { return m.reduce() }, // NEWOBJ: class and arguments
	0x92: func(m *machine) error { return m.reduceNamed() },
	'o':  func(m *machine) error { return m.gather(callFirst) },
	'i':  func(m *machine) error { return m.instance() },
	'b':  func(m *machine) error { return m.build() },
	'Q':  func(m *machine) error { return m.persistent() },
}

// frame reads how many of the next bytes belong together, for programs that read ahead.
func (m *machine) frame() error {
	size, err := m.in.uint(8)
	if err == nil && size > uint64(m.in.end-m.in.at) {
		err = errCut
	}
	return err
}

func (m *machine) mark() error {
	if len(m.marks) >= maxObjects {
		return fmt.Errorf("more than %d marks", maxObjects)
	}
	m.marks = append(m.marks, len(m.stack))
	return nil
}

// drop takes the value on top away, or a mark that has none.
func (m *machine) drop() error {
	if n := len(m.marks); n > 0 && m.marks[n-1] == len(m.stack) {
		m.marks = m.marks[:n-1]
		return nil
	}
	_, err := m.pop()
	return err
}

func (m *machine) twice() error {
	v, err := m.top()
	if err != nil {
		return err
	}
	return m.push(v)
}

// number reads a number of n bytes.
func (m *machine) number(n int, value func(uint64) any) error {
	x, err := m.in.uint(n)
	if err != nil {
		return err
	}
	return m.push(value(x))
}

func bigEndianFloat(x uint64) any {
	reversed := uint64(0)
	for range 8 {
		reversed = reversed<<8 | x&255
		x >>= 8
	}
	return math.Float64frombits(reversed)
}

// decimal reads an integer as text; "01" and "00" are truth values.
func (m *machine) decimal() error {
	line, err := m.in.line()
	if err != nil {
		return err
	}
	if line == "01" || line == "00" {
		return m.push(line == "01")
	}
	if n := len(line); n > 0 && line[n-1] == 'L' {
		line = line[:n-1]
	}
	x, err := strconv.ParseInt(line, 10, 64)
	if err != nil {
		return fmt.Errorf("%s is no whole number of 64 bits", quote(line))
	}
	return m.push(x)
}

func (m *machine) decimalFloat() error {
	line, err := m.in.line()
	if err != nil {
		return err
	}
	x, err := strconv.ParseFloat(line, 64)
	if err != nil {
		return fmt.Errorf("%s is no number", quote(line))
	}
	return m.push(x)
}

// text reads a length of n bytes, and so many bytes.
func (m *machine) text(n int, value func([]byte) any) error {
	size, err := m.in.uint(n)
	if err != nil {
		return err
	}
	b, err := m.in.bytes(size)
	if err != nil {
		return err
	}
	return m.push(value(b))
}

func asString(b []byte) any { return string(b) }
func asBytes(b []byte) any  { return b }

// integer is a number in two's complement, little-endian.
func integer(b []byte) any {
	if len(b) > 8 {
		return long(b)
	}
	x := int64(0)
	for i := len(b) - 1; i >= 0; i-- {
		x = x<<8 | int64(b[i])
	}
	if n := len(b); n > 0 && n < 8 && b[n-1] >= 128 {
		x -= 1 << (8 * n)
	}
	return x
}

// textLine reads a text of protocol 0. torch.save cannot write that protocol, so escapes, of which
// the two opcodes have different ones, are refused.
func (m *machine) textLine(quoted bool) error {
	line, err := m.in.line()
	if err != nil {
		return err
	}
	if quoted {
		n := len(line)
		if n < 2 || line[0] != '\'' && line[0] != '"' || line[n-1] != line[0] {
			return fmt.Errorf("%s is a text without its quotes", quote(line))
		}
		line = line[1 : n-1]
	}
	for i := range len(line) {
		if line[i] == '\\' || line[i] >= 0x80 {
			return fmt.Errorf("%s is a text with escapes, which torch.save never writes", quote(line))
		}
	}
	return m.push(line)
}
