package look

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/tensor"
)

// Network is what can be looked into: any model.
type Network interface {
	Params() *nn.Params
	Forward(t *nn.Tape, b *nn.Batch) *nn.Node
}

// Layer is what an operation yields.
type Layer struct {
	Name   string
	Layout nn.Layout
	Cols   int // channels, or features
}

// OverTime is how many time steps a row of the layer has at most, and how many channels each. A convolution over time has an image of
// one row for a sequence.
func (l Layer) OverTime() (steps, channels int) {
	if l.Layout.Steps == 1 && l.Layout.Height == 1 {
		return l.Layout.Width, l.Cols
	}
	return l.Layout.Steps, l.Layout.Pixels() * l.Cols
}

// Layers returns the layers of a network for a batch of the shape.
func Layers(net Network, shape nn.Shape) (layers []Layer) {
	t := nn.NewTape(net.Params(), nil, shape, nn.Inference, 0)
	net.Forward(t, t.NewBatch(nil))
	for _, y := range t.Outputs() {
		layers = append(layers, Layer{y.Name, y.Layout, y.Cols})
	}
	return layers
}

// Lens is a network on a tape that looks inside. Some layers are looked at.
type Lens struct {
	Batch *nn.Batch // to be filled before Forward
	Out   *nn.Node  // of the network

	tape   *nn.Tape
	layers []Layer
	nodes  []*nn.Node
	begin  []tensor.Matrix // by layer: where Backward begins
	spent  bool            // Backward has used up what Forward left for it
}

// New records the network to look at the named layers. Gradients pass rectifiers as
// passing says. Its errors name the layers that there are.
func New(net Network, pool *tensor.Pool, shape nn.Shape, passing nn.Passing, names ...string) (*Lens, error) {
	t := nn.NewTape(net.Params(), pool, shape, nn.Training, 0)
	t.LookInside(passing)
	l := &Lens{tape: t, Batch: t.NewBatch(nil)}
	l.Out = net.Forward(t, l.Batch)
	if err := t.Err(); err != nil {
		return nil, err
	}
	outputs := t.Outputs()
	for _, name := range names {
		at := slices.IndexFunc(outputs, func(y nn.Recorded) bool { return y.Name == name })
		if at < 0 {
			return nil, unknown(name, outputs)
		}
		y := outputs[at]
		t.Keep(y.Node)
		l.nodes = append(l.nodes, y.Node)
		l.layers = append(l.layers, Layer{y.Name, y.Layout, y.Cols})
	}
	t.Keep(l.Out)
	l.begin = t.BeginAt("look", l.nodes...)
	t.Plan()
	return l, nil
}

func unknown(name string, outputs []nn.Recorded) error {
	var names []string
	for _, y := range outputs {
		if !slices.Contains(names, y.Name) {
			names = append(names, y.Name)
		}
	}
	return fmt.Errorf("the network has no layer %q; its layers are %s", name, strings.Join(names, ", "))
}

// Layers returns the layers that are looked at, in the order in which they were named.
func (l *Lens) Layers() []Layer { return l.layers }

// Forward computes all layers for what is in the batch.
func (l *Lens) Forward() {
	l.tape.Begin(0, 0, 0)
	l.tape.Forward()
	l.spent = false
}

// Maps is what a layer yields for one row of the batch, [Height, Width, Channels]. What is no images has one pixel.
type Maps struct {
	Height, Width, Channels int
	Values                  []float32
}

// At returns a value.
func (m Maps) At(row, column, channel int) float32 {
	return m.Values[(row*m.Width+column)*m.Channels+channel]
}

// Channel returns one map, [Height, Width].
func (m Maps) Channel(channel int) []float32 {
	one := make([]float32, m.Height*m.Width)
	for i := range one {
		one[i] = m.Values[i*m.Channels+channel]
	}
	return one
}

// Maps returns what layer i yields for a row of the batch, at its first time step, after Forward.
func (l *Lens) Maps(i, row int) Maps {
	y := l.nodes[i]
	return rowOf(y.Layout, y.Value(), row)
}

// rowOf copies what an activation, or its gradient, holds for a row of the batch at the first time step.
func rowOf(l nn.Layout, m tensor.Matrix, row int) Maps {
	maps := Maps{Height: max(1, l.Height), Width: max(1, l.Width), Channels: m.Cols}
	for p := range l.Pixels() {
		maps.Values = append(maps.Values, m.Row(row*l.Pixels()+p)...)
	}
	return maps
}

// Field returns the pixels of the network's first input that pixel (row, column) of layer i is computed from, and
// whether there is such an input.
func (l *Lens) Field(i, row, column int) (nn.Rect, bool) {
	return l.firstOf(l.tape.Field(l.nodes[i], row, column))
}

// Window is Field with what lies in the padding: of one size for all pixels of a layer.
func (l *Lens) Window(i, row, column int) (nn.Rect, bool) {
	return l.firstOf(l.tape.Window(l.nodes[i], row, column))
}

func (l *Lens) firstOf(fields map[*nn.Node]nn.Rect) (nn.Rect, bool) {
	for _, x := range l.tape.Inputs() {
		if r, ok := fields[x]; ok {
			return r, true
		}
	}
	return nn.Rect{}, false
}
