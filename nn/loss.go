package nn

import (
	"fmt"
	"math"

	"github.com/rondo-ml/rondo/tensor"
)

// Loss is an end of a tape: a number that training makes small. A tape may have
// several (a second head, say), and Backward differentiates their sum over the
// whole global batch:
//
//	Σ over losses of Weight · (Σ over lanes of LaneSum) / Total
type Loss struct {
	Name string

	// Weight is the factor of this loss in the sum. It is 1 unless somebody sets it.
	Weight float64

	// Total is what the sum over all lanes of the global batch is divided by: the
	// weight of all its targets. Backward reads it. Where it is 0, the targets'
	// Count stands for it, unless TotalFromData.
	Total float64

	// LaneSum is, for each of the tape's lanes, the loss of its targets, added up
	// in float64 step by step, row by row, without Weight. Cross entropies are in nats.
	LaneSum []float64

	// Row is the loss of each row of Layout; 0 where there is nothing to predict.
	Row    []float64
	Layout Layout

	weigh  func(row int) float64
	count  func() int   // nil where Total is from the data
	failed func() error // nil where nothing can fail
}

// NewLoss returns a loss of weight 1 with a Row for each row of the layout, for an
// operation that ends a tape ([Tape.End]). Its Forward sets all of Row and calls
// SumLanes; its Backward forms the gradient of Σ Row, times Scale.
//
// weigh gives the weight of a row's target as it is filled at the moment, 0 where
// there is none. count gives the number of targets of the whole global batch, if
// that is what a sum of rows is to be divided by; nil says TotalFromData.
func NewLoss(name string, rows Layout, weigh func(row int) float64, count func() int) *Loss {
	return &Loss{Name: name, Weight: 1, LaneSum: make([]float64, rows.Lanes), Row: make([]float64, rows.Total()), Layout: rows,
		weigh: weigh, count: count}
}

// End records an operation that ends the tape in a loss. It panics where Record does.
func (t *Tape) End(op Operation, loss *Loss, use Use) *Loss {
	use.Name = loss.Name
	t.Record(op, use)
	t.losses = append(t.losses, loss)
	return loss
}

// Losses returns the losses that the tape ends in, as they were recorded.
func (t *Tape) Losses() []*Loss { return t.losses }

// TotalFromData says that nobody can know Total before seeing the whole batch:
// classes have weights or are ignored, or targets have lengths. Then who replays
// the tape fills the targets, asks every worker's losses to Weigh their lanes, and
// sets Total to the sum in lane order before Backward. Otherwise a target weighs 1.
func (l *Loss) TotalFromData() bool { return l.count == nil }

// Weigh sets dst [L] to the weights of each lane's targets as they are filled at
// the moment; it needs no Forward. The sum over all lanes of the global batch, in
// lane order, is Total.
func (l *Loss) Weigh(dst []float64) {
	clear(dst)
	l.addByLane(dst, l.weigh)
}

// Err returns an error that names a target which the network cannot give, so that
// its loss is infinite, as the last Forward found it: a transcript of more
// symbols than there are time steps.
func (l *Loss) Err() error {
	if l.failed == nil {
		return nil
	}
	return l.failed()
}

// addByLane adds f of every row to its lane's element of dst, step by step, row by row.
func (l *Loss) addByLane(dst []float64, f func(row int) float64) {
	rows, row := l.Layout.LaneRows(), 0
	for range l.Layout.Steps {
		for lane := range l.Layout.Lanes {
			for range rows {
				dst[lane] += f(row)
				row++
			}
		}
	}
}

// SumLanes sets LaneSum from Row.
func (l *Loss) SumLanes() {
	clear(l.LaneSum)
	perStep := l.Layout.LaneRows() * l.Layout.Lanes
	for step := range l.Layout.Steps {
		tensor.SumRows(l.LaneSum, l.Row[step*perStep:(step+1)*perStep])
	}
}

// Divisor is what the sum over all lanes of the global batch is divided by: Total,
// or the targets' Count where it is 0 and is not from the data.
func (l *Loss) Divisor() float64 {
	if l.Total == 0 && l.count != nil {
		return float64(l.count())
	}
	return l.Total
}

// Scale is the factor of a row's gradient, Weight/Divisor. It panics where nobody
// has said what the loss is divided by, though there are targets.
func (l *Loss) Scale() float32 {
	total := l.Divisor()
	switch {
	case total > 0:
		return float32(l.Weight) / float32(total)
	case total == 0 && l.weightless():
		return 0
	case l.count == nil:
		panic(fmt.Sprintf("nn: %s is divided by a Total of %v, though there are targets; before Backward, set Loss.Total to what Weigh gives for all lanes", l.Name, total))
	}
	panic(fmt.Sprintf("nn: %s is divided by a Total of %v, though there are targets; before Backward, set Loss.Total or the targets' Count", l.Name, total))
}

// weightless says that no target at hand counts.
func (l *Loss) weightless() bool {
	for row := range l.Layout.Total() {
		if l.weigh(row) != 0 {
			return false
		}
	}
	return true
}

// BitsPerTarget turns a sum of nats over count targets (bytes of a text, images) into bits a target.
func BitsPerTarget(nats float64, count int) float64 {
	return nats / math.Ln2 / float64(count)
}
