package nn

import "fmt"

// Lengths says how many of its T time steps each row of a batch has. Steps
// beyond a row's length are padding: no layer that knows the lengths lets them
// into another value. They must hold finite numbers all the same.
//
// Like [Tokens], it is filled before each replay.
type Lengths struct {
	Steps int     // T: the most that a row can have
	Of    []int32 // [L*R], each in [0, T]; 0 for a row that is absent

	lanes int
}

// NewLengths returns room for one batch of the shape. All rows have all T steps.
func NewLengths(s Shape) *Lengths { return newLengths(s.Steps, s.Lanes, s.Rows) }

func newLengths(steps, lanes, rows int) *Lengths {
	k := &Lengths{Steps: steps, Of: make([]int32, lanes*rows), lanes: lanes}
	for i := range k.Of {
		k.Of[i] = int32(steps)
	}
	return k
}

// Check returns an error unless every length lies in [0, T]. Lengths from
// outside pass here before a tape sees them.
func (k *Lengths) Check() error {
	for i, n := range k.Of {
		if n < 0 || int(n) > k.Steps {
			return fmt.Errorf("nn: row %d has %d steps; a batch of %s takes 0 to %d", i, n, count(k.Steps, "step"), k.Steps)
		}
	}
	return nil
}

// of returns the length of row i: without lengths, all steps. One that cannot be
// is taken for the nearest that can.
func (k *Lengths) of(i, steps int) int {
	if k == nil {
		return steps
	}
	return min(max(int(k.Of[i]), 0), steps)
}

// fit panics unless the lengths are those of an activation's rows. A nil k fits.
func (k *Lengths) fit(name string, l Layout) {
	if k != nil && (k.Steps != l.Steps || k.lanes != l.Lanes || len(k.Of) != l.Lanes*l.LaneRows()) {
		panic(fmt.Sprintf("nn: %s takes a length for each of %s of %s, got %d lengths in %s of at most %s",
			name, count(l.LaneRows(), "row"), count(l.Lanes, "lane"), len(k.Of), count(k.lanes, "lane"), count(k.Steps, "step")))
	}
}

// MapLengths returns the lengths that rows have behind a layer which makes f(n)
// steps of n, at most steps: a convolution over time, a spectrogram. They are
// computed anew in every replay. f must be f(n) <= steps for n <= from.Steps.
func (t *Tape) MapLengths(name string, from *Lengths, steps int, f func(n int) int) *Lengths {
	if from == nil {
		return nil
	}
	if most := f(from.Steps); most > steps {
		panic(fmt.Sprintf("nn: %s makes %s of %d; room is for %d", name, count(most, "step"), from.Steps, steps))
	}
	op := &mapLengths{from: from, to: newLengths(steps, from.lanes, len(from.Of)/from.lanes), f: f}
	t.Record(op, Use{Name: name})
	return op.to
}

type mapLengths struct {
	from, to *Lengths
	f        func(n int) int
}

func (o *mapLengths) Forward() {
	for i, n := range o.from.Of {
		o.to.Of[i] = int32(min(max(o.f(int(n)), 0), o.to.Steps))
	}
}

func (o *mapLengths) Backward() {}
