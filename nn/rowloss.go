package nn

import (
	"fmt"
	"sync"

	"github.com/rondo-ml/rondo/tensor"
)

// rowsLoss sets the losses of some rows of x, which lie behind one another, and their
// slopes. Either there are at most lossValues values of x, or there is one row.
type rowsLoss func(losses []float64, slopes, x, targets []float32, room *lossRoom)

// lossValues is how many values of x rowsLoss gets at a time: what it makes of them stays in the first cache.
const lossValues = 512

// lossRoom is room for what rowsLoss makes of them.
type lossRoom struct {
	terms, ones, products [lossValues]float64
}

var lossRooms = sync.Pool{New: func() any { return new(lossRoom) }}

// eachRow is the rowsLoss that takes row by row.
func eachRow(f func(slopes, x, targets []float32) float64) rowsLoss {
	return func(losses []float64, slopes, x, targets []float32, _ *lossRoom) {
		k, n := len(x)/len(losses), len(targets)/len(losses)
		for i := range losses {
			losses[i] = f(slopes[i*k:(i+1)*k], x[i*k:(i+1)*k], targets[i*n:(i+1)*n])
		}
	}
}

// elementLoss is a RowLoss that compares each number with one of its own.
func (t *Tape) elementLoss(name string, x *Node, targets *TargetValues, f rowsLoss) *Loss {
	if targets.Cols != x.Cols {
		panic(fmt.Sprintf("nn: %s takes %d columns of targets, got %d (%v)", name, x.Cols, targets.Cols, x))
	}
	return t.rowsLoss(name, x, targets, f)
}

// RowLoss records a loss of one's own that compares each row of x, [rows, K], with
// its targets, [rows, N]: f returns the loss of a row, and sets all of slopes [K] to
// its derivatives by x. What is trained on is the mean over the rows that are not
// absent. f is called by several goroutines at once, not for rows that are absent.
// For the same bits everywhere it keeps to the rules of package portable. RowLoss
// panics when the rows differ; N is the caller's to choose.
func (t *Tape) RowLoss(name string, x *Node, targets *TargetValues, f func(slopes, x, targets []float32) float64) *Loss {
	return t.rowsLoss(name, x, targets, eachRow(f))
}

func (t *Tape) rowsLoss(name string, x *Node, targets *TargetValues, f rowsLoss) *Loss {
	t.needTargets(name, x, targets.Layout, len(targets.Absent))
	if len(targets.Value) != x.Rows*targets.Cols {
		panic(fmt.Sprintf("nn: %s takes %d rows of %d targets, got %d numbers (%v)", name, x.Rows, targets.Cols, len(targets.Value), x))
	}
	op := &valueLoss{tape: t, x: x, targets: targets, slopes: t.Buffer(x.Rows * x.Cols)}
	op.Loss = NewLoss(name, targets.Layout, op.rowWeight, func() int { return targets.Count })
	op.forward = func(lo, hi int) { op.forwardRows(lo, hi, f) }
	op.backward = func(lo, hi int) {
		if op.fresh {
			tensor.Scale(op.dx.Data[lo:hi], op.slopes.Data[lo:hi], op.factor)
		} else {
			tensor.Axpy(op.dx.Data[lo:hi], op.factor, op.slopes.Data[lo:hi])
		}
	}
	return t.End(op, op.Loss, Use{Sets: true, Inputs: []*Node{x}, Saved: []*Buffer{op.slopes}})
}

type valueLoss struct {
	*Loss
	tape    *Tape
	x       *Node
	targets *TargetValues
	slopes  *Buffer // [rows, K]: the derivatives of Row

	dx     tensor.Matrix // the gradient of x while Backward runs
	fresh  bool
	factor float32 // of the gradient

	forward  func(lo, hi int) // over rows
	backward func(lo, hi int) // over elements
}

// forwardRows gives f rows that are not absent, as many at a time as it takes.
func (o *valueLoss) forwardRows(lo, hi int, f rowsLoss) {
	room := lossRooms.Get().(*lossRoom)
	defer lossRooms.Put(room)
	x, k, n := o.x.Value().Data, o.x.Cols, o.targets.Cols
	most := max(1, lossValues/k)
	for lo < hi {
		if o.targets.Absent[lo] {
			clear(o.slopes.Data[lo*k : (lo+1)*k])
			o.Row[lo] = 0
			lo++
			continue
		}
		end := lo + 1
		for end < min(hi, lo+most) && !o.targets.Absent[end] {
			end++
		}
		f(o.Row[lo:end], o.slopes.Data[lo*k:end*k], x[lo*k:end*k], o.targets.Value[lo*n:end*n], room)
		lo = end
	}
}

// multiplyRows sets products to those of the values of each row, in order.
func multiplyRows(products, values []float64) {
	n := len(values) / len(products)
	for ; len(products) >= 4; products, values = products[4:], values[4*n:] {
		v0, v1, v2, v3 := values[:n], values[n:][:n], values[2*n:][:n], values[3*n:][:n]
		p0, p1, p2, p3 := 1.0, 1.0, 1.0, 1.0
		for j, v := range v0 {
			p0, p1, p2, p3 = p0*v, p1*v1[j], p2*v2[j], p3*v3[j]
		}
		products[0], products[1], products[2], products[3] = p0, p1, p2, p3
	}
	for i := range products {
		p := 1.0
		for _, v := range values[i*n : (i+1)*n] {
			p *= v
		}
		products[i] = p
	}
}

func (o *valueLoss) rowWeight(row int) float64 {
	if o.targets.Absent[row] {
		return 0
	}
	return 1
}

func (o *valueLoss) Forward() {
	o.tape.pool.For(o.x.Rows, 1+256/o.x.Cols, o.forward)
	o.SumLanes()
}

func (o *valueLoss) Backward() {
	if o.x.NeedsGrad() {
		o.dx, o.fresh = o.x.TakeGrad()
		o.factor = o.Scale()
		o.tape.pool.For(o.x.Rows*o.x.Cols, 4096, o.backward)
	}
}
