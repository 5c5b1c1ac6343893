package worker

import (
	"hash/maphash"
	"testing"

	"github.com/rondo-ml/rondo/allreduce"
)

// The model of a ring that loses workers: small enough to look at every order in which frames come, workers are lost and
// views follow, with the real agree. A weight is a number that tells which lanes went into which steps.
const (
	mWorkers = 3
	mLanes   = 3
	mSteps   = 2
)

type mFrame struct{ kind, origin, step uint8 } // kind 0: none, 1: sums, 2: mirror, 3: gather

type mWorker struct {
	alive, here, ready, started, computed, whole, known, mirrored, aside, fresh bool
	applied                                                                     uint8
	place                                                                       uint8 // in the view
	sums, parts                                                                 uint8 // by place: whose frames came
	weight                                                                      uint64
	has, will                                                                   [mLanes]uint8 // steps+1 of the states that it holds, and that it will once all are ready
}

type mState struct {
	w      [mWorkers]mWorker
	n      uint8 // workers of the view
	who    [mWorkers]uint8
	queue  [mWorkers][6]mFrame // by the receiver's place
	rolls  [mWorkers]bool      // by place, as was agreed
	step   uint8               // that the view begins with
	states [mLanes]int8
	losses uint8
	back   bool // owner and mirror of a lane are lost: back to the last checkpoint
	left   bool // one that lives was left behind
}

// mCalm is the weight after so many steps.
func mCalm(steps uint8) uint64 {
	w := uint64(1)
	for s := range steps {
		w = mApplied(w, s)
	}
	return w
}

func mApplied(w uint64, step uint8) uint64 { return w*1000003 + 7*uint64(step) + 1 }

func (s *mState) view(t *testing.T) allreduce.View { return viewOf(t, int(s.n), mLanes) }

func (s *mState) at(place uint8) *mWorker { return &s.w[s.who[place]] }

func (s *mState) send(place uint8, f mFrame) {
	to := (place + 1) % s.n
	for i := range s.queue[to] {
		if s.queue[to][i].kind == 0 {
			s.queue[to][i] = f
			return
		}
	}
	panic("the model's queue is too short")
}

// moves are all states that may follow.
func (s mState) moves(t *testing.T) (next []mState) {
	if s.back {
		return nil
	}
	try := func(change func(n *mState) bool) {
		n := s
		if change(&n) {
			next = append(next, n)
		}
	}
	all := true
	for p := range s.n {
		all = all && s.at(p).ready
	}
	lost := false
	for p := range s.n {
		w := s.at(p)
		lost = lost || !w.alive
		if !w.alive {
			continue
		}
		if s.losses < 2 {
			try(func(n *mState) bool { n.at(p).alive = false; n.losses++; return true })
		}
		if !w.here { // it left the ring
			continue
		}
		try(func(n *mState) bool { return n.bring(t, p) })
		if all && !w.started {
			try(func(n *mState) bool { x := n.at(p); x.started, x.aside, x.has = true, false, x.will; return true })
		}
		try(func(n *mState) bool { return n.compute(p) })
		try(func(n *mState) bool { return n.receive(t, p) })
	}
	for out := range int8(mWorkers) { // one that lives may be left behind, and comes again in a later view
		if s.losses < 2 && s.w[out].alive && s.w[out].here && s.n > 1 {
			try(func(n *mState) bool { n.losses, n.left = n.losses+1, true; return n.form(t, out) })
		}
	}
	if lost || s.n < s.living() {
		try(func(n *mState) bool { return n.form(t, -1) })
	}
	return next
}

func (s *mState) living() (n uint8) {
	for i := range s.w {
		if s.w[i].alive {
			n++
		}
	}
	return n
}

// bring makes a worker ready for the first step of the view.
func (s *mState) bring(t *testing.T, p uint8) bool {
	w := s.at(p)
	if w.ready {
		return false
	}
	if s.rolls[p] && w.applied < s.step {
		s.apply(t, p)
	}
	if w.fresh { // the weights come from the others
		w.applied, w.weight, w.known, w.has = s.step, mCalm(s.step), false, [mLanes]uint8{}
	}
	w.whole, w.aside, w.fresh = false, true, false
	if w.applied != s.step {
		t.Fatalf("a worker is ready at step %d in a view from step %d", w.applied, s.step)
	}
	w.ready, w.will = true, [mLanes]uint8{}
	view := s.view(t)
	for l := range mLanes {
		if o := view.Owner(l); o == int(p) || s.n > 1 && o == view.Prev(int(p)) {
			w.will[l] = s.step + 1
		}
	}
	return true
}

func (s *mState) compute(p uint8) bool {
	w := s.at(p)
	if !w.started || w.computed || w.applied == mSteps {
		return false
	}
	w.computed, w.whole, w.mirrored, w.sums, w.parts = true, false, s.n == 1, 1<<p, 0
	if s.n > 1 {
		s.send(p, mFrame{1, p, w.applied})
		s.send(p, mFrame{2, p, w.applied})
	}
	return true
}

// receive takes the first frame that came, and does what follows.
func (s *mState) receive(t *testing.T, p uint8) bool {
	w := s.at(p)
	f := s.queue[p][0]
	full := uint8(1)<<s.n - 1
	switch {
	case !w.computed:
		return false
	case w.whole && w.parts == full:
		s.apply(t, p)
		w.computed, w.sums, w.parts = false, 0, 0
		return true
	case !w.whole && w.sums == full && w.mirrored:
		w.whole = true
		if w.parts |= 1 << p; s.n > 1 {
			s.send(p, mFrame{3, p, w.applied})
		}
		return true
	case f.kind == 0 || f.step != w.applied:
		return false
	}
	copy(s.queue[p][:], s.queue[p][1:])
	s.queue[p][len(s.queue[p])-1] = mFrame{}
	switch f.kind {
	case 1:
		w.sums |= 1 << f.origin
	case 2:
		w.mirrored = true
	case 3:
		w.parts |= 1 << f.origin
	}
	if f.kind != 2 && (p+1)%s.n != f.origin {
		s.send(p, f)
	}
	return true
}

func (s *mState) apply(t *testing.T, p uint8) {
	w := s.at(p)
	if !w.whole {
		t.Fatal("a worker applies a step whose sums it does not hold")
	}
	w.weight = mApplied(w.weight, w.applied)
	for l := range w.has { // what was set aside stays as it was
		if w.has[l] == w.applied+1 && !w.aside {
			w.has[l]++
		}
	}
	w.applied++
	w.whole, w.known = false, true
	if w.weight != mCalm(w.applied) {
		t.Fatalf("after step %d the weight is %d, want %d", w.applied, w.weight, mCalm(w.applied))
	}
}

// form makes the next view of those that are left.
func (s *mState) form(t *testing.T, out int8) bool {
	n := *s
	n.n, n.queue, n.rolls, n.states = 0, [mWorkers][6]mFrame{}, [mWorkers]bool{}, [mLanes]int8{}
	for i := range n.w {
		w := &n.w[i]
		w.ready, w.started, w.computed, w.mirrored, w.sums, w.parts, w.will = false, false, false, false, 0, 0, [mLanes]uint8{}
		was := w.here
		if w.here = w.alive && int8(i) != out; w.here {
			w.place, w.fresh = n.n, !was // until it is known to be of use
			n.who[n.n] = uint8(i)
			n.n++
		}
	}
	if n.n == 0 {
		s.back = true
		return true
	}
	var all []inventory
	for p := range n.n {
		w := n.at(p)
		st := inventory{Model: true, Applied: uint64(w.applied), Whole: w.whole, Known: w.known, Settled: uint64(w.applied)}
		for l, steps := range w.has {
			if steps > 0 {
				st.Lanes = append(st.Lanes, l)
			}
		}
		all = append(all, st)
	}
	a, err := agree(all, n.view(t))
	if err != nil {
		t.Fatal(err)
	}
	n.step = uint8(a.step)
	for p := range n.n {
		if newcomer := n.at(p).fresh; a.fresh[p] && !newcomer && !s.left {
			t.Fatalf("a worker of the last view can neither go on nor roll: %+v of %+v", a, all)
		}
		n.rolls[p], n.at(p).fresh = a.rolls[p], a.fresh[p]
	}
	for l, holder := range a.states {
		if a.step == 0 { // all begin with zeros
			break
		}
		if holder < 0 {
			if s.losses < 2 && !s.left {
				t.Fatalf("lane %d is lost with %d workers: %+v of %+v", l, s.losses, a, all)
			}
			s.back = true
			return true
		}
		w := n.at(uint8(holder))
		if steps := w.has[l] - 1; uint64(steps) != a.step && !(a.rolls[holder] && uint64(steps)+1 == a.step) {
			t.Fatalf("worker %d has lane %d after %d steps, and is asked for it after %d", holder, l, steps, a.step)
		}
	}
	*s = n
	return true
}

// TestBarrier looks at every order of frames, losses of workers and views: nobody applies a step unless each
// worker of its view can too, the weights are those of the calm run, and a lane's state outlives one worker.
func TestBarrier(t *testing.T) {
	first := mState{n: mWorkers}
	for p := range first.w {
		first.who[p] = uint8(p)
		first.w[p] = mWorker{alive: true, here: true, place: uint8(p), weight: 1}
		first.w[p].has[p] = 1
	}
	seed := maphash.MakeSeed()
	seen := map[uint64]bool{maphash.Comparable(seed, first): true}
	todo := []mState{first}
	done := 0
	for len(todo) > 0 {
		s := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		next := s.moves(t)
		if s.finished() {
			done++
		} else if len(next) == 0 {
			t.Fatalf("nothing follows on %+v", s)
		}
		for _, n := range next {
			if h := maphash.Comparable(seed, n); !seen[h] {
				seen[h] = true
				todo = append(todo, n)
			}
		}
	}
	if done == 0 {
		t.Fatal("no order comes to the end")
	}
	t.Logf("%d states, of which %d are ends", len(seen), done)
}

// finished says that all who are left have done all steps.
func (s *mState) finished() bool {
	if s.back {
		return true
	}
	for i := range s.w {
		if s.w[i].alive && s.w[i].applied < mSteps {
			return false
		}
	}
	return true
}
