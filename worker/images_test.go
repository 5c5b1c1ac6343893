package worker

import (
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/data/generated"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/nn/zoo"
)

// While training each image comes once an epoch and every batch is full; a
// measurement ends with the set.
func TestImageRows(t *testing.T) {
	f := imageFile(t, "lenet5")
	spec, err := generated.Parse("generated:x?count=36")
	if err != nil {
		t.Fatal(err)
	}
	set := generated.New(spec, 4, 28, 28, 1)
	data, err := OpenData(f, "generated:x?count=36")
	if err != nil {
		t.Fatal(err)
	}
	for _, training := range []bool{true, false} {
		rows := newSampleRows(data, f, nil, training)
		rec, images, classes := imageBatch(t, f)
		want := make([]float32, 28*28)
		if rows.batches() != 3 {
			t.Errorf("%d batches, want 3", rows.batches())
		}
		for step := range 3 {
			if err := rows.read(rec.Parts(), step, laneRange{0, 8}, nil); err != nil {
				t.Fatal(err)
			}
			place := rows.place(step)
			count := 0
			for row, target := range classes.Target {
				i := step*16 + row
				if training {
					i %= 36
				}
				if i >= 36 {
					if target != -1 {
						t.Errorf("step %d, row %d: class %d beyond the end", step, row, target)
					}
					continue
				}
				count++
				if class := set.Read(i, want); int32(class) != target || want[5] != images.Image(row)[5] {
					t.Errorf("step %d, row %d is not image %d", step, row, i)
				}
			}
			if place.count != count || classes.Count != count || place.epoch != step*16/36 || place.firstOfEpoch != (step == 0) {
				t.Errorf("step %d: %+v for %d images", step, place, count)
			}
		}
		if p := rows.place(3); training && (p.epoch != 1 || !p.firstOfEpoch) {
			t.Errorf("step 3: %+v", p)
		}
	}
}

// imageBatch is a batch of all lanes of a model of images.
func imageBatch(t *testing.T, f *runfile.File) (*zoo.Recording, *nn.Images, *nn.Targets) {
	t.Helper()
	model, err := describeModel(f.Model)
	if err != nil {
		t.Fatal(err)
	}
	tape := nn.NewTape(model.Params(), nil, nn.Shape{Steps: 1, Lanes: f.Batch.Lanes, Rows: f.Batch.LaneRows()}, nn.Training, 0)
	rec := zoo.Record(model, f.Task.New(), tape, nil)
	return rec, rec.Part("image").(*nn.Images), rec.Part(task.Class).(*nn.Targets)
}

// What does not fit the model is an error that says what would.
func TestOpenDataErrors(t *testing.T) {
	for _, c := range []struct {
		f            *runfile.File
		source, want string
	}{
		{imageFile(t, "lenet5"), "shards/train", "no shard set at shards/train"},
		{imageFile(t, "lenet5"), "generated:train", `count "" is no number`},
		{imageFile(t, "lenet5", "data.augment=flip"), "generated:train?count=5", "data.augment changes stored images; generated ones are random as they stand"},
		{smallFile(t, "data.augment=flip"), "shards/train", "data.augment changes images and sounds, and charlm reads text"},
		{smallFile(t), "generated:train?count=5", "generated sets hold images and their classes, and charlm reads other data"},
	} {
		if _, err := OpenData(c.f, c.source); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.source, err, c.want)
		}
	}
	f := imageFile(t, "resnet18", "batch.lanes=16", "model.image=32")
	if err := CheckModel(f); err == nil || !strings.Contains(err.Error(), "batch.lanes: layer4.0.downsample.1 has one value") {
		t.Errorf("one value to a norm: error %v", err)
	}
	if err := CheckModel(imageFile(t, "resnet18", "model.image=64", "batch.lanes=16")); err != nil {
		t.Error(err)
	}
}

// The running statistics move with the step that is applied, and not before.
func TestStatisticsMoveWithTheStep(t *testing.T) {
	f := imageFile(t, "mobilenetv2", "model.image=32")
	group := aloneGroup(t, f)
	train, err := OpenData(f, f.Data.Train)
	if err != nil {
		t.Fatal(err)
	}
	tr, err := newTrainer(Config{File: f, Threads: 2, Passes: 2}, laneRange{0, f.Batch.Lanes}, train, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tr.close()
	tr.params.Initialize(1)
	var spent stepTime
	if err := tr.differentiate(group, 0, &spent); err != nil {
		t.Fatal(err)
	}
	if err := tr.awaitBuckets(); err != nil {
		t.Fatal(err)
	}
	mean := tr.params.Statistics[0]
	if mean.Value()[0] != 0 || tr.params.Counters[0].Value[0] != 0 {
		t.Error("statistics moved before the step was applied")
	}
	if err := tr.apply(0, &stepResult{lr: 0.01}); err != nil {
		t.Fatal(err)
	}
	sum := float32(0)
	for l := range f.Batch.Lanes {
		sum += mean.Measured(l)[0]
	}
	if got, want := mean.Value()[0], 0.1*sum/float32(f.Batch.Lanes); got == 0 || got/want > 1.0001 || got/want < 0.9999 {
		t.Errorf("the running mean is %v, want %v", got, want)
	}
	if n := tr.params.Counters[0].Value[0]; n != 1 {
		t.Errorf("%d batches tracked, want 1", n)
	}
}
