package projection_test

import (
	"fmt"

	"github.com/rondo-ml/rondo/nn/projection"
	"github.com/rondo-ml/rondo/tensor"
)

// Points on a line in three dimensions vary in one direction.
func ExamplePCA() {
	x := tensor.Of([]float32{0, 0, 0, 1, 2, 2, 2, 4, 4, 3, 6, 6}, 4, 3)
	c := projection.PCA(nil, x, 2)
	fmt.Printf("variance %.3f of %.3f\n", c.Variance[0], c.Total)
	fmt.Printf("along    %.3f\n", c.Axes[0])
	for i := range x.Rows {
		fmt.Printf("%.2f ", c.Project(nil, x).Row(i)[0])
	}
	// Output:
	// variance 15.000 of 15.000
	// along    [0.333 0.667 0.667]
	// -4.50 -1.50 1.50 4.50
}
