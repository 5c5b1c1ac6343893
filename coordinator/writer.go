package coordinator

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
)

// Limits of a writer.
const (
	maxUnwritten = 1024
	writeTimeout = 5 * time.Second
	retryAfter   = time.Second
)

// writer writes to the record in order, beside the loop: training does not
// wait for the record, and outlives an outage of it.
type writer struct {
	log    *slog.Logger
	queue  chan func(context.Context) error
	fenced chan struct{} // gets a token when a write was refused because we do not lead
	done   chan struct{}
	cancel context.CancelFunc
	once   sync.Once
}

func newWriter(log *slog.Logger) *writer {
	ctx, cancel := context.WithCancel(context.Background())
	w := &writer{log: log, queue: make(chan func(context.Context) error, maxUnwritten),
		fenced: make(chan struct{}, 1), done: make(chan struct{}), cancel: cancel}
	go w.run(ctx)
	return w
}

// write queues a write. It is called by the loop alone, and not after close.
func (w *writer) write(f func(context.Context) error) {
	select {
	case w.queue <- f:
	default:
		w.log.Error("the record does not take what is written to it; an entry is lost", "waiting", maxUnwritten)
	}
}

// close waits a while for what is queued, then gives up.
func (w *writer) close(patience time.Duration) {
	w.once.Do(func() { close(w.queue) })
	late := time.AfterFunc(patience, w.cancel)
	<-w.done
	late.Stop()
	w.cancel()
}

func (w *writer) run(ctx context.Context) {
	defer close(w.done)
	for f := range w.queue {
		if !w.persist(ctx, f) {
			return
		}
	}
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
