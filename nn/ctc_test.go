package nn

import (
	"math"
	"slices"
	"strings"
	"testing"
)

// ctcOf computes the loss of sequences of logits, and their gradient while training.
func ctcOf(t *testing.T, mode Mode, cols int, logits []float32, transcripts [][]int32, lengths []int32, o CTCOptions) (*Loss, []float32) {
	t.Helper()
	shape := Shape{Steps: len(logits) / cols / len(transcripts), Lanes: 1, Rows: len(transcripts)}
	ps := NewParams()
	x := newSource(ps, "x", shape, cols)
	ps.Allocate()
	ps.AllocateGrads(1)
	copy(ps.Values, logits)
	tape := NewTape(ps, nil, shape, mode, 0)
	k, own := NewTranscripts(shape, 5), NewLengths(shape)
	k.Count = len(transcripts)
	for i, s := range transcripts {
		if err := k.Set(i, s); err != nil {
			t.Fatal(err)
		}
	}
	copy(own.Of, lengths)
	loss := tape.CTC("loss", x.Forward(tape), own, k, o)
	tape.Plan()
	tape.Begin(0, 0, 0)
	tape.Forward()
	if mode == Training {
		tape.Backward(nil)
	}
	return loss, ps.Grads
}

// The loss is that of all paths, written out, in training and without.
func TestCTCAgainstAllPaths(t *testing.T) {
	const steps, cols = 5, 3
	logits := make([]float32, steps*cols)
	Stream{Seed: 3}.Uniform(logits, -2, 2)
	for _, transcript := range [][]int32{{}, {1}, {1, 2}, {2, 2}, {1, 1, 2}, {1, 2, 1, 2}, {1, 2, 2, 1}, {1, 2, 1, 2, 1}} {
		sum := 0.0
		for path := range 243 {
			symbols, p := make([]int32, steps), 1.0
			for i := range symbols {
				symbols[i] = int32(path % cols)
				path /= cols
				all := 0.0
				for _, x := range logits[i*cols : (i+1)*cols] {
					all += math.Exp(float64(x))
				}
				p *= math.Exp(float64(logits[i*cols+int(symbols[i])])) / all
			}
			symbols = slices.DeleteFunc(slices.Compact(symbols), func(x int32) bool { return x == 0 })
			if slices.Equal(symbols, transcript) {
				sum += p
			}
		}
		want := -math.Log(sum)
		for _, mode := range []Mode{Training, Inference} {
			loss, _ := ctcOf(t, mode, cols, logits, [][]int32{transcript}, []int32{steps}, CTCOptions{Mean: CTCMeanOverRows})
			if got := loss.LaneSum[0]; math.Abs(got-want) > 1e-6 {
				t.Errorf("%v (training %v): loss %v, want %v", transcript, mode, got, want)
			}
		}
	}
}

// A network that is sure of something else for hundreds of steps has a loss that
// no float64 has as a probability, and a gradient that says what to do.
func TestCTCDoesNotUnderflow(t *testing.T) {
	const steps, cols = 600, 3
	logits := make([]float32, steps*cols)
	for i := range steps {
		logits[i*cols+2] = 200 // of a symbol that the transcript has not
	}
	loss, grads := ctcOf(t, Training, cols, logits, [][]int32{{1}}, []int32{steps}, CTCOptions{})
	// There are steps·(steps+1)/2 paths, each of probability e^(-200·steps).
	want := 200*steps - math.Log(steps*(steps+1)/2)
	if got := loss.LaneSum[0]; math.Abs(got-want) > 1e-6*want {
		t.Errorf("loss %v, want %v", got, want)
	}
	for i := range steps {
		if d := grads[i*cols : (i+1)*cols]; math.Abs(float64(d[2])-1) > 1e-6 || math.Abs(float64(d[0]+d[1])+1) > 1e-5 || d[0] > 0 || d[1] > 0 {
			t.Fatalf("step %d: gradient %v", i, d)
		}
	}
}

// A transcript that has no room is named, and its gradient is 0; without a
// transcript there is nothing to say.
func TestCTCTooShort(t *testing.T) {
	logits := make([]float32, 3*4*3) // 3 steps of 4 rows
	transcripts := [][]int32{{1, 2}, {1, 1, 2}, {1, 2, 1}, {}}
	run := func(o CTCOptions) (*Loss, []float32) {
		return ctcOf(t, Training, 3, logits, transcripts, []int32{3, 3, 2, 0}, o)
	}
	loss, grads := run(CTCOptions{})
	want := "nn: loss: row 1 of lane 0 has 3 time steps, and its transcript of 3 symbols takes 4; leave the sample out, or set task.zero_infinity"
	if err := loss.Err(); err == nil || err.Error() != want {
		t.Errorf("error %v, want %q", err, want)
	}
	if !math.IsInf(loss.Row[1], 1) || !math.IsInf(loss.Row[2], 1) || math.IsInf(loss.Row[0], 0) || loss.Row[3] != 0 {
		t.Errorf("losses %v", loss.Row)
	}
	for i, g := range grads {
		if row := i / 3 % 4; (g != 0) != (row == 0) {
			t.Errorf("row %d has the gradient %v", row, g)
		}
	}
	if loss, _ = run(CTCOptions{ZeroInfinity: true}); loss.Err() != nil || loss.Row[1] != 0 || loss.Row[2] != 0 {
		t.Errorf("zero infinity: %v, %v", loss.Row, loss.Err())
	}
}

// A transcript of more symbols than there is room for is refused, or, where such rows are left out, costs nothing and leaves the other
// rows as they are. It can be read again, also from a copy.
func TestCTCLonger(t *testing.T) {
	shape := Shape{Steps: 2, Lanes: 1, Rows: 2}
	long := []int32{1, 2, 1, 2, 1}
	run := func(second []int32) (*Transcripts, *Loss, []float32) {
		ps := NewParams()
		x := newSource(ps, "x", shape, 3)
		ps.Allocate()
		ps.AllocateGrads(1)
		quantized(ps.Values, Stream{Seed: rigSeed})
		tape := NewTape(ps, nil, shape, Training, 0)
		k := NewTranscripts(shape, shape.Steps)
		k.Longer = true
		for i, symbols := range [][]int32{{2}, second} {
			if err := k.Set(i, symbols); err != nil {
				t.Fatal(err)
			}
		}
		k.Count = 2
		loss := tape.CTC("loss", x.Forward(tape), nil, k, CTCOptions{Mean: CTCMeanOverRows, ZeroInfinity: true})
		tape.Plan()
		tape.Forward()
		tape.Backward(nil)
		return k, loss, ps.Grads
	}
	k, loss, grads := run(long)
	_, short, shortGrads := run([]int32{1, 1}) // which takes three steps
	if loss.Row[1] != 0 || loss.Row[0] != short.Row[0] || loss.Err() != nil || sameBits(grads, shortGrads) != nil {
		t.Errorf("losses %v (%v), with a shorter one %v", loss.Row, loss.Err(), short.Row)
	}
	copied := k.Clone()
	if err := k.Set(1, []int32{1}); err != nil || !slices.Equal(copied.Of(1), long) || !slices.Equal(k.Of(1), []int32{1}) || k.Check(3) != nil || copied.Check(3) != nil {
		t.Errorf("%v: a copy holds %v, and the first %v", err, copied.Of(1), k.Of(1))
	}
	_ = copied.Set(0, nil)
	if err := copied.Check(2); err == nil || !strings.Contains(err.Error(), "symbol 1 of the transcript of row 1 is 2") {
		t.Errorf("a symbol that is none: %v", err)
	}
	if k.CopyFrom(copied); !slices.Equal(k.Of(1), long) || k.Count != 2 {
		t.Errorf("copied back: %v", k.Of(1))
	}
	if err := NewTranscripts(shape, 2).Set(0, long); err == nil || err.Error() != "nn: a transcript of 5 symbols; the batch has room for 2" {
		t.Errorf("no room: %v", err)
	}
}

// Logits of -Inf are symbols that cannot be, and NaN is not hidden.
func TestCTCExtremes(t *testing.T) {
	inf, nan := float32(math.Inf(-1)), float32(math.NaN())
	loss, grads := ctcOf(t, Training, 2, []float32{0, inf, inf, 0}, [][]int32{{1}}, []int32{2}, CTCOptions{})
	if loss.LaneSum[0] != 0 || slices.ContainsFunc(grads, func(g float32) bool { return g != 0 }) {
		t.Errorf("the one path: loss %v, gradient %v", loss.LaneSum[0], grads)
	}
	if loss, _ = ctcOf(t, Training, 2, []float32{0, inf, 0, inf}, [][]int32{{1}}, []int32{2}, CTCOptions{}); !math.IsInf(loss.LaneSum[0], 1) {
		t.Errorf("no path: loss %v", loss.LaneSum[0])
	}
	if loss, _ = ctcOf(t, Training, 2, []float32{0, 1, nan, 1, 0, 0}, [][]int32{{1}}, []int32{3}, CTCOptions{}); !math.IsNaN(loss.LaneSum[0]) {
		t.Errorf("NaN: loss %v", loss.LaneSum[0])
	}
}

func TestTranscripts(t *testing.T) {
	k := NewTranscripts(Shape{Steps: 9, Lanes: 1, Rows: 2}, 3)
	if err := k.Check(4); err != nil || k.Of(0) != nil {
		t.Errorf("none: %v, %v", err, k.Of(0))
	}
	if err := k.Set(1, []int32{1, 2, 3, 3}); err == nil || !strings.Contains(err.Error(), "a transcript of 4 symbols; the batch has room for 3") {
		t.Errorf("too long: %v", err)
	}
	for _, bad := range []int32{0, -1, 4} {
		if err := k.Set(1, []int32{3, bad}); err != nil {
			t.Fatal(err)
		}
		if err := k.Check(4); err == nil || !strings.Contains(err.Error(), "symbol 1 of the transcript of row 1 is ") {
			t.Errorf("symbol %d: %v", bad, err)
		}
	}
	k.Length[0] = 4
	if err := k.Check(4); err == nil || !strings.Contains(err.Error(), "row 0 has 4 symbols; the batch has room for 3") {
		t.Errorf("length: %v", err)
	}
}

// Losses allocate nothing when they are replayed.
func TestLossesDoNotAllocate(t *testing.T) {
	shape := Shape{Steps: 4, Lanes: 2, Rows: 3}
	for name, c := range lossCases(shape) {
		r := &rig{}
		*r = *newRig(nil, shape, c.build(&r, shape))
		tape := r.tape(2, 0, Training)
		weights := make([]float64, 2)
		if n := allocations(5, func() {
			tape.Forward()
			r.loss.Weigh(weights)
			tape.Backward(nil)
		}); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

func TestWide(t *testing.T) {
	tiny := wide{m: 1}
	for range 60 {
		tiny = tiny.times(wide{m: 1e-50})
	}
	if got, want := tiny.log(), -3000*math.Ln10; math.Abs(got-want) > 1e-9 {
		t.Errorf("1e-3000 has the logarithm %v, want %v", got, want)
	}
	if got := tiny.plus(tiny).share(wide{m: 1}, tiny); got != 2 {
		t.Errorf("twice a number is %v times it", got)
	}
	if got := tiny.plus(wide{m: 1}).share(wide{m: 1}, wide{m: 1}); got != 1 {
		t.Errorf("1 and a little is %v", got)
	}
	for _, x := range []float64{0, -1, -177, -178, -1e4, -1e6} {
		if got := wideExp(x).log(); math.Abs(got-x) > 1e-13*math.Abs(x) {
			t.Errorf("e^%v has the logarithm %v", x, got)
		}
	}
}
