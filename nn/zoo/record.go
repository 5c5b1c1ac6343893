package zoo

import (
	"fmt"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
)

// Recording is a model on a tape, with the batch that it reads and its losses.
type Recording struct {
	*nn.Batch
	Out    *nn.Node   // what the model returned
	Losses []*nn.Loss // of Out, and then of every auxiliary output
	Scorer task.Scorer
}

// Record records the model, and the losses of what it learns, on the tape. Hidden
// states, if it has any, are added to states, which may be nil.
func Record(model Model, learns task.Task, t *nn.Tape, states *nn.States) *Recording {
	r := &Recording{Batch: t.NewBatch(states)}
	ps := model.Params()
	made := len(ps.List)
	r.Out = model.Forward(t, r.Batch)
	if len(ps.List) > made {
		panic(fmt.Sprintf("zoo: Forward registers the parameter %s, and it is called for every shape of a batch; make layers where the model is made", ps.List[made].Name))
	}
	if r.Out == nil {
		panic("zoo: the model's Forward returns no output")
	}
	lossOf := func(name string, out *nn.Node) *nn.Loss {
		loss := learns.Loss(t, r.Batch, name, out)
		if loss == nil {
			panic(fmt.Sprintf("zoo: the task's Loss returns none for the output %v; Tape.End and the losses of package nn return one", out))
		}
		r.Losses = append(r.Losses, loss)
		return loss
	}
	lossOf("loss", r.Out)
	for _, a := range r.Auxiliaries() {
		if a.Out == nil {
			panic(fmt.Sprintf("zoo: the auxiliary output %s is nil", a.Name))
		}
		lossOf(a.Name, a.Out).Weight = float64(a.Weight)
	}
	r.Scorer = learns.Scorer(r.Batch, r.Out)
	return r
}

// Check returns an error when the network cannot be trained on lanes of the shape,
// as a batch norm cannot on one value, or a *PanicError when it panics. It takes
// no memory for the parameters. What prepare does is done to the tape before the
// network is recorded.
func Check(n *Network, learns task.Task, shape nn.Shape, prepare ...func(*nn.Tape)) (err error) {
	defer Recover(n.Kind, &err)
	tape := nn.NewTape(n.Params(), nil, shape, nn.Training, 0)
	for _, f := range prepare {
		f(tape)
	}
	Record(n, learns, tape, nn.NewStates(shape.Lanes, shape.Rows))
	return tape.Err()
}
