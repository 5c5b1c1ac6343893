package worker

import (
	"fmt"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/worker/checkpoint"
)

// load brings the trainer to the state of the checkpoint that the view names.
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
	groups := []string{checkpoint.Weights}
	if len(t.updater.tensors()) > 0 {
		groups = append(groups, checkpoint.Optimizer)
	}
	for l := t.lanes.first; l < t.lanes.end; l++ {
		groups = append(groups, checkpoint.LaneGroup(l))
	}
	snap, err := checkpoint.Load(fs, dir, m, groups...)
	if err != nil {
		return err
	}
	return t.restore(snap, view.Step)
}

// restore copies the tensors of a snapshot after so many steps into place.
func (t *trainer) restore(snap *checkpoint.Snapshot, step uint64) error {
	if err := loadWeights(t.params, snap); err != nil {
		return err
	}
	if err := fill(snap, checkpoint.Optimizer, t.updater.tensors()); err != nil {
		return err
	}
	t.updater.restored()
	t.progress = progress{applied: step, computed: t.computed, evaluated: step}
	clear(t.computed)
	t.filled = true
	for l := range t.lanes.count() {
		group := checkpoint.LaneGroup(t.lanes.first + l)
		for _, st := range t.states.List {
			if err := snap.Float32(group, st.Name, []int{t.states.Rows, st.Width}, st.Lane(l)); err != nil {
				return err
			}
		}
	}
	return nil
}
