package check

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/zoo"
	"github.com/rondo-ml/rondo/tensor"
)

// way is how a network is computed. None may show in a bit.
type way struct {
	lanes    int  // on a tape; the last one has what is left
	threads  int  // that compute
	poisoned bool // with NaN in all memory that no operation may rely on
	drawn    bool // without Network.First

	steps    int
	observed bool // every operation's values are marked, and not what they lead to alone
}

// trial is a network under way.
type trial struct {
	*Network
	way
	pool     *tensor.Pool
	states   *nn.States
	tapes    map[int]*recorded // by number of lanes; where they need each other, by first lane
	lockstep *nn.Lockstep      // of tapes that need each other, or nil
	trail    *trail
	sum      []float32 // [Size] of the gradients
	stats    []float32 // [StatisticsSize] of what lanes measured
	update   Update
}

// recorded is a tape and its ends.
type recorded struct {
	tape *nn.Tape
	rec  *zoo.Recording
	fill Fill
}

// take computes the network's steps in a way. A panic of the network is an error.
func (n *Network) take(w way) (t *trail, err error) {
	defer zoo.Recover(n.kind(), &err)
	r := n.begin(w)
	defer r.pool.Close()
	for step := range w.steps {
		if err := r.step(step); err != nil {
			return nil, fmt.Errorf("step %d: %w", step, err)
		}
	}
	return r.trail, nil
}

// begin gives the parameters their first values.
func (n *Network) begin(w way) *trial {
	ps := n.Params
	if ps.Values == nil {
		ps.Allocate()
	}
	ps.AllocateGrads(n.Shape.Lanes)
	ps.Initialize(n.Seed)
	if n.First != nil && !w.drawn {
		n.First()
		ps.Changed()
	}
	r := &trial{Network: n, way: w, pool: n.pool(w.threads), states: nn.NewStates(n.Shape.Lanes, n.Shape.Rows),
		tapes: map[int]*recorded{}, trail: &trail{}, update: n.update(),
		sum: make([]float32, ps.Size()), stats: make([]float32, ps.StatisticsSize())}
	if n.meet() {
		r.lockstep = nn.NewLockstep(n.Shape.Lanes)
	}
	return r
}

// tapeAt returns the tape of the way for lanes from one on: another for each only where they need each other.
func (r *trial) tapeAt(lane int) (*recorded, error) {
	lanes := min(r.lanes, r.Shape.Lanes-lane)
	if r.lockstep == nil {
		return r.tape(lanes, lanes, nil)
	}
	return r.tape(lanes, lane, func(t *nn.Tape) {
		if lanes == r.Shape.Lanes {
			r.prepare(t, lanes, nil)
		} else {
			r.prepare(t, r.Shape.Lanes, r.lockstep.Gatherer(lane))
		}
	})
}

// tape returns what is recorded for so many lanes under a key.
func (r *trial) tape(lanes, key int, prepare func(*nn.Tape)) (*recorded, error) {
	if t := r.tapes[key]; t != nil {
		return t, nil
	}
	shape := r.Shape
	shape.Lanes = lanes
	t := &recorded{tape: nn.NewTape(r.Params, r.pool, shape, nn.Training, r.Seed)}
	if prepare != nil {
		prepare(t.tape)
	}
	t.rec, t.fill = r.Record(t.tape, r.states)
	if err := t.tape.Err(); err != nil {
		return nil, err
	}
	if r.poisoned {
		t.tape.Poison()
	}
	t.tape.Plan()
	r.tapes[key] = t
	return t, nil
}

// step computes all lanes and applies the step.
func (r *trial) step(step int) error {
	begin := len(r.trail.events)
	if err := r.weigh(step); err != nil {
		return err
	}
	if err := r.passes(step, begin); err != nil {
		return err
	}
	r.markLanes(step)
	r.apply(uint64(step))
	r.mark(step, "running statistics", r.Params.Running)
	for _, p := range r.Params.List {
		r.mark(step, "the updated "+p.Name, p.Value().Data)
	}
	return nil
}

// weigh sets what losses are divided by where the batch's data decides it, from the targets of all lanes, in order.
func (r *trial) weigh(step int) error {
	var totals []float64
	var tapes []*recorded
	for lane := 0; lane < r.Shape.Lanes; lane += r.lanes {
		t, err := r.tapeAt(lane)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(t.rec.Losses, (*nn.Loss).TotalFromData) {
			return nil
		}
		if err := t.fill(step, lane); err != nil {
			return err
		}
		tapes = append(tapes, t)
		totals = append(totals, make([]float64, len(t.rec.Losses)-len(totals))...)
		lanes := make([]float64, t.tape.Shape.Lanes)
		for i, loss := range t.rec.Losses {
			loss.Weigh(lanes)
			for _, weight := range lanes {
				totals[i] += weight
			}
		}
	}
	for _, t := range tapes {
		for i, loss := range t.rec.Losses {
			if loss.TotalFromData() {
				loss.Total = totals[i]
			}
		}
	}
	return nil
}

// passes computes all lanes: some after others, or side by side where they need each other.
func (r *trial) passes(step, begin int) error {
	one := func(i int) error {
		t, err := r.tapeAt(i * r.lanes)
		if err != nil {
			return err
		}
		return r.pass(t, step, i*r.lanes, begin)
	}
	count := (r.Shape.Lanes + r.lanes - 1) / r.lanes
	if r.lockstep != nil && count > 1 {
		return r.lockstep.Run(count, one)
	}
	for i := range count {
		if err := one(i); err != nil {
			return err
		}
	}
	return nil
}

// pass computes some lanes, the first of which is number lane. Their values
// begin as event begin of the trail.
func (r *trial) pass(t *recorded, step, lane, begin int) error {
	if err := t.fill(step, lane); err != nil {
		return err
	}
	var failed error
	at, lanes := begin, t.tape.Shape.Lanes
	note := func(what string, own int, m mark) {
		if err := r.trail.put(at, step, lane+own, r.Shape.Lanes, what, m, false); err != nil && failed == nil {
			failed = err
		}
	}
	if r.observed {
		t.tape.Observe(func(s nn.Sight) {
			for own := range lanes {
				note(s.What, own, ofBlocks(s.Lane(own)))
			}
			at++
		})
	}
	t.tape.Begin(uint64(step), lane, lane)
	if t.tape.Forward(); t.tape.Failed() != nil {
		return t.tape.Failed()
	}
	for own, loss := range t.rec.Losses[0].LaneSum {
		if math.IsNaN(loss) || math.IsInf(loss, 0) {
			if !r.poisoned {
				return fmt.Errorf("lane %d: the loss is %v, first of all %s", lane+own, loss, t.tape.FirstNonFinite())
			}
		}
		bits := math.Float64bits(loss)
		note(theLoss, own, mark{hash: bits, norm: loss})
	}
	at++
	t.tape.Backward(nil)
	return errors.Join(failed, t.tape.Failed())
}

// markLanes notes what a step leaves in every lane.
func (r *trial) markLanes(step int) {
	ps, lanes := r.Params, r.Shape.Lanes
	byLane := func(what string, values func(lane int) []float32) {
		at := len(r.trail.events)
		for lane := range lanes {
			_ = r.trail.put(at, step, lane, lanes, what, mark{}.of(values(lane)), false) // a new event
		}
	}
	for _, p := range ps.List {
		byLane("the gradient of "+p.Name, func(lane int) []float32 { return p.Grad(lane).Data })
	}
	for _, s := range ps.Statistics {
		byLane("the measured "+s.Name, s.Measured)
	}
	for _, st := range r.states.List {
		n := len(st.Next) / lanes
		byLane("the next state "+st.Name, func(lane int) []float32 { return st.Next[lane*n : (lane+1)*n] })
	}
}

// mark notes values that lanes share.
func (r *trial) mark(step int, what string, values []float32) {
	_ = r.trail.put(len(r.trail.events), step, 0, 1, what, mark{}.of(values), true) // a new event
}

// apply adds the lanes up, in order, and moves what they move.
func (r *trial) apply(step uint64) {
	ps, lanes := r.Params, r.Shape.Lanes
	clear(r.sum)
	clear(r.stats)
	for lane := range lanes {
		tensor.Add(r.sum, r.sum, ps.LaneGrads(lane))
		tensor.Add(r.stats, r.stats, ps.LaneMeasured(lane))
	}
	r.update(r.pool, ps.Values, r.sum, step)
	ps.Track(r.stats, lanes)
	ps.Changed()
	r.states.Commit()
}
