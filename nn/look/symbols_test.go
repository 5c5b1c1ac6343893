package look

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/zoo"
	"github.com/rondo-ml/rondo/tensor"
)

// symbolsReference is testdata/symbols.json.
type symbolsReference struct {
	Vocab, Hidden, Classes int
	Text                   []int32
	Cases                  []struct {
		Pooling       string
		Embed         int
		Bidirectional bool
		Parameters    map[string][]float32
		Logits        []float32
		Answers       []struct{ By, Lengths []float64 }
	}
}

func readSymbols(t *testing.T) (r symbolsReference) {
	t.Helper()
	b, err := os.ReadFile("testdata/symbols.json")
	if err == nil {
		err = json.Unmarshal(b, &r)
	}
	if err != nil || len(r.Cases) != 7 {
		t.Fatalf("%d cases, want 7 (%v)", len(r.Cases), err)
	}
	return r
}

// What symbols do to the answers of bags and of recurrent layers, by embeddings and by one-hot rows, is PyTorch's, of a text that is
// shorter than there is room for.
func TestSymbolsReference(t *testing.T) {
	ref := readSymbols(t)
	pool := tensor.NewPool(1)
	defer pool.Close()
	for _, c := range ref.Cases {
		t.Run(fmt.Sprintf("%s of %d", c.Pooling, c.Embed), func(t *testing.T) {
			net, err := zoo.New("text-classifier", zoo.TextClassifier{Classes: ref.Classes, Symbols: "words", Vocab: ref.Vocab, Embed: c.Embed,
				Pooling: c.Pooling, Hidden: ref.Hidden, Bidirectional: c.Bidirectional, Dropout: 0.5})
			if err != nil {
				t.Fatal(err)
			}
			net.Params().Allocate()
			for name, values := range c.Parameters {
				copy(net.Params().Get(name).Value().Data, values)
			}
			net.Params().Changed()
			s, err := NewSequence(net, pool, nn.Shape{Steps: 11, Lanes: 1, Rows: 1})
			if err != nil {
				t.Fatal(err)
			}
			copy(s.Batch.Part("words").(*nn.Tokens).Input, append(slices.Clone(ref.Text), 7, 7, 7, 7)) // the rest is none of the text
			s.Batch.Part("words" + nn.LengthSuffix).(*nn.Lengths).Of[0] = int32(len(ref.Text))
			s.Forward()
			near(t, "logits", s.Out.Value().Row(0), c.Logits)
			if !slices.Equal(s.Text(), ref.Text) || s.Symbols.Bag() != (c.Pooling == "mean" || c.Pooling == "sum") {
				t.Errorf("it reads %d, a bag: %v", s.Text(), s.Symbols.Bag())
			}
			for number, want := range c.Answers {
				got, err := s.Pushes(Answer{Number: number, Class: true})
				if err != nil || len(got) != len(ref.Text) {
					t.Fatalf("%d pushes, %v", len(got), err)
				}
				for i, p := range got {
					if math.Abs(p.By-want.By[i]) > 2e-5*(1+math.Abs(want.By[i])) || math.Abs(p.Length-want.Lengths[i]) > 2e-5*(1+want.Lengths[i]) {
						t.Errorf("answer %d, symbol %d: %+v, want %v and %v", number, i, p, want.By[i], want.Lengths[i])
					}
				}
			}
		})
	}
}

// What a network that reads no text does of symbols is an error, and so is a gradient that is not finite.
func TestPushesErrors(t *testing.T) {
	pool := tensor.NewPool(1)
	defer pool.Close()
	net := newTwoWays(t, 3, 4, 2, 5)
	s, err := NewSequence(net, pool, nn.Shape{Steps: 6, Lanes: 1, Rows: 1})
	if err != nil {
		t.Fatal(err)
	}
	s.Forward()
	if _, err := s.Pushes(Answer{}); err == nil || s.Text() != nil {
		t.Errorf("frames have symbols: %v", err)
	}
	words, err := zoo.New("text-classifier", zoo.TextClassifier{Classes: 2, Symbols: "words", Vocab: 3, Embed: 2, Pooling: "mean", Hidden: 4})
	if err != nil {
		t.Fatal(err)
	}
	words.Params().Allocate()
	words.Params().Initialize(1)
	words.Params().Get("embedding.weight").Value().Row(1)[0] = float32(math.Inf(1))
	words.Params().Changed()
	if s, err = NewSequence(words, pool, nn.Shape{Steps: 3, Lanes: 1, Rows: 1}); err != nil {
		t.Fatal(err)
	}
	s.Batch.Part("words").(*nn.Tokens).Input[1] = 1
	s.Forward()
	if _, err := s.Pushes(Answer{Class: true}); err == nil {
		t.Error("a word without an end is answered")
	}
}
