package probe_test

import (
	"context"
	"fmt"

	"github.com/rondo-ml/rondo/nn/probe"
	"github.com/rondo-ml/rondo/tensor"
)

// The second unit knows the label.
func ExampleRun() {
	x := tensor.Of([]float32{
		0.3, -1, 0.1, 1, 0.2, -0.8, 0.4, 0.7, 0.1, -0.9,
		0.3, 1.1, 0.2, -1.2, 0.3, 0.9, 0.4, -0.7, 0.1, 1.2,
	}, 10, 2)
	s := probe.Set{X: probe.Dense{Matrix: x}, Positive: []bool{false, true, false, true, false, true, false, true, false, true}}
	r, err := probe.Run(context.Background(), nil, probe.Sets{Train: &s}, probe.Asks{Unit: -1})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("unit %d, above %.2f: %.0f %% right\n", r.ByRule.Rule.Unit, r.ByRule.Rule.Threshold, 100*r.ByRule.Scores.Train)
	// Output: unit 1, above 0.00: 100 % right
}
