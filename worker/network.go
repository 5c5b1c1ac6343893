package worker

import (
	"errors"
	"fmt"

	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/nn/zoo"
	"github.com/rondo-ml/rondo/tensor"
)

// NewModel builds the model that a run file describes, with its parameters
// allocated and not yet initialized.
func NewModel(m runfile.Model) (*zoo.Network, error) {
	model, err := describeModel(m)
	if err != nil {
		return nil, err
	}
	model.Params().Allocate()
	return model, nil
}

// describeModel builds the model without memory for its parameters: enough to
// know their names and number.
func describeModel(m runfile.Model) (*zoo.Network, error) {
	return zoo.New(m.Kind, m.Fields)
}

// CheckModel returns an error when the run file's model cannot be built, or not
// be trained on lanes of its size, or does not fit the weights that it begins from. It takes no memory for parameters.
func CheckModel(f *runfile.File) error {
	model, err := describeModel(f.Model)
	if err != nil {
		return err
	}
	if err := CheckWeights(f.Model, model); err != nil {
		return err
	}
	err = zoo.Check(model, f.Task.New(), nn.Shape{Steps: f.RowLength(), Lanes: 1, Rows: f.Batch.TrainedRows()}, newExchange(f).prepare)
	_, panicked := errors.AsType[*zoo.PanicError](err)
	if _, misfit := errors.AsType[*task.Misfit](err); panicked || misfit {
		return err
	}
	if err != nil {
		field := "batch.lanes"
		if f.SyncBatchNorm {
			field = "batch.global"
		}
		return fmt.Errorf("%s: %w", field, err)
	}
	return errors.Join(checkExchanges(f, model), checkFinalBias(f, model))
}

// network is a model recorded for groups of lanes: one tape for every number
// of lanes that a pass takes.
type network struct {
	model  *zoo.Network
	learns task.Task
	states *nn.States
	pool   *tensor.Pool
	mode   nn.Mode
	seed   uint64
	steps  int       // time steps of a row
	rows   int       // rows of a lane
	midst  *exchange // nil: no lane needs another in the midst of a step
	tapes  map[int]*recording
}

// recording is a tape with its batch and its losses.
type recording struct {
	*zoo.Recording
	tape *nn.Tape
}

// forLanes returns the recording for so many lanes, made on first use.
func (n *network) forLanes(lanes int) *recording {
	if r := n.tapes[lanes]; r != nil {
		return r
	}
	shape := nn.Shape{Steps: n.steps, Lanes: lanes, Rows: n.rows}
	r := &recording{tape: nn.NewTape(n.model.Params(), n.pool, shape, n.mode, n.seed)}
	n.midst.prepare(r.tape)
	r.Recording = zoo.Record(n.model, n.learns, r.tape, n.states)
	if n.mode == nn.Inference {
		r.tape.Keep(r.Out) // its measures are taken from it
	}
	r.tape.Plan()
	n.tapes[lanes] = r
	return r
}

// Parameters is how many parameters the run file's model has. It takes no memory for them.
func Parameters(f *runfile.File) (n int, err error) {
	defer zoo.Recover(f.Model.Kind, &err)
	model, err := describeModel(f.Model)
	if err != nil {
		return 0, err
	}
	return model.Params().Size(), nil
}
