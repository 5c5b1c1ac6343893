package zoo

import (
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/nn"
)

// The maps of all backbones are what their stages say.
func TestStages(t *testing.T) {
	for _, info := range Kinds() {
		if info.backbone == nil {
			continue
		}
		tape, stages, small := stageMaps(t, info, 224)
		_, _, large := stageMaps(t, info, 224+64)
		for i, s := range stages {
			grows := large[i].Layout.Height - small[i].Layout.Height
			if small[i].Cols != s.Channels || grows != 64/s.Stride || small[i].Layout.Height != small[i].Layout.Width {
				t.Errorf("%s: stage %s of %d channels, stride %d, has %d channels, and %d pixels for 64 of the image", info.Kind, s.Name, s.Channels, s.Stride, small[i].Cols, grows)
			}
		}
		for _, l := range tape.Layers() {
			for _, p := range l.Params {
				if !strings.HasPrefix(p.Name, "backbone.") {
					t.Errorf("%s: %s has not the prefix", info.Kind, p.Name)
				}
			}
		}
		if m, err := New(info.Kind, info.Config()); err != nil {
			t.Error(err)
		} else if b, ok := m.Model.(Backbone); !ok || len(b.Stages()) != len(stages) {
			t.Errorf("%s: the model is no backbone", info.Kind)
		}
	}
}

// stageMaps records all stages of a kind on one image.
func stageMaps(t *testing.T, info Info, image int) (*nn.Tape, []Stage, []*nn.Node) {
	config, ps := info.Config(), nn.NewParams()
	*info.Field("image").At(config).(*int) = image
	info.Derive(config, func(field string) bool { return field == "image" })
	stages, err := info.Backbone(ps, "backbone.", config)
	if err != nil {
		t.Fatal(err)
	}
	tape := nn.NewTape(ps, nil, nn.Shape{Steps: 1, Lanes: 1, Rows: 1}, nn.Inference, 0)
	var names []string
	for _, s := range stages {
		names = append(names, s.Name)
	}
	maps, err := Maps(tape, stages, tape.NewBatch(nil).Images("image", image, image, 3), names...)
	if err != nil {
		t.Fatal(err)
	}
	return tape, stages, maps
}

func TestMaps(t *testing.T) {
	m, err := New("resnet18", resNet(10, 64, 3))
	if err != nil {
		t.Fatal(err)
	}
	tape := nn.NewTape(m.Params(), nil, nn.Shape{Steps: 1, Lanes: 1, Rows: 2}, nn.Inference, 0)
	image := tape.NewBatch(nil).Images("image", 64, 64, 3)
	stages := m.Model.(Backbone).Stages()
	maps, err := Maps(tape, stages, image, "layer3", "layer1", "layer3")
	if err != nil {
		t.Fatal(err)
	}
	if maps[0].Cols != 256 || maps[0] != maps[2] || maps[1].Cols != 64 || maps[1].Layout.Height != 16 {
		t.Errorf("maps %v", maps)
	}
	for _, l := range tape.Layers() {
		if strings.HasPrefix(l.Name, "layer4") {
			t.Errorf("%s is recorded, and nobody reads it", l.Name)
		}
	}
	if _, err := Maps(tape, stages, image, "layer5"); err == nil || !strings.Contains(err.Error(), `no stage "layer5"; it has maxpool, layer1, layer2`) {
		t.Errorf("error %v", err)
	}
	if _, err := mustLookup(t, "lenet5").Backbone(nn.NewParams(), "", &Classifier{10, 28, 1}); err == nil || !strings.Contains(err.Error(), "lenet5 has no stages that maps can be taken from; backbones are alexnet, ") {
		t.Errorf("error %v", err)
	}
}

// Cells of NASNet read two maps. Behind a reduction the large network leaves out what went into it.
func TestMapsOfNASNet(t *testing.T) {
	for kind, want := range map[string]string{"nasnet-large": "cell_1", "nasnet-mobile": "cell_2"} {
		config := smallImages(kind, 64, 3).(*NASNet)
		config.Width, config.Depth = 8./168, 0.5
		if kind == "nasnet-mobile" {
			config.Width, config.Depth = 8./44, 0.75
		}
		m, err := New(kind, config)
		if err != nil {
			t.Fatal(err)
		}
		tape := nn.NewTape(m.Params(), nil, nn.Shape{Steps: 1, Lanes: 1, Rows: 2}, nn.Inference, 0)
		stages := m.Model.(Backbone).Stages()
		maps, err := Maps(tape, stages, tape.NewBatch(nil).Images("image", 64, 64, 3), "cell_stem_0", "cell_2", "cell_7")
		if err != nil {
			t.Fatal(err)
		}
		for i, size := range []struct{ channels, side int }{{4 * 8 / 4, 16}, {6 * 8, 8}, {6 * 16, 4}} {
			if maps[i].Cols != size.channels || maps[i].Layout.Height != size.side {
				t.Errorf("%s: map %d is %v, want %v", kind, i, maps[i], size)
			}
		}
		for _, s := range stages {
			if s.Name == "cell_6" && s.Earlier != want {
				t.Errorf("%s: cell_6 reads %s beside the reduction, want %s", kind, s.Earlier, want)
			}
		}
		for _, l := range tape.Layers() {
			if strings.HasPrefix(l.Name, "cell_8") {
				t.Errorf("%s: %s is recorded, and nobody reads it", kind, l.Name)
			}
		}
	}
}

func mustLookup(t testing.TB, kind string) Info {
	t.Helper()
	info, ok := Lookup(kind)
	if !ok {
		t.Fatalf("there is no kind %q", kind)
	}
	return info
}

// Dilated kernels keep the map of the last stages fine, and change no weight's shape.
func TestOutputStride(t *testing.T) {
	for stride, want := range map[int][2]int{8: {2, 4}, 16: {1, 2}, 32: {1, 1}} {
		c := resNet(10, 64, 3)
		c.OutputStride = stride
		strides, err := c.strides(4)
		if err != nil {
			t.Fatal(err)
		}
		var later [3]int
		for i := range later {
			_, _, later[i] = strides.next(2)
		}
		if later[0] != 1 || later[1] != want[0] || later[2] != want[1] || strides.total != stride {
			t.Errorf("output stride %d: dilations %v, stride %d", stride, later, strides.total)
		}
		m, err := New("resnet50", c)
		if err != nil {
			t.Fatal(err)
		}
		tape := nn.NewTape(m.Params(), nil, nn.Shape{Steps: 1, Lanes: 1, Rows: 1}, nn.Inference, 0)
		maps, err := Maps(tape, m.Model.(Backbone).Stages(), tape.NewBatch(nil).Images("image", 64, 64, 3), "layer4")
		if err != nil || maps[0].Layout.Height != 64/stride {
			t.Errorf("output stride %d: %v, %v", stride, maps, err)
		}
	}
	c := resNet(10, 64, 3)
	c.OutputStride = 12
	if _, err := New("resnet50", c); err == nil || !strings.Contains(err.Error(), "model.output_stride: 12 is not allowed; want 8, 16 or 32") {
		t.Errorf("error %v", err)
	}
}

func TestScaled(t *testing.T) {
	c := asPublished(224)
	if c.wide(63) != 63 || c.deep(3) != 3 {
		t.Error("what is not scaled is not as published")
	}
	c.Width, c.Depth = 1.1, 1.2 // of EfficientNet-B2: table of torchvision's widths
	for in, want := range map[int]int{32: 32, 16: 16, 24: 24, 40: 48, 80: 88, 112: 120, 192: 208, 320: 352, 1280: 1408} {
		if got := c.wide(in); got != want {
			t.Errorf("1.1 times %d channels are %d, want %d", in, got, want)
		}
	}
	if c.deep(1) != 2 || c.deep(4) != 5 {
		t.Errorf("1.2 times 1 and 4 layers are %d and %d", c.deep(1), c.deep(4))
	}
	for in, want := range map[float64]int{0.1: 8, 11: 16, 12: 16, 17.9: 24} { // 11/8: 8 is less than nine tenths
		if got := divisible(in, 8); got != want {
			t.Errorf("%v channels are rounded to %d, want %d", in, got, want)
		}
	}
	c.Width = 0.01
	if c.wide(3) != 8 {
		t.Errorf("a hundredth of 3 channels are %d", c.wide(3))
	}
}
