package worker

import (
	"fmt"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/nn/safetensors"
	"github.com/rondo-ml/rondo/worker/checkpoint"
)

// load brings the trainer to the state of the checkpoint that the view names. After an error it holds a part of it.
func (t *trainer) load(fs checkpoint.FS, dir string, view *api.View, bits map[string]string, dataHash string) error {
	path := dir + "/" + checkpoint.DirName(view.Step)
	m, err := checkpoint.Open(fs, path)
	if err != nil {
		return err
	}
	if m.Digest != view.CheckpointDigest {
		return fmt.Errorf("%s has digest %s here, but the run goes on from %s; do all workers see the same checkpoint.dir?",
			path, m.Digest, view.CheckpointDigest)
	}
	if err := m.Check(bits, dataHash); err != nil {
		return err
	}
	if err := t.loadGroup(fs, dir, m, checkpoint.Weights, t.params.Tensors()); err != nil {
		return err
	}
	t.params.Changed()
	collect(t.params.Size()) // the groups at once would take more memory than was planned
	if tensors := t.updater.tensors(); len(tensors) > 0 {
		if err := t.loadGroup(fs, dir, m, checkpoint.Optimizer, tensors); err != nil {
			return err
		}
	}
	t.updater.restored()
	for l := range t.lanes.count() {
		var tensors []safetensors.Tensor
		for _, st := range t.states.List {
			tensors = append(tensors, safetensors.Tensor{Name: st.Name, Shape: []int{t.states.Rows, st.Width}, Data: st.Lane(l)})
		}
		if err := t.loadGroup(fs, dir, m, checkpoint.LaneGroup(t.lanes.first+l), tensors); err != nil {
			return err
		}
	}
	t.progress = progress{applied: view.Step, computed: t.computed, evaluated: view.Step}
	clear(t.computed)
	t.filled = true
	return nil
}

// loadGroup reads one group of a checkpoint into tensors.
func (t *trainer) loadGroup(fs checkpoint.FS, dir string, m *checkpoint.Manifest, group string, tensors []safetensors.Tensor) error {
	snap, err := checkpoint.Load(fs, dir, m, group)
	if err != nil {
		return err
	}
	return fill(snap, group, tensors)
}
