package inside

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sort"

	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/data/words"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/look"
	"github.com/rondo-ml/rondo/worker"
)

// ReadsText says whether a network reads a text, and nothing else, of which it tells something.
func ReadsText(p *worker.Predictor) bool {
	parts := p.Reads()
	if len(parts) != 1 {
		return false
	}
	_, is := parts[0].Holds.(*nn.Tokens)
	return is
}

// memorySet is samples in memory.
type memorySet struct {
	schema samples.Schema
	list   []samples.Sample
}

func (s *memorySet) Len() int                         { return len(s.list) }
func (s *memorySet) Schema() samples.Schema           { return s.schema }
func (s *memorySet) At(i int) (samples.Sample, error) { return s.list[i], nil }
func (s *memorySet) Hash() string                     { return "" }

// TextSet is texts as samples of what a network reads: their bytes, and the numbers of their words where it reads these.
func TextSet(p *worker.Predictor, texts ...string) (samples.Source, error) {
	part := samples.Part{Name: p.Reads()[0].Name, Element: samples.UTF8, Shape: []int{samples.Varies}}
	set, number := &memorySet{}, func(string) []samples.Value { return nil }
	set.schema.Parts = []samples.Part{part}
	if part.Name == "words" {
		part.Name = "text"
		known := p.Part("words")
		if known == nil || len(known.Classes) == 0 {
			return nil, errors.New("the checkpoint does not say which words it reads")
		}
		set.schema.Parts = []samples.Part{part, *known}
		list := words.Of(known.Classes)
		number = func(text string) []samples.Value { return []samples.Value{samples.Classes(list.Numbers(text))} }
	}
	for _, text := range texts {
		set.list = append(set.list, append(samples.Sample{samples.Text(text)}, number(text)...))
	}
	return set, nil
}

// Written is a text as a network reads it, symbol by symbol.
type Written struct {
	Bytes   []byte   `json:"text,omitempty"`    // where symbols are bytes
	Words   []string `json:"words,omitempty"`   // where they are words
	Unknown []int    `json:"unknown,omitempty"` // places of words that have no number of their own; they are named if the sample has its text
}

// part is symbols from to to-1 of it, as far as there are any.
func (w Written) part(from, to int) Written {
	from, to = max(0, from), min(to, w.Len())
	if w.Words != nil {
		return Written{Words: w.Words[from:to]}
	}
	return Written{Bytes: w.Bytes[from:to]}
}

// Len is how many symbols are read.
func (w Written) Len() int { return len(w.Bytes) + len(w.Words) }

// WrittenOf is what a sequence reads of a sample of a set, and how many symbols that has in all.
func WrittenOf(p *worker.Predictor, set samples.Source, sample int, s *look.Sequence) (w Written, whole int, err error) {
	one, err := set.At(sample)
	if err != nil {
		return w, 0, err
	}
	schema, symbols := set.Schema(), s.Text()
	at := schema.Part(p.Reads()[0].Name)
	if at < 0 {
		return w, 0, fmt.Errorf("the samples have no %s", p.Reads()[0].Name)
	}
	part := schema.Parts[at]
	if part.Name != "words" {
		for _, c := range symbols {
			w.Bytes = append(w.Bytes, byte(c))
		}
		return w, len(one[at].Data), nil
	}
	whole = len(one[at].Int32s())
	var named []string
	if text := schema.Part("text"); text >= 0 {
		if split := words.Split(string(one[text].Data)); len(split) == whole {
			named = split
		}
	}
	for i, c := range symbols {
		name := fmt.Sprint(c)
		if int(c) < len(part.Classes) {
			name = part.Classes[c]
		}
		if c == 0 {
			w.Unknown = append(w.Unknown, i)
			if i < len(named) {
				name = named[i]
			}
		}
		w.Words = append(w.Words, name)
	}
	return w, whole, nil
}

// typed is a text as a set of one sample.
func (n *network) typed(text string) (samples.Source, error) {
	if !ReadsText(n.p) {
		return nil, errors.New("the network reads no text that could be typed")
	}
	if err := checkPrompt(text); err != nil {
		return nil, err
	}
	return TextSet(n.p, text)
}

// written is a text as it is read, with what it is and what it is taken for.
func (n *network) written(_ context.Context, q query) (answer, error) {
	s, err := n.hear(q)
	if err != nil {
		return answer{}, err
	}
	set, sample, err := n.asked(q)
	if err != nil {
		return answer{}, err
	}
	w, whole, err := WrittenOf(n.p, set, sample, s)
	if err != nil {
		return answer{}, err
	}
	guesses, class, err := n.taken(q)
	if err != nil {
		return answer{}, err
	}
	return ofJSON(struct {
		Written
		Whole int     `json:"whole"` // symbols of the sample
		Class string  `json:"class,omitempty"`
		Taken []guess `json:"taken,omitempty"`
	}{w, whole, class, guesses})
}

// pushes is what the symbols of a text do to an answer, and its words to the likeliest ones.
func (n *network) pushes(_ context.Context, q query) (answer, error) {
	s, err := n.hear(q)
	if err != nil {
		return answer{}, err
	}
	set, sample, err := n.asked(q)
	if err != nil {
		return answer{}, err
	}
	w, _, err := WrittenOf(n.p, set, sample, s)
	if err != nil {
		return answer{}, err
	}
	said := s.Said()
	if said < 1 || s.Out.Layout.IsImage() {
		return answer{}, errors.New("the network says nothing of this text at a time step")
	}
	at, err := q.number("at", said-1, 0, said-1)
	if err != nil {
		return answer{}, err
	}
	wanted, err := q.number("answer", -1, -1, s.Out.Cols-1)
	if err != nil {
		return answer{}, err
	}
	told, err := ReasonsOf(n.p, s, w, at, wanted)
	if err != nil {
		return answer{}, err
	}
	first, most, far := told.Answers[0], 0.0, 0.0
	for _, p := range first.Pushes {
		most, far = max(most, math.Abs(p.By)), max(far, p.Length)
	}
	by, lengths := []float64{}, []float64{}
	for _, p := range first.Pushes {
		by, lengths = append(by, math.Round(1e4*p.By/max(most, 1e-30))/1e4), append(lengths, math.Round(1e4*p.Length/max(far, 1e-30))/1e4)
	}
	return ofJSON(struct {
		Reasons
		Of      int       `json:"of"` // numbers that the network gives
		At      int       `json:"at"` // the step of the answer
		Said    int       `json:"said"`
		Class   bool      `json:"p"` // answers are probabilities
		Bag     bool      `json:"bag,omitempty"`
		Most    float64   `json:"most"`              // what one symbol does at most to the first answer
		By      []float64 `json:"by"`                // what each does, by that
		Lengths []float64 `json:"lengths,omitempty"` // of gradients, by the longest; not of a bag, where all are alike
	}{told, s.Out.Cols, at, said, AnswersClass(n.p), s.Symbols.Bag(), float64(digits(float32(most))), by, some(lengths, !s.Symbols.Bag())})
}

// channelsOf orders the channels of a layer by how they stand out in a range of the symbols.
func (n *network) channelsOf(q query) (k ranking, err error) {
	s, i, c, err := n.courseOver(q)
	if err != nil {
		return k, err
	}
	if err := bySymbol(s, i, c); err != nil {
		return k, err
	}
	return rank(q, c.Cells(s.Layers[i].Name))
}

// bySymbol refuses a layer that has no time step for each symbol of what was read.
func bySymbol(s *look.Sequence, layer int, c look.Course) error {
	if c.Steps != len(s.Text()) {
		return fmt.Errorf("layer %s has no time step for each symbol", s.Layers[layer].Name)
	}
	return nil
}

// channels are those of a layer that stand out in a range of the symbols, and where else in the text one of them is on.
func (n *network) channels(_ context.Context, q query) (answer, error) {
	k, err := n.channelsOf(q)
	if err != nil {
		return answer{}, err
	}
	return k.told()
}

// some is a list where there is to be one.
func some(list []float64, wanted bool) []float64 {
	if wanted {
		return list
	}
	return nil
}

// symbolLayers are the layers that yield something for each symbol of a text, what recurrent ones yield and remember first.
func (n *network) symbolLayers() ([]layer, error) {
	all, err := n.sequenceLayers()
	if err != nil {
		return nil, err
	}
	room := n.file.RowLength()
	every := slices.DeleteFunc(all, func(l layer) bool { return l.Steps != room || room < 2 })
	sort.SliceStable(every, func(i, j int) bool {
		return cmp.Less(tells(every[i].Name, every[i].Steps), tells(every[j].Name, every[j].Steps))
	})
	return every, nil
}
