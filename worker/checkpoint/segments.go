package checkpoint

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	iofs "io/fs"

	"github.com/rondo-ml/rondo/data/objects"
)

// Journal is the journal in a checkpoint directory, being written.
//
// In a store nothing can be appended to. There the journal is segments, journal-000001.jsonl and on. A writer begins one of
// its own, under the first number that nobody has, and puts it anew with every few lines until it is full. A reader takes
// one after the other until there is none.
type Journal struct {
	dir     string
	segment int    // 0: none begun
	text    []byte // of the segment
	waiting int    // lines of text that are not there yet
}

const (
	segmentBytes  = 256 << 10
	linesAtOnce   = 32
	maxSegment    = 64 << 20 // bytes read of one
	maxSegments   = 1 << 20
	segmentFormat = "journal-%06d.jsonl"
)

// NewJournal is the journal in dir. Nothing is written before the first Append.
func NewJournal(dir string) *Journal { return &Journal{dir: dir} }

// Append adds lines. In a store marks wait for other lines, or for Flush.
func (j *Journal) Append(lines ...JournalLine) error {
	if !objects.Named(j.dir) {
		return AppendJournal(j.dir, lines...)
	}
	text, err := encodeLines(lines)
	if err != nil {
		return err
	}
	j.text, j.waiting = append(j.text, text...), j.waiting+len(lines)
	for _, l := range lines {
		if l.View != nil || l.LR != nil || l.Stop || l.Checkpoint {
			return j.Flush()
		}
	}
	if j.waiting >= linesAtOnce {
		return j.Flush()
	}
	return nil
}

// Flush writes what waits.
func (j *Journal) Flush() error {
	if j.waiting == 0 {
		return nil
	}
	b, _, err := objects.At(j.dir)
	if err == nil {
		err = j.put(b)
	}
	if err != nil {
		return fmt.Errorf("checkpoint: %s: %w", JournalName, err)
	}
	j.waiting = 0
	if len(j.text) >= segmentBytes {
		j.segment, j.text = 0, nil
	}
	return nil
}

func (j *Journal) put(b *objects.Bucket) error {
	ctx := context.Background()
	if j.segment > 0 {
		_, err := b.Put(ctx, segmentKey(j.dir, j.segment), j.text, objects.Always)
		return err
	}
	next, err := segmentsOf(b, j.dir)
	if err != nil {
		return err
	}
	for next++; next <= maxSegments; next++ {
		_, err := b.Put(ctx, segmentKey(j.dir, next), j.text, objects.IfAbsent)
		if err == nil {
			j.segment = next
			return nil
		}
		if !errors.Is(err, iofs.ErrExist) {
			return err
		}
	}
	return fmt.Errorf("%d segments are full", maxSegments)
}

func segmentKey(dir string, n int) string {
	_, _, key, _ := objects.Split(objects.Join(dir, fmt.Sprintf(segmentFormat, n))) // dir was opened, so it is an address
	return key
}

// segmentsOf is how many segments there are: those of 1, 2, 4, … and then the ones between are asked for, as a list may
// lag behind.
func segmentsOf(b *objects.Bucket, dir string) (int, error) {
	has := func(n int) (bool, error) {
		_, err := b.Stat(context.Background(), segmentKey(dir, n))
		if errors.Is(err, iofs.ErrNotExist) {
			return false, nil
		}
		return err == nil, err
	}
	low, high := 0, 1 // low is there, high is not
	for ; high <= maxSegments; high *= 2 {
		if ok, err := has(high); err != nil || !ok {
			if err != nil {
				return 0, err
			}
			break
		}
		low = high
	}
	for high-low > 1 {
		ok, err := has((low + high) / 2)
		if err != nil {
			return 0, err
		}
		if ok {
			low = (low + high) / 2
		} else {
			high = (low + high) / 2
		}
	}
	return low, nil
}

// readRemoteJournal reads all segments in order.
func readRemoteJournal(dir string) ([]JournalLine, error) {
	b, _, err := objects.At(dir)
	if err != nil {
		return nil, err
	}
	count, err := segmentsOf(b, dir)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %s: %w", JournalName, err)
	}
	var all []io.Reader
	for n := range count {
		text, _, err := b.Get(context.Background(), segmentKey(dir, n+1), maxSegment)
		if err != nil {
			return nil, fmt.Errorf("checkpoint: %s: %w", JournalName, err)
		}
		all = append(all, bytes.NewReader(text), bytes.NewReader([]byte{'\n'}))
	}
	lines, err := decodeJournal(io.MultiReader(all...))
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %s: %w", dir, err)
	}
	return lines, nil
}
