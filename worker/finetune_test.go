package worker

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/data/objects/objectstest"
	_ "github.com/rondo-ml/rondo/data/objects/s3"
	"github.com/rondo-ml/rondo/nn/safetensors"
)

// savedWeights writes a file of the weights that a run begins with, which keep maps to those that are
// to be in it.
func savedWeights(t *testing.T, f *runfile.File, seed uint64, keep func(safetensors.Tensor) (safetensors.Tensor, bool)) string {
	t.Helper()
	model, err := NewModel(f.Model)
	if err != nil {
		t.Fatal(err)
	}
	model.Params().Initialize(seed)
	var list []safetensors.Tensor
	for _, own := range model.Params().Tensors() {
		if own, ok := keep(own); ok {
			list = append(list, own)
		}
	}
	path := filepath.Join(t.TempDir(), "weights.safetensors")
	w, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if err := safetensors.Write(w, list, nil); err != nil {
		t.Fatal(err)
	}
	return path
}

func all(t safetensors.Tensor) (safetensors.Tensor, bool) { return t, true }

// fineTuned is a run of a resnet that begins from a file of other classes, its first blocks
// frozen and its head at ten times the rate.
func fineTuned(t *testing.T) *runfile.File {
	t.Helper()
	small := []string{"model.image=16", "steps=2", "optimizer.momentum=0.9", "optimizer.weight_decay=0.01", "optimizer.average=0.5"}
	kind, frozen := "resnet18", "conv1,bn1,layer1.,layer2.,layer3.,*.conv2.weight"
	if testing.Short() { // first values of 11 million weights, again and again
		kind, frozen, small = "resnet-small", "conv1,bn1,layer1.,layer2.,*.conv2.weight", append(small, "model.width=16")
	}
	path := savedWeights(t, imageFile(t, kind, append(small, "model.classes=7")...), 5, func(t safetensors.Tensor) (safetensors.Tensor, bool) {
		t.Name = "module." + t.Name
		return t, true
	})
	f := imageFile(t, kind, append(small, "model.weights="+path, "model.weights_skip=fc.", "model.freeze="+frozen, "model.rates=fc.=10")...)
	if err := f.HashWeights(); err != nil {
		t.Fatal(err)
	}
	return f
}

// TestFineTuning: what is frozen stays as the file has it, the rest learns, and workers do not show.
func TestFineTuning(t *testing.T) {
	f := fineTuned(t)
	want := runInProcess(t, f, 1, 1, 1)
	if got := runInProcess(t, f, 3, 2, 2); got.sum != want.sum {
		t.Error("three workers differ from one")
	}
	begun, err := NewModel(f.Model)
	if err != nil {
		t.Fatal(err)
	}
	begun.Params().Initialize(f.Seed)
	if _, err := loadInitial(f.Model, begun); err != nil {
		t.Fatal(err)
	}
	from, err := safetensors.Open(f.Model.Weights)
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	tr, _, err := trainAlone(f, aloneGroup(t, f), laneRange{0, f.Batch.Lanes}, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer tr.close()
	averages := map[string]safetensors.Tensor{}
	for _, a := range tr.updater.tensors() {
		averages[a.Name] = a
	}
	for _, now := range tr.params.Tensors() {
		frozen := f.Model.Frozen().Match(now.Name)
		same := true
		if !strings.HasPrefix(now.Name, "fc.") {
			was, err := from.Read("module." + now.Name)
			if err != nil {
				t.Fatal(err)
			}
			a, averaged := averages[averageName+"/"+now.Name]
			for i := range now.Len() {
				same = same && now.At(i) == was.At(i) && (!averaged || !frozen || a.At(i) == was.At(i))
			}
			if same != frozen {
				t.Errorf("%s is as it was: %v, frozen: %v", now.Name, same, frozen)
			}
		}
	}
	for _, g := range tr.updater.groups {
		if rate := g.Rate; rate != 0 && rate != 1 && g.Begin < tr.params.Get("fc.weight").Offset {
			t.Errorf("elements from %d on have the rate %v", g.Begin, rate)
		}
	}
	if rate := tr.updater.groups[len(tr.updater.groups)-1].Rate; rate != 10 {
		t.Errorf("the head has the rate %v", rate)
	}
}

// TestFineTuningOfAPart: the weights of a whole network load into what is cut off it; the new head alone learns, and workers
// do not show.
func TestFineTuningOfAPart(t *testing.T) {
	path := savedWeights(t, imageFile(t, "resnet18", "model.image=16", "model.width=0.125", "model.classes=7"), 5, all)
	sets := []string{"model.image=16", "model.backbone=resnet18", "model.backbone_width=0.125", "model.cut=layer3", "steps=2", "model.weights=" + path,
		"model.weights_skip=head., layer4., fc.", "model.freeze=conv1., bn1., layer"}
	f := imageFile(t, "features", sets...)
	if err := f.HashWeights(); err != nil {
		t.Fatal(err)
	}
	if one, three := runInProcess(t, f, 1, 1, 1), runInProcess(t, f, 3, 2, 2); one.sum != three.sum {
		t.Error("three workers differ from one")
	}
	from, err := safetensors.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	tr, _, err := trainAlone(f, aloneGroup(t, f), laneRange{0, f.Batch.Lanes}, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer tr.close()
	begun, err := NewModel(f.Model)
	if err != nil {
		t.Fatal(err)
	}
	begun.Params().Initialize(f.Seed)
	for _, now := range tr.params.Tensors() {
		if head := begun.Params().Get(now.Name); strings.HasPrefix(now.Name, "head.") {
			if slices.Equal(now.Data.([]float32), head.Value().Data) {
				t.Errorf("%s has learnt nothing", now.Name)
			}
			continue
		}
		was, err := from.Read(now.Name)
		if err != nil {
			t.Fatal(err)
		}
		for i := range now.Len() {
			if now.At(i) != was.At(i) {
				t.Fatalf("%s is frozen, and not as the file has it", now.Name)
			}
		}
	}
	f.Model.WeightsSkip = "head., fc."
	if err := CheckModel(f); err == nil || !strings.Contains(err.Error(), "layer4.0.bn1.bias: F32[64] in the file, not in the model") {
		t.Errorf("%v", err)
	}
}

func TestFineTuningRefusals(t *testing.T) {
	whole := savedWeights(t, imageFile(t, "lenet5", "model.classes=7"), 5, all)
	for _, c := range []struct {
		sets []string
		want string
	}{
		{[]string{"model.weights=" + whole}, "F32[7 84] in the file, F32[4 84] in the model; "},
		{[]string{"model.weights=" + whole}, "model.weights_skip names what is to begin anew"},
		{[]string{"model.weights=" + whole, "model.weights_skip=fc3"}, ""},
		{[]string{"model.weights=../nn/torchfile/testdata/evil.pth"}, `it calls "posix.system"`},
		{[]string{"model.weights=../nn/torchfile/testdata/plain.pth"}, "0.weight: F32[2 1 3 3] in the file, not in the model"},
		{[]string{"model.freeze=layer1."}, "model.freeze: no weight of lenet5 is called layer1.; their names begin with conv1., conv2., fc1., fc2., fc3."},
		{[]string{"model.freeze=c,f"}, `model.freeze: "c,f" picks every parameter`},
		{[]string{"model.rates=conv1=2,head=3"}, "model.rates: no weight of lenet5 is called head"},
		{[]string{"model.weights=" + whole, "model.weights_skip=fc3,head"}, "model.weights_skip: neither a weight of lenet5 nor a tensor of " + whole + " is called head"},
		{[]string{"model.rates=conv=2,conv1=3"}, "model.rates: the factor of conv1 counts for no weight"},
		{[]string{"model.freeze=conv,fc1", "model.rates=fc3=2"}, ""},
	} {
		f := imageFile(t, "lenet5", c.sets...)
		if err := f.HashWeights(); err != nil {
			t.Fatal(err)
		}
		err := CheckModel(f)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%v: %v, want %q", c.sets, err, c.want)
		}
	}
}

// TestWeightsThatChange: a file that is replaced while the run waits is not taken.
func TestWeightsThatChange(t *testing.T) {
	path := savedWeights(t, imageFile(t, "lenet5"), 5, all)
	f := imageFile(t, "lenet5", "model.weights="+path)
	if err := f.HashWeights(); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(savedWeights(t, f, 6, all), path); err != nil {
		t.Fatal(err)
	}
	_, _, err := trainAlone(f, aloneGroup(t, f), laneRange{0, f.Batch.Lanes}, 1, 1)
	if err == nil || !strings.Contains(err.Error(), "is not what it was") {
		t.Errorf("%v", err)
	}
}

// TestWeightsInAStore: the weights that a run begins from may lie in an object store; the bits are those of a file.
func TestWeightsInAStore(t *testing.T) {
	server := objectstest.New(t)
	path := savedWeights(t, imageFile(t, "lenet5"), 5, all)
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	server.Put(t, "deep/weights.safetensors", content)
	sum := func(from string) string {
		f := imageFile(t, "lenet5", "model.weights="+from, "steps=1")
		if err := f.HashWeights(); err != nil {
			t.Fatal(err)
		}
		if err := CheckModel(f); err != nil {
			t.Fatal(err)
		}
		return runInProcess(t, f, 1, 1, 1).sum
	}
	stored := server.Address("deep/weights.safetensors")
	if file, object := sum(path), sum(stored); file != object {
		t.Errorf("%s from a file, %s from a store", file, object)
	}

	server.Put(t, "deep/weights.safetensors", content[:len(content)/2])
	f := imageFile(t, "lenet5", "model.weights="+stored)
	if err := f.HashWeights(); err != nil {
		t.Fatal(err)
	}
	if err := CheckModel(f); err == nil || !strings.Contains(err.Error(), stored) {
		t.Errorf("an object that is cut short: %v", err)
	}
	f.Model.Weights = server.Address("deep/none.pth")
	if err := f.HashWeights(); err == nil || !strings.Contains(err.Error(), "deep/none.pth") {
		t.Errorf("an object that is not there: %v", err)
	}
}

// TestWeightsNotFinite: a run does not begin from weights that are not numbers, but for those that it leaves out.
func TestWeightsNotFinite(t *testing.T) {
	small := []string{"model.image=16", "model.width=8"}
	path := savedWeights(t, imageFile(t, "resnet-small", small...), 5, func(t safetensors.Tensor) (safetensors.Tensor, bool) {
		if t.Name == "fc.bias" {
			t.Data = append([]float32{float32(math.NaN())}, t.Data.([]float32)[1:]...)
		}
		return t, true
	})
	for skip, want := range map[string]string{"": "model.weights: " + path + ": nn: fc.bias holds a value that is not a number; model.weights_skip names what is to begin anew", "fc.": ""} {
		f := imageFile(t, "resnet-small", append(small, "model.weights="+path, "model.weights_skip="+skip)...)
		model, err := NewModel(f.Model)
		if err = errors.Join(err, f.HashWeights()); err != nil {
			t.Fatal(err)
		}
		model.Params().Initialize(f.Seed)
		got := ""
		if _, err := loadInitial(f.Model, model); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("skipping %q: %q, want %q", skip, got, want)
		}
	}
}
