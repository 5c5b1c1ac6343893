package coordinator

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"
)

// Limits of a writer. What is written again and again waits once, so many decisions may be taken while the record is away.
const (
	maxUnwritten = 1024
	writeTimeout = 5 * time.Second
	retryAfter   = time.Second
)

// writer writes to the record in order, beside the loop: training does not
// wait for the record, and outlives an outage of it.
type writer struct {
	log    *slog.Logger
	fenced chan struct{} // gets a token when a write was refused because we do not lead
	done   chan struct{}
	cancel context.CancelFunc

	mu     sync.Mutex
	queue  []entry
	more   chan struct{} // gets a token when the queue has grown, or was closed
	closed bool
}

// entry is a write that waits.
type entry struct {
	key   string // of the value that it replaces as a whole; "": it replaces none
	write func(context.Context) error
}

func newWriter(log *slog.Logger) *writer {
	ctx, cancel := context.WithCancel(context.Background())
	w := &writer{log: log, fenced: make(chan struct{}, 1), done: make(chan struct{}), cancel: cancel, more: make(chan struct{}, 1)}
	go w.run(ctx)
	return w
}

// write queues a write, in the place of an earlier one of its key that still waits: an outage of the record, or one that is
// slow, costs no write for each checkpoint. It is called by the loop alone, and not after close.
func (w *writer) write(key string, f func(context.Context) error) {
	w.mu.Lock()
	if key != "" {
		w.queue = slices.DeleteFunc(w.queue, func(e entry) bool { return e.key == key })
	}
	full := len(w.queue) == maxUnwritten
	if !full {
		w.queue = append(w.queue, entry{key, f})
	}
	w.mu.Unlock()
	if full {
		w.log.Error("the record does not take what is written to it; an entry is lost", "waiting", maxUnwritten)
	}
	w.tell()
}

func (w *writer) tell() {
	select {
	case w.more <- struct{}{}:
	default:
	}
}

// close waits a while for what is queued, then gives up.
func (w *writer) close(patience time.Duration) {
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	w.tell()
	late := time.AfterFunc(patience, w.cancel)
	<-w.done
	late.Stop()
	w.cancel()
}

func (w *writer) run(ctx context.Context) {
	defer close(w.done)
	for {
		f, closed := w.take()
		switch {
		case f != nil:
			if !w.persist(ctx, f) {
				return
			}
		case closed:
			return
		default:
			<-w.more
		}
	}
}

// take takes the first of the queue; nil: there is none, and where it is closed none will come.
func (w *writer) take() (f func(context.Context) error, closed bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.queue) == 0 {
		return nil, w.closed
	}
	f = w.queue[0].write
	w.queue = slices.Delete(w.queue, 0, 1)
	return f, w.closed
}

// persist tries a write until it succeeds; false when there is no use.
func (w *writer) persist(ctx context.Context, f func(context.Context) error) bool {
	for warned := false; ; warned = true {
		bounded, cancel := context.WithTimeout(ctx, writeTimeout)
		err := f(bounded)
		cancel()
		if err == nil {
			return true
		}
		if errors.Is(err, ErrNotLeader) {
			select {
			case w.fenced <- struct{}{}:
			default:
			}
		} else if !warned && ctx.Err() == nil {
			w.log.Warn("the record cannot be written; training goes on and it is tried again", "error", err)
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(retryAfter):
		}
	}
}
