package cmd

import (
	"fmt"
	"path/filepath"

	"github.com/rondo-ml/rondo/cmd/program"
	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/nn/numpy"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/nn/zoo"
	"github.com/rondo-ml/rondo/worker"
	"github.com/rondo-ml/rondo/worker/checkpoint"
)

// findWriter finds a model that goes on with texts: the checkpoint that findCheckpoint finds, or a directory of 0.npy to 14.npy, the
// form in which the network of the sentiment unit was published. That is as a checkpoint of step 0 whose fields its shapes tell.
func findWriter(dir string) (*checkpoint.Manifest, string, error) {
	if !isPublished(dir) {
		return findCheckpoint(dir)
	}
	set, err := numpy.Open(dir)
	if err != nil {
		return nil, "", err
	}
	defer set.Close()
	table, _ := set.Info("encoder.weight")
	square, _ := set.Info("rnn.weight_mhh_l0_v")
	f, err := runfile.OfKind("charlm", []string{"model.cell=mlstm", fmt.Sprint("model.hidden=", square.Shape[0]),
		fmt.Sprint("model.vocab=", table.Shape[0]), fmt.Sprint("model.embed=", table.Shape[1])})
	if err != nil {
		return nil, "", fmt.Errorf("%s: %w", dir, err)
	}
	whole, err := filepath.Abs(dir)
	if err != nil {
		return nil, "", err
	}
	return &checkpoint.Manifest{Run: filepath.Base(whole), Bits: f.Bits()}, whole, nil
}

func isPublished(dir string) bool { return !runfile.Stored(dir) && numpy.IsSet(dir) }

// loadWriter loads a model that can write from where findWriter found it. Weights that are not finite, as after a run that came to NaN,
// are an error.
func loadWriter(dir string, m *checkpoint.Manifest) (*zoo.Network, error) {
	model, err := readWriter(dir, m)
	if err != nil {
		return nil, err
	}
	return model, wantFinite(dir, model)
}

// wantFinite is an error that names the weights and the first tensor with a value that is not finite.
func wantFinite(path string, model *zoo.Network) error {
	if err := model.Params().CheckFinite(); err != nil {
		return fmt.Errorf("%s: %w, and nothing that is computed with it means anything; take other weights, as those of an earlier checkpoint (%s weights show lists all tensors)", path, err, program.Name())
	}
	return nil
}

func readWriter(dir string, m *checkpoint.Manifest) (*zoo.Network, error) {
	f, err := worker.FileOf(m)
	if err != nil {
		return nil, err
	}
	if f.Task.Kind != task.Next {
		return nil, fmt.Errorf("%s holds a %s, which writes no text (task.kind = %s); `%s eval` measures it", dir, f.Model.Kind, f.Task.Kind, program.Name())
	}
	if !isPublished(dir) {
		return worker.LoadModel(dir, m)
	}
	model, err := worker.NewModel(f.Model)
	if err != nil {
		return nil, err
	}
	return model, model.Params().LoadFile(dir)
}
