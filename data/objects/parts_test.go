package objects

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
)

// pattern is a store whose objects hold the number of the part in all bytes of it, and that compares with it what is written. It keeps
// nothing.
type pattern struct {
	Store
	size  int64
	fails func() bool // the next request; nil: none does
	wrong atomic.Int64
}

// stretches cuts bytes that begin at off where another part begins, and tells which each is of.
func stretches(p []byte, off int64, do func(p []byte, part byte)) {
	for len(p) > 0 {
		n := min(int64(len(p)), PartSize-off%PartSize)
		do(p[:n], byte(off/PartSize))
		p, off = p[n:], off+n
	}
}

// fill makes the bytes at off.
func fill(p []byte, off int64) {
	stretches(p, off, func(p []byte, part byte) {
		p[0] = part
		for n := 1; n < len(p); n *= 2 {
			copy(p[n:], p[:n])
		}
	})
}

// holds reports whether bytes are those at off.
func holds(p []byte, off int64) bool {
	ok := true
	stretches(p, off, func(p []byte, part byte) { ok = ok && bytes.Count(p, []byte{part}) == len(p) })
	return ok
}

func (s *pattern) bucket() *Bucket {
	return &Bucket{name: "zz://b", store: s, pause: func(context.Context, int) error { return nil }}
}

func (s *pattern) fault() error {
	if s.fails != nil && s.fails() {
		return &Error{Kind: Passing}
	}
	return nil
}

func (s *pattern) Stat(context.Context, string) (Info, error) { return Info{Size: s.size}, nil }

func (s *pattern) Read(_ context.Context, _ string, off int64, p []byte, _ string) error {
	fill(p, off)
	return s.fault() // also of bytes that have come
}

func (s *pattern) Upload(context.Context, string) (Upload, error) {
	return &patternUpload{pattern: s}, nil
}

type patternUpload struct {
	Upload
	*pattern
}

func (u *patternUpload) Part(_ context.Context, n int, data []byte) error {
	off := int64(n) * PartSize
	if int64(len(data)) != min(PartSize, u.size-off) || !holds(data, off) {
		u.wrong.Add(1)
	}
	return u.fault()
}

func (u *patternUpload) Commit(context.Context, int) error { return nil }

// nowAndThen has one request of three fail.
func nowAndThen() func() bool {
	var n atomic.Int64
	return func() bool { return n.Add(1)%3 == 0 }
}

func (s *pattern) write(t *testing.T) {
	t.Helper()
	w := s.bucket().Create(t.Context(), "k", Always)
	some := make([]byte, 100_000)
	for off := int64(0); off < s.size; {
		n := min(int64(len(some)), s.size-off)
		fill(some[:n], off)
		if _, err := w.Write(some[:n]); err != nil {
			t.Fatal(err)
		}
		off += n
	}
	if err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	if n := s.wrong.Load(); n > 0 {
		t.Errorf("%d parts are not what was written", n)
	}
}

func (s *pattern) read(t *testing.T) {
	t.Helper()
	a := NewAhead(&Object{bucket: s.bucket(), key: "k", info: Info{Size: s.size}})
	defer a.Close()
	some := make([]byte, 100_000)
	for off := int64(0); off < s.size; off += int64(len(some)) {
		s.compare(t, a, some[:min(int64(len(some)), s.size-off)], off)
	}
}

// compare reads p at off and looks whether it is what is there.
func (s *pattern) compare(t *testing.T, a *Ahead, p []byte, off int64) {
	t.Helper()
	if _, err := a.ReadAt(p, off); err != nil {
		t.Error(err)
		return
	}
	if !holds(p, off) {
		t.Errorf("%d bytes at %d are others", len(p), off)
	}
}

// TestLargeMemory: large objects are written and read, one after the other, in memory of a few parts.
func TestLargeMemory(t *testing.T) {
	s := &pattern{size: 8*PartSize + 12345}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	const times = 3
	for range times {
		s.write(t)
		s.read(t)
	}
	runtime.ReadMemStats(&after)
	const little = 2 << 20 // for each: memory of less than a part on the way to one
	if n, most := int64(after.TotalAlloc-before.TotalAlloc), int64(WriterMemory+2*times*little); n > most {
		t.Errorf("%d times %d MiB took %d MiB to write and read, want at most %d", times, s.size>>20, n>>20, most>>20)
	}
}

// TestPartsOnce: memory of a part that is sent or read once more, or that is let go while it is read, is nobody else's meanwhile.
func TestPartsOnce(t *testing.T) {
	s := &pattern{size: 3*PartSize + 99, fails: nowAndThen()}
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() { s.write(t) })
		all.Go(func() { s.read(t) })
		all.Go(func() { // here and there, so that parts are let go while they come
			a := NewAhead(&Object{bucket: s.bucket(), key: "k", info: Info{Size: s.size}})
			draw := rand.New(rand.NewPCG(1, 2))
			for range 5 {
				off := draw.Int64N(s.size - 1000)
				var both sync.WaitGroup
				both.Go(func() { s.compare(t, a, make([]byte, 1000), off) })
				both.Go(func() { s.compare(t, a, make([]byte, 500), (off+PartSize)%(s.size-500)) })
				both.Wait()
				a.Close()
			}
		})
	}
	all.Wait()
}

// TestAheadFails: a part that cannot be read is an error, and is read when it can be.
func TestAheadFails(t *testing.T) {
	down := true
	s := &pattern{size: 3 * PartSize}
	s.fails = func() bool { return down }
	a := NewAhead(&Object{bucket: s.bucket(), key: "k", info: Info{Size: 10}})
	if _, err := a.ReadAt(make([]byte, 10), 0); kindOf(err) != Passing || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a store that is down: %v", err)
	}
	down = false
	s.compare(t, a, make([]byte, 10), 0)
}
