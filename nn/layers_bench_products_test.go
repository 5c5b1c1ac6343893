package nn

// productBenches are products and modules of them.
func productBenches() []layerBench {
	two := func(name string, f func(t *Tape, a, b *Node) *Node) layerBench {
		row := benchOf(name, 16, 28, 28, 128, nil)
		row.build = func(ps *Params) func(*Tape, *States) *Node {
			ps.Add("input", ConstantInit(0), 1)
			return func(t *Tape, _ *States) *Node {
				return f(t, newBenchInput(t, ps, 28, 28, 128), newBenchInput(t, ps, 28, 28, 128))
			}
		}
		return row
	}
	return []layerBench{
		two("mul-16x28x28x128", func(t *Tape, a, b *Node) *Node { return t.Mul("op", a, b) }),
		two("weightedadd-16x28x28x128", func(t *Tape, a, b *Node) *Node { return t.WeightedAdd("op", []float32{0.3, 0.7}, a, b) }),
		benchPlain("scale-16x28x28x128", 16, 28, 28, 128, func(t *Tape, x *Node) *Node { return t.Scale("op", x, 0.3) }),
		benchOf("layerscale-16x28x28x192", 16, 28, 28, 192, func(ps *Params) func(*Tape, *Node) *Node {
			return NewLayerScale(ps, "op", 1, 192, 1, 1).Forward
		}),
		benchOf("squeeze-16x28x28x128", 16, 28, 28, 128, func(ps *Params) func(*Tape, *Node) *Node {
			return NewSqueezeExcitation(ps, "op", 128, 32, (*Tape).SiLU, nil).Forward
		}),
	}
}
