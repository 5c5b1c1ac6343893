package worker

import (
	"fmt"
	"strings"

	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/worker/checkpoint"
)

// Each set numbers its classes, symbols and words by itself. Where they are cut together the
// held-out set has the numbers of the training set; where they are not, a network would be
// measured on other classes than it learnt.

// partNames are the names of the parts of a batch, as samples have them.
func partNames(parts []nn.Part) (names []string) {
	for _, p := range parts {
		name, _ := strings.CutSuffix(p.Name, nn.LengthSuffix)
		names = append(names, name)
	}
	return names
}

// NumberedAs returns an error where held-out data number what the network meets otherwise than
// the data for training do.
func (d *Dataset) NumberedAs(train *Dataset) error {
	if d.samples == nil || train.samples == nil {
		return nil
	}
	return numbered(d.samples.Schema().NumberedAs(train.samples.Schema(), d.reads), "data.train")
}

// NumberedAs returns an error where a set numbers what the model reads otherwise than the data that it learnt from.
func (p *Predictor) NumberedAs(set samples.Schema) error {
	return numbered(set.NumberedAs(p.Schema, partNames(p.Reads())), "the data that the model learnt from")
}

// CheckNumbering returns an error where a set numbers what the model of a checkpoint meets
// otherwise than the data that it learnt from. A checkpoint may not say how those do.
func CheckNumbering(m *checkpoint.Manifest, f *runfile.File, source string) error {
	if f.Task.Kind == task.Next { // the manifest says of a text how it was cut
		return nil
	}
	learnt, err := schemaOf(m)
	if err != nil || len(learnt.Parts) == 0 {
		return err
	}
	d, err := OpenData(f, source)
	if err != nil || d.samples == nil {
		return err
	}
	err = numbered(d.samples.Schema().NumberedAs(learnt, d.reads), "the data that the model learnt from")
	if err != nil {
		return fmt.Errorf("%s: %w", source, err)
	}
	return nil
}

// numbered is an error of another numbering with what to do.
func numbered(err error, of string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("its classes are numbered otherwise than those of %s: %w; cut both by one command (shard … --held-out)", of, err)
}
