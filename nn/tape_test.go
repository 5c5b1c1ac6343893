package nn

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

// product is y = a·b, element by element: a node with two inputs.
type product struct{ a, b, y *Node }

func (t *Tape) product(a, b *Node) *Node {
	op := &product{a: a, b: b, y: t.like(a)}
	t.Record(op, Use{Name: "product", Inputs: []*Node{a, b}, Outputs: []*Node{op.y}, Keep: []*Node{a, b}})
	return op.y
}

func (o *product) Forward() {
	for i := range o.y.Value().Data {
		o.y.Value().Data[i] = o.a.Value().Data[i] * o.b.Value().Data[i]
	}
}

func (o *product) Backward() {
	for i, d := range o.y.Grad().Data {
		o.a.Grad().Data[i] += d * o.b.Value().Data[i]
		o.b.Grad().Data[i] += d * o.a.Value().Data[i]
	}
}

// A node that several operations read collects all their gradients.
func TestBranches(t *testing.T) {
	shape := Shape{Steps: 2, Lanes: 2, Rows: 2}
	gradcheck(t, shape, func(ps *Params) func(*Tape, *States) *Node {
		x, l := newSource(ps, "x", shape, 4), NewLinear(ps, "l", 4, 4, true)
		return func(t *Tape, _ *States) *Node {
			h := t.Tanh("h", x.Forward(t))
			left := l.Forward(t, h)
			right := t.Sigmoid("right", l.Forward(t, h))
			t.Tanh("dead end", h) // nobody reads it
			return t.product(t.product(left, right), h)
		}
	})
}

// Every element is told of once, when it is as it stays, large matrices a stage
// at a time and to the bits that they have at once.
func TestReadyMeansWhole(t *testing.T) {
	for _, cell := range builtInCells() {
		t.Run(cell, func(t *testing.T) { checkReady(t, cell) })
	}
}

func checkReady(t *testing.T, cell string) {
	tape := recordDeep(t, cell)
	ps := tape.params
	tape.Forward()
	tape.Backward(nil)
	want := slices.Clone(ps.Grads)
	for l := range ps.Lanes {
		tensor.Fill(ps.LaneGrads(l), float32(math.NaN()))
	}
	early := make([]float32, len(ps.Grads))
	told, calls, order := make([]int, ps.Size()), 0, []string{}
	tape.Forward()
	tape.Backward(func(begin, end int) {
		calls++
		for i := begin; i < end; i++ {
			told[i]++
		}
		for l := range ps.Lanes {
			copy(early[l*ps.Size()+begin:l*ps.Size()+end], ps.LaneGrads(l)[begin:end])
		}
		i := slices.IndexFunc(ps.List, func(p *Param) bool { return begin < p.Offset+p.Size() })
		if p := ps.List[i]; begin < p.Offset || end > p.Offset+p.Size() {
			t.Errorf("elements [%d, %d) are of several parameters", begin, end)
		}
		order = append(order, ps.List[i].Name)
	})
	if err := sameBits(ps.Grads, want); err != nil {
		t.Errorf("stages give other gradients: %v", err)
	}
	if err := sameBits(early, want); err != nil {
		t.Errorf("elements change after they were told of: %v", err)
	}
	if slices.Min(told) != 1 || slices.Max(told) != 1 {
		t.Errorf("elements are told of %d to %d times", slices.Min(told), slices.Max(told))
	}
	if calls < len(ps.List)+8 {
		t.Errorf("%d parameters are told of in %d calls", len(ps.List), calls)
	}
	if order[0] != "unused" || order[1][:7] != "decoder" || order[len(order)-1] != "encoder.weight" {
		t.Errorf("ready in the order %v, want the decoder first and the encoder last", order)
	}
}

// recordDeep is a planned tape of layers of a cell between an encoder and a
// decoder, a hidden layer that is used twice, and a parameter that is not used.
func recordDeep(t *testing.T, cell string) *Tape {
	shape, ps := Shape{Steps: 4, Lanes: 2, Rows: 3}, NewParams()
	ps.stage = stage{4, 16}
	e := NewEmbedding(ps, "encoder", 11, 6)
	stack, err := NewStack(ps, "rnn", cell, 6, 8, 2, StackOptions{WeightNorm: cell == "mlstm"})
	if err != nil {
		t.Fatal(err)
	}
	hidden, out := NewLinear(ps, "hidden", 8, 8, true), NewLinear(ps, "decoder", 8, 11, true)
	ps.Add("unused", UniformInit(1), 3)
	ps.Allocate()
	ps.AllocateGrads(shape.Lanes)
	ps.Initialize(3)
	tape := NewTape(ps, nil, shape, Training, 9)
	tokens := someTokens(tape, shape, 11)
	h := stack.Forward(tape, e.Forward(tape, tokens.Tokens), NewStates(shape.Lanes, shape.Rows))
	h = hidden.Forward(tape, tape.Tanh("tanh", hidden.Forward(tape, h)))
	tape.CrossEntropy("loss", out.Forward(tape, h), tokens.Targets)
	tape.Plan()
	tape.Begin(1, 0, 0)
	return tape
}

// A parameter that nothing uses is ready at once, so that its bucket can leave.
func TestUnusedParameterIsReady(t *testing.T) {
	ps, shape := NewParams(), Shape{Steps: 1, Lanes: 1, Rows: 1}
	x, unused := newSource(ps, "x", shape, 2), ps.Add("unused", UniformInit(1), 3)
	ps.Allocate()
	ps.AllocateGrads(1)
	tape := NewTape(ps, nil, shape, Training, 0)
	tape.Tanh("tanh", x.Forward(tape))
	tape.Plan()
	tape.Forward()
	var order []int
	tape.Backward(func(begin, _ int) { order = append(order, begin) })
	if !slices.Equal(order, []int{unused.Offset, x.p.Offset}) {
		t.Errorf("%d parameters ready, or in another order", len(order))
	}
}

func TestFirstNonFinite(t *testing.T) {
	_, tape := trainOnce(t)
	if name := tape.FirstNonFinite(); name != "" {
		t.Errorf("%s blamed without cause", name)
	}
	tape.params.Get("hidden.weight").Value().Data[5] = float32(math.Inf(1))
	tape.params.Changed()
	if name := tape.FirstNonFinite(); name != "hidden" {
		t.Errorf("%q blamed, want hidden", name)
	}
}

// An inference tape computes what a training tape does, in less memory.
func TestInference(t *testing.T) {
	shape := Shape{Steps: 4, Lanes: 2, Rows: 2}
	run := func(mode Mode) ([]float64, int) {
		ps := NewParams()
		forward := deepModel(t, ps, 0)
		ps.Allocate()
		ps.Initialize(3)
		tape := NewTape(ps, nil, shape, mode, 9)
		loss := forward(tape, someTokens(tape, shape, 11), NewStates(2, 2))
		tape.Plan()
		tape.Begin(0, 0, 0)
		tape.Forward()
		return loss.LaneSum, tape.arena
	}
	want, whole := run(Training)
	got, less := run(Inference)
	if !slices.Equal(got, want) || less >= whole/2 {
		t.Errorf("losses %v in %d elements, want %v in less than half of %d", got, less, want, whole)
	}
}

func TestModelMistakesPanic(t *testing.T) {
	shape := Shape{Steps: 1, Lanes: 1, Rows: 2}
	for want, f := range map[string]func(ps *Params, t *Tape){
		"tanh recorded after Plan": func(ps *Params, t *Tape) {
			x := newSource(ps, "x", shape, 2).Forward(t)
			t.Plan()
			t.Tanh("tanh", x)
		},
		"Forward before Plan": func(_ *Params, t *Tape) { t.Forward() },
		"l takes 3 features, got 2": func(ps *Params, t *Tape) {
			NewLinear(ps, "l", 3, 1, true).Forward(t, newSource(ps, "x", shape, 2).Forward(t))
		},
		"e takes 2 tokens of 3 symbols, got 1 of 0": func(ps *Params, t *Tape) {
			NewEmbedding(ps, "e", 3, 1).Forward(t, &Tokens{Input: []int32{0}})
		},
		"e takes 2 tokens of 3 symbols, got 2 of 4": func(ps *Params, t *Tape) {
			NewEmbedding(ps, "e", 3, 1).Bag(t, NewTokens(shape, 4), nil, BagSum)
		},
		"one-hot takes 2 tokens of 3 symbols, got 2 of 4": func(_ *Params, t *Tape) {
			t.OneHot("one-hot", NewTokens(shape, 4), 3)
		},
		"loss takes 2 rows and targets, got 2 and 1": func(ps *Params, t *Tape) {
			t.CrossEntropy("loss", newSource(ps, "x", shape, 2).Forward(t), &Targets{Layout: shape.Layout(), Target: []int32{0}})
		},
		"parameter p registered twice":      func(ps *Params, _ *Tape) { ps.Add("p", nil, 1); ps.Add("p", nil, 1) },
		"parameter p has shape [1 2 3 4 5]": func(ps *Params, _ *Tape) { ps.Add("p", nil, 1, 2, 3, 4, 5) },
		"parameter p has the empty":         func(ps *Params, _ *Tape) { ps.Add("p", nil, 2, 0) },
		"drop has rate 1;":                  func(*Params, *Tape) { NewDropout("drop", 1, 0) },
		"state h has width 2, not 3":        func(*Params, *Tape) { s := NewStates(1, 1); s.Add("h", 2); s.Add("h", 3) },
	} {
		ps := NewParams()
		if got := panicOf(func() { f(ps, NewTape(ps, nil, shape, Training, 0)) }); !strings.Contains(got, want) {
			t.Errorf("panic %q, want one with %q", got, want)
		}
	}
}

func panicOf(f func()) (text string) {
	defer func() { text, _ = recover().(string) }()
	f()
	return ""
}
