package worker

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/rondo-ml/rondo/allreduce"
	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/zoo"
	"github.com/rondo-ml/rondo/worker/checkpoint"
)

// FileOf rebuilds the run file from what a checkpoint keeps of it: the fields
// that decide bits. Data and checkpoint directories are not among them.
func FileOf(m *checkpoint.Manifest) (*runfile.File, error) {
	sets := []string{"data.train=unknown"}
	for field, value := range m.Bits {
		// No file has a Rounding. That sync_batchnorm was ever true had no effect, and true is no longer allowed.
		if field != runfile.Rounding && field != "sync_batchnorm" {
			sets = append(sets, field+"="+value)
		}
	}
	f, err := runfile.Parse(m.Run, nil, sets)
	if err != nil {
		return nil, fmt.Errorf("the configuration of %s, written by Rondo %s: %s", checkpoint.DirName(m.Step), m.Version,
			strings.ReplaceAll(err.Error(), "--set ", ""))
	}
	return f, nil
}

// LoadModel builds the model of the checkpoint whose directory is path and
// loads its weights.
func LoadModel(path string, m *checkpoint.Manifest) (zoo.Model, error) {
	f, err := FileOf(m)
	if err != nil {
		return nil, err
	}
	model, err := NewModel(f.Model)
	if err != nil {
		return nil, err
	}
	snap, err := checkpoint.Load(checkpoint.OS{}, filepath.Dir(path), m, checkpoint.Weights)
	if err != nil {
		return nil, err
	}
	return model, loadWeights(model.Params(), snap)
}

// loadWeights copies the weights of a snapshot into place.
func loadWeights(ps *nn.Params, snap *checkpoint.Snapshot) error {
	for _, t := range ps.Tensors() {
		var err error
		switch data := t.Data.(type) {
		case []float32:
			err = snap.Float32(checkpoint.Weights, t.Name, t.Shape, data)
		case []int64:
			err = snap.Int64(checkpoint.Weights, t.Name, t.Shape, data)
		}
		if err != nil {
			return err
		}
	}
	ps.Changed()
	return nil
}

// Evaluate measures a model on a held-out set, cut into rows as the run file's
// batch says. It gives the same bits as the run's own evaluations.
func Evaluate(model zoo.Model, f *runfile.File, valid string, threads int) (m Measured, err error) {
	defer zoo.Recover(f.Model.Kind, &err)
	set, err := OpenData(f, valid)
	if err != nil {
		return Measured{}, err
	}
	pool := newPool(f, threads)
	defer pool.Close()
	e, err := newEvaluator(f, model, pool, laneRange{0, f.Batch.Lanes}, 1, set)
	if err != nil {
		return Measured{}, err
	}
	view, err := allreduce.EvenView(1, f.Batch.Lanes, 1)
	if err != nil {
		return Measured{}, err
	}
	alone, err := allreduce.NewGroup(view, 0, nil, nil)
	if err != nil {
		return Measured{}, err
	}
	defer alone.Close()
	return e.run(alone, 0)
}
