package nn

import (
	"fmt"
	"math"
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

// lanecheck runs the network with its lanes in different tapes and on pools of
// different sizes, and asks for the same bits: outputs, next states and the
// gradient of every lane. It asks for them once more with NaN in all memory that
// no operation must rely on. Shape must have four lanes.
func lanecheck(t *testing.T, shape Shape, build network) {
	t.Helper()
	if shape.Lanes != 4 {
		t.Fatalf("lanecheck wants 4 lanes, got %d", shape.Lanes)
	}
	var want laneResult
	if err := runPoisoned(shape, build).differs(runLanes(shape, build, 2, []int{4})); err != nil {
		t.Fatalf("with NaN where nobody should look: %v", err)
	}
	for _, size := range []int{1, 2, 3} {
		for _, parts := range [][]int{{4}, {1, 3}, {2, 2}, {3, 1}, {1, 1, 1, 1}} {
			got := runLanes(shape, build, size, parts)
			if want.outputs == nil {
				want = got
				continue
			}
			if err := got.differs(want); err != nil {
				t.Fatalf("lanes %v on a pool of %d against lanes [4] on a pool of 1: %v", parts, size, err)
			}
		}
	}
}

// laneResult is what must not depend on where lanes are computed.
type laneResult struct {
	outputs []float32            // [T, lanes, R, cols]
	states  map[string][]float32 // next states
	grads   []float32            // [lanes, Size]
	stats   []float32            // [lanes, StatisticsSize] measured
}

// runLanes computes one step with a tape for every part of the lanes.
func runLanes(shape Shape, build network, poolSize int, parts []int) laneResult {
	pool := tensor.NewPool(poolSize)
	defer pool.Close()
	return newRig(pool, shape, build).run(parts)
}

// runPoisoned computes a step of two tapes that are poisoned.
func runPoisoned(shape Shape, build network) laneResult {
	pool := tensor.NewPool(2)
	defer pool.Close()
	r := newRig(pool, shape, build)
	r.poisoned = true
	return r.run([]int{2, shape.Lanes - 2})
}

func (r *rig) run(parts []int) laneResult {
	shape := r.shape
	result := laneResult{states: map[string][]float32{}}
	replay := func(tape *Tape, output *Node) {
		tape.Forward()
		y := output.Value()
		if result.outputs == nil {
			result.outputs = make([]float32, y.Rows/tape.Shape.Lanes*shape.Lanes*y.Cols)
		}
		for row := range y.Rows {
			copy(result.outputs[globalRow(tape, shape, output.Layout, row)*y.Cols:], y.Row(row))
		}
		tape.Backward(nil)
	}
	if r.sync || r.pipelines > 1 {
		r.lockstep(parts, replay)
	} else {
		lane := 0
		for _, lanes := range parts {
			tape := r.tape(lanes, lane, Training)
			replay(tape, r.output)
			lane += lanes
		}
	}
	for _, st := range r.states.List {
		result.states[st.Name] = st.Next
	}
	result.grads, result.stats = r.params.Grads, r.params.Measured
	return result
}

// differs names the first difference from want.
func (got laneResult) differs(want laneResult) error {
	if err := sameBits(got.outputs, want.outputs); err != nil {
		return fmt.Errorf("outputs: %w", err)
	}
	for name := range want.states {
		if err := sameBits(got.states[name], want.states[name]); err != nil {
			return fmt.Errorf("state %s: %w", name, err)
		}
	}
	if err := sameBits(got.stats, want.stats); err != nil {
		return fmt.Errorf("statistics: %w", err)
	}
	if err := sameBits(got.grads, want.grads); err != nil {
		return fmt.Errorf("gradients: %w", err)
	}
	return nil
}

// sameBits compares float32 slices bit by bit.
func sameBits(got, want []float32) error {
	if len(got) != len(want) {
		return fmt.Errorf("%d elements, want %d", len(got), len(want))
	}
	for i := range got {
		if math.Float32bits(got[i]) != math.Float32bits(want[i]) {
			return fmt.Errorf("element %d is %g, want %g", i, got[i], want[i])
		}
	}
	return nil
}
