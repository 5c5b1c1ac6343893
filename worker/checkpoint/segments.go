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
type Journal struct {
	dir     string
	remote  segments
	waiting int // lines that are not in the store yet
}

const linesAtOnce = 32

// NewJournal is the journal in dir. Nothing is written before the first Append.
func NewJournal(dir string) *Journal {
	return &Journal{dir: dir, remote: segments{dir: dir, format: "journal-%06d.jsonl"}}
}

// Append adds lines. In a store marks wait for other lines, or for Flush.
func (j *Journal) Append(lines ...JournalLine) error {
	if !objects.Named(j.dir) {
		return AppendJournal(j.dir, lines...)
	}
	text, err := encodeLines(lines)
	if err != nil {
		return err
	}
	j.remote.text, j.waiting = append(j.remote.text, text...), j.waiting+len(lines)
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
	if err := j.remote.flush(); err != nil {
		return fmt.Errorf("checkpoint: %s: %w", JournalName, err)
	}
	j.waiting = 0
	return nil
}

// segments are a file that grows, in a store, where nothing can be appended to: journal-000001.jsonl and on. A writer
// begins one of its own, under the first number that nobody has, and puts it anew with every few lines until it is full.
// A reader takes one after the other until there is none.
type segments struct {
	dir, format string
	number      int    // of the one that is written; 0: none is begun
	text        []byte // of it
}

const (
	segmentBytes = 256 << 10
	maxSegment   = 64 << 20 // bytes read of one
	maxSegments  = 1 << 20
)

// flush writes the text; a segment that is full by then is the writer's last word in it.
func (s *segments) flush() error {
	b, _, err := objects.At(s.dir)
	if err == nil {
		err = s.put(b)
	}
	if err == nil && len(s.text) >= segmentBytes {
		s.number, s.text = 0, nil
	}
	return err
}

func (s *segments) put(b *objects.Bucket) error {
	ctx := context.Background()
	if s.number > 0 {
		_, err := b.Put(ctx, s.key(s.number), s.text, objects.Always)
		return err
	}
	next, err := s.count(b)
	if err != nil {
		return err
	}
	for next++; next <= maxSegments; next++ {
		_, err := b.Put(ctx, s.key(next), s.text, objects.IfAbsent)
		if err == nil {
			s.number = next
			return nil
		}
		if !errors.Is(err, iofs.ErrExist) {
			return err
		}
	}
	return fmt.Errorf("%d segments are full", maxSegments)
}

func (s *segments) key(n int) string {
	_, _, key, _ := objects.Split(objects.Join(s.dir, fmt.Sprintf(s.format, n))) // dir was opened, so it is an address
	return key
}

// count is how many segments there are: those of 1, 2, 4, … and then the ones between are asked for, as a list may
// lag behind.
func (s *segments) count(b *objects.Bucket) (int, error) {
	has := func(n int) (bool, error) {
		_, err := b.Stat(context.Background(), s.key(n))
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
	s := NewJournal(dir).remote
	count, err := s.count(b)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %s: %w", JournalName, err)
	}
	var all []io.Reader
	for n := range count {
		text, _, err := b.Get(context.Background(), s.key(n+1), maxSegment)
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
