package summary

import (
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/nn/zoo"
	"github.com/rondo-ml/rondo/tensor"
)

func of(t *testing.T, kind string, config any, steps int) *Summary {
	t.Helper()
	n, err := zoo.New(kind, config)
	if err != nil {
		t.Fatal(err)
	}
	s, err := Of(n, steps)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// scheme is a plain network on images of 224 pixels.
func scheme(t *testing.T, layers string) *Summary {
	return of(t, "scheme", zoo.Scheme{Layers: layers + " → mean → fc", Classes: 1000, Height: 224, Width: 224, Channels: 3}, 1)
}

// TestField holds receptive fields against those that were measured on PyTorch's networks, by the longest way through
// each: what branches beside it see lies within.
func TestField(t *testing.T) {
	for _, c := range []struct {
		name, layers string
		want         int
	}{
		{"AlexNet", "conv 64 11x11 stride=4 pad=2 → pool 3 stride=2 → conv 192 5x5 → pool 3 stride=2 → conv 384 → conv 256 → conv 256 → pool 3 stride=2", 195},
		{"VGG-16", "[conv 64]*2 → pool → [conv 128]*2 → pool → [conv 256]*3 → pool → [conv 512]*3 → pool → [conv 512]*3 → pool", 212},
		{"ResNet-50", "conv 64 7x7 stride=2 pad=3 → pool 3 stride=2 pad=1 → [conv 64]*3 → conv 128 stride=2 pad=1 → [conv 128]*3 → " +
			"conv 256 stride=2 pad=1 → [conv 256]*5 → conv 512 stride=2 pad=1 → [conv 512]*2", 427},
		{"MobileNet v1", "conv 32 stride=2 pad=1 → conv 32 groups=32 → conv 64 1x1 → conv 64 stride=2 pad=1 groups=64 → conv 128 1x1 → conv 128 groups=128 → " +
			"conv 128 stride=2 pad=1 groups=128 → conv 256 1x1 → conv 256 groups=256 → conv 256 stride=2 pad=1 groups=256 → " +
			"[conv 256 groups=256 → conv 256 1x1]*5 → conv 256 stride=2 pad=1 groups=256 → conv 256 groups=256", 315},
		{"GoogLeNet", "conv 64 7x7 stride=2 pad=3 → pool 3 stride=2 → conv 64 1x1 → conv 192 → pool 3 stride=2 → [conv 16]*2 → pool 3 stride=2 → " +
			"[conv 16]*5 → pool 2 stride=2 → [conv 16]*2", 379},
		{"dilated", "conv 8 3x3 dilation=2 → conv 8 dilation=4 → conv 8 1x7 pad=0", 19},
	} {
		if got := scheme(t, c.layers).Field; got != c.want {
			t.Errorf("%s: the field is %d, want %d", c.name, got, c.want)
		}
	}
}

// published is what the zoo's kinds are known to be: parameters, multiply-adds in millions, and the receptive field.
var published = []struct {
	kind                    string
	parameters, macs, field int
}{
	{"lenet5", 61_706, 0, 16},
	{"resnet18", 11_689_512, 1814, 435},
	{"resnet50", 25_557_032, 4089, 427},
	{"resnet50-gn", 25_557_032, 4089, 427},
	{"seresnet50", 28_088_024, 4092, 427}, // gates aside
	{"mobilenetv2", 3_504_872, 301, 491},
	{"alexnet", 61_100_840, 714, 195},
	{"vgg16", 138_357_544, 15470, 212},
	{"mobilenetv1", 4_231_976, 569, 315},
	{"googlenet", 13_004_888, 1498, 379}, // with its two side heads
}

func TestPublished(t *testing.T) {
	for _, c := range published {
		info, ok := zoo.Lookup(c.kind)
		if !ok {
			t.Fatalf("no kind %s", c.kind)
		}
		s := of(t, c.kind, info.Config(), 1)
		if macs := (s.MultiplyAdds + 500_000) / 1_000_000; s.Parameters != c.parameters || macs != c.macs || s.Field != c.field {
			t.Errorf("%s: %d parameters, %d million multiply-adds, field %d; want %d, %d, %d", c.kind, s.Parameters, macs, s.Field, c.parameters, c.macs, c.field)
		}
	}
	if s := of(t, "lenet5", zoo.Classifier{Classes: 10, Image: 28, Channels: 1}, 1); s.MultiplyAdds != 416_520 {
		t.Errorf("lenet5: %d multiply-adds", s.MultiplyAdds)
	}
}

// TestLayers lists a network with a branch: shapes, kinds, who reads whom.
func TestLayers(t *testing.T) {
	s := of(t, "resnet-small", zoo.ResNetSmall{Classifier: zoo.Classifier{Classes: 10, Image: 16, Channels: 3}, Blocks: 1, Width: 4}, 1)
	find := func(name string) Layer {
		i := slices.IndexFunc(s.Layers, func(l Layer) bool { return l.Name == name })
		if i < 0 {
			t.Fatalf("no layer %s", name)
		}
		return s.Layers[i]
	}
	if in := s.Inputs; len(in) != 1 || in[0].Name != "image" || !slices.Equal(in[0].Shape, []int{3, 16, 16}) {
		t.Errorf("inputs %v", in)
	}
	conv := find("layer2.0.conv1")
	if conv.Kind != "conv2d" || !slices.Equal(conv.Output, []int{8, 8, 8}) || conv.Parameters != 4*8*9 || conv.MultiplyAdds != 4*8*9*64 {
		t.Errorf("%+v", conv)
	}
	if add := find("layer2.0.add"); add.Kind != "add" || len(add.Inputs) != 2 || add.Parameters+add.MultiplyAdds != 0 {
		t.Errorf("%+v", add)
	}
	if relu := find("layer2.0.relu1"); relu.Kind != "relu" || !slices.Equal(relu.Inputs, []string{"layer2.0.bn1"}) {
		t.Errorf("%+v", relu)
	}
	parameters, macs := 0, 0
	for _, l := range s.Layers {
		parameters, macs = parameters+l.Parameters, macs+l.MultiplyAdds
	}
	if parameters != s.Parameters || macs != s.MultiplyAdds {
		t.Errorf("layers have %d parameters and %d multiply-adds, the network %d and %d", parameters, macs, s.Parameters, s.MultiplyAdds)
	}
}

// TestRecurrent counts the products of cells, a step at a time, normalized weights once.
func TestRecurrent(t *testing.T) {
	base := zoo.CharLM{Vocab: 50, Hidden: 20, Layers: 1, Embed: 8}
	for cell, want := range map[string]int{
		"rnn": 20*8 + 20*20, "gru": 3 * (20*8 + 20*20), "lstm": 4 * (20*8 + 20*20), "lstm-peephole": 4 * (20*8 + 20*20), "mlstm": 5 * (20*8 + 20*20),
	} {
		for _, normed := range []bool{false, true} {
			if normed && cell != "mlstm" {
				continue
			}
			c := base
			c.Cell, c.WeightNorm = cell, normed
			s := of(t, "charlm", c, 3)
			i := slices.IndexFunc(s.Layers, func(l Layer) bool { return l.Kind == cell })
			if i < 0 {
				t.Fatalf("%s: no such layer among %v", cell, s.Layers)
			}
			if got := s.Layers[i].MultiplyAdds; got != 3*want {
				t.Errorf("%s (normalized: %v): %d multiply-adds in three steps, want %d", cell, normed, got, 3*want)
			}
			if s.Steps != 3 || s.Layers[0].Inputs[0] != "text" || s.Field != 0 {
				t.Errorf("%s: %+v", cell, s)
			}
		}
	}
}

// TestAllKinds sums up every kind of the zoo, and wants nothing of its kinds left unsaid.
func TestAllKinds(t *testing.T) {
	pool := tensor.NewPool(1)
	defer pool.Close()
	for _, info := range zoo.Kinds() {
		steps := 1
		if info.Sequences {
			steps = 16
		}
		config := info.Config()
		info.Derive(config, func(string) bool { return false })
		s := of(t, info.Kind, config, steps)
		if s.Parameters == 0 || s.MultiplyAdds == 0 || len(s.Inputs) == 0 {
			t.Errorf("%s: %d parameters, %d multiply-adds, inputs %v", info.Kind, s.Parameters, s.MultiplyAdds, s.Inputs)
		}
		for _, l := range s.Layers {
			if l.Kind == "function of rows" || slices.Contains(l.Inputs, "input") {
				t.Errorf("%s: layer %+v says too little", info.Kind, l)
			}
		}
		if s.Parameters > 5_000_000 { // more of the same
			continue
		}
		n, _ := zoo.New(info.Kind, config)
		if bytes, err := Memory(n, task.Default(info.Task), pool, 2, steps); err != nil || bytes < 4*int64(s.Parameters) {
			t.Errorf("%s: %d bytes, %v", info.Kind, bytes, err)
		}
	}
}

// TestReceptiveOfKinds holds the receptive fields of layers of every kind against what a walk back from each finds, up to the first
// gate or group norm: what these say of whole images counts in the one alone.
func TestReceptiveOfKinds(t *testing.T) {
	compared := 0
	for _, info := range zoo.Kinds() {
		config := info.Config()
		info.Derive(config, func(string) bool { return false })
		n, err := zoo.New(info.Kind, config)
		if err != nil {
			t.Fatal(err)
		}
		tape := nn.NewTape(n.Params(), nil, nn.Shape{Steps: 16, Lanes: 1, Rows: 1}, nn.Inference, 0)
		if !info.Sequences {
			tape.Shape.Steps = 1
		}
		n.Forward(tape, tape.NewBatch(nil))
		list := tape.Operators()
		for i, o := range list {
			_, norm := o.Computes.(*nn.GroupNorm)
			if _, gate := o.Computes.(nn.GateOp); gate || norm {
				break
			}
			y := o.Outputs
			if len(y) == 0 || !y[0].Layout.IsImage() || i%(1+len(list)/3) > 0 {
				continue
			}
			var want nn.Rect
			for _, r := range tape.Window(y[0], y[0].Layout.Height/2, y[0].Layout.Width/2) {
				want = r
			}
			if got := tape.Receptive(y[0]); got != want {
				t.Errorf("%s: %s sees %v, want %v", info.Kind, o.Name, got, want)
			}
			compared++
		}
	}
	if compared < 80 {
		t.Errorf("%d layers were compared", compared)
	}
}

// TestRefusals wants what does not fit as an error.
func TestRefusals(t *testing.T) {
	info, _ := zoo.Lookup("resnet18")
	config := info.Config()
	info.Field("image").Set(config, "16")
	n, err := zoo.New("resnet18", config)
	if err != nil {
		t.Fatal(err)
	}
	pool := tensor.NewPool(1)
	defer pool.Close()
	if _, err := Memory(n, task.Default(task.Class), pool, 1, 1); err == nil || !strings.Contains(err.Error(), "one value of each channel") {
		t.Errorf("a batch norm over one value: %v", err)
	}
}
