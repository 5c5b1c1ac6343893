package zoo

import "github.com/rondo-ml/rondo/nn"

// A design is the stages of a network in pieces, and the kit that makes them.

// backboneOf makes the stages of a design.
func backboneOf[C any](design func(c C) (*kit, []part)) func(ps *nn.Params, prefix string, c C) ([]Stage, error) {
	return func(ps *nn.Params, prefix string, c C) ([]Stage, error) {
		k, parts := design(c)
		k.ps = ps
		return k.stages(prefix, parts)
	}
}

// side is a head behind a stage that learns the same as the network's own while
// training, so that gradients reach the first stages by a shorter way (Szegedy et
// al., 2015, section 5).
type side struct {
	name   string
	behind string  // the stage
	weight float32 // of its loss
	make   func(k *kit, in flow) layer

	head layer // made
}

// sided is a backbone with its head, and heads at its side.
type sided struct {
	staged
	sides []side
}

// network registers a design, the head on the map of its last stage, and the heads
// at its side.
func (k *kit) network(parts []part, head func(k *kit, in flow) layer, sides ...side) (Model, error) {
	k.ps = nn.NewParams()
	m := &sided{staged: staged{Classifier: k.Classifier, params: k.ps}, sides: sides}
	var err error
	if m.stages, err = k.stages("", parts); err != nil {
		return nil, err
	}
	m.head = head(k, k.ends[parts[len(parts)-1].name])
	for i := range m.sides {
		s := &m.sides[i]
		s.head = s.make(k, k.ends[s.behind])
	}

	if k.err != nil {
		return nil, k.err
	}
	return m, checkSize(k.ps, "width")
}

func (m *sided) Forward(t *nn.Tape, b *nn.Batch) *nn.Node {
	return m.head.Forward(t, through(t, m.stages, m.image(b), func(s Stage, x *nn.Node) {
		for _, side := range m.sides {
			if side.behind == s.Name && t.Mode == nn.Training {
				b.Auxiliary(side.name, side.head.Forward(t, x), side.weight)
			}
		}
	}))
}

// linear registers a linear layer.
func (k *kit) linear(name string, in, out int) layer {
	l := nn.NewLinear(k.ps, name, in, out, true)
	if k.dense != nil {
		l.Weight.StartAs(k.dense(in))
	}
	return l
}

// meanHead is the mean over the map, dropout, and a linear layer.
func meanHead(name string, dropout float64) func(k *kit, in flow) layer {
	return func(k *kit, in flow) layer {
		return sequence{
			globalMean("avgpool"),
			nn.NewDropout("dropout", float32(dropout), 0),
			k.linear(name, in.channels, k.Classes),
		}
	}
}
