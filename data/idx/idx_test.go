package idx

import (
	"bytes"
	"compress/gzip"
	"io"
	"slices"
	"strings"
	"testing"
)

// file is an idx file of bytes with these dimensions.
func file(items []byte, dims ...uint32) []byte {
	b := []byte{0, 0, Uint8, byte(len(dims))}
	for _, d := range dims {
		b = append(b, byte(d>>24), byte(d>>16), byte(d>>8), byte(d))
	}
	return append(b, items...)
}

func packed(t testing.TB, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := z.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// readAll reads every item of a file.
func readAll(b []byte) (*Reader, []byte, error) {
	x, err := NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, nil, err
	}
	var all []byte
	item := make([]byte, x.Size())
	for {
		if err := x.Next(item); err == io.EOF {
			return x, all, nil
		} else if err != nil {
			return nil, nil, err
		}
		all = append(all, item...)
	}
}

func TestRead(t *testing.T) {
	items := []byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}
	plain := file(items, 2, 2, 3)
	for name, b := range map[string][]byte{"plain": plain, "packed": packed(t, plain)} {
		x, got, err := readAll(b)
		if err != nil || x.Count != 2 || !slices.Equal(x.Shape, []int{2, 3}) || !bytes.Equal(got, items) {
			t.Errorf("%s: %+v, %v, %v", name, x, got, err)
		}
	}
	if x, got, err := readAll(file(items, 12)); err != nil || x.Count != 12 || len(x.Shape) != 0 || !bytes.Equal(got, items) {
		t.Errorf("labels: %+v, %v, %v", x, got, err)
	}
	if x, got, err := readAll(file(nil, 0, 2, 3)); err != nil || x.Count != 0 || got != nil {
		t.Errorf("no items: %+v, %v, %v", x, got, err)
	}
}

// Several items at a time are those of one at a time, and the end comes with the last of them or behind it.
func TestReadSeveral(t *testing.T) {
	items := make([]byte, 60)
	for i := range items {
		items[i] = byte(i)
	}
	for _, c := range []struct {
		room int
		want []int // items of each read; the last one gives io.EOF
	}{{1, []int{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0}}, {3, []int{3, 3, 3, 1}}, {5, []int{5, 5, 0}}, {10, []int{10, 0}}, {11, []int{10}}} {
		x, err := NewReader(bytes.NewReader(file(items, 10, 2, 3)), 100)
		if err != nil {
			t.Fatal(err)
		}
		var all []byte
		b := make([]byte, c.room*x.Size()+5) // and less than another item
		for i, want := range c.want {
			n, err := x.Read(b)
			if n != want || (err == io.EOF) != (i == len(c.want)-1) || err != nil && err != io.EOF {
				t.Errorf("room for %d, read %d: %d items, %v", c.room, i, n, err)
			}
			all = append(all, b[:n*x.Size()]...)
		}
		if !bytes.Equal(all, items) {
			t.Errorf("room for %d: other items", c.room)
		}
	}
	x, err := NewReader(bytes.NewReader(file(items[:50], 10, 2, 3)), 100)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := x.Read(make([]byte, 60)); n != 8 || err == nil || !strings.Contains(err.Error(), "ends after 2 bytes of item 8") {
		t.Errorf("a file that is cut short: %d items, %v", n, err)
	}
}

func TestReadRefuses(t *testing.T) {
	whole := file(make([]byte, 12), 2, 2, 3)
	gz := packed(t, whole)
	for _, c := range []struct {
		name string
		file []byte
		want string
	}{
		{"empty", nil, "cut short: the file has 0 bytes"},
		{"no idx", []byte("\x89PNG...."), "magic number 2303741511 (89 50 4e 47)"},
		{"type", []byte{0, 0, 7, 1, 0, 0, 0, 1, 1}, "magic number"},
		{"no dimensions", []byte{0, 0, 8, 0}, "0 dimensions"},
		{"header cut", whole[:11], "within dimension 1 of 3"},
		{"cut by a byte", whole[:len(whole)-1], "2 items of 6 bytes, and the file ends after 5 bytes of item 1"},
		{"count too high", file(make([]byte, 12), 3, 2, 3), "3 items of 6 bytes, and the file ends after 0 bytes of item 2"},
		{"count too low", file(make([]byte, 12), 1, 2, 3), "1 items of 6 bytes, and more bytes follow"},
		{"huge items", file(nil, 1, 1<<20, 1<<20), "from 1 to"},
		{"items beyond the file", file(nil, 1, 1<<14, 1<<13), "the file cannot hold one"},
		{"empty items", file(nil, 1, 0, 3), "dimension 1 is 0"},
		{"gzip cut", gz[:len(gz)-9], "cut short"},
		{"gzip damaged", append([]byte{0x1f, 0x8b, 9}, gz[3:]...), "packed by gzip, and damaged"},
	} {
		if _, _, err := readAll(c.file); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

// FuzzRead feeds any bytes: a reader ends, and gives no more than the file can hold.
func FuzzRead(f *testing.F) {
	f.Add(file(make([]byte, 12), 2, 2, 3))
	f.Add(packed(f, file(make([]byte, 12), 12)))
	f.Add(file(nil, 1<<31-1, 1<<14, 1<<13))
	f.Add(file(nil, 0, 1<<14, 1<<13))
	f.Fuzz(func(t *testing.T, b []byte) {
		x, err := NewReader(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		item := make([]byte, x.Size())
		if len(item) > max(1<<16, 2000*len(b)) {
			t.Fatalf("items of %d bytes from a file of %d", len(item), len(b))
		}
		for n := 0; ; n++ {
			if err := x.Next(item); err != nil {
				break
			}
			if n > 2000*len(b) {
				t.Fatal("more items than gzip can pack into the file")
			}
		}
	})
}
