package worker

import (
	"slices"
	"sync"

	"google.golang.org/protobuf/proto"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// Bounds on what waits to be told.
const (
	maxReports   = 1024    // that may be let go and that the stream has not taken yet: of steps, heartbeats, looks
	maxLooks     = 4 << 20 // bytes of those that tell what somebody wants to see, and of what evaluations show
	maxDecisions = 64      // steps at which something was decided, the newest
)

// outbox holds what a worker has to tell. Putting never waits: training does not
// depend on who hears of it. Reports of steps are let go when nobody hears them.
// What a coordinator must know, whichever it is, is kept and told again to the next.
type outbox struct {
	mu      sync.Mutex
	open    bool              // there is a stream
	queue   []*api.FromWorker // for this stream
	reports int               // of them, those that may be let go,
	looks   int               // and the bytes of looks among them, and of outcomes
	kept    []*api.FromWorker // for every stream
	wake    chan struct{}
}

func newOutbox() *outbox { return &outbox{wake: make(chan struct{}, 1)} }

// put adds a message.
func (o *outbox) put(m *api.FromWorker) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.keep(m); !o.open {
		return
	}
	if passing(m) {
		size := lookSize(m)
		if o.reports >= maxReports || o.looks+size > maxLooks {
			return
		}
		o.reports++
		o.looks += size
	}
	if e := m.GetEvaluated(); o.looks+len(e.GetOutcome()) > maxLooks {
		m = withoutOutcome(e)
	} else {
		o.looks += len(e.GetOutcome())
	}
	o.queue = append(o.queue, m)
	o.signal()
}

func (o *outbox) signal() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// withoutOutcome tells of an evaluation its figures alone.
func withoutOutcome(e *api.Evaluated) *api.FromWorker {
	figures := proto.Clone(e).(*api.Evaluated)
	figures.Outcome = nil
	return &api.FromWorker{Message: &api.FromWorker_Evaluated{Evaluated: figures}}
}

// lookSize is the size of a message that tells what somebody wants to see; 0 of all others, which are short.
func lookSize(m *api.FromWorker) int {
	switch m.Message.(type) {
	case *api.FromWorker_Network, *api.FromWorker_Health, *api.FromWorker_Waterfall:
		return proto.Size(m)
	}
	return 0
}

// passing says that a message is of no use to another coordinator.
func passing(m *api.FromWorker) bool {
	switch m := m.Message.(type) {
	case *api.FromWorker_Step:
		return m.Step.Decision == nil
	case *api.FromWorker_Heartbeat, *api.FromWorker_Inspected, *api.FromWorker_Recalled, *api.FromWorker_Network, *api.FromWorker_Health, *api.FromWorker_Waterfall, *api.FromWorker_Verified, *api.FromWorker_Committed:
		return true // the next coordinator asks for them itself
	}
	return false
}

// keep remembers a message for the next stream. Of some only the newest counts.
func (o *outbox) keep(m *api.FromWorker) {
	if passing(m) {
		return
	}
	switch m.Message.(type) {
	case *api.FromWorker_Ready:
		o.forget(func(m *api.FromWorker) bool { // of an earlier view
			return m.GetReady() != nil || m.GetParted() != nil || m.GetFailed() != nil || m.GetFinished() != nil || m.GetSaved() != nil
		})
	case *api.FromWorker_Parted:
		o.forget(func(m *api.FromWorker) bool { return m.GetParted() != nil })
	case *api.FromWorker_Failed:
		o.forget(func(m *api.FromWorker) bool { return m.GetFailed() != nil })
	case *api.FromWorker_Evaluated:
		o.forget(func(m *api.FromWorker) bool { return m.GetEvaluated() != nil })
	case *api.FromWorker_Step:
		if n := o.decisions(); n >= maxDecisions {
			first := slices.IndexFunc(o.kept, func(m *api.FromWorker) bool { return m.GetStep() != nil })
			o.kept = slices.Delete(o.kept, first, first+1)
		}
	}
	o.kept = append(o.kept, m)
}

func (o *outbox) decisions() (n int) {
	for _, m := range o.kept {
		if m.GetStep() != nil {
			n++
		}
	}
	return n
}

func (o *outbox) forget(which func(*api.FromWorker) bool) { o.kept = slices.DeleteFunc(o.kept, which) }

// settled forgets the files of checkpoints that were committed or abandoned.
func (o *outbox) settled(step uint64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.forget(func(m *api.FromWorker) bool { return m.GetSaved() != nil && m.GetSaved().Step <= step })
}

// unsettled is how many checkpoints wait for a coordinator to settle them.
func (o *outbox) unsettled() (n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, m := range o.kept {
		if m.GetSaved() != nil {
			n++
		}
	}
	return n
}

// begin turns to a new stream: what was kept comes first. On the worker's first
// stream there may be some already.
func (o *outbox) begin() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.open, o.reports, o.looks = true, 0, 0
	o.queue = o.queue[:0:0]
	for _, m := range o.kept {
		o.queue = append(o.queue, again(m))
	}
	o.signal()
}

// again marks a message as one that may have been heard before.
func again(m *api.FromWorker) *api.FromWorker {
	switch m := m.Message.(type) {
	case *api.FromWorker_Step:
		r := proto.Clone(m.Step).(*api.StepReport)
		r.Again = true
		return &api.FromWorker{Message: &api.FromWorker_Step{Step: r}}
	case *api.FromWorker_Saved:
		r := proto.Clone(m.Saved).(*api.Saved)
		r.Again = true
		return &api.FromWorker{Message: &api.FromWorker_Saved{Saved: r}}
	}
	return m
}

// end turns from a stream that broke.
func (o *outbox) end() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.open, o.queue, o.reports, o.looks = false, nil, 0, 0
}

// take returns what waits for the stream.
func (o *outbox) take() []*api.FromWorker {
	o.mu.Lock()
	defer o.mu.Unlock()
	all := o.queue
	o.queue, o.reports, o.looks = nil, 0, 0
	return all
}
