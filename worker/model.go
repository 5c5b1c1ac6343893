package worker

import (
	"fmt"
	"strings"

	"github.com/rondo-ml/rondo/allreduce"
	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/data/objects"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/safetensors"
	"github.com/rondo-ml/rondo/nn/zoo"
	"github.com/rondo-ml/rondo/worker/checkpoint"
)

// FileOf rebuilds the run file from what a checkpoint keeps of it: the fields
// that decide bits. Data and checkpoint directories are not among them.
func FileOf(m *checkpoint.Manifest) (*runfile.File, error) {
	f, err := runfile.FromBits(m.Run, m.Bits)
	if err != nil {
		return nil, fmt.Errorf("the configuration of %s, written by Rondo %s: %s", checkpoint.DirName(m.Step), m.Version,
			strings.ReplaceAll(err.Error(), "--set ", ""))
	}
	return f, nil
}

// LoadModel builds the model of the checkpoint whose directory is path and
// loads its weights, or their average where the run keeps one.
func LoadModel(path string, m *checkpoint.Manifest) (*zoo.Network, error) {
	f, err := FileOf(m)
	if err != nil {
		return nil, err
	}
	model, err := NewModel(f.Model)
	if err != nil {
		return nil, err
	}
	params := model.Params()
	if f.Optimizer.Average == 0 {
		snap, err := checkpoint.Load(checkpoint.Files{}, objects.Dir(path), m, checkpoint.Weights)
		if err != nil {
			return nil, err
		}
		return model, loadWeights(params, snap)
	}
	snap, err := checkpoint.Load(checkpoint.Files{}, objects.Dir(path), m, checkpoint.Weights, checkpoint.Optimizer)
	if err != nil {
		return nil, err
	}
	return model, loadAverage(f, params, snap)
}

// loadWeights copies the weights of a snapshot into place.
func loadWeights(ps *nn.Params, snap *checkpoint.Snapshot) error {
	defer ps.Changed()
	return fill(snap, checkpoint.Weights, ps.Tensors())
}

// loadAverage loads the weights and puts their average in their place.
func loadAverage(f *runfile.File, ps *nn.Params, snap *checkpoint.Snapshot) error {
	if err := loadWeights(ps, snap); err != nil {
		return err
	}
	u, err := newUpdater(f, ps)
	if err != nil {
		return err
	}
	if err := fill(snap, checkpoint.Optimizer, u.tensors()); err != nil {
		return err
	}
	u.swap()
	return nil
}

// fill copies the tensors of a snapshot's group to those of the same names.
func fill(snap *checkpoint.Snapshot, group string, tensors []safetensors.Tensor) error {
	for _, t := range tensors {
		var err error
		switch data := t.Data.(type) {
		case []float32:
			err = snap.Float32(group, t.Name, t.Shape, data)
		case []int64:
			err = snap.Int64(group, t.Name, t.Shape, data)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Evaluate measures a model on a held-out set, cut into rows as the run file's
// batch says. It gives the same bits as the run's own evaluations.
func Evaluate(model *zoo.Network, f *runfile.File, valid string, threads int) (m Measured, err error) {
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
	defer e.feed.close()
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
