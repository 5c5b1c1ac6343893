package shard

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func TestReadAt(t *testing.T) {
	text := words(5, 10_000)
	s := open(t, smallSet(t, text, 100, 1500))
	if s.Size() != int64(len(text)) || s.Kind() != KindText || s.Records() != 100 {
		t.Fatalf("size %d, kind %q, records %d", s.Size(), s.Kind(), s.Records())
	}
	if len(s.paths) < 5 {
		t.Fatalf("%d shards: the test wants several", len(s.paths))
	}
	for _, n := range []int{1, 99, 100, 101, 1000, 20_000} {
		if got := readAll(t, s, n); got != text {
			t.Fatalf("read %d at a time: another text", n)
		}
	}
	p := make([]byte, 10)
	for _, c := range []struct {
		off int64
		n   int
		err error
	}{{9990, 10, nil}, {9995, 5, io.EOF}, {10_000, 0, io.EOF}, {1 << 62, 0, io.EOF}, {1<<63 - 1, 0, io.EOF}} {
		if n, err := s.ReadAt(p, c.off); n != c.n || err != c.err {
			t.Errorf("ReadAt %d: %d, %v", c.off, n, err)
		}
	}
	if _, err := s.ReadAt(p, -1); err == nil {
		t.Error("ReadAt -1: accepted")
	}
	if n, err := s.ReadAt(nil, 5); n != 0 || err != nil {
		t.Errorf("ReadAt of nothing: %d, %v", n, err)
	}
}

// Many goroutines read through a cache that is too small for them: right bytes, bounded memory.
func TestConcurrentReadsAreBounded(t *testing.T) {
	text := words(6, 20_000)
	s, err := OpenWith(smallSet(t, text, 64, 4096), Options{CacheBlocks: 3})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(g), 7))
			p := make([]byte, 150)
			for range 300 {
				off := rng.IntN(len(text) - len(p))
				if _, err := s.ReadAt(p, int64(off)); err != nil || string(p) != text[off:off+len(p)] {
					t.Errorf("at %d: wrong bytes, %v", off, err)
					return
				}
				s.cache.mu.Lock()
				n, m := len(s.cache.at), s.cache.order.Len()
				s.cache.mu.Unlock()
				if n > 3 || n != m {
					t.Errorf("%d blocks in the cache, %d in its order; the limit is 3", n, m)
				}
			}
		})
	}
	wg.Wait()
}

// Readers that want one block at the same time load it once.
func TestConcurrentReadersShareALoad(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	c := newCache(2, func(int) (content, error) {
		close(entered) // a second load would panic here
		<-release
		return content{payload: []byte("block")}, nil
	})
	var wg sync.WaitGroup
	get := func() {
		if b, err := c.get(7); string(b.payload) != "block" || err != nil {
			t.Errorf("%q, %v", b.payload, err)
		}
	}
	wg.Go(get)
	<-entered
	for range 4 {
		wg.Go(get)
	}
	close(release)
	wg.Wait()
	if c.loads != 1 {
		t.Errorf("%d loads", c.loads)
	}
}

// A failed load is not remembered.
func TestCacheTriesAgain(t *testing.T) {
	failure := errors.New("cable cut")
	c := newCache(2, func(int) (content, error) { err := failure; failure = nil; return content{payload: []byte("x")}, err })
	if _, err := c.get(0); err == nil {
		t.Fatal("no error")
	}
	if b, err := c.get(0); string(b.payload) != "x" || err != nil {
		t.Fatalf("%q, %v", b.payload, err)
	}
}

// Every record comes back, whatever blocks and shards they lie in, and a set of records is known by its kind and meta too.
func TestRecords(t *testing.T) {
	var records [][]byte
	for i := range 40 {
		records = append(records, bytes.Repeat([]byte{byte(i)}, i*7%23))
	}
	hashes := map[string]bool{}
	for _, size := range []struct{ block, shard int64 }{{1, 200}, {50, 300}, {1 << 16, 1 << 20}} {
		for _, meta := range []string{`{"shape": [2, 3], "<": "é"}`, `{"shape":[3,2]}`} {
			dir := t.TempDir()
			w := must(NewWriter(WriterOptions{Dir: dir, Name: "train", Kind: "numbers", Meta: []byte(meta), BlockBytes: size.block, ShardBytes: size.shard}))
			for _, r := range records {
				if err := w.Append(r); err != nil {
					t.Fatal(err)
				}
			}
			must(w.Commit())
			if _, err := Verify(dir); err != nil {
				t.Fatal(err)
			}
			s := open(t, dir)
			hashes[s.Hash()] = true
			for i := len(records) - 1; i >= 0; i-- {
				if got, err := s.Record(int64(i)); err != nil || !bytes.Equal(got, records[i]) {
					t.Errorf("%+v: record %d is %v, %v", size, i, got, err)
				}
			}
			for _, i := range []int64{-1, 40} {
				if _, err := s.Record(i); err == nil {
					t.Errorf("record %d: no error", i)
				}
			}
		}
	}
	if len(hashes) != 2 {
		t.Errorf("%d hashes for two sorts of meta", len(hashes))
	}
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	put(t, file, "text")
	for _, c := range []struct{ name, dir, want string }{
		{"no such directory", filepath.Join(dir, "none"), "no shard set at"},
		{"a file", file, "set.json"},
		{"an empty directory", dir, "rondo shard --help"},
	} {
		_, err := Open(c.dir)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), c.dir) {
			t.Errorf("%s: %v", c.name, err)
		}
		if _, err := Verify(c.dir); err == nil {
			t.Errorf("%s: verified", c.name)
		}
	}
	set := smallSet(t, "abc", 64, 1<<20)
	if _, err := Open(filepath.Dir(set)); err == nil || !strings.Contains(err.Error(), "there is one in "+set) {
		t.Errorf("the directory that a set is in: %v", err)
	}
	if _, err := OpenWith(set, Options{CacheBlocks: -1}); err == nil {
		t.Error("a cache of -1 blocks: accepted")
	}
}

// A set that changes under a reader gives an error, not other bytes.
func TestShardGoneAfterOpen(t *testing.T) {
	dir := smallSet(t, words(1, 1000), 100, 1<<20)
	s := open(t, dir)
	if err := os.Truncate(filepath.Join(dir, "train-00000.shard"), 500); err != nil {
		t.Fatal(err)
	}
	var c *CorruptError
	if _, err := s.ReadAt(make([]byte, 10), 900); !errors.As(err, &c) {
		t.Errorf("cut short: %v", err)
	}
	if err := os.Remove(filepath.Join(dir, "train-00000.shard")); err != nil {
		t.Fatal(err)
	}
	if _, err := s.ReadAt(make([]byte, 10), 900); !errors.As(err, &c) || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing: %v", err)
	}
}
