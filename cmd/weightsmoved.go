package cmd

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/nn/safetensors"
	"github.com/rondo-ml/rondo/tensor"
	"github.com/rondo-ml/rondo/worker/checkpoint"
)

// moved gives words the rows that they have in a run's embedding, and says how many it knows.
func (o *wordsFlags) moved(names []string) (table tensor.Matrix, how string, err error) {
	m, dir, err := findCheckpoint(o.from)
	if err != nil {
		return table, "", fmt.Errorf("--from: %w", err)
	}
	there, err := wordsOf(m)
	if err != nil {
		return table, "", fmt.Errorf("--from %s: %w", o.from, err)
	}
	from, err := o.embedding(dir, len(there))
	if err != nil {
		return table, "", fmt.Errorf("--from %s: %w", o.from, err)
	}
	numbers := make(map[string]int, len(there))
	for i, name := range there {
		numbers[name] = i
	}
	width, known := from.Shape[1], 0
	table = tensor.NewMatrix(len(names), width)
	for w, name := range names {
		row, found := numbers[name] // 0, that of unknown words, where it is not found
		if found {
			known++
		}
		for j := range width {
			table.Row(w)[j] = float32(from.At(row*width + j))
		}
	}
	return table, fmt.Sprintf("%d of %s are in %s", known, countText(len(names), "word"), dir), nil
}

// wordsOf are the words of the data that a checkpoint's run learnt.
func wordsOf(m *checkpoint.Manifest) ([]string, error) {
	var s samples.Schema
	if len(m.Data) > 0 && json.Unmarshal(m.Data, &s) == nil {
		if at := s.Part(wordsPart); at >= 0 && len(s.Parts[at].Classes) > 0 {
			return s.Parts[at].Classes, nil
		}
	}
	return nil, errors.New("it read no numbered words; an embedding of bytes needs no others in their place: `weights convert` with --skip and --rename takes it alone")
}

// embedding is a weight of a checkpoint that has a row for each word, and maybe more.
func (o *wordsFlags) embedding(dir string, words int) (*safetensors.Tensor, error) {
	w, err := openCheckpointWeights(dir, *o.average)
	if err != nil {
		return nil, err
	}
	var all []safetensors.Tensor
	for _, name := range w.Names() {
		t, err := w.Read(name)
		if err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	t, err := chooseWeight(all, o.of)
	if err != nil {
		return nil, err
	}
	if len(t.Shape) != 2 || t.Shape[0] < words { // model.vocab may be more
		return nil, fmt.Errorf("%s is %v, and not a row for each of %s; name the embedding by --of", t.Name, t.Shape, countText(words, "word"))
	}
	return t, nil
}
