package nn

// normBenches are norms that know no batch.
func normBenches() []layerBench {
	group := func(name string, groups, h, c int) layerBench {
		return benchOf(name, 16, h, h, c, func(ps *Params) func(*Tape, *Node) *Node {
			return NewGroupNorm(ps, "op", groups, c, true).Forward
		})
	}
	layer := func(name string, rows, h, c int) layerBench {
		return benchOf(name, rows, h, h, c, func(ps *Params) func(*Tape, *Node) *Node {
			return NewLayerNorm(ps, "op", c, true).Forward
		})
	}
	return []layerBench{
		layer("layernorm-2048x768", 2048, 0, 768),
		layer("layernorm-16x56x56x96", 16, 56, 96),
		layer("layernorm-16x14x14x384", 16, 14, 384),
		benchOf("rmsnorm-2048x768", 2048, 0, 0, 768, func(ps *Params) func(*Tape, *Node) *Node {
			return NewRMSNorm(ps, "op", 768).Forward
		}),
		group("groupnorm32-16x56x56x64", 32, 56, 64),
		group("groupnorm32-16x14x14x256", 32, 14, 256),
		group("instancenorm-16x28x28x128", 128, 28, 128),
		benchPlain("localresponse-16x27x27x256", 16, 27, 27, 256, NewLocalResponseNorm("op", 5).Forward),
		benchOf("groupnorm32-relu-16x56x56x64", 16, 56, 56, 64, func(ps *Params) func(*Tape, *Node) *Node {
			n := NewGroupNorm(ps, "op", 32, 64, true)
			return func(t *Tape, x *Node) *Node { return t.ReLU("relu", n.Forward(t, x)) }
		}),
	}
}
