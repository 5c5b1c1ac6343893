package coordinator

import (
	"math"
	"strconv"
	"sync"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// Bounds on what the status lists.
const (
	maxEvents      = 300
	maxEvaluations = 1000
)

// board is what outsiders see of a run: the status, the curve and the metrics.
// The loop feeds it, anybody reads it.
type board struct {
	clock   Clock
	metrics *metrics
	run     api.Run

	mu          sync.Mutex
	started     time.Time
	state       state
	paces       map[string]*pace
	tempo       tempo
	newest      *api.StepReport // of the view's first worker
	curve       history
	events      []api.Event
	evaluations []api.Evaluation
	watchers    map[chan struct{}]bool
}

func newBoard(clock Clock, run api.Run) *board {
	return &board{clock: clock, metrics: newMetrics(), run: run, started: clock.Now(),
		paces: map[string]*pace{}, watchers: map[chan struct{}]bool{}}
}

// observe shows one decision.
func (b *board) observe(now time.Time, s state, e event, actions []action) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.state = s
	switch e := e.(type) {
	case workerJoined:
		if b.run.Parameters == 0 {
			b.run.Parameters = int(s.Basis.Parameters)
		}
		if b.run.DataHash == "" {
			b.run.DataHash = s.Basis.DataHash
		}
	case stepReported:
		b.observeStep(now, e)
	case evaluated:
		b.observeEvaluation(e)
	}
	for _, a := range actions {
		switch a := a.(type) {
		case note:
			b.event(api.Event{At: now, Step: s.Step, Level: a.Level, What: a.What, Reason: a.Reason})
		case recordCheckpoint:
			b.metrics.checkpoints.Inc()
			b.metrics.checkpointStep.Set(float64(a.Checkpoint.Step))
		}
	}
	b.metrics.observe(&s)
	if _, quiet := e.(tick); !quiet || len(actions) > 0 {
		b.wake()
	}
}

func (b *board) observeStep(now time.Time, e stepReported) {
	m := b.state.byConn(e.Conn)
	if m == nil || b.state.View.Generation == 0 {
		return
	}
	p := b.paces[m.Name]
	if p == nil {
		p = &pace{}
		b.paces[m.Name] = p
	}
	p.add(e.Report)
	b.metrics.worker(m.Name, e.Report)
	if m != b.state.first() {
		return
	}
	r := e.Report
	b.newest = r
	b.tempo.add(now, r)
	b.metrics.step(r, b.tempo.rate())
	b.curve.add(api.Point{Step: r.Step + 1, Seconds: now.Sub(b.started).Seconds(), Loss: r.Loss, BitsPerChar: r.Loss / math.Ln2,
		LR: r.Lr, Norm: r.GradientNorm, Rate: b.tempo.rate(), Compute: seconds(r.ComputeNs), Ring: seconds(r.RingNs), Wait: seconds(r.WaitNs)})
}

func (b *board) observeEvaluation(e evaluated) {
	m := b.state.byConn(e.Conn)
	if m == nil || b.state.View.Generation == 0 || m != b.state.first() {
		return
	}
	r := e.Report
	b.metrics.evaluation(r)
	b.evaluations = append(b.evaluations, api.Evaluation{Step: r.Step, Loss: r.Loss, BitsPerChar: r.Loss / math.Ln2, Seconds: seconds(r.TotalNs)})
	if n := len(b.evaluations); n > maxEvaluations {
		b.evaluations = b.evaluations[n-maxEvaluations:]
	}
}

func (b *board) event(e api.Event) {
	b.metrics.events.WithLabelValues(e.Level).Inc()
	b.events = append(b.events, e)
	if n := len(b.events); n > maxEvents {
		b.events = append([]api.Event(nil), b.events[n-maxEvents:]...)
	}
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
	b.state = s
	b.run.ID, b.run.Leader = s.plan.RunID, leader
	if !past.Run.Started.IsZero() && past.View.Generation > 0 {
		b.event(api.Event{At: b.clock.Now(), Level: levelInfo, What: "took the run over from the record",
			Reason: "generation " + strconv.FormatUint(past.View.Generation, 10) + " was the last"})
	}
	b.metrics.observe(&s)
	b.wake()
}
