package nn

// A step reads few rows of a large table, and the gradient of all others is zero. So an embedding notes which rows of it it adds
// to in each lane. As long as nobody else has written to the gradient, these alone are cleared before the next ones are added.

// touched says of the gradient of a parameter in one lane which rows may hold something other than zero.
type touched struct {
	known bool // the rows are all of them
	rows  []int32
	_     [32]byte // goroutines that note rows of neighbouring lanes share no line of the cache
}

// touch makes all of the gradient dw zero, where it is fresh, and returns what notes the rows that are then added to.
func (w *Weight) touch(lane int, fresh bool) *touched {
	r := w.touchedIn(lane)
	if !fresh {
		return r // in which the rows of whoever began it are noted, or nothing is known
	}
	dw := w.grad(lane)
	if !r.known {
		clear(dw.Data)
	}
	for _, row := range r.rows {
		clear(dw.Row(int(row)))
	}
	r.known, r.rows = true, r.rows[:0]
	return r
}

// note says that a row of n is added to. Where that is so of more than half of them, to clear all is faster.
func (r *touched) note(row int32, n int) {
	switch {
	case !r.known:
	case len(r.rows) < n/2:
		r.rows = append(r.rows, row)
	default:
		r.forget()
	}
}

// forget says that any row may hold anything.
func (r *touched) forget() { r.known, r.rows = false, r.rows[:0] }

// touchedIn returns what is known of a lane of the tape. Of gradients that no parameter has that is nothing.
func (w *Weight) touchedIn(lane int) *touched {
	if w.param == nil || w.frozen {
		return new(touched)
	}
	return &w.param.touched[w.tape.gradLane+lane]
}

// forget says that any row of the gradient may hold anything, in the lanes of the tape.
func (w *Weight) forget() {
	if w.param == nil || w.frozen {
		return
	}
	for l := range w.tape.Shape.Lanes {
		w.touchedIn(l).forget()
	}
}
