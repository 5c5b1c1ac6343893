package worker

import (
	"fmt"
	"slices"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/nn/safetensors"
)

// runSteps takes steps [first, last) of a run and its evaluations, from what a checkpoint after the first ones has, or nil
// from the beginning.
func runSteps(t *testing.T, f *runfile.File, saved map[string][]safetensors.Tensor, first, last uint64) *trainer {
	t.Helper()
	train, err := OpenData(f, f.Data.Train)
	if err != nil {
		t.Fatal(err)
	}
	valid, err := OpenData(f, f.Data.Valid)
	if err != nil {
		t.Fatal(err)
	}
	tr, err := newTrainer(Config{File: f, Threads: 2, Passes: 1}, laneRange{0, f.Batch.Lanes}, train, valid)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tr.close)
	if _, err := tr.initialize(t.Context()); err != nil {
		t.Fatal(err)
	}
	if saved != nil {
		for name, list := range tr.groups() {
			for i, own := range list {
				copyTensor(own, saved[name][i])
			}
		}
		tr.params.Changed()
		tr.updater.restored()
		tr.progress = progress{applied: first, computed: tr.computed, evaluated: first}
		clear(tr.computed)
	}
	group := aloneGroup(t, f)
	for step := first; step < last; step++ {
		if _, err := tr.step(group, step, wish{}); err != nil {
			t.Fatal(err)
		}
		if due(step+1, f.Eval.Every) {
			if _, err := tr.measure(group, step+1, true); err != nil {
				t.Fatal(err)
			}
		}
	}
	return tr
}

func copyTensor(to, from safetensors.Tensor) {
	switch data := to.Data.(type) {
	case []float32:
		copy(data, from.Data.([]float32))
	case []int64:
		copy(data, from.Data.([]int64))
	}
}

// savedGroups is a copy of what a checkpoint would have.
func savedGroups(tr *trainer) map[string][]safetensors.Tensor {
	all := map[string][]safetensors.Tensor{}
	for name, list := range tr.groups() {
		for _, own := range list {
			switch data := own.Data.(type) {
			case []float32:
				own.Data = slices.Clone(data)
			case []int64:
				own.Data = slices.Clone(data)
			}
			all[name] = append(all[name], own)
		}
	}
	return all
}

// What a checkpoint has is all that a run needs to go on to the same bits: running statistics and their averages, counters, what
// a plateau has learnt, every part of an optimizer's state, hidden states.
func TestGoesOnFromWhatIsSaved(t *testing.T) {
	plateau := []string{"schedule.kind=plateau", "schedule.patience=0", "schedule.threshold=0.5", "eval.every=2", "optimizer.average=0.5"}
	image := append(plateau, "model.image=16", "model.width=8", "model.dropout=0.1", "model.stochastic_depth=0.2", "steps=6")
	for name, f := range map[string]*runfile.File{
		"rmsprop":       imageFile(t, "resnet-small", append(slices.Clone(image), "optimizer.kind=rmsprop", "optimizer.momentum=0.5", "optimizer.centered=true")...),
		"synced norms":  imageFile(t, "resnet-small", append(slices.Clone(image), "optimizer.kind=lamb", "sync_batchnorm=true")...),
		"frozen parts":  imageFile(t, "resnet-small", append(slices.Clone(image), "optimizer.kind=adamw", "model.freeze=conv1,bn1", "model.rates=fc.=10")...),
		"hidden states": smallFile(t, append(slices.Clone(plateau), "model.cell=lstm", "steps=6", "optimizer.kind=adagrad")...),
	} {
		want := savedGroups(runSteps(t, f, nil, 0, 6))
		for _, cut := range []uint64{2, 3} {
			saved := savedGroups(runSteps(t, f, nil, 0, cut))
			got := savedGroups(runSteps(t, f, saved, cut, 6))
			for group, list := range want {
				for i, tensor := range list {
					if fmt.Sprint(got[group][i].Data) != fmt.Sprint(tensor.Data) {
						t.Errorf("%s: gone on from step %d, %s/%s is another", name, cut, group, tensor.Name)
					}
				}
			}
		}
	}
}
