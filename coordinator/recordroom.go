package coordinator

import (
	"context"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// A new ring needs the record, so one that is full or away would have a ring that works stop for a worker that joins. So the record is
// asked whether it can be written before a worker joins; while it cannot the worker waits, and the others go on.

// roomy is a Store that can be full or away. Its error says so, errNoSpace that it is full; nothing is written.
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

// lookForRoom is called before an event is decided on. When a worker joins a ring that works, the record is asked whether it can be
// written; while it cannot it is asked again, beside the loop, and so it is when a lead in doubt is settled.
func (t *term) lookForRoom(ctx context.Context, e event) error {
	switch e.(type) {
	case workerJoined:
		if t.alone || t.state.View.Generation == 0 || t.state.Full != "" {
			return nil
		}
		if err := t.record.room(ctx); err != nil && ctx.Err() == nil {
			return t.handle(ctx, inbound{event: recordLooked{err.Error()}})
		}
	case tick:
		if now := t.clock.Now(); t.state.Full != "" && !t.doubt.Load() && now.Sub(t.looked) >= retryAfter {
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

// doubtLead begins to regain the lead. Until it is settled who leads, nobody need take a ring apart that the record would not take anew.
func (t *term) doubtLead(ctx context.Context) error {
	t.lost, t.regained = nil, t.regain(ctx)
	return t.handle(ctx, inbound{event: recordLooked{"the lead is in doubt: the record is away or has forgotten this coordinator"}})
}

// recordLooked hears whether the record can be written. Who waited for that joins.
func (d *decision) recordLooked(e recordLooked) {
	s := &d.s
	had := s.Full
	if s.Full = e.Full; had == "" || s.Full != "" {
		return
	}
	d.note(levelInfo, "the record can be written again")
	if s.Phase == api.PhaseWaiting {
		d.endWaiting("the record can be written again")
		return
	}
	for i := range s.Members {
		if m := &s.Members[i]; m.live() && !m.Leaving && !s.inRing(m) {
			d.newcomer(m)
		}
	}
}
