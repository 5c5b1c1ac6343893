package nn

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

// lossCase is a network that ends in a loss.
type lossCase struct {
	layout Layout // of the logits, for all lanes
	cols   int
	end    func(t *Tape, all Layout, x *Node) *Loss
}

// lossTotal is what the tests' losses are divided by.
const lossTotal = lossCount

func (c lossCase) build(r **rig, all Shape) network {
	return func(ps *Params) func(*Tape, *States) *Node {
		x := newLayoutSource(ps, "x", all, c.layout, c.cols)
		return func(t *Tape, _ *States) *Node {
			loss := c.end(t, c.layout, x.Forward(t))
			loss.Total = lossTotal
			(*r).loss = loss
			return nil
		}
	}
}

// late fills targets when the tape is replayed: only then is the place of the
// tape's lanes known. at is a row's place among the rows of all lanes.
type late struct {
	tape *Tape
	all  Layout
	own  Layout
	fill func(row, at int)
}

func fillLate(t *Tape, all, own Layout, fill func(row, at int)) {
	t.Record(&late{tape: t, all: all, own: own, fill: fill}, Use{Name: "targets"})
}

func (o *late) Forward() {
	for row := range o.own.Total() {
		o.fill(row, globalRow(o.tape, Shape{Lanes: o.all.Lanes}, o.own, row))
	}
}

func (o *late) Backward() {}

// someTargets returns classes that depend on the place among all lanes. One in
// four is missing.
func someTargets(t *Tape, all, own Layout, classes int, mixed bool) *Targets {
	k := NewTargets(own)
	if mixed {
		k.Mix()
	}
	fillLate(t, all, own, func(row, at int) {
		k.Target[row] = int32(at * 5 % classes)
		if at%4 == 3 {
			k.Target[row] = -1
		}
		if mixed && at%3 != 1 {
			k.Other[row], k.Share[row] = int32((at*5+1+at%2)%classes), float32(at%8)/8
		}
	})
	return k
}

// lossCases are all losses, with their options, for a batch of the shape.
func lossCases(s Shape) map[string]lossCase {
	cases := map[string]lossCase{}
	flat, images := s.Layout(), s.Layout().WithImage(2, 3)
	entropy := func(name string, l Layout, mixed bool, o CrossEntropyOptions) {
		cases[name] = lossCase{l, 5, func(t *Tape, all Layout, x *Node) *Loss {
			return t.CrossEntropyWith("loss", x, someTargets(t, all, x.Layout, 5, mixed), o)
		}}
	}
	weights := []float32{0.5, 2, 1, 0, 3}
	entropy("cross entropy", flat, false, CrossEntropyOptions{})
	entropy("cross entropy of pixels", images, false, CrossEntropyOptions{Ignore: []int32{1}})
	entropy("cross entropy smoothed", flat, false, CrossEntropyOptions{Smoothing: 0.125})
	entropy("cross entropy of weighted classes", flat, false, CrossEntropyOptions{Weights: weights})
	entropy("cross entropy of mixed classes", flat, true, CrossEntropyOptions{})
	entropy("cross entropy with all options", images, true, CrossEntropyOptions{Smoothing: 0.25, Weights: weights, Ignore: []int32{2}})
	values := func(name string, kind func(t *Tape, x *Node, k *TargetValues) *Loss, some func(at int) float32) {
		cases[name] = lossCase{flat, 3, func(t *Tape, all Layout, x *Node) *Loss {
			return kind(t, x, someValues(t, all, x, some))
		}}
	}
	label := func(at int) float32 { return float32(at%5) / 4 }
	far := func(at int) float32 { return []float32{0, 3, -3}[at%3] } // from x, and from where a slope changes
	values("binary", func(t *Tape, x *Node, k *TargetValues) *Loss { return t.BinaryCrossEntropy("loss", x, k, nil) }, label)
	values("binary with weights", func(t *Tape, x *Node, k *TargetValues) *Loss {
		return t.BinaryCrossEntropy("loss", x, k, []float32{0.5, 4, 1})
	}, label)
	values("squared", func(t *Tape, x *Node, k *TargetValues) *Loss { return t.SquaredError("loss", x, k) }, far)
	values("absolute", func(t *Tape, x *Node, k *TargetValues) *Loss { return t.AbsoluteError("loss", t.shifted(x), k) },
		func(at int) float32 { return 4 * far(at) })
	values("smooth", func(t *Tape, x *Node, k *TargetValues) *Loss { return t.SmoothL1("loss", x, k, 1.5) }, far)
	values("huber", func(t *Tape, x *Node, k *TargetValues) *Loss { return t.Huber("loss", x, k, 1.5) }, far)
	for mean, name := range []string{"ctc", "ctc over rows", "ctc over symbols"} {
		cases[name] = lossCase{flat, 4, func(t *Tape, all Layout, x *Node) *Loss {
			lengths, k := someTranscripts(t, all, x)
			return t.CTC("loss", x, lengths, k, CTCOptions{Mean: CTCMean(mean), ZeroInfinity: true})
		}}
	}
	return cases
}

// someValues returns targets for x. One row in four is absent.
func someValues(t *Tape, all Layout, x *Node, some func(at int) float32) *TargetValues {
	k := NewTargetValues(x.Layout, x.Cols)
	fillLate(t, all, x.Layout, func(row, at int) {
		k.Absent[row] = at%4 == 3
		for j := range k.Row(row) {
			k.Row(row)[j] = some(at*5 + j)
		}
	})
	return k
}

// someTranscripts returns transcripts for x and the time steps of its rows. Some
// rows have no transcript, and some too few steps for it.
func someTranscripts(t *Tape, all Layout, x *Node) (*Lengths, *Transcripts) {
	lengths, k := NewLengths(t.Shape), NewTranscripts(t.Shape, 3)
	all.Steps = 1
	own := x.Layout
	own.Steps = 1
	fillLate(t, all, own, func(row, at int) {
		lengths.Of[row] = int32(max(1, x.Layout.Steps-at%2))
		k.Length[row] = int32(at%5) - 1
		for j := range 3 {
			k.Symbol[row*3+j] = int32(1 + (at+j*j)%3)
		}
	})
	return lengths, k
}

func TestLossGradients(t *testing.T) {
	pool := tensor.NewPool(2)
	defer pool.Close()
	shape := Shape{Steps: 4, Lanes: 2, Rows: 3}
	for name, c := range lossCases(shape) {
		t.Run(name, func(t *testing.T) {
			r := &rig{}
			*r = *newRig(pool, shape, c.build(&r, shape))
			r.check(t)
		})
	}
}

// lossResult is what a loss gives, for all lanes.
type lossResult struct {
	row, sums, weights []float64
	grads              []float32
}

// runLoss computes a loss with a tape for every part of the lanes.
func (c lossCase) run(all Shape, poolSize int, parts []int, poisoned bool) lossResult {
	pool := tensor.NewPool(poolSize)
	defer pool.Close()
	r := &rig{}
	*r = *newRig(pool, all, c.build(&r, all))
	r.poisoned = poisoned
	var got lossResult
	for _, lanes := range parts {
		tape := r.tape(lanes, len(got.sums), Training)
		tape.Forward()
		for row, v := range r.loss.Row {
			l := r.loss.Layout
			if got.row == nil {
				got.row = make([]float64, l.Total()/lanes*all.Lanes)
			}
			got.row[globalRow(tape, all, l, row)] = v
		}
		weights := make([]float64, lanes)
		r.loss.Weigh(weights)
		tape.Backward(nil)
		got.sums, got.weights = append(got.sums, r.loss.LaneSum...), append(got.weights, weights...)
	}
	got.grads = r.params.Grads
	return got
}

func (got lossResult) differs(want lossResult) error {
	switch {
	case !slices.Equal(got.row, want.row):
		return fmt.Errorf("rows %v, want %v", got.row, want.row)
	case !slices.Equal(got.sums, want.sums):
		return fmt.Errorf("sums of lanes %v, want %v", got.sums, want.sums)
	case !slices.Equal(got.weights, want.weights):
		return fmt.Errorf("weights of lanes %v, want %v", got.weights, want.weights)
	}
	return sameBits(got.grads, want.grads)
}

// A loss has the same bits however its lanes are spread over tapes and threads,
// and relies on no memory that it did not write.
func TestLossLanes(t *testing.T) {
	for _, shape := range []Shape{{Steps: 3, Lanes: 4, Rows: 2}, {Steps: 1, Lanes: 4, Rows: 5}} {
		for name, c := range lossCases(shape) {
			want := c.run(shape, 1, []int{4}, false)
			for _, parts := range [][]int{{4}, {1, 3}, {2, 2}, {1, 1, 1, 1}} {
				for _, size := range []int{1, 3} {
					if err := c.run(shape, size, parts, parts[0] == 2).differs(want); err != nil {
						t.Fatalf("%s: lanes %v on a pool of %d: %v", name, parts, size, err)
					}
				}
			}
		}
	}
}

// The weights of rows are what a loss is a mean over.
func TestWeigh(t *testing.T) {
	shape := Shape{Steps: 2, Lanes: 2, Rows: 1}
	targets := NewTargets(shape.Layout())
	copy(targets.Target, []int32{0, 2, -1, 1})
	for _, c := range []struct {
		options  CrossEntropyOptions
		want     []float64
		fromData bool
	}{
		{CrossEntropyOptions{}, []float64{1, 2}, false},
		{CrossEntropyOptions{Smoothing: 0.1}, []float64{1, 2}, false},
		{CrossEntropyOptions{Weights: []float32{5, 0.5, 0.25}}, []float64{5, 0.75}, true},
		{CrossEntropyOptions{Ignore: []int32{0, 7}}, []float64{0, 2}, true},
	} {
		ps := NewParams()
		x := newSource(ps, "x", shape, 3)
		tape := NewTape(ps, nil, shape, Training, 0)
		loss := tape.CrossEntropyWith("loss", x.Forward(tape), targets, c.options)
		got := []float64{9, 9}
		loss.Weigh(got)
		if !slices.Equal(got, c.want) || loss.TotalFromData() != c.fromData || !slices.Equal(tape.Losses(), []*Loss{loss}) {
			t.Errorf("%+v: lanes weigh %v (from data: %v), want %v (%v)", c.options, got, loss.TotalFromData(), c.want, c.fromData)
		}
	}
}

// Two losses on one tape give the sum of their gradients, each by its weight.
func TestTwoLosses(t *testing.T) {
	shape := Shape{Steps: 1, Lanes: 1, Rows: 2}
	gradient := func(weights ...float64) []float32 {
		ps := NewParams()
		x := newSource(ps, "x", shape, 3)
		ps.Allocate()
		ps.AllocateGrads(1)
		quantized(ps.Values, Stream{Seed: rigSeed})
		tape := NewTape(ps, nil, shape, Training, 0)
		targets, logits := NewTargets(shape.Layout()), x.Forward(tape)
		targets.Count = 2
		for i, w := range weights {
			if w != 0 {
				tape.CrossEntropyWith(fmt.Sprint("loss", i), logits, targets, CrossEntropyOptions{Smoothing: 0.5 * float64(i)}).Weight = w
			}
		}
		tape.Plan()
		tape.Forward()
		tape.Backward(nil)
		return ps.Grads
	}
	both, first, second := gradient(1, 0.25), gradient(1), gradient(0, 1)
	for i, g := range both {
		if want := float64(first[i]) + 0.25*float64(second[i]); math.Abs(float64(g)-want) > 1e-7 {
			t.Errorf("element %d: %v, want %v", i, g, want)
		}
	}
}

// Targets for which nobody said what to divide by are a mistake, and none at all are not.
func TestLossWithoutTotal(t *testing.T) {
	shape := Shape{Steps: 1, Lanes: 1, Rows: 1}
	run := func(target int32) string {
		ps := NewParams()
		x := newSource(ps, "x", shape, 3)
		ps.Allocate()
		ps.AllocateGrads(1)
		tape := NewTape(ps, nil, shape, Training, 0)
		targets := NewTargets(shape.Layout())
		targets.Target[0] = target
		tape.CrossEntropy("head", x.Forward(tape), targets)
		tape.Plan()
		tape.Forward()
		text := panicOf(func() { tape.Backward(nil) })
		if tensor.HasNonFinite(ps.Grads) {
			t.Error("no target gives a gradient that is not finite")
		}
		return text
	}
	if got, want := run(0), "nn: head is divided by a Total of 0, though there are targets"; !strings.Contains(got, want) {
		t.Errorf("panic %q, want %q", got, want)
	}
	if got := run(-1); got != "" {
		t.Errorf("without targets: panic %q", got)
	}
}

// What is no logit is refused, behind a change of shape too.
func TestLossesRefuseProbabilities(t *testing.T) {
	shape := Shape{Steps: 1, Lanes: 1, Rows: 2}
	for want, f := range map[string]func(t *Tape, x *Node){
		"nn: loss takes logits, got the probabilities that head.softmax gives; leave that out: loss applies softmax itself": func(t *Tape, x *Node) {
			t.CrossEntropy("loss", t.Flatten("flat", t.Softmax("head.softmax", x)), NewTargets(shape.Layout()))
		},
		"nn: loss takes 2 rows and targets, got 12 and 2 (5 columns for 1 step of 1 lane of 2 rows of 2x3 pixels; the targets have": func(t *Tape, x *Node) {
			t.CrossEntropy("loss", x, NewTargets(shape.Layout()))
		},
		"nn: loss takes 12 rows and targets, got 12 and 12 (5 columns for 1 step of 1 lane of 2 rows of 2x3 pixels; the targets have 1 step of 1 lane of 2 rows of 3x2": func(t *Tape, x *Node) {
			t.CrossEntropy("loss", x, NewTargets(shape.Layout().WithImage(3, 2)))
		},
		"nn: loss has 2 class weights for 5 classes": func(t *Tape, x *Node) {
			t.CrossEntropyWith("loss", x, NewTargets(x.Layout), CrossEntropyOptions{Weights: []float32{1, 1}})
		},
		"nn: loss gives class 1 the weight -1": func(t *Tape, x *Node) {
			t.CrossEntropyWith("loss", x, NewTargets(x.Layout), CrossEntropyOptions{Weights: []float32{1, -1, 1, 1, 1}})
		},
		"nn: loss has a label smoothing of 2": func(t *Tape, x *Node) {
			t.CrossEntropyWith("loss", x, NewTargets(x.Layout), CrossEntropyOptions{Smoothing: 2})
		},
		"nn: loss takes logits, got the probabilities that head.sigmoid gives; leave that out: loss applies a sigmoid itself": func(t *Tape, x *Node) {
			t.BinaryCrossEntropy("loss", t.Sigmoid("head.sigmoid", x), NewTargetValues(x.Layout, 5), nil)
		},
		"nn: loss takes 5 columns of targets, got 4": func(t *Tape, x *Node) {
			t.SquaredError("loss", x, NewTargetValues(x.Layout, 4))
		},
		"nn: loss has 1 weights of positive labels for 5": func(t *Tape, x *Node) {
			t.BinaryCrossEntropy("loss", x, NewTargetValues(x.Layout, 5), []float32{1})
		},
		"nn: loss has beta -1": func(t *Tape, x *Node) { t.SmoothL1("loss", x, NewTargetValues(x.Layout, 5), -1) },
		"nn: loss has beta 0":  func(t *Tape, x *Node) { t.Huber("loss", x, NewTargetValues(x.Layout, 5), 0) },
		"nn: loss takes logits of two symbols or more and a transcript for each of 2 rows of 1 lane, got 5 columns for 1 step of 1 lane of 2 rows of 2x3": func(t *Tape, x *Node) {
			t.CTC("loss", x, nil, NewTranscripts(shape, 2), CTCOptions{})
		},
		"got the probabilities that head.softmax gives": func(t *Tape, x *Node) {
			x = t.Softmax("head.softmax", t.Flatten("flat", x))
			t.CTC("loss", x, nil, NewTranscripts(shape, 2), CTCOptions{})
		},
	} {
		ps := NewParams()
		x := newImageSource(ps, "x", shape, 2, 3, 5)
		tape := NewTape(ps, nil, shape, Training, 0)
		if got := panicOf(func() { f(tape, x.Forward(tape)) }); !strings.Contains(got, want) {
			t.Errorf("panic %q, want one with %q", got, want)
		}
	}
}

func TestTargetChecks(t *testing.T) {
	layout := Shape{Steps: 1, Lanes: 1, Rows: 2}.Layout()
	k := NewTargets(layout)
	k.Mix()
	k.Target[0], k.Other[1] = 255, 2
	if err := k.Check(3, 255); err != nil {
		t.Error(err)
	}
	if err := k.Check(3); err == nil || !strings.Contains(err.Error(), "target 255 at place 0") {
		t.Errorf("a target too large: %v", err)
	}
	if err := k.Check(2, 255); err == nil || !strings.Contains(err.Error(), "target 2 at place 1") {
		t.Errorf("a second class too large: %v", err)
	}
	k.Share[1] = float32(math.NaN())
	if err := k.Check(3, 255); err == nil || !strings.Contains(err.Error(), "a share of NaN") {
		t.Errorf("a share that is none: %v", err)
	}
	v := NewTargetValues(layout, 2)
	v.Value[3] = 1.5
	if err := v.Check(0, 1); err == nil || !strings.Contains(err.Error(), "target 1 of row 1 is 1.5") {
		t.Errorf("a label that is none: %v", err)
	}
	if v.Absent[1] = true; v.Check(0, 1) != nil {
		t.Error("the label of an absent row counts")
	}
}
