package nn

import (
	"fmt"
	"math"

	"github.com/rondo-ml/rondo/nn/portable"
	"github.com/rondo-ml/rondo/tensor"
)

// CTCMean says what the mean of a CTC loss is a mean of.
type CTCMean int

// With n the symbols of a transcript, of the rows that have one.
const (
	CTCMeanOfSymbolMeans CTCMean = iota // of loss/max(n, 1) over rows: PyTorch's "mean"
	CTCMeanOverRows                     // of loss over rows: PyTorch's "sum" divided by the batch
	CTCMeanOverSymbols                  // Σ loss / Σ n; Total depends on the data
)

// CTCOptions are those of Tape.CTC.
type CTCOptions struct {
	Mean CTCMean

	// ZeroInfinity leaves out rows with fewer time steps than their transcripts
	// take, as PyTorch's zero_infinity does: they have loss 0 and no gradient, and
	// count in Total all the same. Otherwise they have an infinite loss, no
	// gradient, and Loss.Err names the first.
	ZeroInfinity bool
}

// CTC records the connectionist temporal classification of sequences (Graves et
// al. 2006): of the logits [T*L*R, V], and by the targets the loss of a row is
//
//	-log Σ over paths Π over t of softmax(logits[t])[path[t]]
//
// in nats. A path has a symbol for each of the row's time steps; it is the
// transcript once equal neighbours are joined and then blanks, which are symbol 0,
// are left out. lengths are the time steps of rows; nil stands for T everywhere.
//
// Sums over paths are formed in numbers with a wide exponent, so that nothing
// underflows. It panics when shapes do not fit, and when the logits come from a
// softmax. Targets must be checked (Transcripts.Check).
func (t *Tape) CTC(name string, logits *Node, lengths *Lengths, targets *Transcripts, o CTCOptions) *Loss {
	l := logits.Layout
	if l.IsImage() || l.Lanes != targets.Lanes || l.Rows != targets.Rows || len(targets.Length) != l.Lanes*l.Rows || logits.Cols < 2 {
		panic(fmt.Sprintf("nn: %s takes logits of two symbols or more and a transcript for each of %s of %s, got %v",
			name, count(targets.Rows, "row"), count(targets.Lanes, "lane"), logits))
	}
	lengths.fit(name, l)
	t.needLogits(name, "softmax", logits)
	op := &ctc{
		tape: t, x: logits, lengths: lengths, targets: targets, options: o,
		exp: t.Buffer(logits.Rows * logits.Cols), sum: t.Buffer(logits.Rows), paths: make([]ctcPaths, l.Rows*l.Lanes),
	}
	remembered := 2
	if t.Mode == Training {
		remembered = logits.Layout.Steps
	}
	for i := range op.paths {
		op.paths[i] = newCTCPaths(remembered, targets.Most)
	}
	rows, count := l, func() int { return targets.Count }
	if rows.Steps = 1; o.Mean == CTCMeanOverSymbols {
		count = nil
	}
	op.Loss = NewLoss(name, rows, op.rowWeight, count)
	op.failed = op.tooShort
	op.softmax, op.forward, op.backward = op.softmaxRows, op.forwardRows, op.backwardRows
	return t.End(op, op.Loss, Use{Sets: true, Inputs: []*Node{logits}, Keep: []*Node{logits}, Saved: []*Buffer{op.exp, op.sum}})
}

type ctc struct {
	*Loss
	tape    *Tape
	x       *Node
	lengths *Lengths
	targets *Transcripts
	options CTCOptions
	exp     *Buffer    // [T*L*R, V]: exp(x - max x)
	sum     *Buffer    // [T*L*R]: its sum
	paths   []ctcPaths // [L*R]

	dx     tensor.Matrix // the gradient of x while Backward runs
	fresh  bool
	factor float32 // of the gradient

	softmax           func(lo, hi int) // over rows of x
	forward, backward func(lo, hi int) // over sequences
}

func (o *ctc) rowWeight(row int) float64 {
	n := o.targets.Length[row]
	switch {
	case n < 0:
		return 0
	case o.options.Mean == CTCMeanOverSymbols:
		return float64(n)
	}
	return 1
}

// divisor is what the loss of a row is divided by before it is added up.
func (o *ctc) divisor(symbols int) float64 {
	if o.options.Mean == CTCMeanOfSymbolMeans {
		return float64(max(symbols, 1))
	}
	return 1
}

func (o *ctc) steps(row int) int { return o.lengths.of(row, o.x.Layout.Steps) }

// reaches says whether a row has a transcript, and time steps enough for it.
func (o *ctc) reaches(row int) (transcript []int32, has, enough bool) {
	if o.targets.Length[row] < 0 {
		return nil, false, false
	}
	transcript = o.targets.Of(row)
	return transcript, true, StepsOf(transcript) <= o.steps(row) && len(transcript) <= o.targets.Most
}

// tooShort names the first row that has fewer time steps than its transcript takes.
func (o *ctc) tooShort() error {
	for row := range o.Row {
		if transcript, has, enough := o.reaches(row); has && !enough && !o.options.ZeroInfinity {
			return fmt.Errorf("nn: %s: row %d of lane %d has %s, and its transcript of %s takes %d; leave the sample out, or set task.zero_infinity",
				o.Name, row%o.Layout.Rows, o.tape.lane+row/o.Layout.Rows, count(o.steps(row), "time step"),
				count(len(transcript), "symbol"), StepsOf(transcript))
		}
	}
	return nil
}

func (o *ctc) Forward() {
	o.tape.pool.For(o.x.Rows, 8, o.softmax)
	o.tape.pool.For(len(o.Row), 1, o.forward)
	o.SumLanes()
}

func (o *ctc) softmaxRows(lo, hi int) {
	logits, n := o.x.Value(), o.x.Cols
	for at := rowsAtOnce(n); lo < hi; lo += at {
		end := min(lo+at, hi)
		var tops [softmaxRows]float32
		expRows(o.exp.Data[lo*n:end*n], tops[:end-lo], logits.Data[lo*n:end*n])
		for row := lo; row < end; row++ {
			o.sum.Data[row] = sumOf(o.exps(row))
		}
	}
}

func (o *ctc) exps(row int) []float32 {
	n := o.x.Cols
	return o.exp.Data[row*n : (row+1)*n]
}

// at returns the row of x that is step t of a sequence.
func (o *ctc) at(t, sequence int) int { return t*len(o.Row) + sequence }

// probability is the softmax of a symbol in a row of x.
func (o *ctc) probability(row int, symbol int32) wide {
	e, sum := o.exps(row)[symbol], float64(o.sum.Data[row])
	if e < 1e-30 { // float32 is about to run out of exponents
		x := o.x.Value().Row(row)
		return wideExp(float64(x[symbol]) - float64(tensor.Maximum(x)) - portable.Log(sum))
	}
	return wide{m: float64(e) / sum}
}

func (o *ctc) forwardRows(lo, hi int) {
	for row := lo; row < hi; row++ {
		transcript, has, enough := o.reaches(row)
		switch {
		case !has || !enough && o.options.ZeroInfinity:
			o.Row[row] = 0
		case !enough:
			o.Row[row] = math.Inf(1)
		default:
			p := o.paths[row].forward(o, row, transcript, o.steps(row))
			o.Row[row] = -p.log() / o.divisor(len(transcript))
		}
	}
}

func (o *ctc) Backward() {
	if o.x.NeedsGrad() {
		o.dx, o.fresh = o.x.TakeGrad()
		o.factor = o.Scale()
		o.tape.pool.For(len(o.Row), 1, o.backward)
	}
}

func (o *ctc) backwardRows(lo, hi int) {
	for row := lo; row < hi; row++ {
		transcript, has, enough := o.reaches(row)
		used := 0
		if has && enough && !math.IsInf(o.Row[row], 1) {
			used = o.steps(row)
			o.paths[row].backward(o, row, transcript, used, o.factor/float32(o.divisor(len(transcript))))
		}
		for t := used; o.fresh && t < o.x.Layout.Steps; t++ {
			clear(o.dx.Row(o.at(t, row)))
		}
	}
}
