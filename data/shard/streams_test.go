package shard

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Each pair is used exactly once an epoch, for any size, batch and length; and Count is the truth.
func TestEachPairOnceAnEpoch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		batch := rapid.IntRange(1, 9).Draw(t, "batch")
		length := rapid.IntRange(1, 12).Draw(t, "length")
		size := batch*length + 1 + rapid.IntRange(0, 300).Draw(t, "more")
		epoch := rapid.IntRange(0, 3).Draw(t, "epoch")
		text := []byte(words(uint64(size), size))
		share, whole := 1.0, text
		if rapid.Bool().Draw(t, "shared") {
			share = 0.5 // of a text twice as long
			whole = append(bytes.Clone(text), words(1, size)...)
		}
		s, err := NewStreamsOf(memorySet(whole, rapid.IntRange(1, 64).Draw(t, "block")), share, batch, length)
		if err != nil {
			t.Fatal(err)
		}
		used := make([]int, size-1)
		next := make([]int64, batch) // where each row must go on
		in, target := make([]byte, length+1), make([]byte, length+1)
		for i := range s.StepsPerEpoch() {
			step := epoch*s.StepsPerEpoch() + i
			p, sum := s.Step(step), 0
			if p.Epoch != epoch || p.StepOfEpoch != i || p.FirstOfEpoch != (i == 0) || p.Step != step {
				t.Fatalf("step %d: %+v", step, p)
			}
			for row := range batch {
				n, err := s.Read(step, row, in, target)
				if err != nil {
					t.Fatal(err)
				}
				first, _ := s.Span(step, row)
				if i > 0 && n > 0 && first != next[row] {
					t.Fatalf("step %d row %d begins at pair %d, not %d", step, row, first, next[row])
				}
				next[row] = first + int64(n)
				sum += n
				for k := range n {
					used[first+int64(k)]++
				}
				if n > 0 && (!bytes.Equal(in[:n], text[first:first+int64(n)]) ||
					!bytes.Equal(target[:n], text[first+1:first+1+int64(n)])) {
					t.Fatalf("step %d row %d: wrong bytes", step, row)
				}
				if bytes.Trim(in[n:], "\x00") != nil || bytes.Trim(target[n:], "\x00") != nil {
					t.Fatalf("step %d row %d: no zeroes after %d pairs", step, row, n)
				}
			}
			if sum != p.Count || sum == 0 {
				t.Fatalf("step %d: %d targets, Count says %d", step, sum, p.Count)
			}
		}
		for pair, n := range used {
			if n != 1 {
				t.Fatalf("pair %d is used %d times", pair, n)
			}
		}
	})
}

// The bounds of streams of a text far larger than any test reads.
func TestStreamsOfAHugeText(t *testing.T) {
	const size = 1 << 62
	set := &Set{manifest: Manifest{Kind: KindText, Size: size}, cache: newCache(1, nil)}
	s, err := NewStreams(set, 1_000_003, 512)
	if err != nil {
		t.Fatal(err)
	}
	if got := s.bound(s.batch); got != size-1 {
		t.Fatalf("the last stream ends at %d", got)
	}
	for row := range int64(1000) {
		n := s.bound(row+1) - s.bound(row)
		if short := s.pairs / s.batch; n != short && n != short+1 {
			t.Fatalf("stream %d has %d pairs, not %d or one more", row, n, short)
		}
	}
}

func TestStreamsRefuse(t *testing.T) {
	text := func(n int) *Set { return memorySet([]byte(words(1, n)), 64) }
	images := text(1000)
	images.manifest.Kind = "image"
	for _, c := range []struct {
		name          string
		set           *Set
		batch, length int
		want          []string
	}{
		{"short text", text(128), 8, 16, []string{"128 bytes", "batch.global 8", "batch.length 16", "8*16+1"}},
		{"one byte", text(1), 1, 1, []string{"1 bytes"}},
		{"no rows", text(100), 0, 1, []string{"batch.global 0"}},
		{"no steps", text(100), 1, -4, []string{"batch.length -4"}},
		{"overflow", text(100), math.MaxInt, math.MaxInt, []string{"too few"}},
		{"not text", images, 1, 1, []string{`"image"`, `"text"`}},
	} {
		_, err := NewStreams(c.set, c.batch, c.length)
		if err == nil {
			t.Errorf("%s: accepted", c.name)
			continue
		}
		for _, w := range c.want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s: %q does not say %q", c.name, err, w)
			}
		}
	}
	if _, err := NewStreamsOf(text(200), 0.6, 8, 16); err == nil || !strings.Contains(err.Error(), "120 of its 200 bytes in use (data.share)") {
		t.Errorf("a share too small: %v", err)
	}
	if _, err := NewStreams(text(129), 8, 16); err != nil {
		t.Errorf("a text of exactly one batch: %v", err)
	}
}

func TestStreamsReadRefuses(t *testing.T) {
	s, err := NewStreams(memorySet([]byte(words(1, 100)), 64), 2, 8)
	if err != nil {
		t.Fatal(err)
	}
	room := make([]byte, 8)
	for _, c := range []struct {
		step, row  int
		in, target []byte
	}{{-1, 0, room, room}, {0, -1, room, room}, {0, 2, room, room}, {0, 0, room[:7], room}, {0, 0, room, nil}} {
		if _, err := s.Read(c.step, c.row, c.in, c.target); err == nil {
			t.Errorf("step %d row %d with %d and %d bytes: accepted", c.step, c.row, len(c.in), len(c.target))
		}
	}
}

// Rows that walk their streams side by side load each block about once: the cache is large enough.
func TestStreamsLoadBlocksOnce(t *testing.T) {
	text := []byte(words(3, 40_000))
	for _, batch := range []int{1, 7, 32} {
		set := memorySet(text, 64)
		s, err := NewStreams(set, batch, 16)
		if err != nil {
			t.Fatal(err)
		}
		in, target := make([]byte, 16), make([]byte, 16)
		for step := range s.StepsPerEpoch() {
			for row := range batch {
				if _, err := s.Read(step, row, in, target); err != nil {
					t.Fatal(err)
				}
			}
		}
		// Streams that meet within a block both load it.
		if most := len(set.blocks) + batch; set.cache.loads > most {
			t.Errorf("batch %d: %d loads of %d blocks", batch, set.cache.loads, len(set.blocks))
		}
		if len(set.cache.at) > 2*max(batch, 1) {
			t.Errorf("batch %d: %d blocks in the cache", batch, len(set.cache.at))
		}
	}
}
