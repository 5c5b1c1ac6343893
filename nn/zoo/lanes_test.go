package zoo

import (
	"slices"
	"testing"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/optim"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/tensor"
)

const (
	laneCount = 4
	laneRows  = 3
	laneSteps = 5
)

// trainLanes trains for some steps with one tape for every part of the lanes
// and returns the weights and the losses.
func trainLanes(tb testing.TB, c CharLM, threads int, parts []int) ([]float32, []float64) {
	m := built(tb, c)
	ps, pool := m.Params(), tensor.NewPool(threads)
	defer pool.Close()
	ps.AllocateGrads(laneCount)
	states := nn.NewStates(laneCount, laneRows)
	adam := optim.NewAdam(optim.Whole(ps.Size()), optim.AdamConfig{Beta1: 0.9, Beta2: 0.999, Eps: 1e-8})
	reduced := make([]float32, ps.Size())
	var losses []float64
	for step := range 4 {
		ps.ZeroGrads()
		lane := 0
		for _, lanes := range parts {
			shape := nn.Shape{Steps: laneSteps, Lanes: lanes, Rows: laneRows}
			tape := nn.NewTape(ps, pool, shape, nn.Training, 5)
			tokens := textRecording(m, tape, states)
			tape.Plan()
			for i := range tokens.Input {
				row := i%(lanes*laneRows) + lane*laneRows
				at := i/(lanes*laneRows) + step*laneSteps
				tokens.Input[i], tokens.Target[i] = int32((row+3*at)%c.Vocab), int32((row+3*at+3)%c.Vocab)
			}
			tokens.Count = laneCount * laneRows * laneSteps
			tape.Begin(uint64(step), lane, lane)
			tape.Forward()
			tape.Backward(nil)
			losses = append(losses, tokens.Losses[0].LaneSum...)
			lane += lanes
		}
		clear(reduced)
		for l := range laneCount {
			tensor.Add(reduced, reduced, ps.LaneGrads(l))
		}
		optim.ClipGlobalNorm(pool, reduced, 0.1)
		adam.Step(pool, ps.Values, reduced, 0.01, uint64(step))
		ps.Changed()
		states.Commit()
	}
	return ps.Values, losses
}

// Whoever computes which lanes, on however many goroutines, the weights come
// out the same, dropout included.
func TestTrainingDoesNotDependOnTheSplit(t *testing.T) {
	for _, cell := range nn.Cells() {
		t.Run(cell, func(t *testing.T) {
			c := small(cell)
			c.Layers, c.Dropout, c.WeightNorm = 2, 0.25, cell == "mlstm"
			want, wantLoss := trainLanes(t, c, 1, []int{4})
			for _, threads := range []int{1, 3} {
				for _, parts := range [][]int{{4}, {1, 3}, {2, 2}, {1, 1, 1, 1}} {
					got, loss := trainLanes(t, c, threads, parts)
					if !slices.Equal(got, want) || !slices.Equal(loss, wantLoss) {
						t.Errorf("lanes %v on %d goroutines give other bits", parts, threads)
					}
				}
			}
		})
	}
}

// text is a recording of a model of text with its two parts at hand.
type text struct {
	*Recording
	*nn.Tokens
	*nn.Targets
}

func textRecording(m Model, tape *nn.Tape, states *nn.States) text {
	r := Record(m, task.Default(task.Next), tape, states)
	return text{r, r.Part("text").(*nn.Tokens), r.Part(task.Next).(*nn.Targets)}
}
