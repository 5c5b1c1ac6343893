package shard

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// put writes a file, with the directories it is in.
func put(t testing.TB, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
		t.Fatal(err)
	}
}

func symlink(t testing.TB, from, to string) {
	t.Helper()
	if err := os.Symlink(from, to); err != nil {
		t.Fatal(err)
	}
}

func hardlink(t testing.TB, from, to string) {
	t.Helper()
	if err := os.Link(from, to); err != nil {
		t.Fatal(err)
	}
}

// words makes n bytes of text, the same for the same seed.
func words(seed uint64, n int) string {
	rng := rand.New(rand.NewPCG(seed, 1))
	list := []string{"the ", "ring ", "of ", "lanes\n", "größer ", "→ ", "x"}
	var b bytes.Buffer
	for b.Len() < n {
		b.WriteString(list[rng.IntN(len(list))])
	}
	whole := wholeRunes(b.Bytes()[:n])
	return string(whole) + strings.Repeat(".", n-len(whole))
}

// corpus makes a directory of files, each of a few hundred bytes.
func corpus(t testing.TB, files int) string {
	t.Helper()
	dir := t.TempDir()
	for i := range files {
		put(t, filepath.Join(dir, fmt.Sprintf("d%d", i%7), fmt.Sprintf("f%03d.txt", i)), words(uint64(i), 100+13*i))
	}
	return dir
}

// smallSet writes one set with the given text and returns its directory.
func smallSet(t testing.TB, text string, blockBytes, shardBytes int64) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "train")
	w, err := NewWriter(WriterOptions{Dir: dir, Name: "train", Kind: KindText, BlockBytes: blockBytes, ShardBytes: shardBytes})
	if err != nil {
		t.Fatal(err)
	}
	set := &textSet{w: w, buf: make([]byte, blockBytes)}
	if err := set.add(bytes.NewReader([]byte(text))); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	return dir
}

// readAll reads a whole set through ReadAt, n bytes at a time.
func readAll(t testing.TB, s *Set, n int) string {
	t.Helper()
	out := make([]byte, s.Size())
	for i, part := range slices.Collect(slices.Chunk(out, n)) {
		if _, err := s.ReadAt(part, int64(i*n)); err != nil {
			t.Fatal(err)
		}
	}
	return string(out)
}

func open(t testing.TB, dir string) *Set {
	t.Helper()
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// memorySet is a set whose blocks come from memory, for tests of what is above the files.
func memorySet(text []byte, blockBytes int) *Set {
	s := &Set{dir: "memory", manifest: Manifest{Kind: KindText, Size: int64(len(text))}}
	for at := 0; at < len(text); at += blockBytes {
		s.blocks = append(s.blocks, block{start: int64(at)})
	}
	s.cache = newCache(2, func(i int) (content, error) {
		return content{payload: text[i*blockBytes : min(len(text), (i+1)*blockBytes)]}, nil
	})
	return s
}

// must is for what a test sets up, not for what it tests.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
