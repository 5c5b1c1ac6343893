package shard

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// damaged is a small set of two shards, the first of which is damaged in turn.
type damaged struct {
	*testing.T
	dir    string
	path   string // of the first shard
	text   string
	whole  []byte // the first shard undamaged
	blocks []entry
	end    int64 // of its blocks
}

func newDamaged(t *testing.T) *damaged {
	t.Helper()
	d := &damaged{T: t, text: words(9, 150)}
	d.dir = smallSet(t, d.text, 30, 380)
	d.path = filepath.Join(d.dir, "train-00000.shard")
	var err error
	if d.whole, err = os.ReadFile(d.path); err != nil {
		t.Fatal(err)
	}
	for _, b := range open(t, d.dir).blocks {
		if b.shard == 0 {
			d.blocks = append(d.blocks, b.entry)
			d.end = b.offset + int64(b.length)
		}
	}
	if len(d.blocks) < 3 || len(open(t, d.dir).paths) != 2 {
		t.Fatalf("%d blocks in the first of %d shards: the test wants more", len(d.blocks), len(open(t, d.dir).paths))
	}
	return d
}

// blockAt is the block that byte off of the file lies in, or -1.
func (d *damaged) blockAt(off int64) int {
	for n, b := range d.blocks {
		if off >= b.offset && off < b.offset+int64(b.length) {
			return n
		}
	}
	return -1
}

// check wants err to name the file, and the block where there is one.
func (d *damaged) check(what string, off int64, err error) {
	d.Helper()
	var c *CorruptError
	if !errors.As(err, &c) {
		d.Fatalf("%s %d: %v", what, off, err)
	}
	block := d.blockAt(off)
	if c.Shard != d.path || c.Block != block || block >= 0 && c.Offset != d.blocks[block].offset {
		d.Fatalf("%s %d is in block %d: %v", what, off, block, err)
	}
}

// readThrough opens the set and reads all of it, block by block; what it reads must be right even
// where the rest is not.
func (d *damaged) readThrough() error {
	s, err := Open(d.dir)
	if err != nil {
		return err
	}
	var all error
	for _, b := range s.blocks {
		p := make([]byte, b.payload)
		if _, err := s.ReadAt(p, b.start); err != nil {
			all = errors.Join(all, err)
		} else if string(p) != d.text[b.start:b.start+int64(b.payload)] {
			d.Fatalf("the block at byte %d is wrong and no error", b.start)
		}
	}
	return all
}

func TestEveryFlippedBitIsFound(t *testing.T) {
	d := newDamaged(t)
	f := must(os.OpenFile(d.path, os.O_RDWR, 0))
	defer f.Close()
	for bit := range 8 * len(d.whole) {
		off := int64(bit / 8)
		must(f.WriteAt([]byte{d.whole[off] ^ 1<<(bit%8)}, off))
		r, err := Verify(d.dir)
		d.check("Verify, byte", off, err)
		if len(r.Problems) != 1 {
			t.Fatalf("bit %d: %d problems: %v", bit, len(r.Problems), err)
		}
		d.check("ReadAt, byte", off, d.readThrough())
		must(f.WriteAt(d.whole[off:off+1], off))
	}
}

func TestEveryTruncationIsFound(t *testing.T) {
	d := newDamaged(t)
	for n := len(d.whole) - 1; n >= 0; n-- {
		if err := os.Truncate(d.path, int64(n)); err != nil {
			t.Fatal(err)
		}
		off := max(headerSize, int64(n)) // with not even a header left, what is missing is block 0 and on
		_, err := Verify(d.dir)
		d.check("Verify, cut at", off, err)
		_, err = Open(d.dir)
		d.check("Open, cut at", off, err)
	}
}

// The same, seen by a reader that does not know the size from set.json.
func TestTruncationWithoutManifest(t *testing.T) {
	d := newDamaged(t)
	for n := range len(d.whole) {
		src := source{path: d.path, r: strings.NewReader(string(d.whole[:n])), size: int64(n)}
		_, err := src.readIndex()
		var c *CorruptError
		if !errors.As(err, &c) || int64(n) >= headerSize && int64(n) < d.end && c.Block != d.blockAt(int64(n)) {
			t.Errorf("cut at %d, in block %d: %v", n, d.blockAt(int64(n)), err)
		}
	}
}

func TestDamageToTheSet(t *testing.T) {
	for _, c := range []struct {
		name   string
		damage func(d *damaged) error
		want   []string
	}{
		{"missing shard", func(d *damaged) error { return os.Remove(d.path) },
			[]string{"train-00000.shard", "missing"}},
		{"longer shard", func(d *damaged) error { return os.WriteFile(d.path, append(d.whole, 0), 0o666) },
			[]string{"train-00000.shard", "set.json says"}},
		{"a directory for a shard", func(d *damaged) error { return errors.Join(os.Remove(d.path), os.Mkdir(d.path, 0o777)) },
			[]string{"train-00000.shard", "not a regular file"}},
		{"shard of another set", func(d *damaged) error {
			other := smallSet(d.T, strings.ToUpper(d.text), 30, 380)
			b, err := os.ReadFile(filepath.Join(other, "train-00000.shard"))
			return errors.Join(err, os.WriteFile(d.path, b, 0o666))
		}, []string{"train-00000.shard", "another set"}},
		{"no set.json", func(d *damaged) error { return os.Remove(filepath.Join(d.dir, manifestName)) },
			[]string{"set.json", "rondo shard --help"}},
		{"empty set.json", func(d *damaged) error { return os.Truncate(filepath.Join(d.dir, manifestName), 0) },
			[]string{"set.json", "JSON"}},
		{"newer shard", func(d *damaged) error {
			b := append([]byte(nil), d.whole...)
			b[8]++
			le.PutUint32(b[12:], checksum(b[:12]))
			return os.WriteFile(d.path, b, 0o666)
		}, []string{"train-00000.shard", "version 2", "version 1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDamaged(t)
			if err := c.damage(d); err != nil {
				t.Fatal(err)
			}
			_, verify := Verify(d.dir)
			_, open := Open(d.dir)
			for _, err := range []error{verify, open} {
				for _, w := range c.want {
					if err == nil || !strings.Contains(err.Error(), w) {
						t.Errorf("%v does not say %q", err, w)
					}
				}
			}
		})
	}
}

func TestFlippedBitOfTheManifestIsFound(t *testing.T) {
	d := newDamaged(t)
	path := filepath.Join(d.dir, manifestName)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range whole {
		b := append([]byte(nil), whole...)
		b[i] ^= 1 << (i % 8)
		if err := os.WriteFile(path, b, 0o666); err != nil {
			t.Fatal(err)
		}
		var c *CorruptError
		if _, err := Open(d.dir); !errors.As(err, &c) || c.Shard != path {
			t.Fatalf("byte %d: %v", i, err)
		}
	}
}

// A manifest that is whole but says the impossible.
func TestHostileManifest(t *testing.T) {
	d := newDamaged(t)
	for name, change := range map[string]func(m *Manifest){
		"version":   func(m *Manifest) { m.Version = 7 },
		"format":    func(m *Manifest) { m.Format = "zip" },
		"hash":      func(m *Manifest) { m.Hash = "abc" },
		"path":      func(m *Manifest) { m.Shards[0].Name = "../train-00000.shard" },
		"negative":  func(m *Manifest) { m.Shards[0].Bytes, m.Size = -5, m.Size-m.Shards[0].Bytes-5 },
		"sum":       func(m *Manifest) { m.Size++ },
		"no shards": func(m *Manifest) { m.Shards = nil },
		"overflow":  func(m *Manifest) { m.Shards[0].Bytes = 1<<63 - 1 },
		"kind":      func(m *Manifest) { m.Kind = "image" },
		"blocks":    func(m *Manifest) { m.Shards[0].Blocks++ },
		"set hash":  func(m *Manifest) { m.Hash = strings.Repeat("ab", 32) },
		"file hash": func(m *Manifest) { m.Shards[0].SHA256 = strings.Repeat("ab", 32) },
	} {
		t.Run(name, func(t *testing.T) {
			m := open(t, d.dir).manifest
			m.Shards = append([]File(nil), m.Shards...)
			change(&m)
			bad := t.TempDir()
			for _, f := range []string{"train-00000.shard", "train-00001.shard"} {
				if err := os.Link(filepath.Join(d.dir, f), filepath.Join(bad, f)); err != nil {
					t.Fatal(err)
				}
			}
			if err := writeManifest(bad, m); err != nil {
				t.Fatal(err)
			}
			var c *CorruptError
			if _, err := Verify(bad); !errors.As(err, &c) {
				t.Errorf("Verify: %v", err)
			}
		})
	}
}

// A report of a set with damage everywhere stays short and goes on past damaged blocks.
func TestVerifyReportsEveryBlock(t *testing.T) {
	dir := smallSet(t, words(2, 1000), 20, 1<<20)
	path := filepath.Join(dir, "train-00000.shard")
	s := open(t, dir)
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, n := range []int{3, 17, 40} {
		if _, err := f.WriteAt([]byte{0}, s.blocks[n].offset+blockHead+6); err != nil {
			t.Fatal(err)
		}
	}
	r, err := Verify(filepath.Dir(dir)) // the parent, which has train/ alone
	if err == nil || len(r.Problems) != 3 || r.Sets[0].Blocks != len(s.blocks)-3 {
		t.Fatalf("%d problems, %d blocks: %v", len(r.Problems), r.Sets[0].Blocks, err)
	}
	for i, n := range []int{3, 17, 40} {
		if p := r.Problems[i]; p.Block != n || p.Shard != path || p.Offset != s.blocks[n].offset {
			t.Errorf("problem %d: %v", i, p)
		}
	}
	for n := range s.blocks {
		if _, err := f.WriteAt([]byte{0}, s.blocks[n].offset+blockHead+6); err != nil {
			t.Fatal(err)
		}
	}
	if r, _ := Verify(dir); len(r.Problems) != maxProblems {
		t.Errorf("%d problems reported", len(r.Problems))
	}
}

// What the system says is not called damage.
func TestReadErrorsKeepTheirCause(t *testing.T) {
	cause := errors.New("i/o timeout")
	src := source{path: "x.shard", r: failing{cause}, size: 1000}
	_, err := src.readIndex()
	var c *CorruptError
	if !errors.Is(err, cause) || errors.As(err, &c) || !strings.Contains(err.Error(), "x.shard") {
		t.Error(err)
	}
}

type failing struct{ err error }

func (f failing) ReadAt([]byte, int64) (int, error) { return 0, f.err }
