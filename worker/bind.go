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
	fill filler
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
func (d *Dataset) bind(want nn.Part, parts []nn.Part, schema samples.Schema) (binding, error) {
	name, _ := strings.CutSuffix(want.Name, nn.LengthSuffix)
	at := schema.Part(name)
	if at < 0 {
		var names []string
		for _, p := range schema.Parts {
			names = append(names, p.Name)
		}
		return binding{}, fmt.Errorf("has no part %s, which the network needs; it has %s", name, strings.Join(names, ", "))
	}
	have := schema.Parts[at]
	if p, ok := want.Holds.(*nn.Images); ok {
		fill, err := d.bindImages(p, at, parts, schema)
		return binding{fill}, err
	}
	var fill func(holds any, to *rowOf, v samples.Value) error
	var err error
	switch p := want.Holds.(type) {
	case *nn.Values:
		fill, err = d.bindValues(p, have)
	case *nn.Tokens:
		fill, err = bindTokens(p, have)
	case *nn.Lengths:
		fill, err = bindLengths(have)
	case *nn.Begins:
		fill, err = bindBegins(have)
	case *nn.Targets:
		fill, err = bindTargets(p, have)
	case *nn.TargetValues:
		fill, err = bindTargetValues(p, have)
	case *nn.Transcripts:
		fill, err = bindTranscripts(p, have)
	default:
		err = fmt.Errorf("cannot fill the part %s of the network, a %T", want.Name, p)
	}
	return binding{func(holds any, to *rowOf, s samples.Sample) error { return fill(holds, to, s[at]) }}, err
}

// valueFiller is a filler that needs one part of a sample.
type valueFiller = func(holds any, to *rowOf, v samples.Value) error

func typeOf(p samples.Part) string { return fmt.Sprintf("%s%v", p.Element, p.Shape) }
