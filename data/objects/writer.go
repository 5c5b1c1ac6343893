package objects

import (
	"context"
	"sync"
)

// uploads is how many parts of an object are on their way at once.
const uploads = 4

// Writer makes an object of what is written to it: one of several parts, which are sent while more is written, or a
// single put where one part is enough. It is not for concurrent use.
type Writer struct {
	ctx    context.Context
	cancel context.CancelCauseFunc // with the first error of a part
	bucket *Bucket
	key    string
	when   Condition
	buf    []byte
	up     Upload // nil: none begun
	parts  int
	slots  chan struct{} // one is taken by each part on its way
	busy   sync.WaitGroup
}

// Create begins an object. It is there once Commit has returned, and never half. A condition is for objects of
// one part.
func (b *Bucket) Create(ctx context.Context, key string, when Condition) *Writer {
	ctx, cancel := context.WithCancelCause(ctx)
	return &Writer{ctx: ctx, cancel: cancel, bucket: b, key: key, when: when, slots: make(chan struct{}, uploads)}
}

func (w *Writer) Write(p []byte) (n int, err error) {
	for len(p) > 0 {
		if err := context.Cause(w.ctx); err != nil {
			return n, err
		}
		if len(w.buf) == PartSize {
			if err := w.send(); err != nil {
				return n, err
			}
		}
		c := min(PartSize-len(w.buf), len(p))
		w.makeRoom(len(w.buf) + c)
		w.buf = append(w.buf, p[:c]...)
		n, p = n+c, p[c:]
	}
	return n, nil
}

// makeRoom has the part at hand hold n bytes.
func (w *Writer) makeRoom(n int) {
	if n <= cap(w.buf) {
		return
	}
	n = min(PartSize, max(n, 2*cap(w.buf)))
	if w.parts > 0 {
		n = PartSize // the object is a large one
	}
	room := takePart(n)[:len(w.buf)]
	copy(room, w.buf)
	w.buf = room
}

// send has the part that is full written beside what comes.
func (w *Writer) send() error {
	if w.up == nil {
		err := w.bucket.retry(w.ctx, 0, func(ctx context.Context, _ int) (err error) {
			w.up, err = w.bucket.store.Upload(ctx, w.key)
			return err
		})
		if err != nil {
			return err
		}
	}
	part, n := w.buf, w.parts
	w.parts++
	w.buf = nil
	w.slots <- struct{}{}
	w.busy.Go(func() {
		defer func() { <-w.slots }()
		tries := 0
		err := w.bucket.retry(w.ctx, len(part), func(ctx context.Context, _ int) error {
			tries++
			return w.up.Part(ctx, n, part)
		})
		switch {
		case err != nil:
			w.cancel(err)
		case tries == 1: // a request that broke may read the memory still
			givePart(part)
		}
	})
	return nil
}

// Commit sends what is left and makes the object.
func (w *Writer) Commit() error {
	if w.up == nil {
		_, tries, err := w.bucket.put(w.ctx, w.key, w.buf, w.when)
		w.cancel(nil)
		if err == nil && tries == 1 {
			givePart(w.buf)
		}
		w.buf = nil
		return err
	}
	if w.when != Always {
		w.Abort()
		return &Error{Kind: Failed, Op: "put", Bucket: w.bucket.name, Key: w.key, Advice: "an object with a condition has one part"}
	}
	err := w.send()
	w.busy.Wait()
	if err == nil {
		err = context.Cause(w.ctx)
	}
	if err == nil {
		err = w.bucket.retry(w.ctx, 0, func(ctx context.Context, _ int) error { return w.up.Commit(ctx, w.parts) })
	}
	if err != nil {
		w.Abort()
	}
	w.cancel(nil)
	return err
}

// Abort forgets the object, unless it was committed.
func (w *Writer) Abort() {
	w.cancel(nil)
	w.busy.Wait()
	givePart(w.buf)
	w.buf = nil
	if w.up == nil {
		return
	}
	// A part that stays costs its room until the bucket's rules remove it: nothing else depends on this.
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_ = w.up.Abort(ctx)
	w.up = nil
}
