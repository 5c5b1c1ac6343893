package worker

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/rondo-ml/rondo/allreduce"
	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/data/shard"
	"github.com/rondo-ml/rondo/nn/zoo"
	"github.com/rondo-ml/rondo/worker/checkpoint"
)

// FileOf rebuilds the run file from what a checkpoint keeps of it: the fields
// that decide bits. Data and checkpoint directories are not among them.
func FileOf(m *checkpoint.Manifest) (*runfile.File, error) {
	sets := []string{"data.train=unknown"}
	for field, value := range m.Bits {
		sets = append(sets, field+"="+value)
	}
	f, err := runfile.Parse(m.Run, nil, sets)
	if err != nil {
		return nil, fmt.Errorf("the configuration of %s, written by rondo %s: %s", checkpoint.DirName(m.Step), m.Version,
			strings.ReplaceAll(err.Error(), "--set ", ""))
	}
	return f, nil
}

// LoadModel builds the model of the checkpoint whose directory is path and
// loads its weights.
func LoadModel(path string, m *checkpoint.Manifest) (zoo.SequenceModel, error) {
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
	for _, p := range model.Params().List {
		if err := snap.Float32(checkpoint.Weights, p.Name, p.Shape, p.Value().Data); err != nil {
			return nil, err
		}
	}
	model.Params().Changed()
	return model, nil
}

// Evaluate measures a model on a held-out set, cut into rows as the run file's
// batch says, and returns the mean loss in nats and the number of targets. It
// gives the same bits as the run's own evaluations.
func Evaluate(model zoo.SequenceModel, f *runfile.File, valid string, threads int) (loss float64, targets int, err error) {
	set, err := shard.Open(valid)
	if err != nil {
		return 0, 0, err
	}
	pool := newPool(f, threads)
	defer pool.Close()
	e, err := newEvaluator(f, model, pool, laneRange{0, f.Batch.Lanes}, 1, set)
	if err != nil {
		return 0, 0, err
	}
	view, err := allreduce.EvenView(1, f.Batch.Lanes, 1)
	if err != nil {
		return 0, 0, err
	}
	alone, err := allreduce.NewGroup(view, 0, nil, nil)
	if err != nil {
		return 0, 0, err
	}
	defer alone.Close()
	return e.run(alone, 0)
}
