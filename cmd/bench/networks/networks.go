package networks

import (
	"context"
	"time"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/check"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/nn/zoo"
	"github.com/rondo-ml/rondo/tensor"
)

// Replays are how often a network is replayed while it is timed, at least and at most, and about how long.
const (
	fewest = 3
	most   = 50
	budget = 500 * time.Millisecond
)

// now is the clock.
var now = time.Now

// Step returns the seconds of a training step on one lane of so many rows. The network's parameters get memory and first
// values.
func Step(ctx context.Context, n *zoo.Network, learns task.Task, pool *tensor.Pool, rows, steps int) (seconds float64, err error) {
	defer zoo.Recover(n.Kind, &err)
	shape := nn.Shape{Steps: steps, Lanes: 1, Rows: rows}
	ps := n.Params()
	ps.Allocate()
	ps.AllocateGrads(1)
	ps.Initialize(1)
	defer free(ps)
	tape := nn.NewTape(ps, pool, shape, nn.Training, 1)
	recording, fill := check.Model(n, learns, shape).Record(tape, nn.NewStates(1, rows))
	if err := tape.Err(); err != nil {
		return 0, err
	}
	tape.Plan()
	if err := fill(0, 0); err != nil {
		return 0, err
	}
	weight := make([]float64, 1)
	for _, loss := range recording.Losses {
		if loss.TotalFromData() {
			loss.Weigh(weight)
			loss.Total = weight[0]
		}
	}
	return best(ctx, func() {
		ps.Changed() // as behind an update: the weights are packed in each step
		tape.Forward()
		tape.Backward(nil)
	})
}

// Infer returns the seconds that one row takes at inference. The network's parameters get memory and first values.
func Infer(ctx context.Context, n *zoo.Network, learns task.Task, pool *tensor.Pool, steps int) (seconds float64, err error) {
	defer zoo.Recover(n.Kind, &err)
	shape := nn.Shape{Steps: steps, Lanes: 1, Rows: 1}
	ps := n.Params()
	ps.Allocate()
	ps.Initialize(1)
	defer free(ps)
	tape := nn.NewTape(ps, pool, shape, nn.Inference, 1)
	_, fill := check.Model(n, learns, shape).Record(tape, nn.NewStates(1, 1))
	if err := tape.Err(); err != nil {
		return 0, err
	}
	tape.Plan()
	if err := fill(0, 0); err != nil {
		return 0, err
	}
	return best(ctx, tape.Forward)
}

// free gives the memory back before the next network is made.
func free(ps *nn.Params) { ps.Values, ps.Grads, ps.Running, ps.Measured = nil, nil, nil, nil }

// best calls f once and then for about the budget, and returns the least seconds of a call: more than none, so that a rate
// can be made of them where the clock is coarse.
func best(ctx context.Context, f func()) (float64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	f()
	least, begin := time.Duration(0), now()
	for i := range most {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		start := now()
		f()
		if took := now().Sub(start); i == 0 || took < least {
			least = took
		}
		if i+1 >= fewest && now().Sub(begin) >= budget {
			break
		}
	}
	return max(least, time.Nanosecond).Seconds(), nil
}
