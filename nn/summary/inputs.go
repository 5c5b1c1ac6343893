package summary

import "github.com/rondo-ml/rondo/nn"

// inputs are the parts of the data that were asked for.
func inputs(b *nn.Batch) (list []Input) {
	for _, p := range b.Parts() {
		in := Input{Name: p.Name}
		switch h := p.Holds.(type) {
		case *nn.Images:
			in.Shape = []int{h.Channels, h.Height, h.Width}
		case *nn.Values:
			in.Shape = []int{h.Cols}
			if h.Layout.Steps > 1 {
				in.Shape = []int{h.Layout.Steps, h.Cols}
			}
		case *nn.Tokens:
			in.Shape = []int{len(h.Input)}
		case *nn.Lengths:
			in.Shape = []int{}
		default: // what is to be met
			continue
		}
		list = append(list, in)
	}
	return list
}

// PartOf is the name of the part that an input of the network holds.
func PartOf(b *nn.Batch, x *nn.Node) string {
	data := x.Given()
	for _, p := range b.Parts() {
		var own []float32
		switch h := p.Holds.(type) {
		case *nn.Images:
			own = h.Pixels
		case *nn.Values:
			own = h.Data
		}
		if len(own) > 0 && len(data) > 0 && &own[0] == &data[0] {
			return p.Name
		}
	}
	return "input"
}

// holderOf is the name of the part that tokens are.
func holderOf(b *nn.Batch, tokens *nn.Tokens) string {
	for _, p := range b.Parts() {
		if p.Holds == tokens {
			return p.Name
		}
	}
	return "input"
}
