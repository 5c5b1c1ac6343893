package worker

import (
	"math"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/data/shard"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/measure"
	"github.com/rondo-ml/rondo/nn/zoo"
)

// storedSet writes n images of size x size pixels, all bytes of which are their
// number, in classes that are the number modulo 4, and returns the directory.
func storedSet(t testing.TB, n, size int, change func(*samples.Schema)) string {
	t.Helper()
	schema := samples.Schema{Parts: []samples.Part{
		{Name: "image", Element: samples.Uint8, Shape: []int{size, size, 1}},
		{Name: "class", Element: samples.Int32, Shape: []int{}, Classes: []string{"a", "b", "c", "d"}},
	}}
	if change != nil {
		change(&schema)
	}
	dir := filepath.Join(t.TempDir(), "set")
	w, err := samples.NewWriter(shard.WriterOptions{Dir: dir, Name: "set"}, schema)
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		image := samples.Value{Shape: []int{size, size, 1}, Data: slices.Repeat([]byte{byte(i)}, size*size)}
		if err := w.Add(samples.Sample{image, samples.Class(i % 4)}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	return dir
}

// An epoch of training uses each stored image once, in an order of its own, with
// its class; a measurement takes them as they lie.
func TestStoredImages(t *testing.T) {
	const n = 36
	f := imageFile(t, "lenet5", "model.image=28")
	data, err := OpenData(f, storedSet(t, n, 28, nil))
	if err != nil {
		t.Fatal(err)
	}
	rec, images, classes := imageBatch(t, f)
	read := func(training bool) (numbers []int) {
		rows := newSampleRows(data, f, nil, training)
		for step := range 9 { // four epochs of 36, in batches of 16
			if err := rows.read(rec.Parts(), step, laneRange{0, 8}, nil); err != nil {
				t.Fatal(err)
			}
			for row, target := range classes.Target {
				if target < 0 {
					continue
				}
				pixel := images.Image(row)[17]
				number := int((pixel+1)*127.5 + 0.5)
				if int(target) != number%4 || pixel != float32(number)/127.5-1 {
					t.Errorf("step %d, row %d: pixel %v, class %d", step, row, pixel, target)
				}
				if u := rows.uses(step, row); u.count != 1 || u.first != int64(number) || training && u.epoch != len(numbers)/n {
					t.Errorf("step %d, row %d: sample %d is read, and %+v told", step, row, number, u)
				}
				numbers = append(numbers, number)
			}
		}
		return numbers
	}
	trained := read(true)
	for epoch := range 4 {
		of := slices.Clone(trained[epoch*n : (epoch+1)*n])
		if epoch > 0 && slices.Equal(of, trained[:n]) || slices.IsSorted(of) {
			t.Errorf("epoch %d is not shuffled: %v", epoch, of)
		}
		slices.Sort(of)
		for i, number := range of {
			if number != i {
				t.Fatalf("epoch %d uses %v", epoch, of)
			}
		}
	}
	if measured := read(false); len(measured) != n || !slices.IsSorted(measured) {
		t.Errorf("a measurement uses %v", measured)
	}
}

// Workers, threads and passes do not show in a run on stored images either.
func TestStoredImagesSameBits(t *testing.T) {
	f := imageFile(t, "lenet5", "steps=6", "data.train="+storedSet(t, 40, 28, nil), "data.valid="+storedSet(t, 18, 28, nil))
	want := runInProcess(t, f, 1, 1, 1)
	for _, workers := range []int{2, 3, 5} {
		if got := runInProcess(t, f, workers, 1, 1); got.sum != want.sum || got.held != want.held || got.right != want.right {
			t.Errorf("%d workers: %+v, one has %+v", workers, got, want)
		}
	}
}

// A set that does not fit the model is an error that says what would.
func TestStoredImagesErrors(t *testing.T) {
	for _, c := range []struct {
		change func(*samples.Schema)
		n      int
		set    string
		want   string
	}{
		{nil, 3, "model.image=32", "images of 28x28 with 1 channels, and the network reads 32x32 with 1; change the model"},
		{nil, 3, "model.classes=3", "4 classes, and the network tells 3 apart; raise model.classes"},
		{func(s *samples.Schema) { s.Parts[0].Name = "picture" }, 3, "seed=1", "has no part image, which the network needs; it has picture, class"},
		{func(s *samples.Schema) { s.Parts[0].Shape[0] = samples.Varies }, 3, "seed=1", "holds images of any size, and the network reads 28x28; cut them anew with --square 28"},
	} {
		f := imageFile(t, "lenet5", "model.classes=4", c.set)
		if _, err := OpenData(f, storedSet(t, c.n, 28, c.change)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want one with %q", err, c.want)
		}
	}
	// What is proposed for a network of another proportion makes its size.
	anySize := storedSet(t, 3, 28, func(s *samples.Schema) { s.Parts[0].Shape[0] = samples.Varies })
	sets := []string{"model.classes=4", "model.height=16", "model.width=24", "model.halvings=2"}
	_, err := OpenData(imageFile(t, "fcn", sets...), anySize)
	if want := "as random-resized-crop 16x24 or center-crop 16x24"; err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "--square") {
		t.Errorf("error %v, want one with %q", err, want)
	}
	train, _ := smallText(t)
	if _, err := OpenData(imageFile(t, "lenet5"), train); err == nil || !strings.Contains(err.Error(), "not samples") {
		t.Errorf("a text for images: %v", err)
	}
	// A class that the schema does not number.
	f := imageFile(t, "lenet5", "model.classes=2")
	data, err := OpenData(f, storedSet(t, 16, 28, func(s *samples.Schema) { s.Parts[1].Classes = nil }))
	if err != nil {
		t.Fatal(err)
	}
	feed, err := data.feed(f, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	rec, _, _ := imageBatch(t, f)
	if err := feed.fill(rec, 0, laneRange{0, 8}); err == nil || err.Error() != "sample 2: class: class 2, and the network tells 2 apart (model.classes)" {
		t.Errorf("a class out of range: %v", err)
	}
}

// Changes, mixing and what is read ahead do not show in the bits either, and a step that nobody foresaw is what it is
// when it is asked for first.
func TestChangedImagesSameBits(t *testing.T) {
	set := storedSet(t, 40, 30, nil)
	f := imageFile(t, "lenet5", "steps=6", "data.train="+set, "data.valid="+set, "data.mean=0.3", "data.deviation=0.5",
		"data.augment=random-resized-crop 28, flip, color 0.2 0.2 0.2 0.1, erase 0.5, mixup 0.4, cutmix 1")
	want := runInProcess(t, f, 1, 1, 1)
	if plain := runInProcess(t, imageFile(t, "lenet5", "steps=6", "data.train="+set, "data.valid="+set, "data.augment=center-crop 28"), 1, 1, 1); plain.sum == want.sum {
		t.Error("the changes do not show")
	}
	for _, c := range []struct{ workers, passes int }{{1, 3}, {2, 1}, {3, 2}, {5, 1}} {
		if got := runInProcess(t, f, c.workers, 2, c.passes); got.sum != want.sum || got.held != want.held || got.right != want.right {
			t.Errorf("%d workers, %d passes: %+v, one has %+v", c.workers, c.passes, got, want)
		}
	}
	data, err := OpenData(f, set)
	if err != nil {
		t.Fatal(err)
	}
	feed, err := data.feed(f, nil, true)
	if err != nil {
		t.Fatal(err)
	}
	defer feed.close()
	rec, images, classes := imageBatch(t, f)
	pixels := map[int][]float32{}
	for _, step := range []int{0, 1, 2, 1, 5, 5, 0} {
		if err := feed.fill(rec, step, laneRange{0, 8}); err != nil {
			t.Fatal(err)
		}
		feed.ahead(step+1, laneRange{0, 8})
		now := slices.Concat(images.Pixels, classes.Share)
		if before := pixels[step]; before != nil && !slices.Equal(now, before) {
			t.Errorf("step %d is another when it is read again", step)
		}
		pixels[step] = now
	}
}

// Several labels are mixed as their images are: where the labels of a sample follow from its brightness, they do so behind
// mixup and cutmix too.
func TestMixedLabels(t *testing.T) {
	var list []samples.Sample
	for i := range 24 {
		labels := make([]float32, 4)
		for j := range labels {
			labels[j] = float32(i) / 32 * float32(j+1) / 4
		}
		list = append(list, samples.Sample{{Shape: []int{28, 28, 1}, Data: slices.Repeat([]byte{byte(8 * i)}, 784)}, samples.Float32s(labels)})
	}
	set := setOf(t, []samples.Part{
		{Name: "image", Element: samples.Uint8, Shape: []int{28, 28, 1}}, {Name: "labels", Element: samples.Float32, Shape: []int{4}},
	}, list...)
	f := imageFile(t, "lenet5", "task.kind=labels", "batch.global=24", "steps=3", "data.train="+set, "data.valid="+set, "data.augment=mixup 1, cutmix 1")
	data, err := OpenData(f, set)
	if err != nil {
		t.Fatal(err)
	}
	feed, err := data.feed(f, nil, true)
	if err != nil {
		t.Fatal(err)
	}
	defer feed.close()
	tape := nn.NewTape(nn.NewParams(), nil, nn.Shape{Steps: 1, Lanes: 8, Rows: 3}, nn.Training, 0)
	b := tape.NewBatch(nil)
	b.Images("image", 28, 28, 1)
	b.Add("labels", nn.NewTargetValues(tape.Shape.Layout(), 4))
	rec := &zoo.Recording{Batch: b}
	if err := feed.fill(rec, 0, laneRange{0, 8}); err != nil {
		t.Fatal(err)
	}
	images, labels, mixed := b.Part("image").(*nn.Images), b.Part("labels").(*nn.TargetValues), 0
	for row := range 24 {
		sum := 0.0
		for _, v := range images.Image(row) {
			sum += (float64(v) + 1) / 2 * 255 / 256
		}
		for j, v := range labels.Row(row) {
			if want := sum / 784 * float64(j+1) / 4; math.Abs(float64(v)-want) > 1e-5 {
				t.Errorf("row %d: label %d is %v, want %v", row, j, v, want)
			}
		}
		if whole := sum / 784 * 32; math.Abs(whole-math.Round(whole)) > 1e-3 {
			mixed++
		}
	}
	if mixed < 12 {
		t.Errorf("only %d of 24 rows are mixed", mixed)
	}
	want := runInProcess(t, f, 1, 1, 1)
	for _, c := range []struct{ workers, passes int }{{1, 3}, {3, 1}} {
		if got := runInProcess(t, f, c.workers, 2, c.passes); got.sum != want.sum {
			t.Errorf("%d workers, %d passes: other bits than one", c.workers, c.passes)
		}
	}
}

// A panic of what reads ahead is an error of the step, and not the end of the process.
func TestReadAheadPanics(t *testing.T) {
	f := imageFile(t, "lenet5", "model.classes=4")
	data, err := OpenData(f, storedSet(t, 64, 28, nil))
	if err != nil {
		t.Fatal(err)
	}
	feed, err := data.feed(f, nil, true)
	if err != nil {
		t.Fatal(err)
	}
	defer feed.close()
	rec, _, _ := imageBatch(t, f)
	if err := feed.fill(rec, 0, laneRange{0, 8}); err != nil {
		t.Fatal(err)
	}
	data.binding[0].fill = func(any, *rowOf, samples.Sample) error { panic("not today") }
	feed.ahead(1, laneRange{0, 8})
	if err := feed.fill(rec, 1, laneRange{0, 8}); err == nil || !strings.Contains(err.Error(), "not today") {
		t.Errorf("error %v", err)
	}
}

// A batch is read once, however often the network's passes and the weights of its losses ask for it.
func TestReadOnce(t *testing.T) {
	f := imageFile(t, "lenet5", "model.classes=4", "task.class_weights=1, 2, 3, 4", "steps=3", "data.train="+storedSet(t, 64, 28, nil))
	train, err := OpenData(f, f.Data.Train)
	if err != nil {
		t.Fatal(err)
	}
	var reads atomic.Int64
	for i, b := range train.binding {
		train.binding[i].fill = func(holds any, to *rowOf, s samples.Sample) error { reads.Add(1); return b.fill(holds, to, s) }
	}
	group := aloneGroup(t, f)
	tr, err := newTrainer(Config{File: f, Threads: 1, Passes: 3}, laneRange{0, f.Batch.Lanes}, train, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tr.close()
	tr.initialize(t.Context())
	for step := range uint64(3) {
		if _, err := tr.step(group, step, wish{}); err != nil {
			t.Fatal(err)
		}
	}
	tr.feed.close()
	if want := int64(len(train.binding) * f.Batch.Global * 4); reads.Load() != want { // three steps, and the one ahead
		t.Errorf("%d parts of rows were read, want %d", reads.Load(), want)
	}
}

// What data.augment cannot do for a network is an error that says so.
func TestChangesErrors(t *testing.T) {
	set := storedSet(t, 16, 30, nil)
	for want, sets := range map[string][]string{
		"task.class_weights: 2 weights for the network's 10":                                          {"data.augment=center-crop 28", "task.class_weights=1, 2"},
		"holds images of 30x30 with 1 channels, and the network reads 28x28 with 1":                   {"data.augment=flip"},
		"gives, by data.augment, images of 29x29 with 1 channels, and the network reads 28x28 with 1": {"data.augment=center-crop 29"},
		`data.augment: found "center-crop 28, shift 5", want a list of changes: `:                     {"data.augment=center-crop 28, shift 5"},
		"data.deviation: found nothing, want one for each of data.mean's 3":                           {"data.mean=0.1, 0.2, 0.3"},
		"two rows of a lane or more, and a lane has 1":                                                {"data.augment=crop 28, mixup", "batch.global=8"},
		"with task.kind = regression has the part target, which they do not mix":                      {"data.augment=crop 28, mixup", "task.kind=regression"},
	} {
		f, err := runfile.Parse("r.yaml", []byte("model: {kind: lenet5}\ndata: {train: "+set+"}\n"), sets)
		if err == nil {
			_, err = OpenData(f, set)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: error %v, want one with %q", sets, err, want)
		}
	}
}

// Of two classes, the area under the curve is measured from the scores of all lanes.
func TestEvaluateTwoClasses(t *testing.T) {
	f := imageFile(t, "lenet5", "model.image=28", "model.classes=2")
	model, err := NewModel(f.Model)
	if err != nil {
		t.Fatal(err)
	}
	model.Params().Initialize(1)
	got, err := Evaluate(model, f, storedSet(t, 2, 28, func(s *samples.Schema) { s.Parts[1].Classes = nil }), 2)
	if err != nil {
		t.Fatal(err)
	}
	last := got.Figures[len(got.Figures)-1]
	if got.Targets != 2 || last.Name != "AUC" || !(last.Value >= 0 && last.Value <= 1) {
		t.Errorf("%+v", got)
	}
}

// Where every pixel has a target, targets are counted by pixels, and not by images.
func TestEvaluatePixels(t *testing.T) {
	f := imageFile(t, "fcn", "model.height=8", "model.width=12", "model.filters=2", "model.halvings=1", "task.ignore=[255]")
	schema := samples.Schema{Parts: []samples.Part{
		{Name: "image", Element: samples.Uint8, Shape: []int{8, 12, 1}},
		{Name: "mask", Element: samples.Uint8, Shape: []int{8, 12}, Classes: []string{"a", "b", "c", "d"}, Ignore: 255},
	}}
	dir := filepath.Join(t.TempDir(), "set")
	w, err := samples.NewWriter(shard.WriterOptions{Dir: dir, Name: "set"}, schema)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 21 {
		mask := slices.Repeat([]byte{byte(i % 4), 255}, 48)
		if err := w.Add(samples.Sample{{Shape: []int{8, 12, 1}, Data: slices.Repeat([]byte{byte(i)}, 96)}, {Shape: []int{8, 12}, Data: mask}}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	model, err := NewModel(f.Model)
	if err != nil {
		t.Fatal(err)
	}
	model.Params().Initialize(1)
	got, err := Evaluate(model, f, dir, 2)
	if err != nil {
		t.Fatal(err)
	}
	counted := 0.0
	for _, c := range got.Whole[0].(*measure.Confusion).Classes() {
		counted += c.Is
	}
	if got.Targets != 21*96 || counted != 21*48 || got.Figures[0].Name != "mean IoU" {
		t.Errorf("%+v, %v pixels counted", got, counted)
	}
}
