package check

import (
	"fmt"
	"slices"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/nn/zoo"
)

// inference is the network recorded for the first lanes, with its output kept.
func (n *Network) inference(r *trial, mode nn.Mode) (*recorded, error) {
	shape := n.Shape
	shape.Lanes = r.lanes
	t := &recorded{tape: nn.NewTape(n.Params, r.pool, shape, mode, n.Seed)}
	if mode == nn.Training {
		n.prepare(t.tape, shape.Lanes, nil)
	}
	t.rec, t.fill = n.Record(t.tape, r.states)
	if err := t.tape.Err(); err != nil {
		return nil, err
	}
	t.tape.Keep(t.rec.Out)
	t.tape.Plan()
	return t, t.fill(0, 0)
}

// replay returns the output.
func (t *recorded) replay() []float32 {
	t.tape.Begin(0, 0, 0)
	t.tape.Forward()
	return slices.Clone(t.rec.Out.Value().Data)
}

// leaks changes what the first row reads and looks whose outputs change, and then what the last one does: what hands
// numbers on to the rows before a row is told by that. Rows are those of a lane, or of two where a lane has one.
func leaks(n *Network) (string, error) {
	lanes := 1
	if n.Shape.Rows == 1 {
		lanes = min(2, n.Shape.Lanes)
	}
	r := n.begin(way{lanes: lanes, threads: n.threads()})
	defer r.pool.Close()
	t, err := n.inference(r, nn.Inference)
	if err != nil {
		return "", err
	}
	rows := lanes * n.Shape.Rows
	for _, row := range slices.Compact([]int{0, rows - 1}) {
		if err := t.leaksOf(row); err != nil {
			return "", err
		}
	}
	switch out := t.rec.Out; {
	case t.rec.Part(task.Next) != nil && out.Layout.Steps > 1:
		return t.future()
	case rows == 1:
		return "the output depends on what is read; the batch has no other row that could see it", nil
	}
	return fmt.Sprintf("the outputs of %d rows depend each on its own input%s", rows, n.joins()), nil
}

// leaksOf changes what a row reads. An error says that its output stays, or another row's does not.
func (t *recorded) leaksOf(row int) error {
	out, changed := t.rec.Out, false
	before := t.replay()
	changeRow(t.rec, row, 0)
	after := t.replay()
	for i := range out.Rows {
		_, lane, at := out.Layout.Place(i)
		of := lane*out.Layout.Rows + at/out.Layout.Pixels()
		same := slices.Equal(before[i*out.Cols:(i+1)*out.Cols], after[i*out.Cols:(i+1)*out.Cols])
		if !same && of != row {
			return fmt.Errorf("the output of row %d changes with what row %d reads: rows must not see each other", of, row)
		}
		changed = changed || !same
	}
	if !changed {
		return fmt.Errorf("the output of row %d does not depend on what it reads", row)
	}
	return nil
}

// joins says what makes rows see each other while training.
func (n *Network) joins() string {
	switch {
	case !slices.ContainsFunc(n.Params.Statistics, func(s *nn.Statistic) bool { return !s.Fixed }):
		return ""
	case n.SyncNorms:
		return "; while training, batch norms see all rows of the batch"
	}
	return "; while training, batch norms see all rows of their lane"
}

// future changes the last symbol of a text and looks for earlier outputs that change.
func (t *recorded) future() (string, error) {
	out, last := t.rec.Out, t.rec.Out.Layout.Steps-1
	before := t.replay()
	changeRow(t.rec, 0, last)
	after := t.replay()
	for row := range out.Rows {
		step, _, _ := out.Layout.Place(row)
		if step < last && !slices.Equal(before[row*out.Cols:(row+1)*out.Cols], after[row*out.Cols:(row+1)*out.Cols]) {
			return "", fmt.Errorf("the output of step %d changes with the symbol of step %d: the network looks ahead at what it is to predict", step, last)
		}
	}
	return "rows see only themselves, and no symbol that comes later", nil
}

// changeRow changes all that a row of the lanes at hand reads, at a time step and those behind it.
func changeRow(rec *zoo.Recording, row, from int) {
	for _, part := range rec.Parts() {
		switch p := part.Holds.(type) {
		case *nn.Images:
			if from == 0 {
				for i, v := range p.Image(row) {
					p.Image(row)[i] = 0.25 - v
				}
			}
		case *nn.Values:
			for i := range p.Layout.Total() {
				if step, lane, at := p.Layout.Place(i); lane*p.Layout.Rows+at == row && step >= from {
					for j, v := range p.Matrix().Row(i) {
						p.Matrix().Row(i)[j] = 0.25 - v
					}
				}
			}
		case *nn.Tokens:
			for i := from*p.Rows + row; i < len(p.Input); i += p.Rows {
				p.Input[i] = (p.Input[i] + 1) % int32(p.Vocab)
			}
		}
	}
}

// modes compares the output of training with that of inference.
func modes(n *Network) (string, error) {
	r := n.begin(way{lanes: n.fewest(), threads: n.threads()})
	defer r.pool.Close()
	inference, err := n.inference(r, nn.Inference)
	if err != nil {
		return "", err
	}
	training, err := n.inference(r, nn.Training)
	if err != nil {
		return "", err
	}
	same := slices.Equal(training.replay(), inference.replay())
	// What may differ: norms, which keep statistics, and operations that only training has.
	var more []string
	for _, name := range training.tape.Names() {
		if !slices.Contains(inference.tape.Names(), name) {
			more = append(more, name)
		}
	}
	norms := len(n.Params.Statistics) > 0
	switch {
	case same:
		return "training and inference compute the same", nil
	case !norms && len(more) == 0:
		return "", fmt.Errorf("training and inference give other outputs, though the network has no norm with statistics and nothing that only training has")
	}
	found := "training differs from inference by "
	if len(more) > 0 {
		found += fmt.Sprintf("operations that it alone has: %d (%s…)", len(more), more[0])
	}
	if norms && len(more) > 0 {
		found += " and "
	}
	if norms {
		found += "the statistics of norms"
	}
	return found, nil
}
