package worker

import (
	"encoding/json"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/worker/checkpoint"
)

// savedModel writes a checkpoint of the run file's model with its first weights, as a run on data of the schema would,
// and returns the checkpoint and its directory.
func savedModel(t *testing.T, f *runfile.File, schema *samples.Schema) (*checkpoint.Manifest, string) {
	t.Helper()
	model, err := NewModel(f.Model)
	if err != nil {
		t.Fatal(err)
	}
	model.Params().Initialize(f.Seed)
	dir, fs := filepath.Join(t.TempDir(), "run"), checkpoint.OS{}
	if err := checkpoint.MakeDir(fs, dir); err != nil {
		t.Fatal(err)
	}
	m := &checkpoint.Manifest{Run: "test", Version: "v0", Step: 1, DataHash: "d", Bits: f.Bits()}
	if schema != nil {
		if m.Data, err = json.Marshal(schema); err != nil {
			t.Fatal(err)
		}
	}
	info, err := checkpoint.WriteFile(fs, dir, m.Step, checkpoint.FileContent{Name: checkpoint.FileName(checkpoint.Weights), Tensors: model.Params().Tensors()})
	if err != nil {
		t.Fatal(err)
	}
	m.Files = []checkpoint.FileInfo{info}
	if err := checkpoint.Commit(fs, dir, m); err != nil {
		t.Fatal(err)
	}
	m, path, err := checkpoint.Newest(fs, dir)
	if err != nil {
		t.Fatal(err)
	}
	return m, path
}

// What a model says of the samples of a set is, to the bit, what an evaluation scores, with what data.augment does
// without chance, in batches of another size; and the checkpoint gives the data's names.
func TestPredict(t *testing.T) {
	const n = 21 // a batch and a part of one
	f := imageFile(t, "lenet5", "model.image=24", "data.augment=random-resized-crop 24", "data.mean=0.4", "data.deviation=0.3")
	dir := storedSet(t, n, 28, nil)
	set, err := samples.OpenSource(dir)
	if err != nil {
		t.Fatal(err)
	}
	schema := set.Schema()
	m, path := savedModel(t, f, &schema)
	p, err := NewPredictor(path, m, 2)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if part := p.Part("class"); part == nil || !slices.Equal(part.Classes, []string{"a", "b", "c", "d"}) || len(p.Reads()) != 1 || p.Keeps(28, 28) {
		t.Errorf("%+v, reads %+v", p.Schema, p.Reads())
	}
	var got [][]float32
	if err := p.Run(set, func(i int, out Output) error {
		if i != len(got) || !slices.Equal(out.Shape, []int{4}) {
			t.Fatalf("sample %d: %+v", i, out)
		}
		got = append(got, slices.Clone(out.Logits))
		return nil
	}); err != nil {
		t.Fatal(err)
	}

	data, err := OpenData(f, dir)
	if err != nil {
		t.Fatal(err)
	}
	model, err := LoadModel(path, m)
	if err != nil {
		t.Fatal(err)
	}
	pool := newPool(f, 1)
	defer pool.Close()
	e, err := newEvaluator(f, model, pool, laneRange{0, f.Batch.Lanes}, 1, data)
	if err != nil {
		t.Fatal(err)
	}
	defer e.feed.close()
	group := aloneGroup(t, f)
	for b := range e.batches {
		if err := e.batch(group, 0, b); err != nil {
			t.Fatal(err)
		}
		for row := range min(f.Batch.Global, n-b*f.Batch.Global) {
			if want := e.first().Out.Value().Row(row); !slices.Equal(got[b*f.Batch.Global+row], want) {
				t.Errorf("batch %d, row %d: %v, evaluated %v", b, row, got[b*f.Batch.Global+row], want)
			}
		}
	}
	if len(got) != n {
		t.Errorf("%d samples", len(got))
	}
}

// What is not what the model reads is an error, not a panic.
func TestPredictErrors(t *testing.T) {
	f := imageFile(t, "lenet5")
	m, path := savedModel(t, f, nil)
	p, err := NewPredictor(path, m, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	other, err := samples.OpenSource(storedSet(t, 2, 20, nil))
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Run(other, nil); err == nil || !strings.Contains(err.Error(), "the input holds images of 20x20") {
		t.Errorf("images of another size: %v", err)
	}
	m.Data = json.RawMessage(`{"parts": []}`)
	if _, err := NewPredictor(path, m, 1); err == nil || !strings.Contains(err.Error(), "the manifest's data") {
		t.Errorf("a schema without parts: %v", err)
	}
	small := smallFile(t)
	m, path = savedModel(t, small, nil)
	if _, err := NewPredictor(path, m, 1); err == nil || !strings.Contains(err.Error(), "goes on with texts") {
		t.Errorf("a language model: %v", err)
	}
}

func TestOutput(t *testing.T) {
	o := Output{Shape: []int{3}, Logits: []float32{1, 1000, 999}}
	best := o.Best(2)
	if len(best) != 1 || best[0][0].Class != 1 || best[0][1].Class != 2 || math.Abs(best[0][0].Probability-1/(1+math.Exp(-1))) > 1e-12 {
		t.Errorf("%+v", best)
	}
	if l := o.Labels(); len(l) != 3 || l[1].Probability != 1 || math.Abs(l[0].Probability-1/(1+math.Exp(-1))) > 1e-12 {
		t.Errorf("%+v", l)
	}
	steps := Output{Shape: []int{4, 3}, Logits: []float32{0, 9, 0, 0, 9, 0, 9, 0, 0, 0, 0, 9}}
	if got := steps.Symbols(); !slices.Equal(got, []int32{0, 1}) {
		t.Errorf("symbols %v", got)
	}
	mask, shares := Output{Shape: []int{2, 2, 3}, Logits: steps.Logits}.Mask()
	if !slices.Equal(mask, []byte{1, 1, 0, 2}) || !slices.Equal(shares, []float64{0.25, 0.5, 0.25}) {
		t.Errorf("mask %v, shares %v", mask, shares)
	}
}
