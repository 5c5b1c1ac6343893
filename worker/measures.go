package worker

import (
	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/zoo"
)

// MeasureNames are what evaluations of a run tell beside the loss, as "accuracy". It takes no memory for parameters.
func MeasureNames(f *runfile.File) (names []string, err error) {
	model, err := describeModel(f.Model)
	if err != nil {
		return nil, err
	}
	defer zoo.Recover(f.Model.Kind, &err)
	shape := nn.Shape{Steps: f.RowLength(), Lanes: 1, Rows: 1}
	tape := nn.NewTape(model.Params(), nil, shape, nn.Inference, f.Seed)
	r := zoo.Record(model, f.Task.New(), tape, nn.NewStates(1, 1))
	for _, figure := range r.Scorer.Figures(r.Scorer.Measures(1, 1)) {
		names = append(names, figure.Name)
	}
	return names, nil
}
