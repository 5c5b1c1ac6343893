package zoo

import (
	"fmt"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/tensor"
)

func init() {
	Register("scheme", Kind[Scheme]{
		About:  "a plain convolutional network, written as INPUT → [CONV → RELU → POOL]*2 → FC 120 → RELU → FC",
		Task:   task.Class,
		Sample: "image",
		Defaults: Scheme{Classes: 10, Height: 28, Width: 28, Channels: 1,
			Layers: "[conv 32 → norm → relu → pool]*2 → fc 128 → relu → dropout 0.5 → fc"},
		New: newScheme,
	})
}

// Scheme describes a network of layers one behind another.
type Scheme struct {
	Layers   string `field:"layers" about:"conv [N] [KxK] [stride=S pad=P|same groups=G dilation=D], norm, relu…, pool [K] [stride=S], avgpool, mean, dropout P, fc [N], with → or > between them; [ … ]*N repeats; without N: conv 32, doubled behind a pool; fc 128, the last one classes"`
	Classes  int    `field:"classes" allowed:"[1, 65536]" about:"what images are told apart into"`
	Height   int    `field:"height" allowed:"[1, 1024]" about:"of the images in pixels"`
	Width    int    `field:"width" allowed:"[1, 1024]" about:"of the images in pixels"`
	Channels int    `field:"channels" allowed:"[1, 1024]" about:"1 for grey, 3 for colour"`
}

// scheme is a network of layers one behind another. Layer i, counted from 0 as
// in torch.nn.Sequential, has its parameters as layers.i.weight and so on; what
// has none is counted too. Before the first fc images become rows, in PyTorch's
// order.
type scheme struct {
	Scheme
	params *nn.Params
	layers []func(t *nn.Tape, x *nn.Node) *nn.Node
}

// schemeBuilder is a scheme while it is built: what the next layer reads.
type schemeBuilder struct {
	*scheme
	channels, height, width int  // of images; of rows, channels features and height 0
	filters                 int  // of the convolution before; 0: there is none
	halved                  bool // the map, since then
	sites                   uint32
}

func newScheme(c Scheme) (Model, error) {
	steps, err := parseScheme(c.Layers)
	if err != nil {
		return nil, fmt.Errorf("model.layers: %w", err)
	}
	m := &scheme{Scheme: c, params: nn.NewParams()}
	d := &schemeBuilder{scheme: m, channels: c.Channels, height: c.Height, width: c.Width}
	for i, s := range steps {
		if err := d.add(i, s, i == len(steps)-1); err != nil {
			return nil, fmt.Errorf("model.layers: layer %d, %s: %w", i, s, err)
		}
		if n := m.params.Size(); n > maxParameters {
			return nil, fmt.Errorf("model.layers: layer %d, %s: %d parameters; at most %d are allowed", i, s, n, maxParameters)
		}
	}
	if d.height > 0 || d.channels != c.Classes {
		return nil, fmt.Errorf("model.layers: the network ends in %s, and %d classes are wanted; end it with fc", d.shape(), c.Classes)
	}
	return m, nil
}

func (d *schemeBuilder) shape() string {
	if d.height == 0 {
		return fmt.Sprintf("rows of %d features", d.channels)
	}
	return fmt.Sprintf("images of %dx%d with %d channels", d.height, d.width, d.channels)
}

// add adds a layer. An error says what does not fit.
func (d *schemeBuilder) add(i int, s schemeStep, last bool) error {
	name := fmt.Sprintf("layers.%d", i)
	if s.of.images && d.height == 0 {
		return fmt.Errorf("it takes images, and reads %s", d.shape())
	}
	return s.of.build(d, name, s, last)
}

func (d *schemeBuilder) record(f func(t *nn.Tape, x *nn.Node) *nn.Node) {
	d.layers = append(d.layers, f)
}

func (m *scheme) Params() *nn.Params { return m.params }

func (m *scheme) Forward(t *nn.Tape, b *nn.Batch) *nn.Node {
	x := b.Images("image", m.Height, m.Width, m.Channels)
	for _, layer := range m.layers {
		x = layer(t, x)
	}
	return x
}

// out is the size of what a window makes of images, or an error.
func (d *schemeBuilder) out(s schemeStep, kh, kw, stride int) (height, width int, err error) {
	side := func(in, kernel int) (int, error) {
		e := tensor.Extent{In: in, Kernel: kernel, Stride: stride, Pad: s.number("pad", 0), Dilation: s.number("dilation", 1), Same: s.same}
		return e.Out()
	}
	if height, err = side(d.height, kh); err == nil {
		width, err = side(d.width, kw)
	}
	return height, width, err
}
