package allreduce

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"strings"
	"testing"
)

// wire is a frame as it travels.
func wire(f *Frame) []byte {
	return append(f.appendHeader(nil, crc32.Checksum(f.Payload, castagnoli)), f.Payload...)
}

func readBytes(b []byte, limit int) (Frame, error) {
	var f Frame
	r := source{from: bytes.NewReader(b), limit: limit, summed: true}
	err := r.read(&f)
	return f, err
}

func sample() *Frame {
	f := newFrame(24)
	for i := range f.Payload {
		f.Payload[i] = byte(i)
	}
	f.Kind, f.Generation, f.Step, f.Tag, f.Chunk, f.Segment = KindSum, 1<<40+7, 1<<41+9, 1<<20+3, 1<<10+5, 1<<9+7
	return &f
}

func TestFrameRoundTrip(t *testing.T) {
	f := sample()
	g, err := readBytes(wire(f), 24)
	if err != nil {
		t.Fatal(err)
	}
	if g.Kind != f.Kind || g.Generation != f.Generation || g.Step != f.Step || g.Tag != f.Tag || g.Chunk != f.Chunk || g.Segment != f.Segment || !bytes.Equal(g.Payload, f.Payload) {
		t.Errorf("%+v, want %+v", g, f)
	}
	if !aligned(g.Payload, 8) {
		t.Error("the payload is not aligned")
	}
}

// Every bit of a frame is covered: whichever flips, the frame is refused with a field.
func TestFrameEveryBit(t *testing.T) {
	good := wire(sample())
	for i := range good {
		want := "header checksum"
		switch {
		case i < 4:
			want = "magic"
		case i == 4:
			want = "version"
		case i >= headerSize:
			want = "payload checksum"
		}
		for bit := range 8 {
			bad := bytes.Clone(good)
			bad[i] ^= 1 << bit
			_, err := readBytes(bad, 1<<20)
			wantField(t, err, want)
		}
	}
}

// Headers that are whole and wrong.
func TestFrameRefuses(t *testing.T) {
	for _, tc := range []struct {
		field string
		at    int
		value byte
	}{{"kind", 5, 0}, {"kind", 5, byte(kindEnd)}, {"kind", 5, 255}, {"length", 39, 1}, {"length", 39, 255}, {"length", 36, 23}, {"reserved", 6, 1}, {"place", 44, 1}} {
		b := wire(sample())
		b[tc.at] = tc.value
		binary.LittleEndian.PutUint32(b[headerSummed:], crc32.Checksum(b[:headerSummed], castagnoli))
		_, err := readBytes(b, 1<<20)
		wantField(t, err, tc.field)
	}
	_, err := readBytes(wire(sample()), 23)
	wantField(t, err, "length")
}

func TestFrameCutShort(t *testing.T) {
	good := wire(sample())
	for n := range good {
		want := io.ErrUnexpectedEOF
		if n == 0 {
			want = io.EOF
		}
		if _, err := readBytes(good[:n], 1<<20); !errors.Is(err, want) {
			t.Errorf("%d of %d bytes: error %v, want %v", n, len(good), err, want)
		}
	}
}

// A long payload's memory grows as its bytes come.
func TestFrameLong(t *testing.T) {
	f := newFrame(5 * trusted)
	for i := range f.Payload {
		f.Payload[i] = byte(i * i >> 3)
	}
	f.Kind = KindBroadcast
	b := wire(&f)
	g, err := readBytes(b, len(f.Payload))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(g.Payload, f.Payload) {
		t.Error("not the same bytes")
	}
	if _, err := readBytes(b[:headerSize+trusted+1], len(f.Payload)); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("cut short: %v", err)
	}
}

func TestSwapOrder(t *testing.T) {
	b := []byte("abcdefghij")
	swapOrder(b, 4)
	if string(b) != "dcbahgfeij" {
		t.Errorf("width 4: %s", b)
	}
	swapOrder(b[:8], 8)
	if string(b) != "efghabcdij" {
		t.Errorf("width 8: %s", b)
	}
	swapOrder(b, 1)
	if string(b) != "efghabcdij" {
		t.Errorf("width 1: %s", b)
	}
}

func TestMemorySizes(t *testing.T) {
	for _, n := range []int{0, 1, 7, 8, 9, 16, 17, 4096, 4097, 1 << 20} {
		m := newMemory(n)
		if b := m.bytes(n); len(b) != n || cap(b) < n || n > 8 && len(m.words)*8 >= 2*n+8 {
			t.Errorf("%d bytes: %d of %d", n, len(b), len(m.words)*8)
		}
		m.free()
	}
}

func TestPrintable(t *testing.T) {
	if got := printable("a\nb\x1b[0m\xff é"); got != "a?b?[0m? é" {
		t.Errorf("%q", got)
	}
	if got := printable(strings.Repeat("x", 2*maxReason)); len(got) != maxReason {
		t.Errorf("%d bytes", len(got))
	}
}

// FuzzFrame reads whatever bytes as frames: no panic, no more memory than the
// limit, and what was read is written back the same.
func FuzzFrame(f *testing.F) {
	f.Add(wire(sample()))
	f.Add(wire(&Frame{Kind: KindLeave}))
	f.Add([]byte(frameMagic))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) >= headerSize { // let the fuzzer past the sums
			copy(b[40:], binary.LittleEndian.AppendUint32(nil, crc32.Checksum(b[headerSize:], castagnoli)))
			copy(b[headerSummed:], binary.LittleEndian.AppendUint32(nil, crc32.Checksum(b[:headerSummed], castagnoli)))
		}
		for _, limit := range []int{0, 64, 1 << 16} {
			g, err := readBytes(b, limit)
			if err != nil {
				continue
			}
			if len(g.Payload) > limit {
				t.Fatalf("%d bytes within a limit of %d", len(g.Payload), limit)
			}
			if !bytes.HasPrefix(b, wire(&g)) {
				t.Fatalf("%+v is not written as it was read", g)
			}
			g.Release()
		}
	})
}

// FuzzHello reads whatever bytes as a handshake.
func FuzzHello(f *testing.F) {
	var b bytes.Buffer
	_ = writeMessage(&b, messageHello, Hello{Run: "r", Config: "c", Generation: 3, From: 1, To: 2, Name: "n"}.encode())
	f.Add(b.Bytes())
	b.Reset()
	refuse(&b, fieldError("x", "y"))
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 12 { // let the fuzzer past the sum
			copy(b[len(b)-4:], binary.LittleEndian.AppendUint32(nil, crc32.Checksum(b[:len(b)-4], castagnoli)))
		}
		h, err := readHello(bytes.NewReader(b))
		if err != nil {
			return
		}
		var again bytes.Buffer
		if err := writeMessage(&again, messageHello, h.encode()); err != nil || !bytes.HasPrefix(b, again.Bytes()) {
			t.Fatalf("%+v is not written as it was read: %v", h, err)
		}
	})
}
