package worker

import (
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/data/shard"
)

// unevenSet is a set of 28x28 images of which so many are of each class.
func unevenSet(t *testing.T, counts ...int) string {
	t.Helper()
	var list []samples.Sample
	for class, n := range counts {
		for i := range n {
			list = append(list, samples.Sample{{Shape: []int{28, 28, 1}, Data: slices.Repeat([]byte{byte(60*class + i)}, 28*28)}, samples.Class(class)})
		}
	}
	return setOf(t, []samples.Part{
		{Name: "image", Element: samples.Uint8, Shape: []int{28, 28, 1}},
		{Name: "class", Element: samples.Int32, Shape: []int{}, Classes: []string{"a", "b", "c", "d"}},
	}, list...)
}

// setOf writes a set.
func setOf(t *testing.T, parts []samples.Part, list ...samples.Sample) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "set")
	w, err := samples.NewWriter(shard.WriterOptions{Dir: dir, Name: "set"}, samples.Schema{Parts: parts})
	for _, s := range list {
		if err == nil {
			err = w.Add(s)
		}
	}
	if err == nil {
		_, err = w.Commit()
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// begun is the parameters with which a run begins.
func begun(t *testing.T, f *runfile.File) map[string][]float32 {
	t.Helper()
	train, err := OpenData(f, f.Data.Train)
	if err != nil {
		t.Fatal(err)
	}
	tr, err := newTrainer(Config{File: f, Threads: 2, Passes: 1}, laneRange{0, f.Batch.Lanes}, train, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tr.close()
	if _, err := tr.initialize(t.Context()); err != nil {
		t.Fatal(err)
	}
	all := map[string][]float32{}
	for _, p := range tr.params.List {
		all[p.Name] = slices.Clone(p.Value().Data)
	}
	return all
}

// The last bias begins at the logarithms of the shares, and nothing else is other than without; workers do not show.
func TestFinalBias(t *testing.T) {
	set := unevenSet(t, 40, 20, 10, 1)
	f := imageFile(t, "lenet5", "data.train="+set, "data.valid="+set, "model.final_bias=counts")
	drawn := imageFile(t, "lenet5", "data.train="+set, "data.valid="+set)
	got, before := begun(t, f), begun(t, drawn)
	for name, values := range got {
		if name == "fc3.bias" {
			for i, n := range []float64{40, 20, 10, 1} {
				if want := float32(math.Log(n / 71)); !(math.Abs(float64(values[i]-want)) <= 1e-6) {
					t.Errorf("%s: %v, and number %d is to be %v", name, values, i, want)
				}
			}
		} else if !slices.Equal(values, before[name]) {
			t.Errorf("%s begins otherwise than without", name)
		}
	}
	if _, is := drawn.Bits()["model.final_bias"]; is || f.Bits()["model.final_bias"] != "counts" {
		t.Error("a file that does not ask for it has it among its bits, or one that asks has not")
	}
	want := runInProcess(t, f, 1, 1, 1)
	if runInProcess(t, drawn, 1, 1, 1).sum == want.sum {
		t.Error("it does not show")
	}
	for _, c := range []struct{ workers, threads, passes int }{{2, 2, 1}, {3, 1, 2}, {5, 1, 1}} {
		if got := runInProcess(t, f, c.workers, c.threads, c.passes); got.sum != want.sum {
			t.Errorf("%d workers, %d passes: other bits than one", c.workers, c.passes)
		}
	}
}

// A share of the set is counted where a share is trained on: those samples, and no others.
func TestFinalBiasShare(t *testing.T) {
	f := imageFile(t, "lenet5", "data.train="+unevenSet(t, 30, 20, 10, 10), "model.final_bias=counts", "data.share=0.3")
	train, err := OpenData(f, f.Data.Train)
	if err != nil {
		t.Fatal(err)
	}
	rows := newSampleRows(train, f, nil, true)
	counts := make([]float64, 4)
	for i := range 21 {
		s, err := train.samples.At(rows.stored(i))
		if err != nil {
			t.Fatal(err)
		}
		counts[s[1].Int32s()[0]]++
	}
	if slices.Contains(counts, 0) {
		t.Fatalf("the share lacks a class: %v", counts)
	}
	for i, v := range begun(t, f)["fc3.bias"] {
		if want := math.Log(counts[i] / 21); !(math.Abs(float64(v)-want) <= 1e-6) {
			t.Errorf("class %d of %v: %v, want %v", i, counts, v, want)
		}
	}
}

// Pixels of masks are counted but for those that stand for no class, as evaluation sees them where images are changed; labels
// where they hold; a classifier of texts by its class.
func TestFinalBiasTasks(t *testing.T) {
	mask := func(values ...byte) samples.Sample {
		return samples.Sample{{Shape: []int{8, 8, 1}, Data: make([]byte, 64)}, {Shape: []int{8, 8}, Data: slices.Repeat(values, 64/len(values))}}
	}
	masks := setOf(t, []samples.Part{
		{Name: "image", Element: samples.Uint8, Shape: []int{8, 8, 1}},
		{Name: "mask", Element: samples.Uint8, Shape: []int{8, 8}, Classes: []string{"a", "b", "c", "d"}, Ignore: 255},
	}, mask(0, 1, 2, 3, 255, 0, 0, 0), mask(1), mask(255))
	labels := func(hold ...byte) samples.Sample {
		return samples.Sample{{Shape: []int{28, 28, 1}, Data: make([]byte, 784)}, {Shape: []int{4}, Data: hold}}
	}
	many := setOf(t, []samples.Part{
		{Name: "image", Element: samples.Uint8, Shape: []int{28, 28, 1}}, {Name: "labels", Element: samples.Uint8, Shape: []int{4}},
	}, labels(1, 0, 0, 1), labels(1, 1, 0, 1), labels(0, 1, 0, 1), labels(1, 0, 0, 1), labels(1, 0, 0, 1))
	text := func(s string, class int) samples.Sample { return samples.Sample{samples.Text(s), samples.Class(class)} }
	texts := setOf(t, []samples.Part{
		{Name: "text", Element: samples.UTF8, Shape: []int{samples.Varies}}, {Name: "class", Element: samples.Int32, Shape: []int{}, Classes: []string{"a", "b", "c", "d"}},
	}, text("ab", 3), text("", 3), text("abcdefgh", 3), text("b", 0), text("c", 1), text("c", 2))
	for _, c := range []struct {
		kind, bias string
		sets       []string
		want       []float64
	}{
		{"fcn", "score1.bias", []string{"data.train=" + masks, "model.height=8", "model.width=8", "model.filters=2", "model.halvings=1", "task.ignore=[255]"},
			[]float64{32. / 120, 72. / 120, 8. / 120, 8. / 120}},
		{"fcn", "score1.bias", []string{"data.train=" + masks, "model.height=4", "model.width=4", "model.filters=2", "model.halvings=1", "task.ignore=[255]", "data.augment=crop 4"},
			[]float64{4. / 28, 16. / 28, 4. / 28, 4. / 28}}, // columns 2 to 5 of the images
		{"lenet5", "fc3.bias", []string{"data.train=" + many, "task.kind=labels"}, []float64{4, 2. / 3, 1. / 5, 5}},
		{"text-classifier", "", []string{"data.train=" + texts, "batch.length=4"}, []float64{1. / 6, 1. / 6, 1. / 6, 3. / 6}},
	} {
		values := begun(t, imageFile(t, c.kind, append(c.sets, "model.final_bias=counts", "data.valid=")...))
		if c.bias == "" {
			for name, v := range values {
				if strings.HasSuffix(name, ".bias") && len(v) == 4 {
					c.bias = name
				}
			}
		}
		for i, v := range values[c.bias] {
			if want := math.Log(c.want[i]); math.Abs(float64(v)-want) > 1e-6 {
				t.Errorf("%s: %s %v, and number %d is to be %v", c.kind, c.bias, values[c.bias], i, want)
			}
		}
		if len(values[c.bias]) != 4 {
			t.Errorf("%s has no bias %s", c.kind, c.bias)
		}
	}
}

func TestFinalBiasRefusals(t *testing.T) {
	whole := savedWeights(t, imageFile(t, "lenet5", "model.classes=7"), 5, all)
	for _, c := range []struct {
		kind string
		sets []string
		want string
	}{
		{"lenet5-1998", nil, "model.final_bias: the output of lenet5-1998 has no last bias: rbf weighs its terms; take drawn"},
		{"lenet5", []string{"model.weights=" + whole, "model.weights_skip=fc3.weight"}, "F32[7] in the file"},
		{"lenet5", []string{"model.weights=" + whole, "model.weights_skip=fc3."}, ""},
		{"resnet-small", nil, ""},
		{"googlenet", []string{"model.image=64"}, ""},
	} {
		f := imageFile(t, c.kind, append(c.sets, "model.final_bias=counts")...)
		if err := f.HashWeights(); err != nil {
			t.Fatal(err)
		}
		err := CheckModel(f)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s %v: got %v, want %q", c.kind, c.sets, err, c.want)
		}
	}
	same := savedWeights(t, imageFile(t, "lenet5"), 5, all)
	f := imageFile(t, "lenet5", "model.weights="+same, "model.final_bias=counts")
	if err := CheckModel(f); err == nil || !strings.Contains(err.Error(), "model.weights gives fc3.bias its values; name it in model.weights_skip") {
		t.Errorf("a bias that would not stay: %v", err)
	}
	_, err := runfile.Parse("x.yaml", nil, []string{"model.kind=charlm", "data.train=x", "model.final_bias=counts"})
	if err == nil || !strings.Contains(err.Error(), "nothing: task.kind = next has no classes that could be counted") {
		t.Errorf("a text: %v", err)
	}
}
