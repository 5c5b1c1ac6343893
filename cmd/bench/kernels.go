package bench

import (
	"fmt"
	"slices"

	"github.com/rondo-ml/rondo/tensor"
)

// Case is a kernel with operands of one shape. Make returns the work of a call for a pool; a kernel that moves
// bytes is bound by memory, any other by the ceiling.
type Case struct {
	Name  string
	Shape string
	Make  func(pool *tensor.Pool) Work
}

// Kernel is what a case reached.
type Kernel struct {
	Name   string `json:"name"`
	Shape  string `json:"shape"`
	Bound  string `json:"bound"`            // "compute" or "memory": what share is of
	GFLOPS *Pair  `json:"gflops,omitempty"` // where bound is compute
	GBytes *Pair  `json:"gbytes,omitempty"` // GB/s, where bound is memory
	Share  Pair   `json:"share"`            // of the ceiling, or of memory's update bandwidth
}

// Kernel measures a case against the machine's ceiling or memory.
func (m Meter) Kernel(c Case, machine Machine) Kernel {
	moves := false
	one, all := m.on(func(pool *tensor.Pool) Work {
		w := c.Make(pool)
		moves = w.Bytes > 0
		return w
	})
	k := Kernel{Name: c.Name, Shape: c.Shape}
	if moves {
		k.Bound, k.GBytes = "memory", &Pair{one.gbytes, all.gbytes}
		k.Share = k.GBytes.over(machine.Memory.Update)
	} else {
		k.Bound, k.GFLOPS = "compute", &Pair{one.gflops, all.gflops}
		k.Share = k.GFLOPS.over(machine.Ceiling)
	}
	return k
}

// over is the share of a pair in another.
func (p Pair) over(of Pair) Pair { return Pair{p.One / of.One, p.All / of.All} }

// Kernels are the cases of `rondo bench`: the shapes of an LSTM of 512 units with 32 rows and 64 time steps in
// lanes of 4 rows, a large square product, convolutions, and what runs over whole slices.
func Kernels() []Case {
	dense := []Case{
		{"tile in cache", "k 256", func(pool *tensor.Pool) Work { return each(pool, tile) }},
		product("matrix product", 1024, 1024, 1024),
		product("recurrent step", 32, 512, 2048),
		product("input product", 2048, 64, 2048),
		gradient("weight gradient, a lane", 64, 4, 512, 2048),
		gradient("weight gradient, one block", 1, 1024, 1024, 1024),
	}
	return slices.Concat(dense, convolutions(), []Case{
		function("exp", tensor.Exp),
		function("sigmoid", tensor.Sigmoid),
		function("tanh", tensor.Tanh),
		{"add", "x = x + y", func(pool *tensor.Pool) Work {
			return far(pool, 2, 3, func(x [][]float32) { tensor.Add(x[0], x[0], x[1]) })
		}},
		{"Adam step", "p, m, v of g", func(pool *tensor.Pool) Work {
			c := tensor.NewAdamCoeffs(10, 1e-3, 0.9, 0.999, 1e-8, 0)
			return far(pool, 4, 7, func(x [][]float32) { tensor.AdamStep(x[0], x[1], x[2], x[3], c) })
		}},
	})
}

// tile is many tiles in a row: one takes less than waking a goroutine does.
func tile() Work {
	const tiles = 512
	run, flops := tensor.TileInCache()
	return Work{Flops: tiles * float64(flops), Run: func() {
		for range tiles {
			run()
		}
	}}
}

// product is c [m x n] += a [m x k] * b [k x n], b packed before.
func product(name string, m, k, n int) Case {
	return Case{name, fmt.Sprintf("%dx%d * %dx%d", m, k, k, n), func(pool *tensor.Pool) Work {
		c, a := tensor.NewMatrix(m, n), filled(m, k)
		var b tensor.Panels
		b.Pack(pool, filled(k, n))
		return Work{Flops: 2 * float64(m) * float64(k) * float64(n), Run: func() { pool.MatMulAdd(c, a, &b) }}
	}}
}

// gradient is c [m x n] += the sum over count blocks of rows of a^T [m x rows] * b [rows x n].
func gradient(name string, count, rows, m, n int) Case {
	return Case{name, fmt.Sprintf("(%d*%d)x%d^T * x%d", count, rows, m, n), func(pool *tensor.Pool) Work {
		step := 8 * rows // as if there were eight lanes
		if count == 1 {
			step = rows
		}
		blocks := func(cols int) tensor.Blocks {
			return tensor.Blocks{M: filled(step*count, cols), Count: count, Rows: rows, Step: step}
		}
		c, a, b := tensor.NewMatrix(m, n), blocks(m), blocks(n)
		return Work{Flops: 2 * float64(count*rows) * float64(m) * float64(n), Run: func() { pool.MatMulTransAdd(c, a, b) }}
	}}
}

// function is f in place over a slice that no cache holds.
func function(name string, f func(dst, src []float32)) Case {
	return Case{name, "x = " + name + "(x)", func(pool *tensor.Pool) Work {
		return far(pool, 1, 2, func(x [][]float32) { f(x[0], x[0]) })
	}}
}

// filled is a matrix of small numbers, no two rows alike.
func filled(rows, cols int) tensor.Matrix {
	m := tensor.NewMatrix(rows, cols)
	for i := range m.Data {
		m.Data[i] = float32(i*7%31)/32 - 0.46875
	}
	return m
}
