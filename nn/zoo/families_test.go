package zoo

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/safetensors"
	"github.com/rondo-ml/rondo/nn/task"
)

// Whoever computes which lanes, with dropout and stochastic depth, weights and
// statistics come out the same.
func TestFamilyTrainingDoesNotDependOnTheSplit(t *testing.T) {
	for kind, config := range map[string]any{
		"efficientnet-b0":   EfficientNet{Scaled{Classifier{10, 32, 3}, 0.25, 0.4}, 0.2, 0.5, normOwn, padEven},
		"efficientnet-v2-s": EfficientNet{Scaled{Classifier{10, 32, 3}, 0.25, 0.2}, 0.2, 0.5, normOwn, padEven},
		"convnext-tiny":     ConvNeXt{Scaled{Classifier{10, 32, 3}, 1.0 / 12, 0.2}, 0.5},
	} {
		t.Run(kind, func(t *testing.T) {
			want, wantLoss := trainImages(t, kind, config, 1, []int{4})
			for _, s := range []struct {
				threads int
				parts   []int
			}{{2, []int{1, 3}}, {3, []int{2, 1, 1}}} {
				got, loss := trainImages(t, kind, config, s.threads, s.parts)
				if !slices.Equal(got, want) || fmt.Sprint(loss) != fmt.Sprint(wantLoss) {
					t.Errorf("lanes %v on %d goroutines give other bits", s.parts, s.threads)
				}
			}
		})
	}
}

func TestFamilyErrors(t *testing.T) {
	for _, c := range []struct {
		kind   string
		config any
		want   string
	}{
		{"efficientnet-b0", EfficientNet{Scaled{Classifier{10, 15, 3}, 1, 1}, 0, 0, normOwn, padEven}, "model.image: 15 is not allowed; the network takes images of 16"},
		{"efficientnet-b0", EfficientNet{Scaled{Classifier{10, 32, 3}, 0, 1}, 0, 0, normOwn, padEven}, "model.width: 0 is not allowed"},
		{"efficientnet-b0", EfficientNet{Scaled{Classifier{10, 32, 3}, 1, -1}, 0, 0, normOwn, padEven}, "model.depth: -1 is not allowed"},
		{"efficientnet-v2-l", EfficientNet{Scaled{Classifier{10, 32, 3}, 16, 16}, 0, 0, normOwn, padEven}, "model.width: the model has "},
		{"fcn8s", FCNVGG{Segmenter{257, 32, 32, 3}, 4, 1, 0}, "model.classes: 257 is not allowed"},
		{"fcn8s", FCNVGG{Segmenter{10, 32, 32, 3}, 0, 1, 0}, "model.filters: 0 is not allowed"},
		{"fcn-resnet50", FCNHead{Segmenter{10, 15, 32, 3}, 1, 1, 0, 0}, "the network takes images of 16 pixels or more"},
		{"fcn-resnet50", FCNHead{Segmenter{10, 32, 15, 3}, 1, 1, 0, 0}, "the backbone resnet50 for images of 32x15 pixels: its image: 15 is not allowed"},
		{"fpn", FPN{Segmenter{10, 128, 333, 3}, "bninception", 1, 1, 16}, "images of 128x333 pixels: its image: 333 is not allowed: branches of body.inception_3c make"},
		{"fpn", FPN{Segmenter{10, 1100, 1100, 3}, "bninception", 1, 1, 16}, "images of 1100x1100 pixels: branches of "},
		{"fpn", FPN{Segmenter{10, 64, 64, 3}, "efficientnet-b5", 16, 1, 16}, "the backbone efficientnet-b5 for images of 64x64 pixels: its width: 25.6 is not allowed"},
		{"fpn", FPN{Segmenter{10, 64, 64, 3}, "lenet5", 1, 1, 16}, `model.backbone: "lenet5" is no kind with stages that maps can be taken from; there are `},
		{"fpn", FPN{Segmenter{10, 64, 64, 3}, "resnet5", 1, 1, 16}, `there are resnet50 (did you mean resnet50?), alexnet, `},
		{"fcn-head", changed("fcn-head", func(c *FCNOnBackbone) { c.Backbone = "mobilenet2" }), `model.backbone: "mobilenet2" is no kind with stages`},
		{"fcn-head", changed("fcn-head", func(c *FCNOnBackbone) { c.Backbone = "mobilenet2" }), `(did you mean mobilenetv2?)`},
		{"features", changed("features", func(c *Features) { c.Backbone = "resnet-18" }), `(did you mean resnet18?)`},
		{"features", changed("features", func(c *Features) { c.Cut = "layer5" }), `model.cut: resnet50 has no stage or layer "layer5" before its head; it has maxpool, layer1, layer2, layer3, layer4 (did you mean layer1?)`},
		{"features", changed("features", func(c *Features) { c.Cut = "fc" }), `model.cut: resnet50 has no stage or layer "fc" before its head`},
		{"features", changed("features", func(c *Features) { c.Cut = "layer2.0.relu1" }), "model.cut: layer2.0.relu1 of resnet50 is one branch of several: layer2.0.downsample.0 is computed beside it, and would be lost; cut where they have met, as at layer2"},
		{"features", changed("features", func(c *Features) { c.Backbone, c.OutputStride = "vgg11", 8 }), "model.output_stride: vgg11 has none but 32: dilation is defined, as torchvision has it, for resnet101, resnet152, resnet18"},
		{"features", changed("features", func(c *Features) { c.OutputStride = 12 }), "output_stride: 12 is not allowed; want 8, 16 or 32"},
		{"features", changed("features", func(c *Features) { c.Image = 15 }), "model.image: 15 is not allowed; the network takes images of 16 pixels or more: layer4 is left a map of 1x1, and takes larger ones (the backbone resnet50)"},
		{"resnet50-gn", ResNet{Scaled{Classifier{10, 32, 3}, 0.45, 1}, Dilated{32}}, "model.width: 0.45 makes 56 channels, of which 32 groups cannot be made"},
		{"resnet50-gn", ResNet{Scaled{Classifier{10, 32, 3}, 1.05, 1}, Dilated{32}}, "model.width: 1.05 makes 136 channels, of which 32 groups cannot be made"},
		{"convnext-tiny", ConvNeXt{Scaled{Classifier{10, 31, 3}, 1, 1}, 0}, "model.image: 31 is not allowed; the network takes images of 32"},
		{"convnext-tiny", ConvNeXt{Scaled{Classifier{10, 32, 3}, 1, 1}, 1}, "model.stochastic_depth: 1 is not allowed"},
	} {
		if _, err := New(c.kind, c.config); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %+v: error %v, want one with %q", c.kind, c.config, err, c.want)
		}
	}
}

// B0 to B7 are one network at eight scales: B0 with the width, depth and image of
// another is that one, but for how its norms move (TestNormsOfEfficientNet).
func TestCompoundScaling(t *testing.T) {
	for _, e := range efficientNets[:8] {
		info, _ := Lookup("efficientnet-b0")
		c := info.Config().(*EfficientNet)
		c.Width, c.Depth, c.Image = e.width, e.depth, e.image
		scaled, err := New("efficientnet-b0", c)
		if err != nil {
			t.Fatal(err)
		}
		other, _ := Lookup("efficientnet-" + e.name)
		published, err := New(other.Kind, other.Config())
		if err != nil {
			t.Fatal(err)
		}
		n, sha := listing(scaled.Params())
		if m, want := listing(published.Params()); n != m || sha != want {
			t.Errorf("B0 at the scale of %s has %d tensors, want %d, or others", e.name, n, m)
		}
	}
}

// Norms of B5 to B7 and of V2 have another eps, and those of B5 to B7 move slower;
// what is squeezed is a quarter of the block's input, not of the widened channels.
func TestNormsAndSqueezesOfEfficientNets(t *testing.T) {
	for _, k := range efficientNets {
		info, _ := Lookup("efficientnet-" + k.name)
		m, err := New(info.Kind, info.Config())
		if err != nil {
			t.Fatal(err)
		}
		eps, momentum := float32(1e-5), float32(0.1)
		switch {
		case strings.HasPrefix(k.name, "v2"):
			eps = 1e-3
		case k.name >= "b5":
			eps, momentum = 1e-3, 0.01
		}
		if got := nn.NewBatchNorm(nn.NewParams(), "norm", 1, k.norm).Eps; got != eps {
			t.Errorf("%s: norms have an eps of %v, want %v", info.Kind, got, eps)
		}
		for _, s := range m.Params().Statistics {
			if s.Momentum != momentum {
				t.Fatalf("%s: %s has momentum %v, want %v", info.Kind, s.Name, s.Momentum, momentum)
			}
		}
		for _, p := range m.Params().List {
			name, ok := strings.CutSuffix(p.Name, "2.fc1.weight") // behind what widens and the depthwise convolution
			if !ok {
				continue
			}
			if in := m.Params().Get(name + "0.0.weight").Shape[1]; p.Shape[0] != in/4 {
				t.Errorf("%s: %s squeezes to %d in a block of %d channels", info.Kind, p.Name, p.Shape[0], in)
			}
		}
	}
}

// A pyramid sits on any backbone: its levels are the last maps of strides 4, 8, 16
// and 32, for images of any size.
func TestPyramidOnAnyBackbone(t *testing.T) {
	for _, info := range Kinds() {
		if info.backbone == nil {
			continue
		}
		m, err := New("fpn", FPN{Segmenter{5, 192, 256, 3}, info.Kind, 0.5, 0.1, 8})
		if err != nil {
			t.Errorf("%s: %v", info.Kind, err)
			continue
		}
		tape := nn.NewTape(m.Params(), nil, nn.Shape{Steps: 1, Lanes: 1, Rows: 2}, nn.Training, 0)
		r := Record(m, task.Default(task.Pixels), tape, nil)
		if l := r.Out.Layout; l.Height != 192 || l.Width != 256 || r.Out.Cols != 5 || len(m.Model.(*fpn).levels) < 3 {
			t.Errorf("%s: %v from levels %v", info.Kind, r.Out, m.Model.(*fpn).levels)
		}
	}
}

// Weights of timm, whose layer scale is gamma and has one dimension, fit under the
// names that PyTorch showed to stand for the same.
func TestConvNeXtOfTimm(t *testing.T) {
	var file map[string][2]any
	readReference(t, "timm_convnext.json", &file)
	m, err := New("convnext-tiny", smallFamilies["convnext-tiny"])
	if err != nil {
		t.Fatal(err)
	}
	ps, rename := m.Params(), m.Model.(*convNeXt).WeightName
	if len(file) != len(ps.List) {
		t.Errorf("%d names, the model has %d", len(file), len(ps.List))
	}
	var source safetensors.List
	for name, entry := range file {
		if got := rename(name); got != entry[0] || rename(got) != got {
			t.Errorf("%s is called %s, want %s", name, got, entry[0])
		}
		var shape []int
		n := 1
		for _, extent := range entry[1].([]any) {
			shape = append(shape, int(extent.(float64)))
			n *= int(extent.(float64))
		}
		source = append(source, safetensors.Tensor{Name: name, Shape: shape, Data: make([]float32, n)})
	}
	if report, err := ps.Fits(source, nn.LoadOptions{Rename: rename}); err != nil || len(report.Misfits()) > 0 {
		t.Errorf("the weights do not fit: %v", err)
	}
}

// Weights of timm fit under the names that PyTorch showed to stand for the same.
func TestEfficientNetOfTimm(t *testing.T) {
	var file map[string]map[string]string
	readReference(t, "timm_efficientnet.json", &file)
	for kind, names := range file {
		m, err := New(kind, mustLookup(t, kind).Config())
		if err != nil {
			t.Fatal(err)
		}
		ps, rename := m.Params(), m.Model.(*efficientNet).WeightName
		if own := len(ps.List) + len(ps.Statistics) + len(ps.Counters); len(names) != own {
			t.Errorf("%s: %d names, the model has %d", kind, len(names), own)
		}
		for name, want := range names {
			if got := rename(name); got != want || rename(want) != want {
				t.Errorf("%s: %s is called %s, want %s; and that %s", kind, name, got, want, rename(want))
			}
		}
	}
	for _, name := range []string{"blocks.9.0.conv_dw.weight", "blocks.-1.0.conv_dw.weight", "blocks.1.0.conv.weight", "blocks", "classifier.1.weight"} {
		if got := (&efficientNet{table: efficientB0}).WeightName(name); got != name {
			t.Errorf("%s is called %s", name, got)
		}
	}
}

// B0 with the fields and the norms of B5 comes to its bits, and not with its own; B5 with PyTorch's to those of B0.
func TestNormsOfEfficientNet(t *testing.T) {
	trained := func(kind, norm string) []float32 {
		weights, _ := trainImages(t, kind, EfficientNet{Scaled{Classifier{10, 32, 3}, 0.25, 0.2}, 0, 0, norm, padEven}, 1, []int{4})
		return weights
	}
	b0, b5 := trained("efficientnet-b0", normOwn), trained("efficientnet-b5", normOwn)
	if slices.Equal(b0, b5) || !slices.Equal(b5, trained("efficientnet-b0", "tensorflow")) || !slices.Equal(b0, trained("efficientnet-b5", "pytorch")) {
		t.Error("the norms are not those that are asked for")
	}
	if _, err := New("efficientnet-b0", changed("efficientnet-b0", func(c *EfficientNet) { c.Norm = "slow" })); err == nil || !strings.Contains(err.Error(), "want one of own, pytorch, tensorflow") {
		t.Errorf("error %v", err)
	}
}
