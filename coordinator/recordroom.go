package coordinator

import (
	"context"
	"errors"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// A new ring needs the record, so one that is full would have a ring that works stop for a worker that joins. So the record is asked
// whether it has room before a worker joins; while it has none the worker waits, and the others go on.

// roomy is a Store that can be full. Its error is errNoSpace when it is; nothing is written.
type roomy interface {
	room(ctx context.Context) error
}

// roomPatience bounds how long an answer about room may take, for the loop waits for it when a worker joins.
const roomPatience = time.Second

func (r record) room(ctx context.Context) error {
	s, can := r.store.(roomy)
	if !can {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, roomPatience)
	defer cancel()
	return s.room(ctx)
}

func (s *etcdStore) room(ctx context.Context) error {
	err := s.rehearse(ctx)
	if err != nil && s.tells != nil {
		return s.tells(err)
	}
	return err
}

func (w *watchedStore) room(ctx context.Context) error { return record{w.Store}.room(ctx) }

// lookForRoom is called before an event is decided on. When a worker joins a ring that works, the record is asked whether it has room; while it
// has none it is asked again, beside the loop.
func (t *term) lookForRoom(ctx context.Context, e event) error {
	switch e.(type) {
	case workerJoined:
		if t.alone || t.state.View.Generation == 0 || t.state.Full != "" {
			return nil
		}
		if err := t.record.room(ctx); errors.Is(err, errNoSpace) {
			return t.handle(ctx, inbound{event: recordLooked{err.Error()}})
		}
	case tick:
		if now := t.clock.Now(); t.state.Full != "" && now.Sub(t.looked) >= retryAfter {
			t.looked = now
			go func() {
				if t.record.room(ctx) == nil {
					t.post(recordLooked{})
				}
			}()
		}
	}
	return nil
}

// recordLooked hears whether the record has room. Who waited for that joins.
func (d *decision) recordLooked(e recordLooked) {
	s := &d.s
	had := s.Full
	if s.Full = e.Full; had == "" || s.Full != "" {
		return
	}
	d.note(levelInfo, "the record has room again")
	if s.Phase == api.PhaseWaiting {
		return
	}
	for i := range s.Members {
		if m := &s.Members[i]; m.live() && !m.Leaving && !s.inRing(m) {
			d.newcomer(m)
		}
	}
}
