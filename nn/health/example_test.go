package health_test

import (
	"fmt"

	"github.com/rondo-ml/rondo/nn/health"
)

func ExampleJudge() {
	var weights, update health.Tally
	weights.Add([]float32{0.3, -0.4})
	update.Add([]float32{0.03, -0.04})
	s := health.Unknown()
	s.Ratio = health.Ratio(update.Norm(), weights.Norm())
	fmt.Println(health.Judge(s).Text)
	// Output: a step changes its weights by 10^-1.0 of their size, where 10^-3 is usual: the learning rate may be too high
}
