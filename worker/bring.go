package worker

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/nn/safetensors"
	"github.com/rondo-ml/rondo/worker/checkpoint"
)

// bring makes the worker ready for the first step of its view, with all others of
// the view. What follows on the step before may have to be done again.
func (w *worker) bring(p *seat) (again afterwards, err error) {
	w.saver.idle()   // what an earlier view wrote is there, or not at all, when the next begins
	w.saver.forget() // this worker may save something else from here on
	b := &bringing{worker: w, seat: p}
	if p.view.Live {
		again, err = b.fromWorkers()
	} else {
		err = b.fromStart()
	}
	if err != nil {
		return again, err
	}
	w.saver.first.Store(p.first())
	w.saver.last = p.self == p.ring.Workers()-1
	w.trainer.keepFor(p.ring, p.self)
	if err := w.trainer.mirrorStates(p.group, 0); err != nil {
		return again, err
	}
	if err := p.group.Barrier(0, tagStart); err != nil {
		return again, err
	}
	w.trainer.stash = nil
	return again, nil
}

// afterwards is what follows on a step.
type afterwards struct{ evaluate, save, stopped bool }

// bringing is one call of bring. Its collectives are numbered in the order in which all
// workers come to them.
type bringing struct {
	worker *worker
	seat   *seat
	count  uint32
}

// broadcast brings the root's bytes to all.
func (b *bringing) broadcast(root int, data []byte) ([]byte, error) {
	b.count++
	return b.seat.group.Broadcast(0, tagBring+b.count, root, data)
}

// fromStart begins from a checkpoint or from first values.
func (b *bringing) fromStart() error {
	w, v := b.worker, b.seat.view
	w.activity.begin(api.Doing_LOADING)
	if err := w.makeTrainer(b.seat.lanes()); err != nil {
		return err
	}
	t := w.trainer
	if err := b.seat.group.Barrier(0, tagBegin); err != nil { // nobody writes any more
		return err
	}
	if b.seat.first() {
		if err := w.saver.inOwn(func(fs checkpoint.FS) error { return checkpoint.DiscardAll(fs, w.saver.dir, v.Step) }); err != nil {
			return &DirError{err}
		}
	}
	var err error
	if v.FromCheckpoint {
		err = t.load(w.saver.fs, w.saver.dir, v, w.bits, w.hello.DataHash)
		release(t.params.Size())
	} else {
		err = w.begin(b.seat.ctx)
	}
	if err != nil {
		return &LoadError{err}
	}
	t.origin, t.rate = v.Generation, standingRate{v.Rate, v.RateSince}
	t.stashStates() // its own: of the lanes that it is to keep for its neighbour it has nothing before all are ready
	w.settled = v.Step
	w.applied.Store(v.Step)
	w.activity.begin(api.Doing_BRINGING)
	return nil
}

// fromWorkers goes on from what the workers of the view have.
func (b *bringing) fromWorkers() (again afterwards, err error) {
	w := b.worker
	all, err := b.inventories()
	if err != nil {
		return again, err
	}
	a, err := agree(all, b.seat.ring)
	if err != nil {
		return again, &LostStateError{err.Error()}
	}
	if a.fresh[b.seat.self] {
		if err := b.renew(); err != nil {
			return again, err
		}
	}
	if err := b.tell(a); err != nil {
		return again, err
	}
	if a.rolls[b.seat.self] {
		if err := w.roll(); err != nil {
			return again, err
		}
	}
	if slices.Contains(a.fresh, true) {
		if err := b.weights(a, all); err != nil {
			return again, err
		}
	}
	// The step that is next is done again by all. A worker that is left behind now, and comes again when it was done, must not
	// apply it by the sums that it had: the states that it keeps from here on are those from before it.
	w.trainer.whole = false
	w.trainer.stashStates()
	if err := w.trainer.take(b.seat.lanes()); err != nil {
		return again, err
	}
	if err := b.states(a); err != nil {
		return again, err
	}
	return w.again(a), nil
}

// again is what follows on the step before once more: a part of it, or all, may not have been done by all.
func (w *worker) again(a agreement) (again afterwards) {
	if a.teller < 0 {
		return again
	}
	again = w.following(a.step, w.trainer.lastAction())
	last := again.stopped || a.step == uint64(w.cfg.File.Steps)
	again.evaluate = again.evaluate && a.evaluates
	again.save = again.save && (a.settles || last || a.committed < a.step) // its parts may not fit those of another view
	return again
}

// inventories tells all workers what each has.
func (b *bringing) inventories() ([]inventory, error) {
	own, err := json.Marshal(b.worker.inventory())
	if err != nil {
		return nil, err
	}
	all := make([]inventory, b.seat.ring.Workers())
	for root := range all {
		text, err := b.broadcast(root, own)
		if err != nil {
			return nil, err
		}
		err = json.Unmarshal(text, &all[root])
		if err == nil {
			err = all[root].check(b.seat.ring.Lanes, b.worker.cfg.File.Steps)
		}
		if err != nil {
			return nil, fmt.Errorf("%s tells what it has: %w", b.seat.view.Peers[root].Name, err)
		}
	}
	return all, nil
}

// inventory is what this worker has.
func (w *worker) inventory() inventory {
	t := w.trainer
	if t == nil || !t.filled {
		return inventory{}
	}
	s := inventory{Model: true, Origin: t.origin, Applied: t.applied, Whole: t.whole, Known: t.known, Settled: w.settled, Evaluated: t.evaluated,
		Committed: w.control.newest()}
	s.Lanes = t.stashed()
	return s
}

// renew makes a trainer whose weights and states are to come.
func (b *bringing) renew() error {
	err := b.worker.makeTrainer(b.seat.lanes())
	if err == nil {
		b.worker.trainer.stash = map[int][]float32{} // it has none
	}
	return err
}

// makeTrainer makes a trainer in the place of the one that is there, whose memory it takes.
func (w *worker) makeTrainer(lanes laneRange) error {
	if w.trainer != nil {
		weights := w.trainer.params.Size()
		w.trainer.close()
		w.trainer = nil
		collect(weights)
	}
	t, err := newTrainer(w.cfg, lanes, w.trainSet, w.validSet)
	if err != nil {
		return err
	}
	t.hurries = w.hurries
	w.trainer = t
	w.garbage.Bound(heapBytes())
	return nil
}

// tell brings what was gathered in the last step to all who do not know it.
func (b *bringing) tell(a agreement) error {
	if a.teller < 0 {
		return nil
	}
	t := b.worker.trainer
	width := len(t.last[0])
	flat := make([]float64, len(t.last)*width)
	if a.teller == b.seat.self {
		for l, v := range t.last {
			copy(flat[l*width:], v)
		}
	}
	came, err := b.broadcast(a.teller, bytesOf(flat))
	if err != nil {
		return err
	}
	if copy(bytesOf(flat), came) != 8*len(flat) || len(came) != 8*len(flat) {
		return fmt.Errorf("%s tells of the last step in %d bytes, want %d", b.seat.view.Peers[a.teller].Name, len(came), 8*len(flat))
	}
	to := t.last
	if a.rolls[b.seat.self] {
		to = t.losses
	}
	for l := range to {
		copy(to[l], flat[l*width:])
	}
	t.known = t.known || !a.rolls[b.seat.self]
	return nil
}

// weightSegment is what of the weights one donor sends at a time.
const weightSegment = 1 << 20

// weights gives those that are new the weights, and all that the optimizer keeps. The donors
// take turns, and everybody compares the sum of the whole.
func (b *bringing) weights(a agreement, all []inventory) error {
	t := b.worker.trainer
	fresh, donors := a.fresh[b.seat.self], a.donors
	if t.file.MixedTiers { // each rounds by itself: what comes from one fits together, and the others keep theirs
		donors = donors[:1]
	}
	sum := sha256.New()
	turn := 0
	for _, tensor := range append(t.params.Tensors(), t.updater.tensors()...) {
		data := tensorBytes(tensor)
		early := tensor.Name == plateauName // some may have told it of an evaluation, others not yet
		for at := 0; at < len(data); at += weightSegment {
			part := data[at:min(at+weightSegment, len(data))]
			donor := donors[turn%len(donors)]
			if turn++; early {
				donor = donors[0]
			}
			came, err := b.broadcast(donor, part)
			if err != nil {
				return err
			}
			if len(came) != len(part) {
				return fmt.Errorf("%s: %d bytes of %s, want %d", b.seat.view.Peers[donor].Name, len(came), tensor.Name, len(part))
			}
			if fresh {
				copy(part, came)
			}
		}
		if !early {
			sum.Write(data)
		}
	}
	want, err := b.broadcast(donors[0], sum.Sum(nil))
	if err != nil {
		return err
	}
	if got := sum.Sum(nil); !bytes.Equal(got, want) && (fresh || !t.file.MixedTiers) {
		return &LostStateError{fmt.Sprintf("the weights after step %d have the sum %x here and %x at %s", a.step, got[:6], want[:min(6, len(want))],
			b.seat.view.Peers[donors[0]].Name)}
	}
	if fresh {
		t.updater.restored()
		t.params.Changed()
		t.progress = progress{applied: a.step, known: t.known, computed: t.computed, evaluated: all[donors[0]].Evaluated}
		t.filled, t.origin, t.rate = true, a.origin, standingRate{b.seat.view.Rate, b.seat.view.RateSince}
		b.worker.settled = a.step
		b.worker.applied.Store(a.step)
	}
	return nil
}

func tensorBytes(t safetensors.Tensor) []byte {
	if counter, ok := t.Data.([]int64); ok {
		return bytesOf(counter)
	}
	return bytesOf(t.Data.([]float32))
}

// states brings lanes that have moved their states.
func (b *bringing) states(a agreement) error {
	t := b.worker.trainer
	size := t.states.LaneSize()
	if size == 0 || t.feed.place(int(a.step)).firstOfEpoch { // they begin with zeros
		return nil
	}
	for l, holder := range a.states {
		owner := b.seat.ring.Owner(l)
		if holder < 0 {
			return lostLane(l)
		}
		if holder != owner {
			came, err := b.broadcast(holder, bytesOf(t.stash[l]))
			if err != nil {
				return err
			}
			if len(came) != 4*size {
				return fmt.Errorf("%s: the state of lane %d has %d bytes, want %d", b.seat.view.Peers[holder].Name, l, len(came), 4*size)
			}
			if owner == b.seat.self {
				t.stash[l] = make([]float32, size)
				copy(bytesOf(t.stash[l]), came)
			}
		}
		if owner == b.seat.self {
			t.states.Write(l-t.lanes.first, t.stash[l])
		}
	}
	return nil
}
