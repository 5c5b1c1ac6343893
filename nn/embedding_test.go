package nn

import (
	"fmt"
	"slices"
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

// tokenNetworks are the layers that read tokens in other ways than one by one.
func tokenNetworks(shape Shape) map[string]network {
	bag := func(mode BagMode, packed bool) network {
		return func(ps *Params) func(*Tape, *States) *Node {
			e := NewEmbedding(ps, "op", 6, 5).WithPadding(2)
			return func(t *Tape, _ *States) *Node {
				var lengths *Lengths
				if packed {
					lengths = someLengths(t, shape)
				}
				return e.Bag(t, someTokens(t, shape, 6).Tokens, lengths, mode)
			}
		}
	}
	return map[string]network{
		"sum of a bag":         bag(BagSum, false),
		"mean of a bag":        bag(BagMean, false),
		"sum of packed bags":   bag(BagSum, true),
		"means of packed bags": bag(BagMean, true),
		"bags of one-hots": func(ps *Params) func(*Tape, *States) *Node {
			l := NewLinear(ps, "op", 6, 3, true)
			return func(t *Tape, _ *States) *Node {
				tokens, lengths := someTokens(t, shape, 6).Tokens, someLengths(t, shape)
				return l.Forward(t, t.Add("add", t.OneHotBag("mean", tokens, lengths, 6, BagMean), t.OneHotBag("sum", tokens, nil, 6, BagSum)))
			}
		},
		"one-hot": func(ps *Params) func(*Tape, *States) *Node {
			l := NewLinear(ps, "op", 6, 3, true)
			return func(t *Tape, _ *States) *Node {
				return l.Forward(t, t.OneHot("one-hot", someTokens(t, shape, 6).Tokens, 6))
			}
		},
	}
}

func TestTokenGradients(t *testing.T) {
	shape := Shape{Steps: 3, Lanes: 2, Rows: 3}
	for name, build := range tokenNetworks(shape) {
		t.Run(name, func(t *testing.T) { gradcheck(t, shape, build) })
	}
}

func TestTokenLanes(t *testing.T) {
	shape := Shape{Steps: 4, Lanes: 4, Rows: 3}
	for name, build := range tokenNetworks(shape) {
		t.Run(name, func(t *testing.T) { lanecheck(t, shape, build) })
	}
}

// "big cats like small cats": one table for all places, so the gradients of the
// word that comes twice add up. The padding behind it gets none.
func TestRepeatedWord(t *testing.T) {
	const pad, big, cats, like, small = 0, 1, 2, 3, 4
	sentence := []int32{big, cats, like, small, cats, pad}
	for _, bag := range []bool{false, true} {
		pool := tensor.NewPool(1)
		defer pool.Close()
		ps := NewParams()
		e := NewEmbedding(ps, "words", 5, 2).WithPadding(pad)
		ps.Allocate()
		ps.AllocateGrads(1)
		ps.Initialize(3)
		tape := NewTape(ps, pool, Shape{Steps: len(sentence), Lanes: 1, Rows: 1}, Training, 0)
		tokens := &Tokens{Input: sentence}
		var y *Node
		var dy []float32
		if bag {
			y, dy = e.Bag(tape, tokens, nil, BagMean), []float32{5, 10}
		} else {
			y, dy = e.Forward(tape, tokens), []float32{1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2}
		}
		newSeed(tape, y, dy)
		tape.Keep(y)
		tape.Plan()
		tape.Begin(0, 0, 0)
		tape.Forward()
		tape.Backward(nil)
		if want := []float32{0, 0, 1, 2, 2, 4, 1, 2, 1, 2}; !slices.Equal(ps.Grads, want) {
			t.Errorf("bag %v: gradient %v, want %v", bag, ps.Grads, want)
		}
		w := ps.Values
		if w[0] != 0 || w[1] != 0 || w[2] == 0 {
			t.Errorf("the padding's row is %v, that of a word %v", w[:2], w[2:4])
		}
		if want := (w[2] + w[4] + w[6] + w[8] + w[4]) * float32(1.0/5); bag && y.Value().Data[0] != want {
			t.Errorf("the mean is %v, want %v", y.Value().Data[0], want)
		}
	}
}

// All symbols are at the same distance, √2, from each other.
func TestOneHotDistances(t *testing.T) {
	pool := tensor.NewPool(1)
	defer pool.Close()
	tape := NewTape(NewParams(), pool, Shape{Steps: 4, Lanes: 1, Rows: 1}, Inference, 0)
	y := tape.OneHot("one-hot", &Tokens{Input: []int32{3, 0, 1, 2}}, 4)
	tape.Keep(y)
	tape.Plan()
	for range 2 {
		tape.Forward()
	}
	if got := fmt.Sprint(y.Value().Data); got != "[0 0 0 1 1 0 0 0 0 1 0 0 0 0 1 0]" {
		t.Errorf("one-hot rows are %s", got)
	}
	for a := range 4 {
		for b := range a {
			square := float32(0)
			for j := range 4 {
				d := y.Value().Row(a)[j] - y.Value().Row(b)[j]
				square += d * d
			}
			if square != 2 {
				t.Errorf("rows %d and %d are √%g apart", a, b, square)
			}
		}
	}
}
