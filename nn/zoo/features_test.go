package zoo

import (
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/safetensors"
	"github.com/rondo-ml/rondo/nn/task"
)

// Every backbone can be cut at each of its stages. Its parts have the backbone's own names and shapes, each is as much of it
// as the one before and more or as much, and the last is all of it.
func TestFeaturesOfAnyBackbone(t *testing.T) {
	for _, info := range Kinds() {
		if info.backbone == nil {
			continue
		}
		of := Segmenter{Height: 224, Width: 224, Channels: 3}
		whole := nn.NewParams()
		stages, err := stagesOf(whole, "", info.Kind, of, 0.5, 0.1, 32)
		if err != nil {
			t.Fatal(err)
		}
		var before []string
		for _, s := range stages {
			c := Features{Classifier{5, 224, 3}, info.Kind, s.Name, 0.5, 0.1, 0, Dilated{32}}
			m, err := New("features", c)
			if err != nil {
				t.Fatal(err)
			}
			if head := m.Params().Get("head.weight"); head.Shape[0] != 5 || head.Shape[1] != s.Channels {
				t.Errorf("%s cut at %s: a head of %v on %d channels", info.Kind, s.Name, head.Shape, s.Channels)
			}
			names := weightNames(m.Params())
			names = names[:len(names)-2]
			for _, name := range before {
				if !slices.Contains(names, name) {
					t.Errorf("%s cut at %s has not %s of the stage before", info.Kind, s.Name, name)
				}
			}
			before = names
		}
		if all := weightNames(whole); !slices.Equal(before, all) {
			t.Errorf("%s: %d weights up to its last stage, of %d", info.Kind, len(before), len(all))
		}
	}
}

// weightNames are those of parameters, statistics and counters, and last of a head.
func weightNames(ps *nn.Params) (names []string) {
	for _, s := range ps.Statistics {
		names = append(names, s.Name)
	}
	for _, c := range ps.Counters {
		names = append(names, c.Name)
	}
	for _, p := range ps.List {
		names = append(names, p.Name)
	}
	return names
}

// The weights of a whole network load into what is cut off it, and give the mean of the map that the network has there. A head
// that begins anew learns on stages that are frozen.
func TestFeatures(t *testing.T) {
	net, err := New("resnet18", ResNet{Scaled{Classifier{10, 32, 3}, 0.25, 1}, Dilated{32}})
	if err != nil {
		t.Fatal(err)
	}
	net.Params().Allocate()
	net.Params().Initialize(4)
	cut, err := New("features", Features{Classifier{3, 32, 3}, "resnet18", "layer2", 0.25, 1, 0, Dilated{32}})
	if err != nil {
		t.Fatal(err)
	}
	ps := cut.Params()
	ps.Allocate()
	ps.Initialize(9)
	skip, _ := nn.ParseNames("head., layer3., layer4., fc.")
	report, err := ps.Load(safetensors.List(net.Params().Tensors()), nn.LoadOptions{Skip: skip})
	if err != nil || len(report.Skipped) != 2 || ps.Get("layer3.0.conv1.weight") != nil {
		t.Fatalf("%v, %+v", err, report)
	}
	shape := nn.Shape{Steps: 1, Lanes: 1, Rows: 2}
	tape := nn.NewTape(net.Params(), nil, shape, nn.Inference, 0)
	batch := tape.NewBatch(nil)
	maps, err := Maps(tape, net.Model.(Backbone).Stages(), batch.Images("image", 32, 32, 3), "layer2")
	if err != nil {
		t.Fatal(err)
	}
	mean := tape.GlobalAvgPool("mean", maps[0])
	other := nn.NewTape(ps, nil, shape, nn.Inference, 0)
	r := imageRecording(cut, other)
	pixels := batch.Part("image").(*nn.Images).Pixels
	for i := range pixels {
		pixels[i] = formulaValue(3, i)
	}
	copy(r.Pixels, pixels)
	tape.Plan()
	tape.Forward()
	other.Plan()
	other.Forward()
	w, b := ps.Get("head.weight").Value(), ps.Get("head.bias").Value().Data
	var want []float64
	for row := range 2 {
		for class := range 3 {
			sum := float64(b[class])
			for i, v := range mean.Value().Row(row) {
				sum += float64(v) * float64(w.Row(class)[i])
			}
			want = append(want, sum)
		}
	}
	closeTo(t, "logits", r.Out.Value().Data, want, 1e-5)
	frozen, _ := nn.ParseNames("conv1., bn1., layer")
	if n := ps.Freeze(frozen); n != len(ps.List)-2 {
		t.Errorf("%d of %d parameters are frozen", n, len(ps.List))
	}
	if err := Check(cut, task.Default(task.Class), shape); err != nil {
		t.Error(err)
	}
}

// A part of a network takes the names that others have for its weights.
func TestFeaturesOfOtherNames(t *testing.T) {
	m, err := New("features", changed("features", func(c *Features) { c.Backbone, c.Cut = "convnext-tiny", "features.1" }))
	if err != nil {
		t.Fatal(err)
	}
	rename := m.Model.(interface{ WeightName(string) string }).WeightName
	if got := rename("stages.0.blocks.2.gamma"); m.Params().Get(got) == nil {
		t.Errorf("the name %s", got)
	}
	if m, err = New("features", changed("features", func(*Features) {})); err != nil {
		t.Fatal(err)
	}
	if got := m.Model.(*features).WeightName("gamma"); got != "gamma" || !strings.HasPrefix(m.Params().List[0].Name, "conv1") {
		t.Errorf("the name %s", got)
	}
}

// An FCN's head sits on any backbone, for images of any size.
func TestFCNOnAnyBackbone(t *testing.T) {
	for _, info := range Kinds() {
		if info.backbone == nil {
			continue
		}
		m, err := New("fcn-head", FCNOnBackbone{info.Kind, FCNHead{Segmenter{5, 192, 256, 3}, 0.5, 0.1, 0.1, 0.4}})
		if err != nil {
			t.Errorf("%s: %v", info.Kind, err)
			continue
		}
		tape := nn.NewTape(m.Params(), nil, nn.Shape{Steps: 1, Lanes: 1, Rows: 2}, nn.Training, 0)
		r := Record(m, task.Default(task.Pixels), tape, nil)
		if l := r.Out.Layout; l.Height != 192 || l.Width != 256 || r.Out.Cols != 5 || len(r.Losses) != 2 {
			t.Errorf("%s: %v, %d losses", info.Kind, r.Out, len(r.Losses))
		}
	}
}

// A backbone can be cut at every layer that its summary names and that all before it leads to: what is computed up to there is
// what the whole network computes there, and its weights are the whole's. Some layers, inside of branches, are refused.
func TestFeaturesAtLayers(t *testing.T) {
	for _, backbone := range []string{"resnet18", "vgg11-bn", "densenet121", "mobilenetv2", "nasnet-mobile", "googlenet"} {
		of := Segmenter{Height: 64, Width: 64, Channels: 3}
		ps := nn.NewParams()
		stages, err := stagesOf(ps, "", backbone, of, 0.25, 0.1, 32)
		if err != nil {
			t.Fatal(err)
		}
		whole := nn.NewTape(ps, nil, nn.Shape{Steps: 1, Lanes: 1, Rows: 1}, nn.Inference, 0)
		through(whole, stages, whole.NewBatch(nil).Images("image", 64, 64, 3), nil)
		at, refused := 0, 0
		seen := map[string]bool{}
		for _, y := range whole.Outputs() {
			if seen[y.Name] || !y.Node.Layout.IsImage() {
				continue
			}
			seen[y.Name] = true
			m, err := New("features", Features{Classifier{5, 64, 3}, backbone, y.Name, 0.25, 0.1, 0, Dilated{32}})
			if err != nil {
				if !strings.Contains(err.Error(), "is one branch of several") {
					t.Fatal(err)
				}
				refused++
				continue
			}
			at++
			if head := m.Params().Get("head.weight"); head.Shape[1] != y.Node.Cols {
				t.Errorf("%s cut at %s: a head on %d channels of %d", backbone, y.Name, head.Shape[1], y.Node.Cols)
			}
			for _, p := range m.Params().List {
				if own := ps.Get(p.Name); !strings.HasPrefix(p.Name, "head.") && (own == nil || !slices.Equal(own.Shape, p.Shape)) {
					t.Errorf("%s cut at %s: %s is not the whole's", backbone, y.Name, p.Name)
				}
			}
		}
		if at < 8 || refused == 0 && (backbone == "resnet18" || backbone == "googlenet" || backbone == "nasnet-mobile") {
			t.Errorf("%s: cut at %d layers, refused at %d", backbone, at, refused)
		}
	}
}

// Every branch of several is refused, whichever is recorded first, and so is the first of two layers of one name. What joins an
// identity shortcut is none.
func TestFeaturesBranches(t *testing.T) {
	for _, c := range []struct{ backbone, layer, beside string }{
		{"resnet50", "layer2.0.downsample.0", "layer2.0.conv1"},
		{"resnet50", "layer2.0.downsample.1", "layer2.0.conv1"},
		{"resnet50", "layer2.0.relu1", "layer2.0.downsample.0"},
		{"resnet50", "layer2.0.relu3", ""},
		{"resnet50", "layer2.1.relu1", ""},
		{"googlenet", "inception3a.branch1.relu", "inception3a.branch2.0.conv"},
		{"googlenet", "inception3a.branch2.1.relu", "inception3a.branch1.conv"},
		{"googlenet", "inception3a.branch3.1.relu", "inception3a.branch1.conv"},
		{"inceptionv3", "Mixed_7b.cat", "Mixed_7b."},
	} {
		_, err := New("features", Features{Classifier{5, 224, 3}, c.backbone, c.layer, 0.25, 1, 0, Dilated{32}})
		switch want := " is one branch of several: " + c.beside; {
		case c.beside == "" && err != nil, c.beside != "" && (err == nil || !strings.Contains(err.Error(), c.layer+" of "+c.backbone+want)):
			t.Errorf("%s cut at %s: %v", c.backbone, c.layer, err)
		}
	}
}

// A part of a stage computes what the whole network does there, learns, and keeps no weight of what is behind.
func TestFeaturesInsideStage(t *testing.T) {
	const layer = "layer2.1.relu1"
	net, err := New("resnet18", ResNet{Scaled{Classifier{10, 32, 3}, 0.25, 1}, Dilated{32}})
	if err != nil {
		t.Fatal(err)
	}
	net.Params().Allocate()
	net.Params().Initialize(4)
	cut, err := New("features", Features{Classifier{3, 32, 3}, "resnet18", layer, 0.25, 1, 0, Dilated{32}})
	if err != nil {
		t.Fatal(err)
	}
	ps := cut.Params()
	ps.Allocate()
	ps.Initialize(9)
	if ps.Get("layer2.1.conv1.weight") == nil || ps.Get("layer2.1.conv2.weight") != nil {
		t.Error("the weights are not those up to the layer")
	}
	skip, _ := nn.ParseNames("head., layer2.1.conv2., layer2.1.bn2., layer3., layer4., fc.")
	if _, err := ps.Load(safetensors.List(net.Params().Tensors()), nn.LoadOptions{Skip: skip}); err != nil {
		t.Fatal(err)
	}
	shape := nn.Shape{Steps: 1, Lanes: 1, Rows: 2}
	maps := func(n *Network) []float32 {
		tape := nn.NewTape(n.Params(), nil, shape, nn.Inference, 0)
		r := imageRecording(n, tape)
		for i := range r.Pixels {
			r.Pixels[i] = formulaValue(3, i)
		}
		for _, y := range tape.Outputs() {
			if y.Name == layer {
				tape.Keep(y.Node)
				tape.Plan()
				tape.Forward()
				return y.Node.Value().Data
			}
		}
		t.Fatalf("no %s", layer)
		return nil
	}
	if !slices.Equal(maps(net), maps(cut)) {
		t.Error("the map is another one than the whole network's")
	}
	if err := Check(cut, task.Default(task.Class), shape); err != nil {
		t.Error(err)
	}
}

// With an output stride the last maps stay as fine, weights the same.
func TestFeaturesDilated(t *testing.T) {
	for stride, side := range map[int]int{32: 2, 16: 4, 8: 8} {
		m, err := New("features", Features{Classifier{3, 64, 3}, "resnet18", "", 0.25, 1, 0, Dilated{stride}})
		if err != nil {
			t.Fatal(err)
		}
		tape := nn.NewTape(m.Params(), nil, nn.Shape{Steps: 1, Lanes: 1, Rows: 1}, nn.Inference, 0)
		x := through(tape, m.Model.(Backbone).Stages(), tape.NewBatch(nil).Images("image", 64, 64, 3), nil)
		if x.Layout.Height != side || m.Params().Size() != 702_483 {
			t.Errorf("stride %d: a map of %v, %d parameters", stride, x.Layout, m.Params().Size())
		}
		if err := Check(m, task.Default(task.Class), nn.Shape{Steps: 1, Lanes: 1, Rows: 2}); err != nil {
			t.Error(err)
		}
	}
}
