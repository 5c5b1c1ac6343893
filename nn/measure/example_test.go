package measure_test

import (
	"fmt"

	"github.com/rondo-ml/rondo/nn/measure"
)

// Two lanes count pictures of three classes, and everybody merges what they have.
func Example() {
	lanes := []*measure.PerClass{measure.NewPerClass(3), measure.NewPerClass(3)}
	for i, s := range []struct {
		logits []float32
		class  int32
	}{
		{[]float32{2, 1, 0}, 0}, {[]float32{0, 1, 3}, 1}, {[]float32{0, 4, 0}, 1}, {[]float32{1, 0, 2}, 2},
	} {
		lanes[i%2].Add(s.class, int32(measure.ArgMax(s.logits)))
	}

	whole := measure.NewPerClass(3)
	for _, lane := range lanes {
		whole.Merge(lane.Vector())
	}
	classes := whole.Classes()
	fmt.Printf("accuracy %.2f, mean IoU %.2f\n", measure.Accuracy(classes), measure.Mean(classes, measure.Class.IoU))
	for c, class := range classes {
		fmt.Printf("class %d: recall %.2f, precision %.2f\n", c, class.Recall(), class.Precision())
	}
	// Output:
	// accuracy 0.75, mean IoU 0.67
	// class 0: recall 1.00, precision 1.00
	// class 1: recall 0.50, precision 1.00
	// class 2: recall 1.00, precision 0.50
}
