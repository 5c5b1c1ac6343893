package nn

// lossBenches are losses, with the softmax or sigmoid that they apply.
func lossBenches() []layerBench {
	of := func(name string, steps, rows, height, width, cols int, end func(t *Tape, x *Node) *Loss) layerBench {
		b := benchPlain(name, rows, height, width, cols, func(t *Tape, x *Node) *Node {
			end(t, x).Total = float64(rows)
			return nil
		})
		b.shape.Steps = steps
		return b
	}
	entropy := func(name string, rows, height, width, cols int, o CrossEntropyOptions) layerBench {
		return of(name, 1, rows, height, width, cols, func(t *Tape, x *Node) *Loss {
			k := NewTargets(x.Layout)
			for i := range k.Target {
				k.Target[i] = int32(i * 7 % cols)
			}
			return t.CrossEntropyWith("op", x, k, o)
		})
	}
	values := func(name string, end func(t *Tape, x *Node, k *TargetValues) *Loss) layerBench {
		return of(name, 1, 4096, 0, 0, 64, func(t *Tape, x *Node) *Loss {
			k := NewTargetValues(x.Layout, x.Cols)
			for i := range k.Value {
				k.Value[i] = float32(i % 2)
			}
			return end(t, x, k)
		})
	}
	return []layerBench{
		entropy("entropy-256x10", 256, 0, 0, 10, CrossEntropyOptions{}),
		entropy("entropy-1024x1000", 1024, 0, 0, 1000, CrossEntropyOptions{}),
		entropy("entropy-smoothed-1024x1000", 1024, 0, 0, 1000, CrossEntropyOptions{Smoothing: 0.1}),
		entropy("entropy-4x256x256x2", 4, 256, 256, 2, CrossEntropyOptions{}),
		entropy("entropy-4x256x256x21", 4, 256, 256, 21, CrossEntropyOptions{}),
		values("binary-4096x64", func(t *Tape, x *Node, k *TargetValues) *Loss { return t.BinaryCrossEntropy("op", x, k, nil) }),
		values("squared-4096x64", func(t *Tape, x *Node, k *TargetValues) *Loss { return t.SquaredError("op", x, k) }),
		values("smoothl1-4096x64", func(t *Tape, x *Node, k *TargetValues) *Loss { return t.SmoothL1("op", x, k, 1) }),
		of("ctc-100x32x40", 100, 32, 0, 0, 40, func(t *Tape, x *Node) *Loss {
			k := NewTranscripts(t.Shape, 20)
			for i := range k.Symbol {
				k.Symbol[i] = int32(1 + i*7%39)
			}
			for i := range k.Length {
				k.Length[i] = 20
			}
			return t.CTC("op", x, nil, k, CTCOptions{})
		}),
	}
}
