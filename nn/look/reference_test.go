package look

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/zoo"
	"github.com/rondo-ml/rondo/tensor"
)

// reference is what testdata/reference.py writes.
type reference struct {
	Pictures struct {
		X, W1, B1, W2, B2, Conv1, Pool, Relu2, Deconv, Guided, Gradient []float32
		Channel, Row, Column                                            int
	}
	Text struct {
		Vocab, Embed, Hidden            int
		Parameters                      map[string][]float32
		Symbols                         []int
		Next, Begin, End                int
		Influence, Score, Probabilities []float64
		Cells                           []float32
		Ranked, Likeliest               []int
	}
	Sequence struct {
		Features, Channels, Hidden, Classes, Answer      int
		Parameters                                       map[string][]float32
		X, Conv, Output, Memory, Reverse, Matters, Plain []float32
		Lengths                                          []float64
	}
}

func readReference(t *testing.T) (r reference) {
	t.Helper()
	b, err := os.ReadFile("testdata/reference.json")
	if err == nil {
		err = json.Unmarshal(b, &r)
	}
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// twoConvs is the network of the reference.
type twoConvs struct {
	params       *nn.Params
	conv1, conv2 *nn.Conv2d
}

func newTwoConvs() *twoConvs {
	ps := nn.NewParams()
	n := &twoConvs{params: ps,
		conv1: nn.NewConv2d(ps, "conv1", tensor.ConvShape{Cin: 2, Cout: 3, KH: 3, KW: 3, PadH: 1, PadW: 1}, true, nil),
		conv2: nn.NewConv2d(ps, "conv2", tensor.ConvShape{Cin: 3, Cout: 4, KH: 3, KW: 3}, true, nil)}
	ps.Allocate()
	return n
}

func (n *twoConvs) Params() *nn.Params { return n.params }

func (n *twoConvs) Forward(t *nn.Tape, b *nn.Batch) *nn.Node {
	x := t.ReLU("relu1", n.conv1.Forward(t, b.Images("image", 8, 8, 2)))
	return t.ReLU("relu2", n.conv2.Forward(t, t.MaxPool("pool", x, tensor.PoolShape{KH: 2, KW: 2})))
}

// set writes parameters in the order of the network.
func set(ps *nn.Params, values ...[]float32) {
	copy(ps.Values, slices.Concat(values...))
	ps.Changed()
}

func near(t *testing.T, what string, got, want []float32) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	for i := range want {
		if d := math.Abs(float64(got[i] - want[i])); !(d <= 2e-5*(1+math.Abs(float64(want[i])))) {
			t.Fatalf("%s: value %d is %v, want %v", what, i, got[i], want[i])
		}
	}
}

// TestPicturesReference holds maps and the three ways back against PyTorch's.
func TestPicturesReference(t *testing.T) {
	ref := readReference(t).Pictures
	net := newTwoConvs()
	set(net.params, ref.W1, ref.B1, ref.W2, ref.B2)
	pool := tensor.NewPool(1)
	defer pool.Close()
	for passing, want := range map[nn.Passing][]float32{nn.Gradient: ref.Gradient, nn.Deconvolution: ref.Deconv, nn.Guided: ref.Guided} {
		l, err := New(net, pool, nn.Shape{Steps: 1, Lanes: 1, Rows: 2}, passing, "conv1", "pool", "relu2")
		if err != nil {
			t.Fatal(err)
		}
		images, _ := l.images()
		copy(images.Image(1), ref.X)
		l.Forward()
		for i, want := range [][]float32{ref.Conv1, ref.Pool, ref.Relu2} {
			near(t, l.Layers()[i].Name, l.Maps(i, 1).Values, want)
		}
		for range 2 { // the second time from the same batch
			got, err := l.Project(2, Unit{Row: 1, Y: ref.Row, X: ref.Column, Channel: ref.Channel})
			if err != nil {
				t.Fatal(err)
			}
			t.Run(passing.String(), func(t *testing.T) { near(t, "projection", got.Values, want) })
		}
	}
}

// TestTextReference holds cells, their ranks, the gradient back to earlier characters and guesses against PyTorch's.
func TestTextReference(t *testing.T) {
	ref := readReference(t).Text
	net, err := zoo.New("charlm", zoo.CharLM{Cell: "lstm", Vocab: ref.Vocab, Embed: ref.Embed, Hidden: ref.Hidden, Layers: 1})
	if err != nil {
		t.Fatal(err)
	}
	net.Params().Allocate()
	for name, values := range ref.Parameters {
		copy(net.Params().Get(name).Value().Data, values)
	}
	net.Params().Changed()
	var text []byte
	for _, s := range ref.Symbols {
		text = append(text, byte(s))
	}
	pool := tensor.NewPool(1)
	defer pool.Close()
	r, err := Read(net, pool, text)
	if err != nil {
		t.Fatal(err)
	}
	cells, err := r.State("")
	if err != nil {
		t.Fatal(err)
	}
	var all []float32
	for i := range text {
		for cell := range ref.Hidden {
			track, err := cells.Cell(cell)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, track[i])
		}
	}
	near(t, cells.Name, all, ref.Cells)
	ranked, err := cells.Rank(ref.Begin, ref.End)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range ranked {
		if c.Cell != ref.Ranked[i] || math.Abs(c.Score-ref.Score[c.Cell]) > 1e-4 {
			t.Errorf("rank %d: cell %d with %v, want cell %d with %v", i, c.Cell, c.Score, ref.Ranked[i], ref.Score[ref.Ranked[i]])
		}
	}
	for i, g := range r.Next(len(text)-1, 5) {
		if int(g.Byte) != ref.Likeliest[i] || math.Abs(g.Probability-ref.Probabilities[i]) > 1e-5 {
			t.Errorf("guess %d: %v, want %d with %v", i, g, ref.Likeliest[i], ref.Probabilities[i])
		}
	}
	influence, err := Influence(net, pool, text, byte(ref.Next))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range ref.Influence {
		if math.Abs(influence[i]-want) > 2e-5*(1+want) {
			t.Errorf("character %d matters %v, want %v", i, influence[i], want)
		}
	}
}
