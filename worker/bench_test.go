package worker

import (
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/zoo"
	"github.com/rondo-ml/rondo/tensor"
)

// BenchmarkStep is a whole training step of one worker: rows, forward,
// backward, fold, clip, Adam. It reports bytes per second and GFLOP/s,
// counting 6 operations for each weight of a matrix and byte, also as a
// share of what all cores together do out of registers alone. Lanes are 8 where
// the name does not say otherwise. The last one is the size of Radford et al.
// (2017): it takes minutes and some 6 GiB, so -short leaves it out.
func BenchmarkStep(b *testing.B) {
	for _, c := range []struct{ name, cell, hidden, batch, lanes, precision string }{
		{"lstm-256x64", "lstm", "256", "64", "8", "float32"},
		{"lstm-512x32", "lstm", "512", "32", "8", "float32"},
		{"lstm-1024x64", "lstm", "1024", "64", "8", "float32"},
		{"lstm-1024x64-one-lane", "lstm", "1024", "64", "1", "float32"},
		{"lstm-1024x64-bf16", "lstm", "1024", "64", "8", "bf16"},
		{"gru-512x32", "gru", "512", "32", "8", "float32"},
		{"mlstm-512x32", "mlstm", "512", "32", "8", "float32"},
		{"mlstm-1024x32", "mlstm", "1024", "32", "8", "float32"},
		{"mlstm-4096x32", "mlstm", "4096", "32", "8", "float32"},
	} {
		b.Run(c.name, func(b *testing.B) {
			if c.hidden == "4096" && testing.Short() {
				b.SkipNow()
			}
			benchmarkStep(b, "model.cell="+c.cell, "model.hidden="+c.hidden, "model.embed=64", "model.layers=1", "model.dropout=0",
				"batch.global="+c.batch, "batch.length=64", "batch.lanes="+c.lanes, "precision="+c.precision, "data.valid=")
		})
	}
}

func benchmarkStep(b *testing.B, sets ...string) {
	f := smallFile(b, sets...)
	rate, params := stepRate(b, f)
	bytes := rate * float64(f.Batch.Global*f.Batch.Length)
	speed := operations(params, 1) * bytes
	b.ReportMetric(bytes, "bytes/s")
	b.ReportMetric(speed/1e9, "GFLOP/s")
	b.ReportMetric(100*speed/ceilingSpeed(runtime.GOMAXPROCS(0)), "%ceiling")
}

// BenchmarkImageStep is a whole training step of one worker on generated images
// with SGD and momentum, in images per second and GFLOP/s of convolutions and
// products, three times those of forward. Lanes are 1 where the name does not
// say otherwise.
func BenchmarkImageStep(b *testing.B) {
	for _, c := range []struct{ name, kind, classes, image, batch, lanes, convolution string }{
		{"lenet5", "lenet5", "10", "28", "128", "1", "direct"},
		{"lenet5-lanes8", "lenet5", "10", "28", "128", "8", "direct"},
		{"resnet18", "resnet18", "1000", "64", "32", "1", "direct"},
		{"resnet18-winograd", "resnet18", "1000", "64", "32", "1", "winograd"},
		{"resnet18-lanes4", "resnet18", "1000", "64", "32", "4", "direct"},
		{"resnet18-lanes4-winograd", "resnet18", "1000", "64", "32", "4", "winograd"},
		{"mobilenetv2", "mobilenetv2", "1000", "128", "16", "1", "direct"},
		{"mobilenetv2-lanes4", "mobilenetv2", "1000", "128", "16", "4", "direct"},
	} {
		b.Run(c.name, func(b *testing.B) {
			f := imageFile(b, c.kind, "model.classes="+c.classes, "model.image="+c.image, "batch.global="+c.batch,
				"batch.lanes="+c.lanes, "convolution="+c.convolution, "optimizer.clip=0", "data.train=generated:train?count=1024")
			model, err := describeModel(f.Model)
			if err != nil {
				b.Fatal(err)
			}
			tape := nn.NewTape(model.Params(), nil, nn.Shape{Steps: 1, Lanes: 1, Rows: f.Batch.Global}, nn.Inference, 0)
			zoo.Record(model, f.Task.New(), tape, nil)
			rate, _ := stepRate(b, f)
			speed := 3 * rate * float64(tape.Operations())
			b.ReportMetric(rate*float64(f.Batch.Global), "img/s")
			b.ReportMetric(speed/1e9, "GFLOP/s")
			b.ReportMetric(100*speed/ceilingSpeed(runtime.GOMAXPROCS(0)), "%ceiling")
		})
	}
}

// stepRate takes steps of the run file with all lanes on one worker and returns
// how many a second, and the parameters.
func stepRate(b *testing.B, f *runfile.File) (rate float64, params *nn.Params) {
	train, err := OpenData(f, f.Data.Train)
	if err != nil {
		b.Fatal(err)
	}
	group := aloneGroup(b, f)
	threads := runtime.GOMAXPROCS(0)
	tr, err := newTrainer(Config{File: f, Threads: threads, Passes: 1}, laneRange{0, f.Batch.Lanes}, train, nil)
	if err != nil {
		b.Fatal(err)
	}
	defer tr.close()
	tr.params.Initialize(1)
	step := uint64(0)
	next := func() {
		if _, err := tr.step(group, step, wish{}); err != nil {
			b.Fatal(err)
		}
		step++
	}
	next() // touches all memory
	b.ReportAllocs()
	for b.Loop() {
		next()
	}
	b.ReportMetric(0, "ns/op")
	return float64(b.N) / b.Elapsed().Seconds(), tr.params
}

// ceilingSpeed is the operations a second of the register-only loop on so many
// threads at once, the best of a few rounds.
func ceilingSpeed(threads int) float64 {
	best := 0.0
	for range 10 {
		var all sync.WaitGroup
		began := time.Now()
		for range threads {
			all.Go(func() { tensor.Ceiling(2e9) })
		}
		all.Wait()
		best = max(best, 2e9*float64(threads)/time.Since(began).Seconds())
	}
	return best
}

// operations are 6 for each weight of a matrix and target: forward, the gradient of the input and that of the weight are a
// multiply-add each. The embedding is looked up, not multiplied.
func operations(ps *nn.Params, targets int) float64 {
	weights := 0
	for _, p := range ps.List {
		if len(p.Shape) == 2 && p.Name != "encoder.weight" {
			weights += p.Size()
		}
	}
	return 6 * float64(weights) * float64(targets)
}
