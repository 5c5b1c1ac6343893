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

// soundSet writes n sounds of one value, longer by 10 samples each.
func soundSet(t *testing.T, n int, element samples.Element, value float32) string {
	t.Helper()
	schema := samples.Schema{Parts: []samples.Part{
		{Name: "class", Element: samples.Int32, Shape: []int{}},
		{Name: "sound", Element: element, Shape: []int{samples.Varies}, Rate: 8000},
	}}
	dir := filepath.Join(t.TempDir(), "set")
	w, err := samples.NewWriter(shard.WriterOptions{Dir: dir, Name: "set"}, schema)
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		numbers := make([]float32, 400+10*i)
		for k := range numbers {
			numbers[k] = value
		}
		sound := samples.Float32s(numbers)
		if element == samples.Int16 {
			sound.Data = nil
			for range numbers {
				sound.Data = append(sound.Data, 0, byte(int(value*128)))
			}
		}
		if err := w.Add(samples.Sample{samples.Class(i % 3), sound}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	return dir
}

func soundRun(t *testing.T, sets ...string) *runfile.File {
	t.Helper()
	base := []string{"model.kind=sound-classifier", "model.classes=3", "model.samples=600", "data.train=x", "data.valid=x",
		"batch.global=8", "batch.lanes=4", "data.augment=speed 2"}
	f, err := runfile.Parse("sounds.yaml", nil, append(base, sets...))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// A network that hears other rates than the set has is refused: every band of its spectrogram would be another.
func TestSoundsHaveTheRateOfTheNetwork(t *testing.T) {
	for _, element := range []samples.Element{samples.Int16, samples.Float32} {
		set := soundSet(t, 8, element, 0.5)
		if _, err := OpenData(soundRun(t), set); err != nil {
			t.Errorf("%s: %v", element, err)
		}
		want := "has sounds of 8000 samples a second, and the network hears such of 16000; set model.rate to 8000, or cut the sounds anew with --rate 16000"
		if _, err := OpenData(soundRun(t, "model.rate=16000"), set); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s at another rate: %v", element, err)
		}
	}
}

// The length of a sound is that of what became of it, whatever the order in which the network asks for the two: played
// twice as fast while training, as it is stored otherwise, and never more than there is room for.
func TestLengthsFollowSounds(t *testing.T) {
	const count = 24
	for _, element := range []samples.Element{samples.Int16, samples.Float32} {
		for _, swapped := range []bool{false, true} {
			f := soundRun(t)
			data, err := OpenData(f, soundSet(t, count, element, 0.5))
			if err != nil {
				t.Fatal(err)
			}
			model, err := describeModel(f.Model)
			if err != nil {
				t.Fatal(err)
			}
			tape := nn.NewTape(model.Params(), nil, nn.Shape{Steps: 1, Lanes: f.Batch.Lanes, Rows: f.Batch.LaneRows()}, nn.Training, 0)
			rec := zoo.Record(model, f.Task.New(), tape, nil)
			if parts := rec.Parts(); swapped {
				parts[0], parts[1] = parts[1], parts[0]
				data.binding[0], data.binding[1] = data.binding[1], data.binding[0]
			}
			values, lengths := rec.Part("sound").(*nn.Values), rec.Part("sound.length").(*nn.Lengths)
			for _, training := range []bool{true, false} {
				seen := map[int32]bool{}
				for step := range count / 8 {
					if err := newSampleRows(data, f, nil, training).read(rec.Parts(), step, laneRange{0, 4}, nil); err != nil {
						t.Fatal(err)
					}
					for row, n := range lengths.Of {
						seen[n] = true
						for k, v := range values.Matrix().Row(row) {
							inside := k > 20 && k < int(n)-20 // resampling rings at the ends
							if k >= int(n) && v != 0 || inside && math.Abs(float64(v)-0.5) > 1e-2 {
								t.Fatalf("%s, training %t: value %d of a sound of %d is %v", element, training, k, n, v)
							}
						}
					}
				}
				for i := range count {
					want := int32(400 + 10*i)
					if training {
						want /= 2
					}
					if !seen[min(want, 600)] {
						t.Errorf("%s, swapped %t, training %t: no sound of %d samples, there are %v", element, swapped, training, min(want, 600), seen)
					}
				}
			}
		}
	}
}

// A sound that is no sound is an error with the sample, changed or not.
func TestSoundsThatAreNone(t *testing.T) {
	for _, set := range []string{"data.augment=speed 2", "data.augment="} {
		f := soundRun(t, set)
		data, err := OpenData(f, soundSet(t, 8, samples.Float32, float32(math.Inf(1))))
		if err != nil {
			t.Fatal(err)
		}
		model, err := describeModel(f.Model)
		if err != nil {
			t.Fatal(err)
		}
		tape := nn.NewTape(model.Params(), nil, nn.Shape{Steps: 1, Lanes: 4, Rows: 2}, nn.Training, 0)
		rec := zoo.Record(model, f.Task.New(), tape, nil)
		err = newSampleRows(data, f, nil, true).read(rec.Parts(), 0, laneRange{0, 4}, nil)
		if want := "sound: a number is +Inf"; err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(fmt.Sprint(err), "sample ") {
			t.Errorf("%s: error %v, want one with %q", set, err, want)
		}
	}
}
