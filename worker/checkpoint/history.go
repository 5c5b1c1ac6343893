package checkpoint

import (
	"context"
	"errors"
	"fmt"
	"io"
	iofs "io/fs"
	"os"
	"path/filepath"

	"github.com/rondo-ml/rondo/data/objects"
)

// HistoryName is the file in a checkpoint directory in which the run keeps its curves, as package history frames them.
// It is for those who look: a run goes on without it.
const HistoryName = "history"

// historyAtOnce is how much waits before it is written into a store.
const historyAtOnce = 32 << 10

// History is the history in a checkpoint directory, being written.
type History struct {
	dir     string
	remote  segments
	waiting int // bytes that are not in the store yet
}

// NewHistory is the history in dir. Nothing is written before the first Append.
func NewHistory(dir string) *History { return &History{dir: dir, remote: historySegments(dir)} }

func historySegments(dir string) segments { return segments{dir: dir, format: HistoryName + "-%06d"} }

// Append adds frames. They are not synced, and in a store a part of them waits for others, or for Flush.
func (h *History) Append(frames []byte) error {
	if len(frames) == 0 {
		return nil
	}
	if objects.Named(h.dir) {
		if h.waiting > segmentBytes { // the store takes nothing: what waits is let go
			h.remote.text, h.waiting = h.remote.text[:len(h.remote.text)-h.waiting], 0
		}
		h.remote.text, h.waiting = append(h.remote.text, frames...), h.waiting+len(frames)
		if h.waiting < historyAtOnce {
			return nil
		}
		return h.Flush()
	}
	f, err := openToAppend(filepath.Join(h.dir, HistoryName))
	if err != nil {
		return err
	}
	_, err = f.Write(frames)
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	return nil
}

// Flush writes what waits.
func (h *History) Flush() error {
	if h.waiting == 0 {
		return nil
	}
	if err := h.remote.flush(); err != nil {
		return fmt.Errorf("checkpoint: %s: %w", HistoryName, err)
	}
	h.waiting = 0
	return nil
}

// ReadHistory reads a piece of the history in a checkpoint directory, from where the piece before ended: 0 at first. It
// is empty where there is no more.
func ReadHistory(dir string, from uint64) (piece []byte, next uint64, err error) {
	if objects.Named(dir) {
		return readRemoteHistory(dir, from)
	}
	path := filepath.Join(dir, HistoryName)
	if info, err := os.Stat(path); errors.Is(err, iofs.ErrNotExist) {
		return nil, from, nil
	} else if err == nil && !info.Mode().IsRegular() { // opening a pipe would wait for ever
		return nil, from, fmt.Errorf("checkpoint: %s is not a file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, from, fmt.Errorf("checkpoint: %w", err)
	}
	defer f.Close()
	piece = make([]byte, segmentBytes)
	n, err := f.ReadAt(piece, int64(min(from, 1<<62)))
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, from, fmt.Errorf("checkpoint: %w", err)
	}
	return piece[:n], from + uint64(n), nil
}

// remotePlace is where a reader is in a store: the number of segments that it has left behind, above the bytes that it
// has of the one after them.
const remotePlace = 27

// readRemoteHistory reads what is new in the segment where the reader is, which may have grown, and else the one behind.
func readRemoteHistory(dir string, from uint64) (piece []byte, next uint64, err error) {
	b, _, err := objects.At(dir)
	if err != nil {
		return nil, from, err
	}
	s := historySegments(dir)
	behind, has := from>>remotePlace, int64(from&(1<<remotePlace-1))
	for ; behind < maxSegments; behind, has = behind+1, 0 {
		key := s.key(int(behind) + 1)
		info, err := b.Stat(context.Background(), key)
		var text []byte
		if err == nil && info.Size > has {
			text, _, err = b.Get(context.Background(), key, maxSegment)
		}
		if errors.Is(err, iofs.ErrNotExist) {
			return nil, from, nil
		}
		if err != nil {
			return nil, from, fmt.Errorf("checkpoint: %s: %w", HistoryName, err)
		}
		if end := min(int64(len(text)), has+segmentBytes); end > has {
			return text[has:end], behind<<remotePlace | uint64(end), nil
		}
	}
	return nil, from, nil
}
