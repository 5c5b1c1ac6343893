package tensor_test

import (
	"fmt"

	"github.com/rondo-ml/rondo/tensor"
)

// A linear layer: y = x W^T + b, with PyTorch's weight [out, in], and the gradients of all three.
func Example() {
	pool := tensor.NewPool(2)
	defer pool.Close()
	x := tensor.Of([]float32{1, 2, 3, 4, 5, 6}, 2, 3)
	w := tensor.Of([]float32{1, 0, -1, 2, 1, 0}, 2, 3)
	bias := []float32{10, 20}

	var forward, backward tensor.Panels // packed once for each new w
	forward.PackTransposed(pool, w)
	backward.Pack(pool, w)

	y := tensor.NewMatrix(2, 2)
	tensor.BroadcastRows(y, bias)
	pool.MatMulAdd(y, x, &forward)
	fmt.Println("y ", y.Data)

	dy := tensor.Of([]float32{1, 0, 0, 1}, 2, 2)
	dx, dw, db := tensor.NewMatrix(2, 3), tensor.NewMatrix(2, 3), make([]float32, 2)
	pool.MatMulAdd(dx, dy, &backward)
	pool.MatMulTransAdd(dw, tensor.AllRows(dy), tensor.AllRows(x))
	pool.ColumnSumAdd(db, tensor.AllRows(dy))
	fmt.Println("dx", dx.Data)
	fmt.Println("dw", dw.Data)
	fmt.Println("db", db)
	// Output:
	// y  [8 24 8 33]
	// dx [1 0 -1 2 1 0]
	// dw [1 2 3 4 5 6]
	// db [1 1]
}

// The rows of lane 1 in a time-major activation of 3 steps, 2 lanes and 1 row each.
func ExampleBlocks() {
	activation := tensor.Of([]float32{0, 10, 1, 11, 2, 12}, 6, 1)
	lane := tensor.Blocks{M: activation, First: 1, Count: 3, Rows: 1, Step: 2}
	sum := make([]float32, 1)
	var pool *tensor.Pool // of one
	pool.ColumnSumAdd(sum, lane)
	fmt.Println(sum)
	// Output: [33]
}

func ExamplePool_For() {
	pool := tensor.NewPool(4)
	defer pool.Close()
	x := make([]float32, 6)
	pool.For(len(x), 1, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			x[i] = float32(i * i)
		}
	})
	fmt.Println(x)
	// Output: [0 1 4 9 16 25]
}

// The same place gives the same value, whenever and wherever it is asked for.
func ExampleUniform() {
	key := [2]uint32{1, 0} // a seed
	fmt.Println(tensor.Uniform(key, [4]uint32{0, 7}) == tensor.Uniform(key, [4]uint32{0, 7}))
	fmt.Println(tensor.Uniform(key, [4]uint32{0, 7}) == tensor.Uniform(key, [4]uint32{1, 7}))
	// Output:
	// true
	// false
}

// One rounding: the product alone would lose its last bit.
func ExampleFMA32() {
	const x = 1 + 0x1p-12
	fmt.Println(tensor.FMA32(x, x, -1-0x1p-11) == 0x1p-24)
	// Output: true
}

func ExampleSigmoid() {
	x := []float32{-1, 0, 1}
	tensor.Sigmoid(x, x)
	fmt.Printf("%.4f\n", x)
	// Output: [0.2689 0.5000 0.7311]
}
