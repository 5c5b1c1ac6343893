package worker

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/nn/zoo"
	"github.com/rondo-ml/rondo/tensor"
)

// With model.final_bias = counts the last layer's bias, and that of every auxiliary output, begins at the logits that cost
// least where nothing is known but how often each class is in data.train. Every worker that begins a run counts the whole set
// for itself: the counts follow from the data, which is compared when workers join.

// finalBias is what the counts say.
type finalBias struct {
	params []*nn.Param
	logits []float32
	count  int     // targets that were counted
	loss   float64 // the mean over the set, if every output is logits
}

// set begins the biases there. The parameters have memory.
func (b *finalBias) set() {
	for _, p := range b.params {
		copy(p.Value().Data, b.logits)
	}
}

// names lists the parameters.
func (b *finalBias) names() string {
	var names []string
	for _, p := range b.params {
		names = append(names, p.Name)
	}
	return strings.Join(names, ", ")
}

// beginFinalBias gives the last layer's bias its first values where the run file asks for it.
func (t *trainer) beginFinalBias(ctx context.Context) error {
	if t.file.Model.FinalBias != runfile.FromCounts {
		return nil
	}
	b, err := t.train.finalBias(ctx, t.file, t.model, t.pool)
	if err != nil {
		return err
	}
	b.set()
	t.params.Changed()
	return nil
}

// countedRows are how many samples are read at once to be counted.
const countedRows = 32

// finalBias counts the targets of the training set for a model whose bias is to begin there.
func (d *Dataset) finalBias(ctx context.Context, f *runfile.File, model *zoo.Network, pool *tensor.Pool) (*finalBias, error) {
	recorded, params, err := recordFinalBias(f, model, countedRows)
	if err != nil {
		return nil, err
	}
	learns, ok := f.Task.New().(task.Counted)
	if !ok {
		return nil, fmt.Errorf("model.final_bias: task.kind = %s has no classes that could be counted", f.Task.Kind)
	}
	b := &finalBias{params: params}
	counts, all, err := d.countClasses(ctx, f, recorded, pool)
	if err != nil {
		return nil, err
	}
	b.count = int(all)
	b.logits, b.loss = learns.FinalBias(counts, all)
	if infinite := func(v float32) bool { return v-v != 0 }; len(b.logits) != len(counts) || slices.ContainsFunc(b.logits, infinite) {
		return nil, fmt.Errorf("model.final_bias: task.kind = %s gives the logits %v for %d outputs: all must be finite numbers", f.Task.Kind, b.logits, len(counts))
	}
	return b, nil
}

// classCounts is how often each class or label is in a share of the set.
type classCounts struct {
	share  float64
	counts []float64 // [outputs]
	all    float64   // targets
}

// countClasses counts the targets of the share of the set that is trained on. The set keeps the counts: a ring that is lost before its
// first step begins again.
func (d *Dataset) countClasses(ctx context.Context, f *runfile.File, recorded *zoo.Recording, pool *tensor.Pool) (counts []float64, all float64, err error) {
	if c := d.classes; c != nil && c.share == f.Data.Share && len(c.counts) == recorded.Out.Cols {
		return c.counts, c.all, nil
	}
	rows := newSampleRows(d, f, pool, true) // the share of the set that is trained on
	rows.training, rows.global, rows.perLane = false, countedRows, countedRows
	parts := recorded.Parts()
	rows.fills = targetsAlone(parts)
	lane := laneRange{0, 1}
	counts = make([]float64, recorded.Out.Cols)
	for step := range rows.batches() {
		if ctx.Err() != nil {
			return nil, 0, context.Cause(ctx)
		}
		rows.foresee(step, stepsForeseen, lane)
		if err := rows.read(parts, step, lane, pool); err != nil {
			return nil, 0, fmt.Errorf("data.train: %w", err)
		}
		for _, p := range parts {
			all += countTargets(p.Holds, counts)
		}
	}
	if all == 0 {
		return nil, 0, errors.New("model.final_bias: data.train has no target to count")
	}
	d.classes = &classCounts{f.Data.Share, counts, all}
	return counts, all, nil
}

// targetsAlone picks the targets, and the images that masks are changed with.
func targetsAlone(parts []nn.Part) func(nn.Part) bool {
	masks := slices.ContainsFunc(parts, func(p nn.Part) bool {
		k, ok := p.Holds.(*nn.Targets)
		return ok && k.Layout.IsImage()
	})
	return func(p nn.Part) bool {
		switch p.Holds.(type) {
		case *nn.Targets, *nn.TargetValues:
			return true
		case *nn.Images:
			return masks
		}
		return false
	}
}

// countTargets adds how often each class is, or each label holds, in a part, and returns the number of targets. Sums are
// exact, or in the order of rows.
func countTargets(part any, counts []float64) (all float64) {
	switch p := part.(type) {
	case *nn.Targets:
		for _, class := range p.Target {
			if class >= 0 && !p.Ignores(class) {
				counts[class]++
				all++
			}
		}
	case *nn.TargetValues:
		for row, absent := range p.Absent {
			if absent {
				continue
			}
			for i, y := range p.Row(row) {
				counts[i] += float64(y)
			}
			all++
		}
	}
	return all
}

// checkFinalBias returns an error where the run file asks for a bias that the network has not, or that would not stay.
func checkFinalBias(f *runfile.File, model *zoo.Network) error {
	if f.Model.FinalBias != runfile.FromCounts {
		return nil
	}
	_, _, err := recordFinalBias(f, model, 1)
	return err
}

// recordFinalBias records the model for a lane of so many rows, and finds the last biases of its outputs.
func recordFinalBias(f *runfile.File, model *zoo.Network, rows int) (r *zoo.Recording, params []*nn.Param, err error) {
	defer zoo.Recover(f.Model.Kind, &err)
	tape := nn.NewTape(model.Params(), nil, nn.Shape{Steps: f.RowLength(), Lanes: 1, Rows: rows}, nn.Training, 0)
	r = zoo.Record(model, f.Task.New(), tape, nil)
	outputs := []nn.Auxiliary{{Name: "output", Out: r.Out}}
	for _, a := range append(outputs, r.Auxiliaries()...) {
		p, err := tape.FinalBias(a.Out)
		if err == nil && p.Size() != r.Out.Cols {
			err = fmt.Errorf("%s has %d numbers for %d classes", p.Name, p.Size(), r.Out.Cols)
		}
		switch {
		case err != nil:
			return nil, nil, fmt.Errorf("model.final_bias: the %s of %s has no last bias: %w; take drawn", a.Name, f.Model.Kind, err)
		case f.Model.Weights != "" && !f.Model.Skips().Match(p.Name):
			return nil, nil, fmt.Errorf("model.final_bias: model.weights gives %s its values; name it in model.weights_skip, or take drawn", p.Name)
		case !slices.Contains(params, p):
			params = append(params, p)
		}
	}
	return r, params, nil
}
