package coordinator

import (
	"context"
	"log/slog"
	"math"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/history"
	"github.com/rondo-ml/rondo/coordinator/layers"
)

// Bounds on what the status lists.
const (
	maxEvents      = 300
	maxEvaluations = 1000
)

// board is what outsiders see of a run: the status, the history and the metrics.
// The loop feeds it, anybody reads it.
type board struct {
	clock   Clock
	log     *slog.Logger
	metrics *metrics
	run     api.Run
	goal    Goal
	expiry  func() time.Time // of this coordinator's certificate; nil: none

	recordDown atomic.Bool // the record did not answer the last time

	mu          sync.Mutex
	started     time.Time
	ended       time.Time // zero: not yet
	standby     bool      // this coordinator does not lead
	waits       string    // what it waits for then
	doubt       bool      // whether it leads is not known
	state       state
	paces       map[string]*pace // of the workers in the run
	tempo       tempo
	alarms      alarms
	newest      *api.StepReport // of the last step, by whoever told of it: all have the same loss
	series      *history.History
	kept        uint64               // the run went back to this step since event files were written; the largest number: it did not
	lacks       bool                 // steps of the run that this coordinator did not see
	recalled    int                  // how often it has asked for them
	saving      map[uint64]time.Time // when checkpoints under way began, by step
	saved       time.Duration        // that the newest checkpoint took
	base, told  uint64               // numbers of events and evaluations: before the first, of the last
	events      []api.Event
	evaluations []api.Evaluation
	outcomes    history.Texts
	watchers    map[chan struct{}]bool
	layers      layers.Past // with a lock of its own
	looker      looker
	falls       falls
}

func newBoard(clock Clock, log *slog.Logger, run api.Run) *board {
	b := &board{clock: clock, log: log, run: run, started: clock.Now(), standby: true, waits: "nobody leads yet: this coordinator seeks the lead",
		paces: map[string]*pace{}, saving: map[uint64]time.Time{}, watchers: map[chan struct{}]bool{}}
	b.series = history.New(history.StepColumns()...)
	b.kept = math.MaxUint64
	b.base = numbersFrom(b.started)
	b.told = b.base
	b.alarms = newAlarms()
	b.metrics = newMetrics(b)
	return b
}

// observe shows one decision.
func (b *board) observe(now time.Time, s state, e event, actions []action) {
	b.mu.Lock()
	defer b.mu.Unlock()
	before := b.state.Saves
	b.state = s
	if ended(s.Phase) && b.ended.IsZero() {
		b.ended = now
	}
	switch e := e.(type) {
	case workerJoined:
		if b.run.Parameters == 0 {
			b.run.Parameters = int(s.Basis.Parameters)
		}
		if b.run.DataHash == "" {
			b.run.DataHash = s.Basis.DataHash
		}
		b.run.EpochSteps = s.Basis.EpochSteps
	case stepReported:
		b.observeStep(now, e)
	case evaluated:
		b.observeEvaluation(now, e)
	case saved:
		b.observeSave(now, e.Saved.Step)
	case workerFailed:
		b.observeFailure(now, e.Report)
	case heartbeat:
		b.throttled(now, e)
	case tick:
		b.look(now)
	}
	for _, a := range actions {
		switch a := a.(type) {
		case note:
			b.event(api.Event{At: now, Step: s.Step, Level: a.Level, What: a.What, Reason: a.Reason})
		case recordCheckpoint:
			b.observeCheckpoint(now, a.Checkpoint)
		}
	}
	b.countAbandoned(before)
	if len(actions) > 0 {
		b.forgetGone()
	}
	if _, quiet := e.(tick); !quiet || len(actions) > 0 {
		b.wake()
	}
}

func (b *board) observeStep(now time.Time, e stepReported) {
	m := b.state.byConn(e.Conn)
	if m == nil || b.state.View.Generation == 0 || e.Report.Again {
		return
	}
	p := b.paces[m.Name]
	if p == nil {
		p = &pace{}
		b.paces[m.Name] = p
	}
	p.add(e.Report)
	b.alarms.slower.of(b.state.View.Generation)
	b.alarms.slower.computed(m.Name, time.Duration(e.Report.ComputeNs))
	b.metrics.worker(m.Name, e.Report)
	r := e.Report
	if r.Step+1 == b.state.Step {
		b.newest = r
	}
	if m != b.state.first() {
		return
	}
	b.tempo.add(now, r)
	b.alarms.loss.step(now, r.Loss, b.state.plan.PlainLoss)
	every := b.state.plan.EvalEvery
	b.alarms.stand.step(now, time.Duration(r.TotalNs), every > 0 && (r.Step+1)%every == 0)
	b.alarms.slower.step(time.Duration(r.TotalNs))
	b.metrics.step(r)
	b.show(now, r.Step+1, history.OfStep(r))
}

func (b *board) observeEvaluation(now time.Time, e evaluated) {
	m := b.state.byConn(e.Conn)
	if m == nil || b.state.View.Generation == 0 || m != b.state.first() {
		return
	}
	r := e.Report
	if n := len(b.evaluations); n > 0 && b.evaluations[n-1].Step >= r.Step { // once more, after a change of the ring
		return
	}
	ev := history.OfEvaluation(r)
	if len(r.Outcome) > 0 {
		b.outcomes.Add(r.Step, r.Outcome)
	}
	b.told++
	ev.Number = b.told
	b.alarms.stand.evaluated(now)
	b.alarms.loss.evaluated(now, ev.Loss)
	b.metrics.evaluations.Inc()
	b.evaluations = append(b.evaluations, ev)
	if n := len(b.evaluations); n > maxEvaluations {
		b.evaluations = b.evaluations[n-maxEvaluations:]
	}
}

// observeFailure marks the step that came out not finite in the history. It was
// not applied, and its worker does not say what of it was not finite.
func (b *board) observeFailure(now time.Time, r *api.Failed) {
	if r.Kind != api.Failed_NON_FINITE || b.state.View.Generation == 0 {
		return
	}
	if r.Where != "" {
		b.layers.Spoiled(b.state.Step+1, r.Where)
	}
	b.show(now, b.state.Step+1, history.NotFinite())
}

// forgetGone ends the series of workers that are in the run no more.
func (b *board) forgetGone() {
	for name := range b.alarms.throttled { // of one that never made a step, too
		if m := b.state.byName(name); m == nil || m.State == memberLost {
			b.metrics.forgetWorker(name)
			delete(b.alarms.throttled, name)
		}
	}
	for name := range b.paces {
		if m := b.state.byName(name); m == nil || m.State == memberLost {
			b.metrics.forgetWorker(name)
			delete(b.alarms.slow, name)
			if m == nil {
				delete(b.paces, name)
			}
		}
	}
}

func (b *board) event(e api.Event) {
	b.metrics.events.WithLabelValues(e.Level).Inc()
	b.told++
	e.Number = b.told
	b.events = append(b.events, e)
	if n := len(b.events); n > maxEvents {
		b.events = append([]api.Event(nil), b.events[n-maxEvents:]...)
	}
}

// tell adds an event that was no decision and logs it. The caller holds mu.
func (b *board) tell(now time.Time, level, what, reason string) {
	b.event(api.Event{At: now, Step: b.state.Step, Level: level, What: what, Reason: reason})
	b.log.Log(context.Background(), slogLevel(level), what, reasonAttrs(reason)...)
	b.wake()
}

// remark adds an event that was no decision: news from gossip.
func (b *board) remark(level, what, reason string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.event(api.Event{At: b.clock.Now(), Step: b.state.Step, Level: level, What: what, Reason: reason})
	b.wake()
}

// watch returns a channel that gets a token when something changed. Tokens do
// not pile up: a slow watcher sees the newest state, not every one.
func (b *board) watch() (changed <-chan struct{}, cancel func()) {
	c := make(chan struct{}, 1)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.watchers[c] = true
	return c, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.watchers, c)
	}
}

func (b *board) wake() {
	for c := range b.watchers {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

// begin shows a new term.
func (b *board) begin(s state, past pastRun, leader string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.state, b.standby, b.doubt = s, false, false
	b.recalled = 0
	b.run.ID, b.run.Leader = s.plan.RunID, leader
	b.tempo, b.newest = tempo{}, nil
	b.alarms = newAlarms()
	if !past.Run.Started.IsZero() && past.View.Generation > 0 {
		b.event(api.Event{At: b.clock.Now(), Level: levelInfo, What: "took the run over from the record",
			Reason: "generation " + strconv.FormatUint(past.View.Generation, 10) + " was the last"})
	}
	b.wake()
}

// over is for how long the run has ended.
func (b *board) over() (since time.Duration, ended bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.clock.Now().Sub(b.ended), !b.ended.IsZero()
}

// doubtText is why it is not known who leads.
const doubtText = "the lead is in doubt: the record is away or has forgotten this coordinator, and training goes on meanwhile"

// inDoubt shows whether it is not known who leads.
func (b *board) inDoubt(doubt bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.doubt = doubt
	b.wake()
}

// standBy shows that this coordinator does not lead, and what it waits for.
func (b *board) standBy(leader, waits string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.standby, b.waits, b.run.Leader = true, waits, leader
	for name := range b.paces {
		b.metrics.forgetWorker(name)
	}
	clear(b.paces)
	b.wake()
}
