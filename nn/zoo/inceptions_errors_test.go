package zoo

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/tensor"
)

// A network says which layer the images are too small for, or which fields do not go together.
func TestInceptionErrors(t *testing.T) {
	for _, c := range []struct {
		kind   string
		config any
		want   string
	}{
		{"googlenet", changed("googlenet", func(c *TransformedGoogLeNet) { c.Image = 1 }),
			"model.image: 1 is not allowed: maxpool1.pool, which is left a map of 1x1, takes larger ones"},
		{"googlenet", changed("googlenet", func(c *TransformedGoogLeNet) { c.TransformInput, c.Channels = true, 1 }),
			"model.transform_input: images of 1 channels are not allowed"},
		{"googlenet-original", changed("googlenet-original", func(c *GoogLeNet) { c.Image = 64 }),
			"model.image: 64 is not allowed: loss1.ave.pool, which is left a map of 4x4, takes larger ones"},
		{"inceptionv3", changed("inceptionv3", func(c *InceptionV3) { c.Image = 298 }),
			"model.sides: true is not allowed for images of 298 pixels"},
		{"inceptionv3", changed("inceptionv3", func(c *InceptionV3) { c.Image, c.Sides = 74, false }),
			"model.image: 74 is not allowed: Mixed_7a.branch3x3_2, which is left a map of 2x2, takes larger ones"},
		{"bninception", changed("bninception", func(c *Scaled) { c.Image = 104 }),
			"model.image: 104 is not allowed: branches of inception_3c make maps of 7x7 and of 6x6 of one of 13x13"},
		{"inceptionv4", changed("inceptionv4", func(c *InceptionV4) { c.Image = 40 }), "model.image: 40 is not allowed: features.10."},
		{"inception-resnet-v2", changed("inception-resnet-v2", func(c *InceptionResNet) { c.Image = 40 }), "model.image: 40 is not allowed: mixed_6a."},
		{"inception-resnet-v1", changed("inception-resnet-v1", func(c *InceptionResNet) { c.Width = 16 }), "model.width: the model has"},
		{"xception", changed("xception", func(c *Xception) { c.Image = 4 }), "model.image: 4 is not allowed: conv2, which is left a map of 1x1"},
		{"nasnet-mobile", changed("nasnet-mobile", func(c *NASNet) { c.Image = 15 }), "model.image: 15 is not allowed; the network takes images of 16"},
	} {
		if _, err := New(c.kind, c.config); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.kind, err, c.want)
		}
	}
}

// TestTooSmall tries every kind of images with fewer pixels than it takes: the error says which layer is left too small a
// map, and it does from some size up no more. Kinds that are not listed have no such layer, and say from where on images
// make sense to them.
func TestTooSmall(t *testing.T) {
	const ofAll = "the network takes images of"
	layers := map[string]map[int]string{ // by the last size that the layer is too small for
		"alexnet":             {62: "features.12 is left a map of 2x2", 30: "features.5 is left a map of 2x2", 6: "features.0 is left a map of 6x6"},
		"alexnet-caffe":       {54: "nothing is left behind conv5", 30: "nothing is left behind conv2", 18: "of a map of 18x18 nothing is left behind conv1"},
		"zfnet":               {1: "is not allowed"},
		"convnext-tiny":       {31: "features.6.1 is left a map of 1x1", 15: "features.4.1 is left a map of 1x1", 3: "features.0.0 is left a map of 3x3"},
		"densenet121":         {28: "features.transition3.pool is left a map of 1x1", 12: "features.transition2.pool is left a map of 1x1"},
		"vgg11":               {31: "features.20 is left a map of 1x1", 1: "features.2 is left a map of 1x1"},
		"vgg19-bn":            {31: "features.52 is left a map of 1x1"},
		"lenet5":              {11: "pool2 is left a map of 1x1", 9: "conv2 is left a map of 4x4", 1: "pool1 is left a map of 1x1"},
		"lenet5-1998":         {15: "s4 is left a map of 1x1", 13: "c3 is left a map of 4x4", 4: "c1 is left a map of 4x4"},
		"googlenet":           {14: "maxpool3.pool, which is left a map of 1x1"},
		"googlenet-original":  {78: "loss1.ave.pool, which is left a map of 4x4"},
		"bninception":         {22: "inception_4e.pool, which is left a map of 1x1"},
		"inceptionv3":         {74: "Mixed_7a.branch3x3_2, which is left a map of 2x2"},
		"inceptionv4":         {74: "features.18.branch0.1, which is left a map of 2x2"},
		"inception-resnet-v1": {4: "conv2d_2a, which is left a map of 1x1"},
		"inception-resnet-v2": {40: "mixed_6a."},
		"xception":            {4: "conv2, which is left a map of 1x1"},
		"resnet18":            {15: "layer4 is left a map of 1x1", 8: "layer3 is left a map of 1x1", 1: "conv1 is left a map of 1x1"},
		"resnet50-gn":         {15: "layer4 is left a map of 1x1"},
		"mobilenetv1":         {15: "blocks.4 is left a map of 1x1", 2: "blocks.1 is left a map of 1x1"},
		"mobilenetv2":         {15: "features.14 is left a map of 1x1", 4: "features.4 is left a map of 1x1"},
		"efficientnet-b0":     {15: "features.6 is left a map of 1x1"},
		"efficientnet-v2-s":   {15: "features.6 is left a map of 1x1", 2: "features.2 is left a map of 1x1"},
		"nasnet-mobile":       {15: "reduction_cell_1 is left a map of 1x1", 2: "conv0 is left a map of 2x2"},
	}
	for _, info := range Kinds() {
		if info.Field("image") == nil {
			continue
		}
		of := func(side int) error {
			config := info.Config()
			*info.Field("image").At(config).(*int) = side
			info.Derive(config, func(field string) bool { return field == "image" })
			_, err := New(info.Kind, config)
			return err
		}
		want := layers[info.Kind]
		if want == nil {
			want = map[int]string{1: ofAll}
		}
		for side, text := range want {
			if err := of(side); err == nil || !strings.Contains(err.Error(), text) || !strings.Contains(err.Error(), fmt.Sprintf("model.image: %d ", side)) {
				t.Errorf("%s: images of %d: error %v, want one with %q", info.Kind, side, err, text)
			}
		}
	}
}

// The side head of Inception v3 is there by default where images have room for it.
func TestInceptionV3Sides(t *testing.T) {
	info := mustLookup(t, "inceptionv3")
	for image, want := range map[int]bool{299: true, 298: false} {
		c := info.Config().(*InceptionV3)
		c.Image = image
		info.Derive(c, func(field string) bool { return field == "image" })
		if c.Sides != want {
			t.Errorf("images of %d pixels: sides %v by default", image, c.Sides)
		}
	}
	c := info.Config().(*InceptionV3)
	c.Sides = false
	info.Derive(c, func(field string) bool { return field == "sides" })
	if c.Sides {
		t.Error("sides that were not wanted are there")
	}
}

// Modules beyond a table have the channels of its last row, and names of their own.
func TestDeeperThanTheTable(t *testing.T) {
	c := changed("googlenet", func(c *TransformedGoogLeNet) { c.Width, c.Depth, c.Sides = 0.125, 7, false })
	_, parts := c.design()
	var names []string
	for _, p := range parts {
		if strings.HasPrefix(p.name, "inception4") {
			names = append(names, p.name[len("inception4"):])
		}
	}
	if len(names) != 35 || names[25] != "z" || names[26] != "za" || slices.Contains(names[:34], names[34]) {
		t.Errorf("modules %v", names)
	}
	if _, err := New("googlenet", c); err != nil {
		t.Error(err)
	}
}

// Pixels with ImageNet's mean and deviation are transformed to those between -1 and 1, before they are padded.
func TestTransformInput(t *testing.T) {
	for kind, image := range map[string]int{"googlenet": 32, "inceptionv3": 80} {
		logits := func(transforms bool, pixel func(v float32, channel int) float32) []float32 {
			config := shrunk(t, kind, image, inceptionFacts{Width: 0.0625, Depth: 0.1})
			info := mustLookup(t, kind)
			*info.Field("transform_input").At(config).(*bool) = transforms
			*info.Field("sides").At(config).(*bool) = false
			s := recordStep(t, kind, config, pixelSite, 1, nn.Inference)
			for i := range s.pixels {
				s.pixels[i] = pixel(s.pixels[i], i%3)
			}
			s.tape.Forward()
			return s.Out.Value().Data
		}
		same := func(v float32, _ int) float32 { return v }
		got := logits(true, same)
		var want []float64
		for _, v := range logits(false, func(v float32, channel int) float32 {
			mean, deviation := []float32{0.485, 0.456, 0.406}[channel], []float32{0.229, 0.224, 0.225}[channel]
			return (v*deviation + mean - 0.5) / 0.5
		}) {
			want = append(want, float64(v))
		}
		closeTo(t, kind, got, want, 1e-5)
		if slices.Equal(got, logits(false, same)) {
			t.Errorf("%s transforms nothing", kind)
		}
	}
}

// Weights of networks of a quarter of the channels start with the deviations of the implementations.
func TestFirstWeightsOfScaled(t *testing.T) {
	begun := map[string]*nn.Params{}
	for _, c := range []struct {
		kind, name string
		deviation  float64
	}{
		{"googlenet", "inception4a.branch2.1.conv.weight", 0.01},
		{"googlenet", "aux1.fc1.weight", 0.01},
		{"googlenet-original", "inception_4a.3x3.weight", 1 / math.Sqrt(24*9)},
		{"inceptionv3", "Mixed_6c.branch7x7_2.conv.weight", 0.1},
		{"inceptionv3", "fc.weight", 0.1},
		{"inceptionv3", "AuxLogits.conv1.conv.weight", 0.01},
		{"inceptionv3", "AuxLogits.fc.weight", 0.001},
		{"bninception", "inception_3b_3x3.weight", 1 / math.Sqrt(3*16*9)},
		{"xception", "block4.rep.1.conv1.weight", math.Sqrt(2.0 / (184 * 9))},
		{"xception", "block4.rep.1.pointwise.weight", math.Sqrt(2.0 / 184)},
		{"seresnet50", "layer2.0.se.fc1.weight", math.Sqrt(2.0 / 8)},
		{"seresnet50", "layer2.0.se.fc2.weight", math.Sqrt(2.0 / 128)},
	} {
		ps := begun[c.kind]
		if ps == nil {
			info := mustLookup(t, c.kind)
			config := info.Config()
			*info.Field("width").At(config).(*float64) = 0.25
			m, err := New(c.kind, config)
			if err != nil {
				t.Fatal(err)
			}
			ps = m.Params()
			ps.Allocate()
			ps.Initialize(1)
			begun[c.kind] = ps
		}
		w := ps.Get(c.name).Value().Data
		if got := math.Sqrt(tensor.SumSquares(w) / float64(len(w))); math.Abs(got/c.deviation-1) > 0.08 {
			t.Errorf("%s %s: deviation %v, want %v", c.kind, c.name, got, c.deviation)
		}
	}
}

// Biases of Caffe's GoogLeNet start as its own.
func TestFirstBiasesOfOriginalGoogLeNet(t *testing.T) {
	m, err := New("googlenet-original", changed("googlenet-original", func(c *GoogLeNet) { c.Width = 0.125 }))
	if err != nil {
		t.Fatal(err)
	}
	m.Params().Allocate()
	m.Params().Initialize(1)
	for name, want := range map[string]float32{
		"conv1.7x7_s2": 0.2, "inception_5b.pool_proj": 0.2, "loss1.conv": 0.2, "loss1.fc": 0.2, "loss2.fc": 0.2,
		"loss1.classifier": 0, "loss2.classifier": 0, "loss3.classifier": 0,
	} {
		if b := m.Params().Get(name + ".bias").Value().Data; slices.Min(b) != want || slices.Max(b) != want {
			t.Errorf("%s: biases from %v to %v, want %v", name, slices.Min(b), slices.Max(b), want)
		}
	}
}

// Whoever computes which lanes, on however many goroutines, weights and statistics come out the same: those of side
// heads too.
func TestInceptionTrainingDoesNotDependOnTheSplit(t *testing.T) {
	for kind, image := range map[string]int{"googlenet": 48, "inception-resnet-v1": 80, "xception": 48, "nasnet-mobile": 32} {
		t.Run(kind, func(t *testing.T) {
			config := shrunk(t, kind, image, inceptionFacts{Width: 0.0625, Depth: 0.1})
			info, _ := Lookup(kind)
			*info.Field("dropout").At(config).(*float64) = 0.2
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
