package look

import (
	"testing"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/zoo"
	"github.com/rondo-ml/rondo/tensor"
)

// TestField holds receptive fields by arithmetic against gradients: no pixel outside has one, and those that have one,
// over some pictures, reach to all four sides.
func TestField(t *testing.T) {
	pool := tensor.NewPool(1)
	defer pool.Close()
	for _, c := range []struct {
		kind   string
		config any
		layers []string
	}{
		{"lenet5", zoo.Classifier{Classes: 3, Image: 28, Channels: 1}, []string{"conv1", "pool1", "conv2", "pool2", "fc1"}},
		{"resnet-small", zoo.ResNetSmall{Classifier: zoo.Classifier{Classes: 3, Image: 16, Channels: 3}, Blocks: 1, Width: 4}, []string{"bn1", "layer1.0.relu2", "layer2.0.conv1", "fc"}},
	} {
		net, err := zoo.New(c.kind, c.config)
		if err != nil {
			t.Fatal(err)
		}
		net.Params().Allocate()
		net.Params().Initialize(1)
		l, err := New(net, pool, nn.Shape{Steps: 1, Lanes: 1, Rows: pictures}, nn.Gradient, c.layers...)
		if err != nil {
			t.Fatal(err)
		}
		images, _ := l.images()
		nn.Stream{Seed: 2}.Normal(images.Pixels, 1)
		for i, layer := range l.Layers() {
			h, w := max(1, layer.Layout.Height), max(1, layer.Layout.Width)
			places := [][2]int{{0, 0}, {h / 2, w / 3}, {h - 1, w - 1}}
			if testing.Short() {
				places = places[i%3 : i%3+1]
			}
			for _, at := range places {
				t.Run(c.kind+"/"+layer.Name, func(t *testing.T) { checkField(t, l, i, at[0], at[1]) })
			}
		}
	}
}

// pictures is over how many gradients are looked at: a rectifier or a maximum lets none pass in some.
const pictures = 6

func checkField(t *testing.T, l *Lens, i, y, x int) {
	field, ok := l.Field(i, y, x)
	if !ok {
		t.Fatal("no field")
	}
	reached := nn.Rect{Top: 1 << 20, Left: 1 << 20}
	for row := range pictures {
		l.Forward()
		g, err := l.back(i, func(begin Maps) {
			for channel := range begin.Channels {
				begin.Values[(y*begin.Width+x)*begin.Channels+channel] = float32(channel%3) - 1.25
			}
		}, row)
		if err != nil {
			t.Fatal(err)
		}
		for p, v := range g.Values {
			if at := p / g.Channels; v != 0 {
				r, c := at/g.Width, at%g.Width
				reached.Top, reached.Left = min(reached.Top, r), min(reached.Left, c)
				reached.Bottom, reached.Right = max(reached.Bottom, r+1), max(reached.Right, c+1)
			}
		}
	}
	if field != reached {
		t.Errorf("unit %d,%d: the field is %v, gradients reach %v", y, x, field, reached)
	}
	if !l.Layers()[i].Layout.IsImage() {
		return
	}
	image, _ := l.images()
	if window, _ := l.Window(i, y, x); window.Within(image.Height, image.Width) != field && window.Height() <= field.Height() {
		t.Errorf("unit %d,%d: the window %v does not hold the field %v", y, x, window, field)
	}
}
