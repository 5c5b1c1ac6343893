package dirlock

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"time"

	"github.com/rondo-ml/rondo/data/objects"
)

// In an object store nothing is locked, and nobody tells that a process has ended. There the owner file is a lease: its text is
// renewed by the processes of the run, and another run may replace it, by a conditional write, once it has seen for
// leaseTime that nobody does. It needs no clock but the one of whoever waits.
const (
	renewEvery = 4 * time.Second
	lookEvery  = time.Second
	leaseTime  = 15 * time.Second
)

// note is the owner file of a store.
type note struct {
	Owner
	By       string `json:"by"`   // the process that wrote this text
	Beat     uint64 `json:"beat"` // how often it was renewed
	Released bool   `json:"released,omitempty"`
}

// lease is a process's share in a directory of a store.
type lease struct {
	bucket   *objects.Bucket
	dir, key string
	self     string
	end      context.CancelFunc
	ended    sync.WaitGroup

	mu   sync.Mutex
	note note
	etag string
	lost error // another run has the directory
}

// acquireLease holds dir for the processes of o.ID. It blocks for leaseTime while it is not known whether the
// run that had it lives.
func acquireLease(dir string, o Owner) (*lease, error) {
	b, key, err := objects.At(objects.Join(dir, FileName))
	if err != nil {
		return nil, err
	}
	l := &lease{bucket: b, dir: dir, key: key, self: rand.Text()}
	ctx, end := context.WithCancel(context.Background())
	l.end = end
	if err := l.take(ctx, o); err != nil {
		end()
		return nil, err
	}
	l.ended.Go(func() { l.keep(ctx) })
	return l, nil
}

// take gets the lease, or finds who renews it.
func (l *lease) take(ctx context.Context, o Owner) error {
	first, began := "", time.Now()
	for {
		there, etag, err := l.read(ctx)
		free := errors.Is(err, fs.ErrNotExist)
		switch {
		case err != nil && !free:
			return err
		case !free && there.ID == o.ID && !there.Released:
			l.note, l.etag = there, etag
			return nil
		case !free && !there.Released && first == "":
			first, began = etag, time.Now()
		case !free && !there.Released && etag != first:
			return &HeldError{Dir: l.dir, Owner: there.Owner}
		}
		if free || there.Released || time.Since(began) >= leaseTime {
			err := l.write(ctx, note{Owner: o}, etag)
			if err == nil || !errors.Is(err, fs.ErrExist) {
				return err
			}
			first = "" // another was faster
			continue
		}
		if err := wait(ctx, lookEvery); err != nil {
			return err
		}
	}
}

// read gets the owner file. One that is not ours to understand belongs to nobody who is known.
func (l *lease) read(ctx context.Context) (n note, etag string, err error) {
	text, info, err := l.bucket.Get(ctx, l.key, maxNote)
	if err == nil && json.Unmarshal(text, &n) != nil {
		n = note{}
	}
	return n, info.ETag, err
}

// write replaces the owner file that has this ETag, or none.
func (l *lease) write(ctx context.Context, n note, etag string) error {
	when := objects.IfAbsent
	if etag != "" {
		when = objects.IfMatch(etag)
	}
	n.By = l.self
	text, err := json.MarshalIndent(n, "", " ")
	if err != nil {
		return err
	}
	info, err := l.bucket.Put(ctx, l.key, append(text, '\n'), when)
	if err == nil {
		l.note, l.etag = n, info.ETag
	}
	return err
}

// keep renews the lease until it is released or lost.
func (l *lease) keep(ctx context.Context) {
	for wait(ctx, renewEvery) == nil && l.renew(ctx) == nil {
	}
}

// renew writes the lease anew unless another process of the run has since the last time. The error is final.
func (l *lease) renew(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, renewEvery) // a request that hangs must not cost the lease
	defer cancel()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lost != nil {
		return l.lost
	}
	there, etag, err := l.read(ctx)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		etag = "" // somebody has removed the file
	case err != nil:
		return nil // the store is away, for others too
	case there.ID != l.note.ID:
		l.lost = &HeldError{Dir: l.dir, Owner: there.Owner}
		return l.lost
	case etag != l.etag && !there.Released:
		l.note, l.etag = there, etag
		return nil
	}
	_ = l.write(ctx, note{Owner: l.note.Owner, Beat: l.note.Beat + 1}, etag) // next time shows who was faster
	return nil
}

// check asks the store whether the lease is still the run's.
func (l *lease) check() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lost != nil {
		return l.lost
	}
	there, _, err := l.read(context.Background())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err == nil && there.ID != l.note.ID {
		l.lost = &HeldError{Dir: l.dir, Owner: there.Owner}
	}
	return l.lost
}

// release ends this process's share. If it was the last to renew the lease, others may have the directory at once; a process of
// the run that lives on takes it back when it renews it.
func (l *lease) release() error {
	l.end()
	l.ended.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), renewEvery)
	defer cancel()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lost != nil || l.note.By != l.self {
		return nil
	}
	last := l.note
	last.Released = true
	if err := l.write(ctx, last, l.etag); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s: releasing it: %w; others can have it after %s", l.dir, err, leaseTime)
	}
	return nil
}

// wait returns after a time, or with an error when ctx ends.
func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
