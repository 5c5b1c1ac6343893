package zoo

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/numpy"
)

// TestPublishedSet: with the arrays of a set the model gives the logits and cells of the published network's equations,
// which nn/numpy/testdata/twin.py has in NumPy.
func TestPublishedSet(t *testing.T) {
	const dir = "../numpy/testdata/"
	var want struct {
		Text          string
		Logits, Cells [][]float64
	}
	b, err := os.ReadFile(dir + "logits.json")
	if err == nil {
		err = json.Unmarshal(b, &want)
	}
	if err != nil || len(want.Text) != len(want.Logits) || len(want.Text) == 0 {
		t.Fatal(err)
	}
	model := charLMOf(t, 3, 5)
	model.Params().Allocate()
	if err := model.Params().LoadFile(dir + "set"); err != nil {
		t.Fatal(err)
	}
	s, err := NewSampler(model)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	near := func(what string, i int, got []float32, want []float64) {
		for k := range want {
			if len(got) != len(want) || math.Abs(float64(got[k])-want[k]) > 2e-6*(1+math.Abs(want[k])) {
				t.Fatalf("%s behind byte %d: %v, want %v", what, i, got, want)
			}
		}
	}
	for i := range len(want.Text) {
		logits, err := s.Feed(want.Text[i])
		if err != nil {
			t.Fatal(err)
		}
		near("logits", i, logits, want.Logits[i])
		for _, state := range s.States.List {
			if strings.Contains(state.Name, ".c_") {
				near("cells", i, state.Lane(0), want.Cells[i])
			}
		}
	}
}

func charLMOf(t *testing.T, embed, hidden int) Model {
	t.Helper()
	m, err := newCharLM(CharLM{Cell: "mlstm", Hidden: hidden, Layers: 1, Embed: embed, Vocab: 256, WeightNorm: true})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestPublishedSetFits: arrays of the published network's shapes are the weights of a model of 4,096 units, which needs no
// memory for the question.
func TestPublishedSetFits(t *testing.T) {
	const h = 4096
	dir := t.TempDir()
	for i, shape := range [][]int{
		{256, 64}, {64, 4 * h}, {h, h}, {h, h}, {h, h}, {h, h}, {64, h}, {h, h}, {4 * h}, {4 * h}, {4 * h}, {h}, {h}, {h, 256}, {256},
	} {
		f, err := os.Create(filepath.Join(dir, strconv.Itoa(i)+".npy"))
		if err != nil {
			t.Fatal(err)
		}
		size := int64(4)
		for _, n := range shape {
			size *= int64(n)
		}
		err = numpy.WriteArray(f, shape, func(func([]float32) error) error { return nil })
		if err == nil {
			err = f.Truncate(128 + size) // zeros, which take no room on disk
		}
		if err != nil {
			t.Fatal(err)
		}
		f.Close()
	}
	set, err := nn.OpenWeights(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer set.Close()
	if _, err := charLMOf(t, 64, h).Params().Fits(set, nn.LoadOptions{}); err != nil {
		t.Error(err)
	}
	if _, err := charLMOf(t, 64, h/2).Params().Fits(set, nn.LoadOptions{}); err == nil || !strings.Contains(err.Error(), "rnn.weight_mhh_l0_v: F32[4096 4096] in the file, F32[2048 2048] in the model") {
		t.Error(err)
	}
}
