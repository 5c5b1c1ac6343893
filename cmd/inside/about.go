package inside

import (
	"context"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/look"
)

// layer is one as the page lists it.
type layer struct {
	Name     string `json:"name"`
	Image    bool   `json:"image"`
	Height   int    `json:"height"`
	Width    int    `json:"width"`
	Channels int    `json:"channels"`
	Field    [2]int `json:"field"`           // rows and columns of pixels that a value is computed from; 0: of none
	Steps    int    `json:"steps,omitempty"` // of a sequence, at most
	Kept     []int  `json:"kept,omitempty"`  // of what was kept of a text: these channels, the liveliest first
}

type convolution struct {
	Name     string `json:"name"`
	Filters  int    `json:"filters"`
	Channels int    `json:"channels"`
	Height   int    `json:"height"`
	Width    int    `json:"width"`
}

type state struct {
	Name  string `json:"name"`
	Cells int    `json:"cells"`
	Kept  []int  `json:"kept,omitempty"` // of what was kept: these cells, the liveliest first
}

// about says what can be asked.
type about struct {
	Kind         string        `json:"kind"` // text, pictures, sequence, symbols, or none
	Why          string        `json:"why,omitempty"`
	Steps        []uint64      `json:"steps"`
	Step         uint64        `json:"step"`
	Digest       string        `json:"digest"`
	Source       string        `json:"source,omitempty"`  // of the samples
	Samples      int           `json:"samples"`           // or bytes, of a text
	Missing      string        `json:"missing,omitempty"` // why there are none
	Layers       []layer       `json:"layers,omitempty"`  // of pictures, sequences and symbols
	Convolutions []convolution `json:"convolutions,omitempty"`
	States       []state       `json:"states,omitempty"` // of texts
}

func (n *network) about(context.Context, query) (answer, error) {
	a, err := n.describe()
	if err != nil {
		return answer{}, err
	}
	return ofJSON(a)
}

func (n *network) describe() (a about, err error) {
	a = about{Step: n.manifest.Step, Digest: n.manifest.Digest}
	if a.Steps, err = n.steps(); err != nil {
		return a, err
	}
	a.Kind, a.Why = n.kind()
	switch a.Kind {
	case "text":
		a.States, err = n.states()
		if len(a.States) == 0 {
			a.Kind, a.Why = "", "the network carries no state from one character to the next"
		}
	case "sequence":
		a.Layers, err = n.sequenceLayers()
	case "symbols":
		a.Layers, err = n.symbolLayers()
	case "pictures":
		a.Layers, err = n.layers()
		for _, w := range Convolutions(n.p.Network().Params()) {
			a.Convolutions = append(a.Convolutions, convolution{ConvolutionName(w), w.Shape[0], w.Shape[1], w.Shape[2], w.Shape[3]})
		}
	}
	if err != nil {
		a.Kind, a.Why = "", err.Error()
	}
	if a.Kind != "" {
		a.Source, a.Samples, err = n.samples()
		if err != nil {
			a.Missing = err.Error()
		}
	}
	return a, nil
}

func (n *network) layers() (list []layer, err error) {
	var names []string
	seen := map[string]bool{}
	for _, y := range LayersOf(n.p) {
		if !seen[y.Name] {
			names = append(names, y.Name)
		}
		seen[y.Name] = true
	}
	l, err := NewLens(n.p, 1, nn.Gradient, names...)
	if err != nil {
		return nil, err
	}
	for i, y := range l.Layers() {
		one := layer{Name: y.Name, Image: y.Layout.IsImage(), Height: max(1, y.Layout.Height), Width: max(1, y.Layout.Width), Channels: y.Cols}
		if r, ok := l.Window(i, y.Layout.Height/2, y.Layout.Width/2); ok {
			one.Field = [2]int{r.Height(), r.Width()}
		}
		list = append(list, one)
	}
	return list, nil
}

// states are what the network carries from one character to the next.
func (n *network) states() (list []state, err error) {
	r, err := look.Read(n.writer, n.pool, nil)
	if err != nil {
		return nil, err
	}
	for _, s := range r.States {
		list = append(list, state{s.Name, s.Width, nil})
	}
	return list, nil
}

// samples says of which set, and of how many samples or bytes, is shown.
func (n *network) samples() (source string, count int, err error) {
	if source, err = n.source(); err != nil {
		return "", 0, err
	}
	if n.p == nil {
		set, err := n.textSet(source)
		if err != nil {
			return source, 0, err
		}
		return source, int(set.Size()), nil
	}
	set, err := n.samplesOf()
	if err != nil {
		return source, 0, err
	}
	return source, set.Len(), nil
}
