package zoo

import (
	"testing"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/optim"
	"github.com/rondo-ml/rondo/tensor"
)

// BenchmarkStep is one training step without the ring: 64 rows of 64
// characters, 256 units.
func BenchmarkStep(b *testing.B) {
	for _, cell := range []string{"lstm", "mlstm"} {
		b.Run(cell, func(b *testing.B) {
			m := built(b, CharLM{Cell: cell, Vocab: 256, Hidden: 256, Layers: 1, Embed: 64, WeightNorm: cell == "mlstm"})
			pool := tensor.NewPool(1)
			defer pool.Close()
			shape := nn.Shape{Steps: 64, Lanes: 8, Rows: 8}
			ps := m.Params()
			ps.AllocateGrads(shape.Lanes)
			states := nn.NewStates(shape.Lanes, shape.Rows)
			tape := nn.NewTape(ps, pool, shape, nn.Training, 1)
			text := textRecording(m, tape, states)
			for i := range text.Input {
				text.Input[i], text.Target[i] = int32(i%256), int32(i*7%256)
			}
			text.Count = shape.Total()
			tape.Plan()
			adam := optim.NewAdam(optim.Whole(ps.Size()), optim.AdamConfig{Beta1: 0.9, Beta2: 0.999, Eps: 1e-8})
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				ps.ZeroGrads()
				tape.Begin(uint64(i), 0, 0)
				tape.Forward()
				tape.Backward(nil)
				optim.ClipGlobalNorm(pool, ps.LaneGrads(0), 1)
				adam.Step(pool, ps.Values, ps.LaneGrads(0), 1e-3, uint64(i))
				ps.Changed()
				states.Commit()
			}
			b.ReportMetric(float64(b.N*shape.Total())/b.Elapsed().Seconds(), "bytes/s")
		})
	}
}
