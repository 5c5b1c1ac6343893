package health

// Units watches the columns of an activation: a unit that is zero on every row has no part in the step, and where its
// gradient is zero too, as behind a rectifier, it learns nothing from it.
type Units struct {
	alive []bool
	dead  int // of them, those that are not
}

// NewUnits returns a watch over so many columns.
func NewUnits(columns int) *Units { return &Units{make([]bool, columns), columns} }

// Add looks at a row, if there is still something to be found out.
func (u *Units) Add(row []float32) {
	if u.dead == 0 {
		return
	}
	for i, v := range row {
		if v != 0 && !u.alive[i] {
			u.alive[i] = true
			u.dead--
		}
	}
}

// Merge adds what another watch over as many columns has seen.
func (u *Units) Merge(o *Units) {
	for i, is := range o.alive {
		if is && !u.alive[i] {
			u.alive[i] = true
			u.dead--
		}
	}
}

// Dead is how many columns were zero on all rows.
func (u *Units) Dead() int { return u.dead }

// Beyond these a gate is open, or closed: its sigmoid is flat there, and hardly learns.
const (
	Open   = 0.9
	Closed = 0.1
)

// Gates counts the values of a sigmoid gate.
type Gates struct{ Count, Open, Closed int64 }

// Add counts values.
func (g *Gates) Add(values []float32) {
	g.Count += int64(len(values))
	for _, v := range values {
		if v > Open {
			g.Open++
		} else if v < Closed {
			g.Closed++
		}
	}
}

// Merge adds what another has counted.
func (g *Gates) Merge(o Gates) {
	g.Count, g.Open, g.Closed = g.Count+o.Count, g.Open+o.Open, g.Closed+o.Closed
}
