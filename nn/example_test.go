package nn_test

import (
	"fmt"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/optim"
	"github.com/rondo-ml/rondo/tensor"
)

// A network that learns what follows each of four symbols. The tape is recorded
// and planned once, then replayed.
func Example() {
	params := nn.NewParams()
	encoder := nn.NewEmbedding(params, "encoder", 4, 8)
	decoder := nn.NewLinear(params, "decoder", 8, 4, true)
	params.Allocate()
	params.AllocateGrads(1)
	params.Initialize(1)

	shape := nn.Shape{Steps: 4, Lanes: 1, Rows: 1}
	tokens, targets := nn.NewTokens(shape, 4), nn.NewTargets(shape.Layout())
	copy(tokens.Input, []int32{0, 1, 2, 3})
	copy(targets.Target, []int32{2, 3, 1, 0})
	targets.Count = 4
	pool := tensor.NewPool(1)
	defer pool.Close()
	tape := nn.NewTape(params, pool, shape, nn.Training, 1)
	loss := tape.CrossEntropy("loss", decoder.Forward(tape, encoder.Forward(tape, tokens)), targets)
	tape.Plan()

	schedule := optim.Schedule{Kind: "linear", Peak: 0.1, Steps: 10}
	adam := optim.NewAdam(optim.Whole(params.Size()), optim.AdamConfig{Beta1: 0.9, Beta2: 0.999, Eps: 1e-8})
	for step := range uint64(10) {
		tape.Begin(step, 0, 0)
		tape.Forward()
		tape.Backward(nil)
		if step%3 == 0 {
			fmt.Printf("step %d: %.3f bits per symbol\n", step, nn.BitsPerTarget(loss.LaneSum[0], 4))
		}
		adam.Step(pool, params.Values, params.LaneGrads(0), schedule.LR(step), step)
		params.Changed()
	}
	// Output:
	// step 0: 2.028 bits per symbol
	// step 3: 1.263 bits per symbol
	// step 6: 0.556 bits per symbol
	// step 9: 0.288 bits per symbol
}
