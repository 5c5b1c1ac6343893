package worker

import (
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/data/shard"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/zoo"
)

// Sets that anybody may have written: what does not fit is an error with the sample and the part, and what is only empty is
// trained on. Nothing panics, whether it is read at once or ahead.
func TestHostileSets(t *testing.T) {
	varies := func(name string, e samples.Element, dims int) samples.Part {
		p := samples.Part{Name: name, Element: e, Shape: []int{}}
		for range dims {
			p.Shape = append(p.Shape, samples.Varies)
		}
		return p
	}
	class := samples.Part{Name: "class", Element: samples.Int32, Shape: []int{}}
	image := samples.Part{Name: "image", Element: samples.Uint8, Shape: []int{samples.Varies, samples.Varies, 1}}
	pixels := func(h, w int) samples.Value { return samples.Value{Shape: []int{h, w, 1}, Data: make([]byte, h*w)} }
	mask := func(h, w int) samples.Value { return samples.Value{Shape: []int{h, w}, Data: make([]byte, h*w)} }
	one := samples.Class(1)
	numbers := func(shape []int, x ...float32) samples.Value {
		return samples.Value{Shape: shape, Data: samples.Float32s(x).Data}
	}
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	sounds := []samples.Part{varies("sound", samples.Int16, 1), class}
	frames := []samples.Part{{Name: "frames", Element: samples.Float32, Shape: []int{samples.Varies, 2}}, class}
	tags := []samples.Part{varies("text", samples.UTF8, 1), varies("transcript", samples.Int32, 1)}
	masks := []samples.Part{image, varies("mask", samples.Uint8, 2)}
	sequence, crop := "sequence-classifier model.features=2 batch.length=4", "data.augment=random-resized-crop 28"
	for _, c := range []struct {
		about, sets string
		more        string // a setting with spaces
		parts       []samples.Part
		sample      samples.Sample
		want        string // empty: it is read
	}{
		{"a picture without pixels", "lenet5", crop, []samples.Part{image, class}, samples.Sample{pixels(0, 9), one}, "sample 0: image: "},
		{"a picture of one pixel", "lenet5", crop, []samples.Part{image, class}, samples.Sample{pixels(1, 1), one}, ""},
		{"a class beyond", "lenet5", crop, []samples.Part{image, class}, samples.Sample{pixels(30, 30), samples.Class(4)}, "sample 0: class: class 4, and the network tells 4 apart"},
		{"a class below", "lenet5", crop, []samples.Part{image, class}, samples.Sample{pixels(30, 30), samples.Class(-1)}, "sample 0: class: class -1"},
		{"a mask of another size", "fcn model.height=32 model.width=32 model.channels=1", "data.augment=random-resized-crop 32", masks, samples.Sample{pixels(40, 40), mask(40, 39)}, "a mask of 40x39"},
		{"a mask without pixels", "fcn model.height=32 model.width=32 model.channels=1", "data.augment=random-resized-crop 32", masks, samples.Sample{pixels(40, 40), mask(0, 0)}, "a mask of 0x0"},
		{"a sound of no length", "sound-classifier", "", sounds, samples.Sample{{Shape: []int{0}}, one}, ""},
		{"a sound of no length, changed", "sound-classifier", "data.augment=speed 0.9..1.1, shift 0.1, gain 3", sounds, samples.Sample{{Shape: []int{0}}, one}, ""},
		{"a sound that is NaN, changed", "sound-classifier", "data.augment=speed 0.9..1.1, gain 3", []samples.Part{{Name: "sound", Element: samples.Float32, Shape: []int{samples.Varies}, Rate: 8000}, class}, samples.Sample{numbers([]int{2}, 0, nan), one}, "sample 0: sound: a number is NaN"},
		{"a text of no length", "text-classifier batch.length=4", "", []samples.Part{varies("text", samples.UTF8, 1), class}, samples.Sample{samples.Text(""), one}, ""},
		{"a sequence of no length", sequence, "", frames, samples.Sample{numbers([]int{0, 2}), one}, ""},
		{"NaN", sequence, "", frames, samples.Sample{numbers([]int{1, 2}, 1, nan), one}, "sample 0: frames: a number is NaN"},
		{"infinity beyond the room", sequence, "", frames, samples.Sample{numbers([]int{5, 2}, 0, 0, 0, 0, 0, 0, 0, 0, 0, inf), one}, "sample 0: frames: a number is +Inf"},
		{"a transcript longer than its text", "tagger batch.length=4", "", tags, samples.Sample{samples.Text("ab"), samples.Classes([]int32{1, 1, 2, 0, 1})}, "sample 0: transcript: "},
		{"a symbol beyond", "tagger batch.length=4", "", tags, samples.Sample{samples.Text("abcd"), samples.Classes([]int32{3})}, "symbol 3, and the network tells 3 and a blank apart"},
		{"a symbol below", "tagger batch.length=4", "", tags, samples.Sample{samples.Text("abcd"), samples.Classes([]int32{-1})}, "symbol -1"},
		{"an empty transcript", "tagger batch.length=4", "", tags, samples.Sample{samples.Text(""), samples.Classes(nil)}, ""},
	} {
		sets := []string{"model.classes=4", "batch.global=4", "batch.lanes=2", "checkpoint.dir=" + t.TempDir(), "data.train=d"}
		for i, s := range strings.Fields(c.sets) {
			if i == 0 {
				s = "model.kind=" + s
			}
			sets = append(sets, s)
		}
		if c.more != "" {
			sets = append(sets, c.more)
		}
		err := readTwice(t, sets, samples.Schema{Parts: c.parts}, c.sample)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.about, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: error %v, want one with %q", c.about, err, c.want)
		}
	}
}

// readTwice writes a set of four times the sample, reads a step of it, and computes on that forward and backward; then it
// does the same with the step that was read ahead.
func readTwice(t *testing.T, sets []string, schema samples.Schema, sample samples.Sample) (err error) {
	t.Helper()
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("it panics: %v", v)
		}
	}()
	f, err := runfile.Parse("hostile.yaml", nil, sets)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "set")
	w, err := samples.NewWriter(shard.WriterOptions{Dir: dir, Name: "set"}, schema)
	if err != nil {
		t.Fatal(err)
	}
	for range 4 {
		if err := w.Add(sample); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	data, err := OpenData(f, dir)
	if err != nil {
		return err
	}
	feed, err := data.feed(f, nil, true)
	if err != nil {
		return err
	}
	defer feed.close()
	model, err := describeModel(f.Model)
	if err != nil {
		return err
	}
	ps := model.Params()
	ps.Allocate()
	ps.AllocateGrads(2)
	ps.Initialize(1)
	tape := nn.NewTape(ps, nil, nn.Shape{Steps: f.RowLength(), Lanes: 2, Rows: 2}, nn.Training, 1)
	rec := zoo.Record(model, f.Task.New(), tape, nil)
	tape.Plan()
	for step := range 2 {
		if err := feed.fill(rec, step, laneRange{0, 2}); err != nil {
			return strip(err)
		}
		for _, loss := range rec.Losses {
			if loss.TotalFromData() {
				loss.Total = 4
			}
		}
		tape.Begin(uint64(step), 0, 0)
		tape.Forward()
		tape.Backward(nil)
		for _, g := range ps.LaneGrads(0) {
			if g-g != 0 {
				return fmt.Errorf("a gradient is %v", g)
			}
		}
	}
	return nil
}

// strip leaves out which of the four, all alike, was met first.
func strip(err error) error {
	text := err.Error()
	for i := range 4 {
		text = strings.ReplaceAll(text, fmt.Sprintf("sample %d: ", i), "sample 0: ")
	}
	return fmt.Errorf("%s", text)
}
