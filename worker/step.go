package worker

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/rondo-ml/rondo/allreduce"
	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/tensor"
)

// What each lane contributes to the gather that ends a step.
const (
	gatherAction = iota // lane 0 alone: the decision that its worker was told of
	gatherKnown         // lane 0 alone: the newest that it was told of
	gatherRate          // a learning rate from outside, and
	gatherSince         // since when; the newest counts
	gatherLosses        // from here on: the sum of each of its losses, nats
)

// Tags of the small collectives. Parts of buckets are numbered from 0.
const (
	tagLosses uint32 = 1<<31 + iota
	tagBlame
	tagEvaluate
	tagStart
	tagEnd
	tagWatch
	tagWatchEach
	tagMirror
	tagMirrorStart
	tagBegin
	tagWeigh
	tagHandOver  uint32 = 1<<31 + 1<<24 // and from here on: one for each worker
	tagBring     uint32 = 1<<31 + 1<<16 // and from here on: what a view begins with
	tagWeighHeld uint32 = 1<<31 + 1<<30 // and from here on: one for each batch of an evaluation
)

// stepResult is what everybody knows after a step.
type stepResult struct {
	loss    float64 // nats per target, mean over the global batch
	targets int
	epoch   uint64
	norm    float64
	clipped bool
	lr      float64
	wish    // what took effect with the step
	time    stepTime
}

// stepTime is where the step's time went. What total has beyond the others is
// compute: the ring works beside it, so only what it costs on top is counted.
type stepTime struct {
	total    time.Duration
	data     time.Duration // reading rows
	computed time.Duration // from the step's beginning until all gradients of own lanes were there
	ring     time.Duration // blocked until the last bucket was reduced
	wait     time.Duration // blocked until every other worker was as far
}

// step runs the step after those applied with the other workers of the group. When
// it returns without error the step is applied, here and (sooner or later) everywhere.
// When the ring has broken, what was computed of it stays for the next try.
func (t *trainer) step(group *allreduce.Group, step uint64, wish wish) (stepResult, error) {
	began := time.Now()
	t.began, t.left = began, t.left[:0]
	t.fall.begin(began)
	t.whole = false
	if t.probe != nil {
		defer t.probe.tape.Inspect(nil) // also where the step fails
	}
	if t.feed.place(int(step)).firstOfEpoch {
		t.states.Zero()
	}
	r := t.expect(step)
	if err := t.differentiate(group, step, &r.time); err != nil {
		return r, err
	}
	computed := time.Now()
	r.time.computed = computed.Sub(began)
	if err := t.awaitBuckets(); err != nil {
		return r, err
	}
	t.whole = true
	reduced := time.Now()
	r.time.ring = reduced.Sub(computed)
	t.fall.since(api.Part_BLOCKED, 0, computed)
	if err := t.gatherLosses(group, step, wish, &r); err != nil { // also the barrier
		return r, err
	}
	r.time.wait = time.Since(reduced)
	t.fall.since(api.Part_BARRIER, 0, reduced)
	applies := t.fall.now()
	if err := t.checkFinite(group, step); err != nil {
		return r, err
	}
	if err := t.apply(step, &r); err != nil {
		return r, err
	}
	t.fall.since(api.Part_APPLY, 0, applies)
	r.time.total = time.Since(began)
	return r, nil
}

// expect is what is known of a step's outcome beforehand.
func (t *trainer) expect(step uint64) stepResult {
	place := t.feed.place(int(step))
	return stepResult{targets: place.count, epoch: uint64(place.epoch), lr: t.updater.lr(step)}
}

// epoch is that of the last applied step.
func (t *trainer) epoch() uint64 {
	if t.applied == 0 {
		return 0
	}
	return uint64(t.feed.place(int(t.applied) - 1).epoch)
}

// lastAction is what was decided in the last applied step, as far as this worker knows.
func (t *trainer) lastAction() action {
	if !t.known {
		return noAction
	}
	return action(t.last[0][gatherAction])
}

// differentiate computes the gradients of the worker's own lanes, in as many
// passes as it was told, and sends each part of a bucket off as soon as it is complete.
func (t *trainer) differentiate(group *allreduce.Group, step uint64, spent *stepTime) error {
	for i := range t.parts {
		t.parts[i].missing = t.parts[i].end - t.parts[i].begin
	}
	t.pending = t.pending[:0]
	t.network.midst.at(group, step)
	var failed error
	leave := func(begin, end int) {
		complete(t.parts, begin, end, func(p *part) {
			if failed == nil {
				failed = t.send(group, step, p)
			}
		})
	}
	passes, again := t.missing(), slices.Contains(t.computed, true)
	if t.weigher != nil {
		reading := time.Now()
		if err := t.weigher.weigh(group, step, int(step), tagWeigh); err != nil {
			return err
		}
		t.weigher.tell(passes)
		spent.data += time.Since(reading)
		t.fall.since(api.Part_ROWS, 0, reading)
	} else if again { // a loss asks the first pass what it is divided by
		if err := t.feed.fill(t.network.forLanes(t.passes[0].count()).Recording, int(step), t.passes[0]); err != nil {
			return err
		}
	}
	for i, pass := range passes {
		last := i == len(passes)-1
		if i == 0 && t.probe != nil { // the gradients of later passes lie on other tapes or over these
			t.probe.tape.Inspect(t.probe)
		}
		if err := t.forward(step, i, pass, !again, spent); err != nil {
			return err
		}
		ready := leave
		if !last {
			ready = nil // later passes add to the same gradients' other lanes
		} else if err := errors.Join(t.sendMirror(group, step), t.sendStatistics(group, step)); err != nil {
			failed = err // the gradients are worth having all the same
		}
		rec := t.network.forLanes(pass.count())
		back := t.fall.now()
		t.probe.begin()
		rec.tape.Backward(ready)
		t.fall.since(api.Part_BACKWARD, i, back)
		if t.probe != nil {
			t.probe.tape.Inspect(nil)
		}
		if rec.tape.Failed() != nil {
			return rec.tape.Failed()
		}
		for n, loss := range rec.Losses {
			for l, sum := range loss.LaneSum {
				t.own[pass.first-t.lanes.first+l][gatherLosses+n] = sum
			}
		}
		for l := pass.first; l < pass.end; l++ {
			t.computed[l-t.lanes.first] = true
		}
	}
	if len(passes) == 0 {
		failed = errors.Join(t.sendMirror(group, step), t.sendStatistics(group, step))
		leave(0, t.params.Size())
	}
	return failed
}

// forward computes the outputs and the losses of a pass, and lets the next step's rows be read ahead.
func (t *trainer) forward(step uint64, number int, pass laneRange, ahead bool, spent *stepTime) error {
	rec := t.network.forLanes(pass.count())
	reading := time.Now()
	if err := t.feed.fill(rec.Recording, int(step), pass); err != nil {
		return err
	}
	if ahead {
		t.feed.ahead(int(step)+1, pass)
	}
	spent.data += time.Since(reading)
	t.fall.since(api.Part_ROWS, number, reading)
	forward := t.fall.now()
	rec.tape.Begin(step, pass.first, pass.first-t.lanes.first)
	t.probe.begin()
	rec.tape.Forward()
	t.fall.since(api.Part_FORWARD, number, forward)
	return rec.tape.Failed()
}

// send starts the reduction of a part.
func (t *trainer) send(group *allreduce.Group, step uint64, p *part) error {
	for l := range t.grads {
		t.grads[l] = t.params.ReadGrads(l)[p.begin:p.end]
	}
	t.left = append(t.left, departure{p, time.Since(t.began)})
	t.fall.leaves(len(t.pending), api.Part_BUCKET, int(p.number), 4*(p.end-p.begin))
	sum, err := group.AllReducePart(step, p.number, p.of, t.grads, t.reduced[p.begin:p.end])
	if err != nil {
		return fmt.Errorf("step %d: %w", step, err)
	}
	t.pending = append(t.pending, sum)
	return nil
}

// sendStatistics starts the reduction of what the lanes measured: the bucket
// behind the parts of the gradients.
func (t *trainer) sendStatistics(group *allreduce.Group, step uint64) error {
	if len(t.measured) == 0 {
		return nil
	}
	for l := range t.grads {
		t.grads[l] = t.params.LaneMeasured(l)
	}
	t.fall.leaves(len(t.pending), api.Part_STATISTICS, 0, 4*len(t.measured))
	p, err := group.AllReduce(step, uint32(len(t.parts)), t.grads, t.measured)
	if err != nil {
		return fmt.Errorf("step %d: %w", step, err)
	}
	t.pending = append(t.pending, p)
	return nil
}

func (t *trainer) awaitBuckets() error {
	for i, p := range t.pending {
		whole, err := p.WaitEnd()
		if err != nil {
			return err
		}
		t.fall.whole(i, whole)
	}
	return nil
}

// gatherLosses brings every lane's loss, and the first worker's decision, to
// everybody, and folds the losses in lane order.
func (t *trainer) gatherLosses(group *allreduce.Group, step uint64, wish wish, r *stepResult) error {
	wish.rate = t.rate.newer(wish.rate)
	for _, lane := range t.own {
		wish.bring(lane)
	}
	if err := group.Gather(step, tagLosses, t.own, t.losses); err != nil {
		return err
	}
	t.told(r, t.losses)
	return nil
}

// told reads what was gathered.
func (t *trainer) told(r *stepResult, losses [][]float64) {
	r.loss = 0
	for n, loss := range t.network.forLanes(t.passes[0].count()).Losses {
		sum := 0.0
		for _, lane := range losses {
			sum += lane[gatherLosses+n]
		}
		if d := loss.Divisor(); d > 0 { // nothing to predict costs nothing
			r.loss += float64(loss.Weight * (sum / d))
		}
	}
	r.wish = gathered(losses)
	if r.rate.lr > 0 {
		r.lr = r.rate.lr
	}
}

// checkFinite refuses a step whose loss is NaN or Inf. The owner of the first
// such lane finds the layer and tells the others, so that all say the same.
func (t *trainer) checkFinite(group *allreduce.Group, step uint64) error {
	for l, v := range t.losses {
		if !slices.ContainsFunc(v[gatherLosses:], func(x float64) bool { return math.IsNaN(x) || math.IsInf(x, 0) }) {
			continue
		}
		if odd := t.network.forLanes(t.passes[0].count()).tape.OddLane(); odd >= 0 {
			l = odd // batch norms, or exchanges of pipelines, bring what it has into other lanes
		}
		var where []byte
		if t.lanes.first <= l && l < t.lanes.end {
			where = []byte(t.blame(step, l))
		}
		where, err := group.Broadcast(step, tagBlame, group.View().Owner(l), where)
		if err != nil {
			return err
		}
		return t.nonFinite(step, string(where), l)
	}
	return nil
}

// nonFinite is the error of a step. The learning rate that it would have been applied with is not to blame, those of the
// steps before are.
func (t *trainer) nonFinite(step uint64, where string, lane int) error {
	e := &NonFiniteError{Step: step, Where: where, Lane: lane}
	if t.rate.lr > 0 {
		e.Rate, e.Since = t.rate.lr, t.rate.since-1
	}
	return e
}

// blame runs the pass of a lane again and returns the first layer whose output
// is not finite.
func (t *trainer) blame(step uint64, lane int) string {
	for _, pass := range t.passes {
		if lane < pass.first || lane >= pass.end {
			continue
		}
		rec := t.network.forLanes(pass.count())
		if err := t.feed.fill(rec.Recording, int(step), pass); err != nil {
			return err.Error()
		}
		rec.tape.Begin(step, pass.first, pass.first-t.lanes.first)
		for _, p := range t.params.List {
			if tensor.HasNonFinite(p.Value().Data) {
				return "the parameter " + p.Name
			}
		}
		if name := rec.tape.FirstNonFinite(); name != "" {
			return name
		}
		for _, loss := range rec.Losses {
			if err := loss.Err(); err != nil {
				return err.Error()
			}
		}
	}
	return "the loss"
}
