package coordinator

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// Times of a term.
const (
	pulseEvery   = time.Second
	tickEvery    = 50 * time.Millisecond
	endPatience  = 1500 * time.Millisecond // for the workers to read the end
	viewPatience = 10 * time.Second        // for the record to take a view

	leavePatience = 500 * time.Millisecond // for the record to take what a leader that leaves has decided
)

// term is one coordinator's time as leader. Its loop owns the state of the
// run: every event goes through it, one after another, and it alone calls
// decide.
type term struct {
	plan   *plan
	clock  Clock
	log    *slog.Logger
	hub    *hub
	board  *board
	record record
	writer *writer
	number atomic.Uint64      // of the term; the plan's at first
	doubt  atomic.Bool        // whether this coordinator leads
	addr   string             // that this coordinator campaigns with
	alone  bool               // the record is here: no other coordinator can lead
	greet  func(*api.Welcome) // fills in what a welcome tells about gossip

	inspections inspections
	recalls     recalls

	inbound chan inbound
	over    chan struct{} // closed when the loop has ended

	lost     <-chan struct{} // closed when the lead is in doubt; nil: it is
	regained <-chan regained // an attempt under way
	pulsed   time.Time       // when the last pulse was sent
	looked   time.Time       // when the record that is full was last asked for room
	state    state
	result   *Result // set when the run is over
}

// inbound is an event on its way to the loop. Somebody may wait for the answer.
type inbound struct {
	event event
	reply chan<- answer
}

// post gives the loop an event; false when it has ended.
func (t *term) post(e event) bool {
	select {
	case t.inbound <- inbound{event: e}:
		return true
	case <-t.over:
		return false
	}
}

// ask gives the loop an event and waits for what follows from it.
func (t *term) ask(ctx context.Context, e event) (string, error) {
	reply := make(chan answer, 1)
	select {
	case t.inbound <- inbound{e, reply}:
	case <-t.over:
		return "", faultf(faultNotNow, "the run has ended")
	case <-ctx.Done():
		return "", faultf(faultLate, "%v", ctx.Err())
	}
	select {
	case a := <-reply:
		if a.Refused {
			return "", faultf(faultNotNow, "%s", a.Text)
		}
		return a.Text, nil
	case <-t.over:
		return "", faultf(faultNotNow, "the run has ended")
	case <-ctx.Done():
		return "", faultf(faultLate, "%v", ctx.Err())
	}
}

// run is the loop. It returns the result when the run is over, or an error
// when another coordinator leads or ctx ended.
func (t *term) run(ctx context.Context, lost <-chan struct{}) (*Result, error) {
	defer close(t.over)
	t.number.CompareAndSwap(0, t.plan.Term)
	ticks, stop := t.clock.Ticker(tickEvery)
	defer stop()
	t.lost = lost
	for t.result == nil {
		var in inbound
		select {
		case in = <-t.inbound:
		case <-ticks:
			if now := t.clock.Now(); now.Sub(t.pulsed) >= pulseEvery {
				t.pulsed = now
				t.pulse()
			}
			in.event = tick{}
		case <-t.lost:
			if err := t.doubtLead(ctx); err != nil {
				return nil, t.stepDown(err, 0)
			}
			continue
		case <-t.writer.fenced:
			if t.lost == nil { // it is in doubt already
				continue
			}
			if err := t.doubtLead(ctx); err != nil {
				return nil, t.stepDown(err, 0)
			}
			continue
		case r := <-t.regained:
			if r.err != nil {
				return nil, t.stepDown(r.err, 0)
			}
			t.lost, t.regained = r.Lost, nil
			t.settleDoubt(r.Term)
			select { // a refusal from before
			case <-t.writer.fenced:
			default:
			}
			continue
		case <-ctx.Done():
			return nil, t.stepDown(errors.New("this coordinator is closing"), leavePatience)
		}
		if err := t.handle(ctx, in); err != nil {
			return nil, t.stepDown(err, 0)
		}
	}
	return t.result, nil
}

// handle decides on an event and does what follows.
func (t *term) handle(ctx context.Context, in inbound) error {
	if err := t.lookForRoom(ctx, in.event); err != nil {
		return err
	}
	now := t.clock.Now()
	next, actions, reason := decide(now, t.state, in.event)
	if ended(next.Phase) && !ended(t.state.Phase) {
		if err := t.beCertain(ctx); err != nil {
			return err
		}
	}
	t.state = next
	t.board.observe(now, next, in.event, actions)
	if conn, ok := t.board.lacksPast(); ok {
		go t.recall(ctx, conn)
	}
	for _, a := range actions {
		err := t.act(ctx, a)
		if err != nil && t.alone && ctx.Err() == nil {
			return t.handle(ctx, inbound{event: recordFailed{err.Error()}})
		}
		if err != nil {
			return err
		}
	}
	if in.reply != nil {
		in.reply <- answerAmong(actions, reason)
	}
	return nil
}

// answerAmong is the answer among a decision's actions. A run that has ended gives none, but the reason of its end.
func answerAmong(actions []action, reason string) answer {
	for _, a := range actions {
		if a, ok := a.(answer); ok {
			return a
		}
	}
	return answer{Text: "the run has ended: " + reason, Refused: true}
}

// act does one action. An error means that this coordinator cannot lead.
func (t *term) act(ctx context.Context, a action) error {
	switch a := a.(type) {
	case admit:
		w := &api.Welcome{Name: a.Name, Settings: t.plan.Settings, RunId: t.plan.RunID, Term: t.number.Load()}
		t.greet(w)
		t.hub.send(a.Conn, &api.ToWorker{Message: &api.ToWorker_Welcome{Welcome: w}})
	case refuse:
		t.hub.send(a.Conn, &api.ToWorker{Message: &api.ToWorker_Refused{Refused: &api.Refused{Reason: a.Reason, Later: a.Later, Part: a.Part}}})
		t.hub.close(a.Conn)
	case hangUp:
		t.hub.fail(a.Conn, faultf(faultAway, "%s", a.Reason))
	case send:
		t.hub.send(a.Conn, a.Message)
	case recordView:
		return t.recordView(ctx, a.View)
	case recordJournal:
		t.writer.write("", func(ctx context.Context) error { return t.record.putJournal(ctx, a.Entry) })
	case recordAsks:
		t.writer.write(keyAsks, func(ctx context.Context) error { return t.record.put(ctx, keyAsks, a.Asks) })
	case recordCheckpoint:
		all := t.state.Committed
		t.writer.write(keyCheckpoints, func(ctx context.Context) error { return t.record.put(ctx, keyCheckpoints, all) })
	case recordPhase:
		t.writer.write(keyPhase, func(ctx context.Context) error {
			return t.record.put(ctx, keyPhase, phaseInfo(a))
		})
	case note:
		t.log.Log(ctx, slogLevel(a.Level), a.What, reasonAttrs(a.Reason)...)
	case finish:
		t.conclude(ctx, a)
	}
	return nil
}

// conclude lets the workers read the end, and the record be written.
func (t *term) conclude(ctx context.Context, a finish) {
	all := t.hub.finish(&api.End{Reason: a.Reason, ExitCode: int32(a.ExitCode)})
	patience := time.NewTimer(endPatience)
	defer patience.Stop()
	select {
	case <-all:
	case <-patience.C:
		t.hub.abort(faultf(faultOver, "%s", a.Reason))
	}
	if t.alone {
		t.writer.close(endPatience)
	} else {
		t.recordEnd(ctx)
	}
	t.result = &Result{Reason: a.Reason, ExitCode: a.ExitCode, Step: a.Step, Digest: a.Digest}
}

// stepDown ends all streams: whoever leads next will be asked. What was decided and is not in the record yet has so long to get
// there.
func (t *term) stepDown(err error, patience time.Duration) error {
	t.hub.abort(faultf(faultAway, "%v", err))
	t.writer.close(patience)
	return err
}

func slogLevel(level string) slog.Level {
	switch level {
	case levelError:
		return slog.LevelError
	case levelWarn:
		return slog.LevelWarn
	}
	return slog.LevelInfo
}

func reasonAttrs(reason string) []any {
	if reason == "" {
		return nil
	}
	return []any{"reason", reason}
}
