package look

import (
	"fmt"
	"math"
	"slices"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/tensor"
)

// Sequence is a network on a tape that looks at a sequence, one row to a batch: at frames of numbers, at a sound of which the network
// makes frames, or at a text of which it tells something. All layers are seen over time.
type Sequence struct {
	Batch  *nn.Batch // to be filled before Forward
	Out    *nn.Node  // of the network
	Layers []Layer   // with what recurrent layers remember behind all others ("rnn.l0.c")

	// Frames is what the network reads, or the spectrogram that it makes of a sound, or its rows of symbols. Heard makes the
	// spectrogram, Symbols the rows; without either frames are read.
	Frames  Layer
	Heard   *nn.MelSpectrogram
	Symbols *nn.Symbols

	tape   *nn.Tape
	nodes  []*nn.Node
	frames *nn.Node
	begin  tensor.Matrix
	spent  bool // Backward has used up what Forward left for it
}

// Course is what a layer yields for a sequence, [Steps, Channels]: as many steps as the sequence has there, from its
// beginning to its end.
type Course struct {
	Steps, Channels int
	Values          []float32
}

// maxSequence bounds the numbers of all layers of a sequence, which lie in memory with their gradients: 128 MiB of each.
const maxSequence = 1 << 25

// NewSequence records the network for one row of the shape. Its errors say why it reads no sequences.
func NewSequence(net Network, pool *tensor.Pool, shape nn.Shape) (*Sequence, error) {
	t := nn.NewTape(net.Params(), pool, shape, nn.Training, 0)
	t.LookInside(nn.Gradient)
	s := &Sequence{tape: t, Batch: t.NewBatch(nil)}
	s.Out = net.Forward(t, s.Batch)
	if err := t.Err(); err != nil {
		return nil, err
	}
	if err := s.findFrames(); err != nil {
		return nil, err
	}
	size := 0
	for _, y := range slices.Concat(t.Outputs(), t.Memories()) {
		if y.Node != s.frames && slices.ContainsFunc(s.Layers, func(l Layer) bool { return l.Name == y.Name }) {
			continue // a layer that serves twice is seen where it serves first
		}
		s.Layers, s.nodes = append(s.Layers, Layer{y.Name, y.Layout, y.Cols}), append(s.nodes, y.Node)
		size += y.Rows * y.Cols
	}
	if size > maxSequence {
		return nil, fmt.Errorf("all layers have %d numbers for %d time steps, at most %d are looked at", size, s.Frames.Layout.Steps, maxSequence)
	}
	for _, y := range t.Outputs() {
		t.Keep(y.Node)
	}
	t.KeepGrad(s.frames)
	s.begin = t.BeginAt("look", s.Out)[0]
	t.Plan()
	return s, nil
}

// findFrames finds what is one row to a time step of what the network reads first.
func (s *Sequence) findFrames() error {
	if heard, frames := s.tape.Heard(); heard != nil {
		s.Heard, s.frames = heard, frames
		s.Frames = Layer{heard.Name, frames.Layout, frames.Cols}
		return nil
	}
	for _, p := range s.Batch.Parts() {
		v, is := p.Holds.(*nn.Values)
		if !is || v.Layout.Steps < 2 {
			continue
		}
		for _, x := range s.tape.Inputs() {
			if x.Layout == v.Layout && x.Cols == v.Cols && s.frames == nil {
				s.frames, s.Frames = x, Layer{p.Name, v.Layout, v.Cols}
			}
		}
	}
	if s.frames != nil {
		return nil
	}
	if s.Symbols = s.tape.Symbols(); s.Symbols == nil {
		return fmt.Errorf("the network reads no sequence of numbers")
	}
	r := s.Symbols.Rows
	s.frames, s.Frames = r.Node, Layer{r.Name, r.Layout, r.Cols}
	return nil
}

// Forward computes all layers for what is in the batch.
func (s *Sequence) Forward() {
	s.tape.Begin(0, 0, 0)
	s.tape.Forward()
	s.spent = false
}

// Wave is the sound that the network hears, after the batch was filled; nil where it reads frames.
func (s *Sequence) Wave() []float32 {
	if s.Heard == nil {
		return nil
	}
	for _, p := range s.Batch.Parts() {
		if v, is := p.Holds.(*nn.Values); is && v.Layout.Steps == 1 {
			n := v.Cols
			if k := s.Batch.LengthsOf(v.Cols); k != nil {
				n = int(k.Of[0])
			}
			return v.Data[:min(max(n, 0), v.Cols)]
		}
	}
	return nil
}

// Read is the course of what is read, after Forward.
func (s *Sequence) Read() Course { return s.course(s.frames, s.frames.Value()) }

// Course is that of layer i, after Forward and before the next Matters.
func (s *Sequence) Course(i int) Course { return s.course(s.nodes[i], s.nodes[i].Value()) }

// course copies what an activation, or its gradient, holds.
func (s *Sequence) course(n *nn.Node, m tensor.Matrix) Course {
	var c Course
	c.Steps, c.Channels = Layer{Layout: n.Layout, Cols: m.Cols}.OverTime()
	each := m.Rows / c.Steps
	has := c.Steps
	if k := s.Batch.LengthsOf(c.Steps); k != nil && c.Steps > 1 {
		has = min(max(int(k.Of[0]), 0), c.Steps)
	}
	turned := s.tape.FromEnd(n)
	for t := range has {
		at := t
		if turned {
			at = has - 1 - t
		}
		for row := range each {
			c.Values = append(c.Values, m.Row(at*each+row)...)
		}
	}
	c.Steps = has
	return c
}

// Answer is a number that the network gives: of what it says at a time step, or of all that it says for the sequence.
type Answer struct {
	Step   int // 0 where it says something once
	Number int
	Class  bool // the numbers are logits of classes: the answer is the logarithm of the class's probability
}

// Said is how often the network says something of the sequence in the batch, after Forward: once, or at every step.
func (s *Sequence) Said() int {
	if s.Out.Layout.Steps == 1 || s.Batch.OutputLengths == nil {
		return s.Out.Layout.Steps
	}
	return min(max(int(s.Batch.OutputLengths.Of[0]), 0), s.Out.Layout.Steps)
}

// Matters returns the gradient of an answer by what is read, a row to each time step, and the length of each row. It is called
// after Forward. A second call runs Forward again first. A gradient that is not finite is an error.
func (s *Sequence) Matters(a Answer) (grad Course, lengths []float64, err error) {
	switch {
	case s.Out.Layout.IsImage():
		return grad, nil, fmt.Errorf("the network answers with an image")
	case a.Step < 0 || a.Step >= s.Said():
		return grad, nil, fmt.Errorf("step %d: the network says something at %d of them, from 0 on", a.Step, s.Said())
	case a.Number < 0 || a.Number >= s.Out.Cols:
		return grad, nil, fmt.Errorf("answer %d: the network has %d, from 0 on", a.Number, s.Out.Cols)
	}
	if s.spent {
		s.Forward()
	}
	clear(s.begin.Data)
	if to := s.begin.Row(a.Step); a.Class {
		gradLogProbability(to, s.Out.Value().Row(a.Step), a.Number)
	} else {
		to[a.Number] = 1
	}
	s.tape.Backward(nil)
	s.spent = true
	grad = s.course(s.frames, s.frames.Grad())
	lengths, err = rowLengths(grad)
	return grad, lengths, err
}

// rowLengths is the length of what a gradient has at each time step.
func rowLengths(grad Course) (lengths []float64, err error) {
	for t := range grad.Steps {
		sum := 0.0 // of squares of float32, which are finite
		for _, v := range grad.Values[t*grad.Channels : (t+1)*grad.Channels] {
			sum += float64(v) * float64(v)
		}
		if math.IsNaN(sum) || math.IsInf(sum, 1) {
			return nil, fmt.Errorf("the gradient is not finite at time step %d", t)
		}
		lengths = append(lengths, math.Sqrt(sum))
	}
	return lengths, nil
}
