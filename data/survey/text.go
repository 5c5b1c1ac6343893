package survey

import (
	"github.com/rondo-ml/rondo/data/shard"
)

// Text is what is in a text.
type Text struct {
	Characters int64 // of UTF-8; bytes that belong to none count as one each, unless they look like the rest of one
	Lines      int64 // that end in a newline
	Distinct   int   // bytes that are there
	Bytes      [256]int64
	First      string // the beginning
}

// textChunk is the bytes that are counted in one go.
const textChunk = 1 << 20

// firstBytes is how much of the beginning is kept.
const firstBytes = 2048

// readText counts the bytes of a text.
func readText(set *shard.Set, workers int) (*Text, error) {
	t := &Text{}
	count := func(c int) (*[256]int64, error) {
		var counts [256]int64
		start := int64(c) * textChunk
		b := make([]byte, min(textChunk, set.Size()-start))
		if _, err := set.ReadAt(b, start); err != nil {
			return nil, err
		}
		for _, v := range b {
			counts[v]++
		}
		return &counts, nil
	}
	chunks := int((set.Size() + textChunk - 1) / textChunk)
	err := inOrder(workers, chunks, count, func(counts *[256]int64) {
		for v, n := range counts {
			t.Bytes[v] += n
		}
	})
	if err != nil {
		return nil, err
	}
	for v, n := range t.Bytes {
		if n > 0 {
			t.Distinct++
		}
		if continues := v&0xc0 == 0x80; !continues {
			t.Characters += n
		}
	}
	t.Lines = t.Bytes['\n']
	first := make([]byte, min(firstBytes, set.Size()))
	if _, err := set.ReadAt(first, 0); err != nil {
		return nil, err
	}
	t.First = string(first)
	return t, nil
}
