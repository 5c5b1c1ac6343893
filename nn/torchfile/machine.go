package torchfile

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// Bounds of one pickle. A state_dict of ten thousand tensors takes a few megabytes and
// some hundred thousand objects.
const (
	maxPickle  = 64 << 20 // bytes
	maxObjects = 1 << 21
)

// machine is the stack machine of pickles (Python's Lib/pickletools.py describes it), but
// for everything that calls.
type machine struct {
	in      *input
	stack   []any
	marks   []int // where in stack the open marks are
	memo    map[int64]any
	objects int
	loaded  func(id any) (any, error) // gives what a persistent id stands for
}

// unpickle reads one pickle from in and returns its object.
func unpickle(in *input, loaded func(id any) (any, error)) (any, error) {
	m := &machine{in: in, memo: map[int64]any{}, loaded: loaded}
	in.begin()
	for {
		at := in.at
		op, err := in.byte()
		if err != nil {
			return nil, fmt.Errorf("pickle at byte %d: %w", at, m.cutShort(err))
		}
		if op == opStop {
			v, err := m.pop()
			if err != nil {
				return nil, fmt.Errorf("pickle at byte %d: %w", at, err)
			}
			return v, nil
		}
		do := opcodes[op]
		if do == nil {
			return nil, fmt.Errorf("pickle at byte %d: no opcode %#02x is known; is this a file of torch.save, and whole?", at, op)
		}
		if err := do(m); err != nil {
			return nil, fmt.Errorf("pickle at byte %d: opcode %q: %w", at, op, m.cutShort(err))
		}
	}
}

// errArrays is the end of a pickle of arrays, whose elements lie in the pickle itself.
var errArrays = errors.New("it holds arrays of NumPy, which are not read; save tensors: " +
	"torch.save({k: torch.from_numpy(v) for k, v in arrays.items()}, path)")

// cutShort is what is told of an error: a pickle of arrays alone is longer than one may be.
func (m *machine) cutShort(err error) error {
	if errors.Is(err, errCut) && m.in.end < m.in.size && m.hasArrays() {
		return errArrays
	}
	return err
}

// hasArrays says whether the function that makes an array of NumPy has been named.
func (m *machine) hasArrays() bool {
	for _, v := range m.memo {
		if g, ok := v.(global); ok && makesArray(g.String()) {
			return true
		}
	}
	return false
}

func makesArray(name string) bool {
	return strings.HasPrefix(name, "numpy.") && (strings.HasSuffix(name, "._reconstruct") || strings.HasSuffix(name, "._frombuffer"))
}

var errShort = errors.New("the stack has too few values")

func (m *machine) push(v any) error {
	if m.objects++; m.objects > maxObjects {
		return fmt.Errorf("more than %d objects", maxObjects)
	}
	m.stack = append(m.stack, v)
	return nil
}

// floor is where the values of the innermost open mark begin.
func (m *machine) floor() int {
	if n := len(m.marks); n > 0 {
		return m.marks[n-1]
	}
	return 0
}

func (m *machine) pop() (any, error) {
	v, err := m.top()
	if err == nil {
		m.stack = m.stack[:len(m.stack)-1]
	}
	return v, err
}

func (m *machine) top() (any, error) {
	n := len(m.stack)
	if n <= m.floor() {
		return nil, errShort
	}
	return m.stack[n-1], nil
}

// popMark returns the values since the innermost mark, which are the machine's until the
// next push.
func (m *machine) popMark() ([]any, error) {
	n := len(m.marks)
	if n == 0 {
		return nil, errors.New("no mark")
	}
	at := m.marks[n-1]
	m.marks = m.marks[:n-1]
	items := m.stack[at:]
	m.stack = m.stack[:at]
	return items, nil
}

// popTuple replaces the last n values by a tuple.
func (m *machine) popTuple(n int) error {
	at := len(m.stack) - n
	if at < m.floor() {
		return errShort
	}
	t := append(tuple(nil), m.stack[at:]...)
	m.stack = m.stack[:at]
	return m.push(t)
}

func (m *machine) remember(key int64) error {
	v, err := m.top()
	if err != nil {
		return err
	}
	if m.memo[key] = v; len(m.memo) > maxObjects {
		return fmt.Errorf("more than %d objects are remembered", maxObjects)
	}
	return nil
}

func (m *machine) recall(key int64) error {
	v, ok := m.memo[key]
	if !ok {
		return fmt.Errorf("no value was put at %d", key)
	}
	return m.push(v)
}

// add appends items to the container on top. One that is not built takes nothing.
func (m *machine) add(items []any) error {
	top, err := m.top()
	if err != nil {
		return err
	}
	switch c := top.(type) {
	case *list:
		c.items = append(c.items, items...)
	case *opaque:
	default:
		return fmt.Errorf("%s is no list", describe(top))
	}
	return nil
}

// setAll sets keys and values, in turn, of the dict on top.
func (m *machine) setAll(items []any) error {
	top, err := m.top()
	switch {
	case err != nil:
		return err
	case len(items)%2 != 0:
		return errors.New("a key without a value")
	}
	switch d := top.(type) {
	case *dict:
		for i := 0; i < len(items); i += 2 {
			d.set(items[i], items[i+1])
		}
	case *opaque:
	default:
		return fmt.Errorf("%s is no dictionary", describe(top))
	}
	return nil
}

// input reads the bytes of a file in order.
type input struct {
	r    io.ByteReader
	src  io.Reader // the same
	at   int64     // place in the file or entry
	size int64     // of the file or entry
	end  int64     // at most so far may the pickle at hand go
	buf  [8]byte
}

// begin starts a pickle.
func (in *input) begin() { in.end = min(in.size, in.at+maxPickle) }

var errCut = errors.New("the file ends within a pickle, or the pickle is too long; is it cut short?")

func (in *input) byte() (byte, error) {
	if in.at >= in.end {
		return 0, errCut
	}
	b, err := in.r.ReadByte()
	if err == nil {
		in.at++
	}
	return b, err
}

// uint reads a little-endian number of n bytes.
func (in *input) uint(n int) (uint64, error) {
	if in.end-in.at < int64(n) {
		return 0, errCut
	}
	if _, err := io.ReadFull(in.src, in.buf[:n]); err != nil {
		return 0, err
	}
	in.at += int64(n)
	x := uint64(0)
	for i := n - 1; i >= 0; i-- {
		x = x<<8 | uint64(in.buf[i])
	}
	return x, nil
}

// bytes reads n bytes into new memory.
func (in *input) bytes(n uint64) ([]byte, error) {
	if n > uint64(max(0, in.end-in.at)) {
		return nil, errCut
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(in.src, b); err != nil {
		return nil, err
	}
	in.at += int64(n)
	return b, nil
}

// line reads up to a newline, which it drops.
func (in *input) line() (string, error) {
	const most = 4096
	var b []byte
	for {
		c, err := in.byte()
		switch {
		case err != nil:
			return "", err
		case c == '\n':
			return string(b), nil
		case len(b) == most:
			return "", errors.New("a line is too long")
		}
		b = append(b, c)
	}
}
