package coordinator

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/rondo-ml/rondo/coordinator/runfile"
)

// settleAfter is how long a leader may take to write whose run it leads, before
// a coordinator that stands by says so without knowing.
const settleAfter = 3 * time.Second

// watchLeader looks who leads while we do not, and says so when it changes. That
// somebody leads our run settles the matter for Start, and lets us join the gossip,
// of which the leader tells. The context ends with stop, and with a cause when the
// run that is led is another.
func (c *Coordinator) watchLeader(ctx context.Context) (waiting context.Context, w *watch, stop func()) {
	waiting, cancel := context.WithCancelCause(ctx)
	w = &watch{c: c, began: time.Now()}
	c.tasks.Go(func() {
		tick := time.NewTicker(leaderEvery)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
			case <-waiting.Done():
				return
			}
			if err := w.look(waiting); err != nil {
				cancel(err)
			}
		}
	})
	return waiting, w, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		cancel(nil)
	}
}

// watch is what a coordinator that stands by knows of the leader.
type watch struct {
	c     *Coordinator
	began time.Time
	told  string // what it waits for
	known string // the leader that told how to join the gossip
	term  uint64 // of the leader whose run was found to be ours

	mu   sync.Mutex // nothing is told, or changed, once the watch was stopped
	last leader     // that was seen to lead
}

// look asks the record once. An error says that the run is another.
func (w *watch) look(ctx context.Context) error {
	c := w.c
	who, err := c.store.Leader(ctx)
	w.mu.Lock()
	if waits := c.waitsFor(who.Addr, err); waits != w.told && ctx.Err() == nil {
		w.told = waits
		c.cfg.Log.Info("standing by", "reason", waits)
		c.board.standBy(who.Addr, waits)
	}
	if err != nil || who.Addr == "" || who.Addr == c.Advertised() || ctx.Err() != nil {
		w.mu.Unlock()
		return nil
	}
	w.last = who
	w.mu.Unlock()
	c.mu.Lock()
	c.follows = who
	c.mu.Unlock()
	if who.Term != w.term {
		ours, err := c.compare(ctx, who)
		if err != nil {
			return err
		}
		if ours {
			w.term = who.Term
		} else if time.Since(w.began) < settleAfter {
			return nil
		}
	}
	c.settle()
	if who.Addr == w.known {
		return nil
	}
	if err := c.joinNews(ctx, who.Addr); err == nil {
		w.known = who.Addr
	} else if ctx.Err() == nil {
		c.cfg.Log.Debug("the leader does not tell how to join the gossip; it is asked again", "leader", who.Addr, "error", err)
	}
	return nil
}

// compare reads what run a leader leads, and says whether it has written that
// yet. A run that is not ours is an error with the fields that differ. One that is resumed may have
// more steps, as it may when we lead (inherit): a new run file then rolls out over coordinators that stand by.
func (c *Coordinator) compare(ctx context.Context, who leader) (ours bool, err error) {
	past, err := record{c.store}.read(ctx)
	if err != nil || past.Run.Term != who.Term {
		return false, nil // asked again
	}
	p := c.plan()
	diff := runfile.Diff(past.Run.Bits, p.Bits)
	if p.Resume {
		diff = runfile.Continues(past.Run.Bits, p.Bits, past.lastStep())
	}
	if past.Run.Dir != p.Dir {
		diff = append(diff, fmt.Sprintf("checkpoint.dir: %s and %s", past.Run.Dir, p.Dir))
	}
	if len(diff) > 0 {
		return false, &strangerError{p.Name, diff, fmt.Sprintf("the coordinator at %s leads it", who.Addr)}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stoodBy = past.Run.ID
	return true, nil
}

// strangerError says that the record is of a run with other settings.
type strangerError struct {
	name string
	diff []string // field: theirs and ours
	more string
}

func (e *strangerError) Error() string {
	return fmt.Sprintf("the record of run %s is of a run with other settings (theirs and ours): %s; give this run another name (%s)",
		e.name, strings.Join(e.diff, "; "), e.more)
}

// unendedError says that the record is of a run that has not ended, and that nobody said to go on with it.
type unendedError struct {
	name       string
	generation uint64
	more       string
}

func (e *unendedError) Error() string {
	return fmt.Sprintf("the record of run %s says that it has not ended: workers of generation %d may train on and wait for a coordinator; "+
		"take them over with --resume, with which the run goes on if they are gone, too (%s, and it begins anew)", e.name, e.generation, e.more)
}

// clearing says how people forget what a record holds of a run.
func (c *Coordinator) clearing() string {
	if c.local != nil {
		return "or remove " + c.local.path
	}
	if c.etcd != nil {
		return "or remove " + c.cfg.EmbedEtcd
	}
	return "or clear the record: etcdctl del --prefix /rondo/run/" + c.cfg.Run.Name + "/"
}

// endedElsewhere is the result of the run for which this coordinator stood by,
// when it ended under another one; nil when it did not.
func (c *Coordinator) endedElsewhere(past pastRun) *Result {
	c.mu.Lock()
	stood := c.stoodBy
	c.mu.Unlock()
	if stood == "" || past.Run.ID != stood || !ended(past.Phase.Phase) {
		return nil
	}
	c.cfg.Log.Info("the run ended under another coordinator", "phase", past.Phase.Phase, "reason", past.Phase.Reason)
	r := &Result{Reason: past.Phase.Reason, ExitCode: exitOf(past.Phase.Phase), Step: past.lastStep()}
	if n := len(past.Checkpoints); n > 0 {
		r.Digest = past.Checkpoints[n-1].Digest
	}
	return r
}

// waitsFor says what a coordinator that stands by waits for.
func (c *Coordinator) waitsFor(leader string, err error) string {
	switch {
	case err != nil:
		return "the record does not say who leads, and is asked again: " + err.Error()
	case leader == "":
		return "nobody leads yet: this coordinator seeks the lead"
	case leader == c.Advertised():
		return "the record still names this coordinator's address as the leader's: it leads when that lapses"
	}
	return fmt.Sprintf("the coordinator at %s leads; this one takes over when it is gone", leader)
}

// Leave has this coordinator leave because it was asked to. One whose record
// others share may go at once: another leads the run on, and without any it
// goes on as it is. The only coordinator of a run has the run stop first, and
// Done delivers the result.
func (c *Coordinator) Leave(reason string) (atOnce bool) {
	if c.local == nil {
		return true
	}
	c.Stop(reason)
	return false
}

// elsewhere says that another coordinator leads.
type elsewhere struct{ leader string }

func (e *elsewhere) Error() string { return "not the leader; the leader is " + e.leader }
