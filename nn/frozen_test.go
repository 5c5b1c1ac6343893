package nn

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

// TestFrozen freezes parameters of every network of the checks of gradients: each one, all but
// each one, and all. What learns has the gradient that it has beside others, told of once; what
// is frozen has none, and is not told of.
func TestFrozen(t *testing.T) {
	shape := Shape{Steps: 3, Lanes: 4, Rows: 2}
	images := Shape{Steps: 1, Lanes: 4, Rows: 3}
	for name, build := range operations(shape) {
		t.Run(name, func(t *testing.T) { frozenCheck(t, shape, build) })
	}
	for _, k := range kinds() {
		t.Run(k.name, func(t *testing.T) { frozenCheck(t, shape, k.network(t, shape, 3, 5)) })
	}
	for name, build := range tokenNetworks(shape) {
		t.Run(name, func(t *testing.T) { frozenCheck(t, shape, build) })
	}
	pictures := imageOperations(images)
	for _, more := range []func(Shape) map[string]network{convolutionOperations, normOperations, productOperations, resizingOperations, overTimeNetworks} {
		maps.Copy(pictures, more(images))
	}
	pictures["deep"] = deepPictures(images)
	for _, f := range append(fusedNetworks(), joins()...) {
		pictures["fused: "+f.name] = func(ps *Params) func(*Tape, *States) *Node {
			x, forward := newImageSource(ps, "x", images, 6, 6, 4), f.build(ps)
			return func(t *Tape, _ *States) *Node { return forward(t, x.Forward(t)) }
		}
	}
	for name, build := range pictures {
		t.Run(name, func(t *testing.T) { frozenCheck(t, images, build) })
	}
}

// deepPictures is convolutions, norms, a pool and a residual block, which work beside each other.
func deepPictures(shape Shape) network {
	return func(ps *Params) func(*Tape, *States) *Node {
		conv := func(name string, in, out int) *Conv2d {
			return NewConv2d(ps, name, tensor.ConvShape{Cin: in, Cout: out, KH: 3, KW: 3, PadH: 1, PadW: 1}, true, nil)
		}
		x := newImageSource(ps, "x", shape, 8, 8, 3)
		first, second, third := conv("first", 3, 5), conv("second", 5, 5), conv("third", 5, 5)
		n1, n2 := NewBatchNorm(ps, "n1", 5, BatchNormOptions{}), NewBatchNorm(ps, "n2", 5, BatchNormOptions{})
		return func(t *Tape, _ *States) *Node {
			y := t.MaxPool("pool", first.Forward(t, x.Forward(t)), tensor.PoolShape{KH: 2, KW: 2, StrideH: 2, StrideW: 2})
			z := t.ReLU("relu1", n1.Forward(t, second.Forward(t, y)))
			return t.ReLU("relu2", t.Add("add", n2.Forward(t, third.Forward(t, z)), y))
		}
	}
}

func frozenCheck(t *testing.T, shape Shape, build network) {
	pool := tensor.NewPool(2)
	defer pool.Close()
	all := newRig(pool, shape, build)
	want := all.run([]int{4})
	n := len(all.params.List)
	subsets := []func(i int) bool{func(int) bool { return true }}
	for p := range n {
		subsets = append(subsets, func(i int) bool { return i == p }, func(i int) bool { return i != p })
	}
	for _, frozen := range subsets {
		for _, poisoned := range []bool{false, true} {
			r := newRig(pool, shape, build)
			r.poisoned = poisoned
			names := ""
			for i, p := range r.params.List {
				if p.Frozen = frozen(i); p.Frozen {
					names += " " + p.Name
				}
			}
			if err := r.frozenRun(want); err != nil {
				t.Errorf("frozen%s, poisoned %v: %v", names, poisoned, err)
			}
		}
	}
}

// frozenRun compares a step with that of the network of which nothing is frozen.
func (r *rig) frozenRun(want laneResult) error {
	tape := r.tape(r.shape.Lanes, 0, Training)
	told := make([]int, r.params.Size())
	for range 2 { // what the first left behind does not count
		tape.Forward()
		clear(told)
		tape.Backward(func(begin, end int) {
			for i := begin; i < end; i++ {
				told[i]++
			}
		})
	}
	if err := sameBits(r.params.Measured, want.stats); err != nil {
		return fmt.Errorf("statistics: %w", err)
	}
	for _, p := range r.params.List {
		for _, times := range told[p.Offset : p.Offset+p.Size()] {
			if wanted := map[bool]int{true: 0, false: 1}[p.Frozen]; times != wanted {
				return fmt.Errorf("%s is told of %d times, want %d", p.Name, times, wanted)
			}
		}
		for lane := range r.shape.Lanes {
			at := lane*r.params.Size() + p.Offset
			whole := want.grads[at : at+p.Size()]
			if p.Frozen {
				whole = make([]float32, p.Size())
			}
			if err := sameBits(p.Grad(lane).Data, whole); err != nil {
				return fmt.Errorf("the gradient of %s in lane %d: %w", p.Name, lane, err)
			}
		}
	}
	return nil
}

// TestFrozenTakesLess says that a frozen beginning keeps nothing for a Backward that never comes.
func TestFrozenTakesLess(t *testing.T) {
	shape := Shape{Steps: 1, Lanes: 4, Rows: 3}
	measure := func(freeze Names) int {
		pool := tensor.NewPool(1)
		defer pool.Close()
		r := newRig(pool, shape, deepPictures(shape))
		if n := r.params.Freeze(freeze); (n == 0) != (freeze == nil) {
			t.Errorf("%v freezes %d parameters", freeze, n)
		}
		tape := NewTape(r.params, pool, shape, Training, 1)
		r.forward(tape, r.states)
		return tape.Measure()
	}
	if all, less := measure(nil), measure(Names{"x", "first", "second", "n1"}); less >= all*3/4 {
		t.Errorf("%d values of memory, %d without anything frozen", less, all)
	}
}

// TestFrozenNorm freezes a norm by its name: it computes as for inference, and no step moves it.
func TestFrozenNorm(t *testing.T) {
	shape := Shape{Steps: 1, Lanes: 4, Rows: 3}
	frozen := func(names ...string) network {
		return func(ps *Params) func(*Tape, *States) *Node {
			x, n := newImageSource(ps, "x", shape, 3, 2, 5), NewBatchNorm(ps, "n", 5, BatchNormOptions{})
			ps.Freeze(names)
			return func(t *Tape, _ *States) *Node { return n.Forward(t, x.Forward(t)) }
		}
	}
	gradcheck(t, shape, frozen("n.running", "n.num"))
	build := frozen("n.")
	lanecheck(t, shape, build)
	pool := tensor.NewPool(1)
	defer pool.Close()
	r := newRig(pool, shape, build)
	r.params.Initialize(1)
	r.run([]int{4})
	r.params.Track(r.params.Measured, 4)
	if want := []float32{0, 0, 0, 0, 0, 1, 1, 1, 1, 1}; sameBits(r.params.Running, want) != nil || r.params.Counters[0].Value[0] != 0 {
		t.Errorf("the statistics are %v after %d steps", r.params.Running, r.params.Counters[0].Value[0])
	}
}

// TestFrozenDirection freezes all that one direction of a bidirectional layer is computed from:
// the other one learns as before.
func TestFrozenDirection(t *testing.T) {
	shape := Shape{Steps: 4, Lanes: 4, Rows: 3}
	pool := tensor.NewPool(2)
	defer pool.Close()
	build := kind{cell: "lstm", layers: 1, opt: StackOptions{Bidirectional: true}}.packedNetwork(t, shape, 3, 5)
	want := newRig(pool, shape, build).run([]int{4})
	for _, backward := range []bool{false, true} {
		r := newRig(pool, shape, build)
		for _, p := range r.params.List {
			p.Frozen = p.Name == "x" || strings.HasSuffix(p.Name, "_reverse") == backward
		}
		if err := r.frozenRun(want); err != nil {
			t.Errorf("frozen from the end %v: %v", backward, err)
		}
	}
}
