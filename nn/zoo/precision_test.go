package zoo

import (
	"math"
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

// Training in bfloat16 gets as far as in float32: from the same weights on the same text, the loss over any ten
// steps is within 1 % of PyTorch's reference run.
func TestBF16Losses(t *testing.T) {
	const window = 10
	for _, c := range []struct {
		cell   string
		layers int
	}{{"lstm", 2}, {"gru", 1}, {"mlstm", 1}} {
		t.Run(c.cell, func(t *testing.T) {
			exact, rounded := newRefRun(t, c.cell, c.layers, 4), newRefRun(t, c.cell, c.layers, 4)
			rounded.pool.SetPrecision(tensor.BF16)
			var sum [2]float64
			worst := 0.0
			for step := range refSteps {
				x, _ := exact.step(step)
				y, _ := rounded.step(step)
				sum[0] += x
				sum[1] += y
				if step%window == window-1 {
					off := math.Abs(sum[1]/sum[0] - 1)
					worst = max(worst, off)
					if !(off <= 0.01) {
						t.Errorf("steps to %d: mean loss %v in bfloat16, %v in float32", step, sum[1]/window, sum[0]/window)
					}
					sum = [2]float64{}
				}
			}
			if worst == 0 {
				t.Error("the precision does not show in the loss")
			}
			t.Logf("largest relative deviation of the mean loss of %d steps: %.2g", window, worst)
		})
	}
}
