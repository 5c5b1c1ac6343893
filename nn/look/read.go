package look

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/tensor"
)

// Reading is what a network that goes on with texts holds and expects, character by character.
type Reading struct {
	Text   []byte
	States []Cells // what its recurrent layers carry on, by name: "rnn.c_l0"
	Logits [][]float32
}

// Cells is one hidden state through a text, or one layer.
type Cells struct {
	Name   string
	Width  int         // how many cells there are
	Values [][]float32 // [len(Text)][Width], behind each character; of a layer for each symbol
}

// maxReading bounds the numbers that a reading keeps: 1 GiB.
const maxReading = 1 << 28

// Read has a network that reads bytes, and nothing else, read a text from a state of zeros. Of an empty text the reading has the
// states and how many cells each has: what a question can be about.
func Read(net Network, pool *tensor.Pool, text []byte) (*Reading, error) {
	states := nn.NewStates(1, 1)
	t := nn.NewTape(net.Params(), pool, nn.Shape{Steps: 1, Lanes: 1, Rows: 1}, nn.Inference, 0)
	b := t.NewBatch(states)
	out := net.Forward(t, b)
	tokens, err := onlyText(b)
	if err != nil {
		return nil, err
	}
	if width := out.Cols + states.LaneSize(); len(text) > maxReading/width {
		return nil, fmt.Errorf("a text of %d bytes: the network has %d numbers for each, so at most %d are read; give a part of the text", len(text), width, maxReading/width)
	}
	for i, c := range text {
		if int(c) >= tokens.Vocab {
			return nil, fmt.Errorf("byte %d of the text is %d, and the network has %d symbols", i, c, tokens.Vocab)
		}
	}
	r := &Reading{Text: text}
	for _, s := range states.List {
		r.States = append(r.States, Cells{Name: s.Name, Width: s.Width})
	}
	t.Keep(out)
	t.Plan()
	for _, c := range text {
		tokens.Input[0] = int32(c)
		t.Forward()
		states.Commit()
		r.Logits = append(r.Logits, slices.Clone(out.Value().Row(0)))
		for k, s := range states.List {
			r.States[k].Values = append(r.States[k].Values, slices.Clone(s.Lane(0)))
		}
	}
	return r, nil
}

// onlyText is the part of a batch that is a text.
func onlyText(b *nn.Batch) (*nn.Tokens, error) {
	parts := b.Parts()
	if len(parts) == 1 {
		if k, ok := parts[0].Holds.(*nn.Tokens); ok && parts[0].Name == "text" {
			return k, nil
		}
	}
	var names []string
	for _, p := range parts {
		names = append(names, p.Name)
	}
	return nil, fmt.Errorf("the network reads %s, and a text alone is wanted", strings.Join(names, ", "))
}

// State returns the state that is meant by a name, as [nn.PickState] has it: of an empty one the last layer's memory.
func (r *Reading) State(name string) (*Cells, error) {
	var names []string
	for _, s := range r.States {
		names = append(names, s.Name)
	}
	at, err := nn.PickState(names, name)
	if err != nil {
		return nil, err
	}
	return &r.States[at], nil
}

// Cell returns one cell through the text, as tanh of what it holds, from -1 to 1.
func (c *Cells) Cell(cell int) ([]float32, error) {
	track, err := c.Held(cell)
	for i, v := range track {
		track[i] = float32(math.Tanh(float64(v)))
	}
	return track, err
}

// Held returns what one cell holds through the text.
func (c *Cells) Held(cell int) ([]float32, error) {
	if cell < 0 || cell >= c.Width {
		return nil, fmt.Errorf("cell %d: %s has %d, from 0 on", cell, c.Name, c.Width)
	}
	track := make([]float32, len(c.Values))
	for i, v := range c.Values {
		track[i] = v[cell]
	}
	return track, nil
}

// Guess is a byte that may come next.
type Guess struct {
	Byte        byte
	Probability float64
}

// Next returns the k likeliest bytes behind character i, the likeliest first, and the smaller of equal ones.
func (r *Reading) Next(i, k int) (guesses []Guess) {
	logits := r.Logits[i]
	top := slices.Max(logits)
	sum := 0.0
	for _, v := range logits {
		sum += math.Exp(float64(v - top))
	}
	for c, v := range logits[:min(len(logits), 256)] {
		guesses = append(guesses, Guess{byte(c), math.Exp(float64(v-top)) / sum})
	}
	sort.SliceStable(guesses, func(i, j int) bool { return guesses[i].Probability > guesses[j].Probability })
	return guesses[:min(k, len(guesses))]
}
