package worker

import (
	"runtime"
	"testing"

	"github.com/rondo-ml/rondo/allreduce"
	"github.com/rondo-ml/rondo/data/shard"
)

// BenchmarkStep is a whole training step of one worker with 8 lanes: rows,
// forward, backward, fold, clip, Adam. It reports characters per second and
// GFLOP/s, counting 6 operations for each weight of a matrix and character.
func BenchmarkStep(b *testing.B) {
	for _, c := range []struct{ cell, hidden, batch string }{
		{"lstm", "256", "64"}, {"lstm", "512", "32"}, {"gru", "512", "32"}, {"mlstm", "512", "32"},
	} {
		b.Run(c.cell+"-"+c.hidden+"x"+c.batch, func(b *testing.B) {
			f := smallFile(b, "model.cell="+c.cell, "model.hidden="+c.hidden, "model.embed=64", "model.layers=1", "model.dropout=0",
				"batch.global="+c.batch, "batch.length=64", "data.valid=")
			train, err := shard.Open(f.Data.Train)
			if err != nil {
				b.Fatal(err)
			}
			view, _ := allreduce.EvenView(1, f.Batch.Lanes, 1)
			group, err := allreduce.NewGroup(view, 0, nil, nil)
			if err != nil {
				b.Fatal(err)
			}
			defer group.Close()
			tr, err := newTrainer(Config{File: f, Threads: runtime.GOMAXPROCS(0), Passes: 1}, laneRange{0, f.Batch.Lanes}, train, nil)
			if err != nil {
				b.Fatal(err)
			}
			defer tr.close()
			tr.params.Initialize(1)
			b.ReportAllocs()
			step := uint64(0)
			for b.Loop() {
				if _, err := tr.step(group, step, noAction); err != nil {
					b.Fatal(err)
				}
				step++
			}
			chars := float64(f.Batch.Global*f.Batch.Length) * float64(b.N) / b.Elapsed().Seconds()
			b.ReportMetric(chars, "chars/s")
			b.ReportMetric(operations(tr.params, 1)*chars/1e9, "GFLOP/s")
			b.ReportMetric(0, "ns/op")
		})
	}
}
