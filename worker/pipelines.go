package worker

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rondo-ml/rondo/allreduce"
	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/zoo"
)

// exchanges are what crosses between the pipelines of a run in a step.
func exchanges(f *runfile.File, model *zoo.Network) []nn.Exchanged {
	shape := nn.Shape{Steps: f.RowLength(), Lanes: 1, Rows: f.Batch.TrainedRows()}
	tape := nn.NewTape(model.Params(), nil, shape, nn.Training, f.Seed)
	newExchange(f).prepare(tape)
	zoo.Record(model, f.Task.New(), tape, nn.NewStates(shape.Lanes, shape.Rows))
	return tape.Exchanges()
}

// checkExchanges returns an error where a worker's part of an exchange would be more than a link carries at once.
func checkExchanges(f *runfile.File, model *zoo.Network) error {
	b := f.Batch
	if b.Pipelines < 2 {
		return nil
	}
	lanes := (b.Lanes + 1) / 2 // of one of two workers
	if f.Rebalance {
		lanes = b.Lanes - 1
	}
	for _, e := range exchanges(f, model) {
		if n := 4 * lanes * b.TrainedRows() * e.Numbers; n > allreduce.DefaultMaxPayload {
			return fmt.Errorf("batch.global: in %s a worker of two sends %s to the other at once, and a link carries %s; give fewer rows",
				e.Name, mebibytes(int64(n)), mebibytes(allreduce.DefaultMaxPayload))
		}
	}
	return nil
}

// Pipelines says how a run with batch.pipelines is laid out: which lane computes what, and what crosses between them.
func Pipelines(f *runfile.File) (text string, err error) {
	defer zoo.Recover(f.Model.Kind, &err)
	model, err := describeModel(f.Model)
	if err != nil {
		return "", err
	}
	b, numbers, places := f.Batch, 0, exchanges(f, model)
	for _, e := range places {
		numbers += e.Numbers
	}
	text = fmt.Sprintf("lane l computes pipeline l mod %d of the rows of group l div %d, %d in each; every worker keeps all weights; "+
		"%d numbers of a row cross in %d places forward and as many back", b.Pipelines, b.Pipelines, b.TrainedRows(), numbers, len(places))
	if counts := wholeGroups(b); counts == nil {
		text += ", from two workers on between workers"
	} else {
		text += ", between workers unless there are " + strings.Join(counts, " or ") + ", each with whole groups"
	}
	return text, nil
}

// wholeGroups are the numbers of workers, from two on, of whom each has whole groups of lanes.
func wholeGroups(b runfile.Batch) (counts []string) {
	for n := 2; n <= b.Lanes; n++ {
		view, err := allreduce.EvenView(1, b.Lanes, n)
		if err == nil && !slices.ContainsFunc(view.Starts, func(lane int) bool { return lane%b.Pipelines != 0 }) {
			counts = append(counts, fmt.Sprint(n))
		}
	}
	return counts
}
