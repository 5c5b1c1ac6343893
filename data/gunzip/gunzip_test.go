package gunzip

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// packed packs text by the standard library.
func packed(t testing.TB, text []byte, level int) []byte {
	t.Helper()
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, level)
	if err != nil {
		t.Fatal(err)
	}
	z.Name, z.Comment, z.Extra = "a name", "a comment", []byte{1, 2, 3}
	if _, err := z.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// texts are of every kind: none, letters, noise, runs of all distances and lengths, codes of very different lengths.
func texts() map[string][]byte {
	r := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 100_000)
	for i := range noise {
		noise[i] = byte(r.Uint32())
	}
	var runs, skewed []byte
	for len(runs) < 600_000 {
		if distance := 1 + r.IntN(min(len(runs)+1, 1<<r.IntN(16))); distance <= len(runs) {
			for range 3 + r.IntN(300) {
				runs = append(runs, runs[len(runs)-distance])
			}
		}
		runs = append(runs, byte(r.Uint32()))
	}
	for i := 0; len(skewed) < 300_000; i++ {
		v := byte(0)
		for r.IntN(2) == 0 && v < 40 {
			v++
		}
		skewed = append(skewed, v*v)
	}
	return map[string][]byte{
		"empty": nil, "one": {7}, "letters": bytes.Repeat([]byte("to be or not to be, "), 20_000), "noise": noise, "runs": runs,
		"zeros": make([]byte, 1_000_000), "skewed": skewed,
	}
}

// inOrder are texts in the order of their names.
func inOrder(texts map[string][]byte) (list [][]byte) {
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		list = append(list, texts[name])
	}
	return list
}

func unpacked(r io.Reader) ([]byte, error) {
	z, err := NewReader(r)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}

func TestUnpack(t *testing.T) {
	for name, text := range texts() {
		for _, level := range []int{gzip.NoCompression, gzip.BestSpeed, gzip.DefaultCompression, gzip.BestCompression, gzip.HuffmanOnly} {
			b := packed(t, text, level)
			got, err := unpacked(bytes.NewReader(b))
			if err != nil || !bytes.Equal(got, text) {
				t.Errorf("%s, level %d: other bytes, %v", name, level, err)
			}
			if len(text) > 400_000 && level != gzip.DefaultCompression {
				continue
			}
			for how, r := range map[string]io.Reader{"half": iotest.HalfReader(bytes.NewReader(b)), "with io.EOF": iotest.DataErrReader(bytes.NewReader(b)),
				"bytes": iotest.OneByteReader(bytes.NewReader(b))} {
				if got, err := unpacked(r); err != nil || !bytes.Equal(got, text) {
					t.Errorf("%s, level %d, read by %s: other bytes, %v", name, level, how, err)
				}
			}
		}
	}
}

// Members one after the other are one text; a match does not reach back into the member before.
func TestMembers(t *testing.T) {
	var b, want []byte
	for _, text := range inOrder(texts()) {
		b, want = append(b, packed(t, text, gzip.DefaultCompression)...), append(want, text...)
	}
	if got, err := unpacked(bytes.NewReader(b)); err != nil || !bytes.Equal(got, want) {
		t.Errorf("other bytes, %v", err)
	}
	if _, err := unpacked(bytes.NewReader(append(b, 0))); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a byte behind the last member: %v", err)
	}
	if _, err := unpacked(bytes.NewReader(append(b, make([]byte, 20)...))); !errors.Is(err, ErrHeader) {
		t.Errorf("bytes behind the last member: %v", err)
	}

	var back bytes.Buffer // a block whose dictionary is not in the file
	w, err := flate.NewWriterDict(&back, 9, want[:1000])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(want[:1000]); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	member := append([]byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255}, back.Bytes()...)
	member = binary.LittleEndian.AppendUint32(member, crc32.ChecksumIEEE(want[:1000]))
	member = binary.LittleEndian.AppendUint32(member, 1000)
	if _, err := unpacked(bytes.NewReader(append(packed(t, want[:1000], 9), member...))); !errors.Is(err, ErrDamaged) {
		t.Errorf("a match before the member: %v", err)
	}
}

// What is before an error is given, and the error stays.
func TestDamage(t *testing.T) {
	text := bytes.Repeat([]byte("abcdefghij"), 1000)
	b := packed(t, text, gzip.DefaultCompression)
	for n := range b {
		if _, err := unpacked(bytes.NewReader(b[:n])); n == 0 && err != io.EOF || n > 0 && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatalf("%d of %d bytes: %v", n, len(b), err)
		}
	}
	for _, c := range []struct {
		at   int
		want error
	}{{0, ErrHeader}, {2, ErrHeader}, {len(b) - 1, ErrChecksum}, {len(b) - 8, ErrChecksum}} {
		other := bytes.Clone(b)
		other[c.at] ^= 0x40
		got, err := unpacked(bytes.NewReader(other))
		if !errors.Is(err, c.want) {
			t.Errorf("byte %d: %v, want %v", c.at, err, c.want)
		}
		if c.want == ErrChecksum && !bytes.Equal(got, text) {
			t.Errorf("byte %d: %d bytes of %d", c.at, len(got), len(text))
		}
	}
	broken := errors.New("the disk is gone")
	z, err := NewReader(io.MultiReader(bytes.NewReader(b[:len(b)-9]), iotest.ErrReader(broken)))
	for range 3 {
		if err == nil {
			_, err = io.ReadAll(z)
		}
		if !errors.Is(err, broken) {
			t.Errorf("%v, want %v", err, broken)
		}
	}
	name := strings.Repeat("n", maxText+1)
	long := append([]byte{0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 255}, name...)
	if _, err := unpacked(bytes.NewReader(long)); !errors.Is(err, ErrHeader) {
		t.Errorf("a name without an end: %v", err)
	}
}

// FuzzUnpack feeds any bytes: they give what the standard library's reader gives, and an error where it has one.
func FuzzUnpack(f *testing.F) {
	for _, text := range inOrder(texts()) {
		f.Add(packed(f, text[:min(len(text), 3000)], gzip.DefaultCompression))
		f.Add(packed(f, text[:min(len(text), 300)], gzip.HuffmanOnly))
	}
	f.Add([]byte{0x1f, 0x8b, 8, 2, 0, 0, 0, 0, 0, 255, 1, 2, 3})
	f.Fuzz(same)
}

func same(t *testing.T, b []byte) {
	const most = 1 << 22 // of a file that unpacks to very much
	var want []byte
	std, wantErr := gzip.NewReader(bytes.NewReader(b))
	if wantErr == nil {
		want, wantErr = io.ReadAll(io.LimitReader(std, most))
	}
	var got []byte
	z, err := NewReader(bytes.NewReader(b))
	if err == nil {
		got, err = io.ReadAll(io.LimitReader(z, most))
	}
	if (err == nil) != (wantErr == nil) {
		t.Fatalf("%v, the standard library: %v", err, wantErr)
	}
	if n := min(len(got), len(want)); !bytes.Equal(got[:n], want[:n]) || err == nil && len(got) != len(want) {
		t.Fatalf("%d bytes and %v, the standard library has %d others and %v", len(got), err, len(want), wantErr)
	}
}

// Files with a few bits or bytes changed.
func TestChanged(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, text := range inOrder(texts()) {
		for _, level := range []int{gzip.DefaultCompression, gzip.HuffmanOnly, gzip.NoCompression} {
			b := packed(t, text[:min(len(text), 5000)], level)
			for range 100 {
				other := bytes.Clone(b)
				for range 1 + r.IntN(3) {
					at := r.IntN(len(other))
					if r.IntN(2) == 0 {
						at = min(at, r.IntN(100))
					}
					other[at] ^= 1 << r.IntN(8)
				}
				same(t, other)
			}
		}
	}
}

// An empty code, one of a single bit, and those that are none.
func TestTable(t *testing.T) {
	for _, c := range []struct {
		lengths []uint8
		ok      bool
	}{
		{nil, true}, {[]uint8{0, 0}, true}, {[]uint8{1}, true}, {[]uint8{0, 1}, true}, {[]uint8{2}, false}, {[]uint8{1, 1}, true},
		{[]uint8{1, 1, 1}, false}, {[]uint8{1, 2}, false}, {[]uint8{1, 2, 2}, true}, {[]uint8{1, 2, 3, 3}, true}, {[]uint8{2, 2, 2}, false},
		{[]uint8{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 15}, true}, {[]uint8{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, false},
	} {
		var table table
		for range 2 {
			if ok := table.build(distBits, c.lengths, distSymbols[:]); ok != c.ok {
				t.Errorf("%v: %v", c.lengths, ok)
			}
		}
	}
}
