package worker

import (
	"fmt"
	"iter"
	"strings"

	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/nn"
)

// binding is how a part of the samples fills a part of a batch.
type binding struct {
	part int // of a sample
	fill func(holds any, row int, v samples.Value) error
}

// rowsOf yields the rows of an activation that hold row r of the batch: its pixels, at every time step.
func rowsOf(l nn.Layout, r int) iter.Seq[int] {
	return func(yield func(int) bool) {
		pixels, all := l.Pixels(), l.Lanes*l.LaneRows()
		for step := range l.Steps {
			for p := range pixels {
				if !yield(step*all + r*pixels + p) {
					return
				}
			}
		}
	}
}

// bind finds the part of the samples that a part of a batch wants, and says how it is filled. Its errors go on from the
// name of the set: "shards/train holds no part image".
func bind(want nn.Part, schema samples.Schema) (binding, error) {
	at := schema.Part(want.Name)
	if at < 0 {
		var names []string
		for _, p := range schema.Parts {
			names = append(names, p.Name)
		}
		return binding{}, fmt.Errorf("has no part %s, which the network needs; it has %s", want.Name, strings.Join(names, ", "))
	}
	have := schema.Parts[at]
	var fill func(holds any, row int, v samples.Value) error
	var err error
	switch p := want.Holds.(type) {
	case *nn.Images:
		fill, err = bindImages(p, have)
	case *nn.Values:
		fill, err = bindValues(p, have)
	case *nn.Tokens:
		fill, err = bindTokens(p, have)
	case *nn.Targets:
		fill, err = bindTargets(p, have)
	default:
		err = fmt.Errorf("cannot fill the part %s of the network, a %T", want.Name, p)
	}
	return binding{at, fill}, err
}

func typeOf(p samples.Part) string { return fmt.Sprintf("%s%v", p.Element, p.Shape) }

// bindTargets takes a class from one number, those of the time steps from a list, or those of pixels from a mask.
func bindTargets(p *nn.Targets, have samples.Part) (func(any, int, samples.Value) error, error) {
	if n := len(have.Classes); p.Classes > 0 && n > p.Classes {
		return nil, fmt.Errorf("has %d classes, and the network tells %d apart; raise model.classes", n, p.Classes)
	}
	l := p.Layout
	switch {
	case have.Element == samples.Int32 && len(have.Shape) == 0 && l.Steps == 1 && !l.IsImage():
	case have.Element == samples.Uint8 && len(have.Shape) == 2 && l.IsImage():
		if have.Shape[0] != l.Height || have.Shape[1] != l.Width {
			return nil, fmt.Errorf("has masks %s of %v pixels, and the network gives %dx%d", have.Name, have.Shape, l.Height, l.Width)
		}
		return fillMask, nil
	default:
		return nil, fmt.Errorf("has %s as %s, and the network needs a class of %v", have.Name, typeOf(have), l)
	}
	return func(holds any, row int, v samples.Value) error {
		p := holds.(*nn.Targets)
		class := v.Int32s()
		if len(class) != 1 || class[0] < 0 || int(class[0]) >= p.Classes {
			return fmt.Errorf("class %v, and the network tells %d apart (model.classes)", class, p.Classes)
		}
		p.Target[row] = class[0]
		return nil
	}, nil
}

// fillMask takes the class of each pixel. Which numbers beyond the classes are ignored is the loss's affair, which has
// looked at the task.
func fillMask(holds any, row int, v samples.Value) error {
	p := holds.(*nn.Targets)
	pixels := p.Layout.Pixels()
	if len(v.Data) != pixels {
		return fmt.Errorf("a mask of %d pixels, want %d", len(v.Data), pixels)
	}
	for i, class := range v.Data {
		p.Target[row*pixels+i] = int32(class)
	}
	return nil
}
