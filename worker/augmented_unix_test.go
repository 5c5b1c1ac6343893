//go:build unix

package worker

import (
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/data/shard"
	"github.com/rondo-ml/rondo/nn"
)

// BenchmarkAugmentedStep trains ResNet-18 at 64 pixels, batch 32, on a stored set of 64 pixels as it is, and on one of
// 80 pixels whose pictures are changed, a few steps each in turns. It reports the processor time of a step of the
// first, what steps of the second take beyond that, how much of theirs it is to read the same batches alone, and how
// much of their time they wait for data. The sets are made up, or those of PICTURES_64 and PICTURES_80, directories
// of 10 classes.
func BenchmarkAugmentedStep(b *testing.B) {
	for _, augment := range []string{
		"random-resized-crop 64, flip",
		"random-resized-crop 64, flip, color 0.4 0.4 0.4",
		"random-resized-crop 64, flip, color 0.4 0.4 0.4 0.1",
	} {
		b.Run(augment, func(b *testing.B) {
			plain, changed := newAugmentedRun(b, 64, ""), newAugmentedRun(b, 80, augment)
			for b.Loop() {
				for range 4 {
					plain.next(b)
				}
				for range 4 {
					changed.next(b)
				}
				changed.readAlone(b)
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(1e3*plain.processor.Seconds()/float64(4*b.N), "ms/step")
			b.ReportMetric(100*(changed.processor.Seconds()/plain.processor.Seconds()-1), "%beyond")
			b.ReportMetric(100*changed.reading.Seconds()/changed.processor.Seconds(), "%reading")
			b.ReportMetric(100*changed.data.Seconds()/changed.total.Seconds(), "%waiting")
		})
	}
}

type augmentedRun struct {
	step  func(step uint64) (stepResult, error)
	read  func(step int) error // reads the batch of a step, and nothing else
	steps uint64

	processor, reading time.Duration // of the processor
	data, total        time.Duration // by the clock
}

func newAugmentedRun(b *testing.B, side int, augment string) *augmentedRun {
	f := imageFile(b, "resnet18", "model.classes=10", "model.image=64", "batch.global=32", "batch.lanes=4", "optimizer.clip=0",
		"data.train="+pictures(b, side), "data.valid=", "data.augment="+augment)
	data, err := OpenData(f, f.Data.Train)
	if err != nil {
		b.Fatal(err)
	}
	group := aloneGroup(b, f)
	tr, err := newTrainer(Config{File: f, Threads: runtime.GOMAXPROCS(0), Passes: 1}, laneRange{0, f.Batch.Lanes}, data, nil)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(tr.close)
	tr.params.Initialize(1)
	rows, lanes := newSampleRows(data, f, nil, true), tr.passes[0]
	rec := tr.network.forLanes(lanes.count()).Recording
	r := &augmentedRun{
		step: func(step uint64) (stepResult, error) { return tr.step(group, step, wish{}) },
		read: func(step int) error { return rows.read(rec.Parts(), step, lanes, nil) },
	}
	r.next(b) // touches all memory
	r.processor, r.data, r.total = 0, 0, 0
	return r
}

func (r *augmentedRun) next(b *testing.B) {
	began := processorTime(b)
	got, err := r.step(r.steps)
	if err != nil {
		b.Fatal(err)
	}
	r.steps++
	r.processor += processorTime(b) - began
	r.data += got.time.data
	r.total += got.time.total
}

// readAlone reads the batches of the last four steps once more.
func (r *augmentedRun) readAlone(b *testing.B) {
	began := processorTime(b)
	for i := range 4 {
		if err := r.read(int(r.steps) - 4 + i); err != nil {
			b.Fatal(err)
		}
	}
	r.reading += processorTime(b) - began
}

// processorTime is that of this process.
func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// pictures is the directory of a set of colored pictures of side x side pixels.
func pictures(b *testing.B, side int) string {
	if dir := os.Getenv(map[int]string{64: "PICTURES_64", 80: "PICTURES_80"}[side]); dir != "" {
		return dir
	}
	dir, shape := filepath.Join(b.TempDir(), "set"), []int{side, side, 3}
	w, err := samples.NewWriter(shard.WriterOptions{Dir: dir, Name: "set"}, samples.Schema{Parts: []samples.Part{
		{Name: "image", Element: samples.Uint8, Shape: shape},
		{Name: "class", Element: samples.Int32, Shape: []int{}, Classes: []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"}},
	}})
	if err != nil {
		b.Fatal(err)
	}
	for i := range 256 {
		pixels := make([]float32, side*side*3)
		nn.Stream{Seed: 1, Lane: uint32(i)}.Uniform(pixels, 0, 256)
		data := make([]byte, len(pixels))
		for at, v := range pixels {
			data[at] = byte(v)
		}
		if err := w.Add(samples.Sample{samples.Value{Shape: shape, Data: data}, samples.Class(i % 10)}); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := w.Commit(); err != nil {
		b.Fatal(err)
	}
	return dir
}
