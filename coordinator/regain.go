package coordinator

import (
	"context"
	"fmt"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// Times of regaining the lead.
const (
	regainEvery    = time.Second
	endUnwritten   = 30 * time.Second // for the record to take the end of the run
	regainPatience = 2 * time.Second  // for one answer of the record
)

// regained is how an attempt to regain the lead ended: with a lead, or with
// ErrNotLeader.
type regained struct {
	lead
	err error
}

// regain tries to lead again after the lead was lost. That alone says no more
// than that the record was away for a while, and training does not need the
// record: workers are kept until another coordinator is seen to lead.
func (t *term) regain(ctx context.Context) <-chan regained {
	t.doubt.Store(true)
	t.pulse()
	t.log.Warn("the lead is in doubt: the record is away or has forgotten us; training goes on and the workers stay as they are")
	t.board.inDoubt(true)
	t.board.remark(levelWarn, "the lead is in doubt", "the record is away or has forgotten us; training goes on")
	done := make(chan regained, 1)
	go func() {
		for ctx.Err() == nil {
			if r, settled := t.tryRegain(ctx); settled {
				done <- r
				return
			}
			select {
			case <-ctx.Done():
			case <-time.After(regainEvery):
			}
		}
	}()
	return done
}

// beCertain waits, before a run ends, until the doubt whether this coordinator leads is settled, or for so long that it must
// do without. Where another leads it is for that one to end the run: it hears the same from the workers.
func (t *term) beCertain(ctx context.Context) error {
	if !t.doubt.Load() || t.alone {
		return nil
	}
	t.log.Warn("the run has come to its end while the lead is in doubt: the record is waited for", "most", endUnwritten)
	late := time.NewTimer(endUnwritten)
	defer late.Stop()
	select {
	case r := <-t.regained:
		if r.err != nil {
			return r.err
		}
		t.lost, t.regained = r.Lost, nil
		t.settleDoubt(r.Term)
	case <-late.C:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// recordEnd waits for the record to take what is left to be written, the end of the run among it, and keeps the lead that
// this needs. Whoever stands by would wait for workers that have left, if the record did not tell of the end.
func (t *term) recordEnd(ctx context.Context) {
	over, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-t.lost:
				t.lost, t.regained = nil, t.regain(ctx)
			case r := <-t.regained:
				if t.regained = nil; r.err == nil {
					t.lost = r.Lost
					t.settleDoubt(r.Term)
				}
			case <-over:
				return
			}
		}
	}()
	late := time.AfterFunc(endPatience, func() {
		t.log.Warn("the run has ended, and the record that is to tell others so is away; it is waited for", "most", endUnwritten)
	})
	t.writer.close(endUnwritten)
	late.Stop()
	close(over)
	<-stopped
}

// ledMeanwhile says whether another coordinator led the run before this one won a
// new term. If none did, the record is told of the term.
func (t *term) ledMeanwhile(ctx context.Context, won uint64) (bool, error) {
	if won == t.number.Load() {
		return false, nil
	}
	past, err := t.record.read(ctx)
	if err != nil {
		return false, err
	}
	// What this coordinator has just written may be there though the answer was lost.
	if past.Run.ID != t.plan.RunID || past.Run.Term != t.number.Load() && past.Run.Term != won {
		return true, nil
	}
	past.Run.Term = won
	return false, t.record.put(ctx, keyRun, past.Run)
}

// settleDoubt notes that this coordinator leads, in a term that may be new.
func (t *term) settleDoubt(number uint64) {
	t.doubt.Store(false)
	t.board.inDoubt(false)
	t.number.Store(number)
	t.pulse()
}

// pulse shows the workers that this coordinator decides, or that it is in doubt.
func (t *term) pulse() {
	t.hub.pulse(&api.ToWorker{Message: &api.ToWorker_Pulse{Pulse: &api.Pulse{Term: t.number.Load(), Doubt: t.doubt.Load()}}})
}

func (t *term) tryRegain(ctx context.Context) (r regained, settled bool) {
	ctx, cancel := context.WithTimeout(ctx, regainPatience)
	defer cancel()
	who, err := t.record.store.Leader(ctx)
	switch {
	case err != nil:
		return regained{}, false
	case who.Addr != "" && who.Addr != t.addr:
		// One that has won the lead but not led yet asks this coordinator first, and leaves it the lead (yield.go).
		past, err := t.record.read(ctx)
		if err != nil || past.Run.ID == t.plan.RunID && past.Run.Term == t.number.Load() {
			return regained{}, false
		}
		return regained{err: fmt.Errorf("%w: %s leads now", ErrNotLeader, who.Addr)}, true
	}
	won, err := t.record.store.Campaign(ctx, t.addr)
	if err != nil {
		return regained{}, false // away again, or another was faster: the next try tells
	}
	if other, err := t.ledMeanwhile(ctx, won.Term); err != nil {
		return regained{}, false
	} else if other {
		return regained{err: fmt.Errorf("%w: another one led the run meanwhile", ErrNotLeader)}, true
	}
	t.log.Info("this coordinator leads again")
	t.board.remark(levelInfo, "this coordinator leads again", "")
	return regained{lead: won}, true
}
