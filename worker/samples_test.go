package worker

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/data/shard"
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
			if err := rows.fill(rec, step, laneRange{0, 8}); err != nil {
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
		{func(s *samples.Schema) { s.Parts[0].Shape[0] = samples.Varies }, 3, "seed=1", "the network reads one size; cut them anew with --square 28"},
	} {
		f := imageFile(t, "lenet5", "model.classes=4", c.set)
		if _, err := OpenData(f, storedSet(t, c.n, 28, c.change)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want one with %q", err, c.want)
		}
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
	if err := feed.fill(rec, 0, laneRange{0, 8}); err == nil || !strings.Contains(err.Error(), "step 0: sample 2: class: class 2, and the network tells 2 apart (model.classes)") {
		t.Errorf("a class out of range: %v", err)
	}
}
