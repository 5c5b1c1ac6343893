package nn

import (
	"fmt"
	"math"
	"slices"

	"github.com/rondo-ml/rondo/tensor"
)

// CrossEntropyOptions are those of Tape.CrossEntropyWith. The zero value is the
// plain cross entropy.
type CrossEntropyOptions struct {
	// Smoothing is ε in [0, 1]: that much of every target is spread evenly over
	// all V classes (Szegedy et al. 2016, section 7).
	Smoothing float64

	// Weights are factors of the classes, [V]; nil stands for ones. The mean is a
	// weighted one: Total is the sum of the weights of all targets.
	Weights []float32

	// Ignore are classes for which there is nothing to predict, as the 255 of many
	// masks. They need not lie below V. Negative targets are ignored anyway.
	Ignore []int32
}

// CrossEntropy records the cross entropy of softmax(logits), logits [rows, V],
// with the targets:
//
//	loss = logsumexp(logits) - logits[target]
//
// in nats. Negative targets are left out; others must lie below V. The gradient
// is that of the mean over the whole global batch, so with N = targets.Count
//
//	dlogits = (softmax(logits) - onehot(target)) / N
//
// It panics when the targets have other rows than the logits, and when these come
// from a softmax.
func (t *Tape) CrossEntropy(name string, logits *Node, targets *Targets) *Loss {
	return t.CrossEntropyWith(name, logits, targets, CrossEntropyOptions{})
}

// CrossEntropyWith is CrossEntropy with options. With w the class weights, s the
// share of target a in a row, b the other class, and log p = logits - logsumexp(logits),
//
//	loss = -(1-ε)·(s·w[a]·log p[a] + (1-s)·w[b]·log p[b]) - ε/V·Σ w[c]·log p[c]
//
// and the row weighs s·w[a] + (1-s)·w[b] in Total. So it is PyTorch's
// cross_entropy with weight, ignore_index and label_smoothing, and that of class
// probabilities for mixed targets where classes have no weights. (With both, PyTorch
// divides by the number of rows.)
func (t *Tape) CrossEntropyWith(name string, logits *Node, targets *Targets, o CrossEntropyOptions) *Loss {
	t.needTargets(name, logits, targets.Layout, len(targets.Target))
	t.needLogits(name, "softmax", logits)
	o.check(name, logits.Cols)
	op := &crossEntropy{
		tape: t, x: logits, targets: targets, options: o,
		exp: t.Buffer(logits.Rows * logits.Cols), sum: t.Buffer(logits.Rows),
	}
	op.smooth()
	count := func() int { return targets.Count }
	if o.Weights != nil || o.Ignore != nil {
		count = nil
	}
	op.Loss = NewLoss(name, targets.Layout, op.rowWeight, count)
	op.forward, op.backward = op.forwardRows, op.backwardRows
	return t.End(op, op.Loss, Use{Sets: true, Inputs: []*Node{logits}, Saved: []*Buffer{op.exp, op.sum}})
}

// check panics when the options do not do for so many classes.
func (o *CrossEntropyOptions) check(name string, classes int) {
	if !(o.Smoothing >= 0 && o.Smoothing <= 1) {
		panic(fmt.Sprintf("nn: %s has a label smoothing of %v; take one in [0, 1]", name, o.Smoothing))
	}
	if o.Weights != nil && len(o.Weights) != classes {
		panic(fmt.Sprintf("nn: %s has %d class weights for %d classes", name, len(o.Weights), classes))
	}
	for c, w := range o.Weights {
		if !(w >= 0) || math.IsInf(float64(w), 0) {
			panic(fmt.Sprintf("nn: %s gives class %d the weight %v; take 0 or more", name, c, w))
		}
	}
}

type crossEntropy struct {
	*Loss
	tape    *Tape
	x       *Node
	targets *Targets
	options CrossEntropyOptions
	exp     *Buffer // [rows, V]: exp(x - max x)
	sum     *Buffer // [rows]: its sum

	spread    []float32 // [V]: what smoothing gives each class, ε/V·w; nil without smoothing
	allSpread float64   // its sum

	dx     tensor.Matrix // the gradient of x while Backward runs
	fresh  bool
	factor float32 // of the gradient
	plain  bool    // each target is one class of weight 1, or nothing

	forward, backward func(lo, hi int)
}

// smooth prepares what smoothing adds to every row.
func (o *crossEntropy) smooth() {
	if o.options.Smoothing == 0 {
		return
	}
	o.spread = make([]float32, o.x.Cols)
	for c := range o.spread {
		o.spread[c] = float32(o.options.Smoothing / float64(o.x.Cols) * o.classWeight(int32(c)))
		o.allSpread += float64(o.spread[c])
	}
}

func (o *crossEntropy) classWeight(class int32) float64 {
	if o.options.Weights == nil {
		return 1
	}
	return float64(o.options.Weights[class])
}

// wanted says whether there is anything to predict.
func (o *crossEntropy) wanted(target int32) bool {
	return target >= 0 && !slices.Contains(o.options.Ignore, target)
}

// parts returns the classes that a row belongs to and the weight of each, without
// smoothing. Either class may be negative.
func (o *crossEntropy) parts(row int) (a, b int32, wa, wb float64) {
	a, b = o.targets.Target[row], -1
	if !o.wanted(a) {
		return -1, -1, 0, 0
	}
	wa = o.classWeight(a)
	if o.targets.Other == nil || !o.wanted(o.targets.Other[row]) {
		return a, b, wa, 0
	}
	b = o.targets.Other[row]
	share := float64(o.targets.Share[row])
	return a, b, float64(share * wa), float64((1 - share) * o.classWeight(b))
}

func (o *crossEntropy) rowWeight(row int) float64 {
	_, _, wa, wb := o.parts(row)
	return wa + wb
}

func (o *crossEntropy) Forward() {
	o.plain = o.options.Weights == nil && o.options.Ignore == nil && o.spread == nil && o.targets.Other == nil
	o.tape.pool.For(o.x.Rows, 8, o.forward)
	o.SumLanes()
}

func (o *crossEntropy) forwardRows(lo, hi int) {
	logits, n := o.x.Value(), o.x.Cols
	for at := rowsAtOnce(n); lo < hi; lo += at {
		end := min(lo+at, hi)
		exps := o.exp.Data[lo*n : end*n]
		var tops [softmaxRows]float32
		expRows(exps, tops[:end-lo], logits.Data[lo*n:end*n])
		var logs [softmaxRows]float64
		sumRows(o.sum.Data[lo:end], logs[:end-lo], exps)
		tensor.Logs(logs[:end-lo], logs[:end-lo])
		if o.plain {
			o.plainLosses(lo, logits.Data[lo*n:end*n], tops[:end-lo], logs[:end-lo])
			continue
		}
		for i, top := range tops[:end-lo] {
			o.Row[lo+i] = o.rowLoss(lo+i, logits.Row(lo+i), float64(top), logs[i])
		}
	}
}

// plainLosses sets the losses of rows from row on, x [len(tops), V], for plain targets,
// with logsumexp(x) = top + log for each.
func (o *crossEntropy) plainLosses(row int, x, tops []float32, logs []float64) {
	losses, targets, n := o.Row[row:][:len(tops)], o.targets.Target[row:][:len(tops)], o.x.Cols
	for i, a := range targets {
		losses[i] = 0
		if a >= 0 {
			losses[i] = logs[i] + (float64(tops[i]) - float64(x[i*n : (i+1)*n][a]))
		}
	}
}

// rowLoss is plainLosses of a row with any targets.
func (o *crossEntropy) rowLoss(row int, x []float32, top, log float64) float64 {
	a, b, wa, wb := o.parts(row)
	if a < 0 {
		return 0
	}
	keep := 1 - o.options.Smoothing
	loss := float64(float64(keep*wa) * (log + (top - float64(x[a]))))
	if b >= 0 {
		loss += float64(float64(keep*wb) * (log + (top - float64(x[b]))))
	}
	for c, s := range o.spread {
		loss += float64(float64(s) * (log + (top - float64(x[c]))))
	}
	return loss
}

func (o *crossEntropy) exps(row int) []float32 {
	n := o.x.Cols
	return o.exp.Data[row*n : (row+1)*n]
}

func (o *crossEntropy) Backward() {
	if o.x.NeedsGrad() {
		o.dx, o.fresh = o.x.TakeGrad()
		o.factor = o.Scale()
		o.tape.pool.For(o.x.Rows, 8, o.backward)
	}
}

func (o *crossEntropy) backwardRows(lo, hi int) {
	if o.plain {
		o.backwardPlain(lo, hi)
		return
	}
	keep := 1 - o.options.Smoothing
	for row := lo; row < hi; row++ {
		a, b, wa, wb := o.parts(row)
		d := o.dx.Row(row)
		if a < 0 {
			if o.fresh {
				clear(d)
			}
			continue
		}
		wa, wb = float64(keep*wa), float64(keep*wb)
		all := float32(o.factor*float32(wa+wb+o.allSpread)) / o.sum.Data[row]
		setOrAdd(d, all, o.exps(row), o.fresh)
		if o.spread != nil {
			tensor.Axpy(d, -o.factor, o.spread)
		}
		d[a] -= float32(o.factor * float32(wa))
		if b >= 0 {
			d[b] -= float32(o.factor * float32(wb))
		}
	}
}

// backwardPlain is backwardRows for plain targets, with the same bits.
func (o *crossEntropy) backwardPlain(lo, hi int) {
	if n := o.x.Cols; n == 2 {
		o.backwardPairs(o.targets.Target[lo:hi], o.sum.Data[lo:hi], o.exp.Data[lo*n:hi*n], o.dx.Data[lo*n:hi*n])
		return
	}
	for row := lo; row < hi; row++ {
		a, d := o.targets.Target[row], o.dx.Row(row)
		switch {
		case a >= 0:
			setOrAdd(d, o.factor/o.sum.Data[row], o.exps(row), o.fresh)
			d[a] -= o.factor
		case o.fresh:
			clear(d)
		}
	}
}

// backwardPairs is backwardPlain of rows of two columns, for which there is little else to do than to find them.
func (o *crossEntropy) backwardPairs(targets []int32, sums, exps, dx []float32) {
	for i, a := range targets {
		e, d := exps[2*i:][:2:2], dx[2*i:][:2:2]
		if a < 0 {
			if o.fresh {
				d[0], d[1] = 0, 0
			}
			continue
		}
		alpha := o.factor / sums[i]
		d0, d1 := float32(alpha*e[0]), float32(alpha*e[1])
		if !o.fresh {
			d0, d1 = d[0]+d0, d[1]+d1
		}
		d[0], d[1] = d0, d1
		d[a] -= o.factor
	}
}
