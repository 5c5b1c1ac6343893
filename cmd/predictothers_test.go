package cmd

import (
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/nn/numpy"
	"github.com/rondo-ml/rondo/nn/safetensors"
	"github.com/rondo-ml/rondo/worker"
)

// othersWeights writes weights of a kind as others give them: names under module., in a .safetensors file.
func othersWeights(t *testing.T, kind string, sets ...string) string {
	t.Helper()
	f, err := runfile.OfKind(kind, sets)
	if err != nil {
		t.Fatal(err)
	}
	m, err := worker.NewModel(f.Model)
	if err != nil {
		t.Fatal(err)
	}
	m.Params().Initialize(3)
	tensors := m.Params().Tensors()
	for i := range tensors {
		tensors[i].Name = "module." + tensors[i].Name
	}
	path := filepath.Join(t.TempDir(), "others.safetensors")
	writeTensors(t, path, tensors...)
	return path
}

// A picture with a preset is scaled, cut and normalized as the preset says: the same as a batch of the middle with the
// mean and deviation given by hand. Caffe's networks read blue first.
func TestPredictOthers(t *testing.T) {
	const side, crop = 256, 224
	m := image.NewRGBA(image.Rect(0, 0, side, side))
	rgb, bgr := make([]byte, 0, crop*crop*3), make([]byte, 0, crop*crop*3)
	for y := range side {
		for x := range side {
			c := color.RGBA{byte(x), byte(y * 3), byte(x * y / 99), 255}
			m.SetRGBA(x, y, c)
			if edge := (side - crop) / 2; x >= edge && y >= edge && x < side-edge && y < side-edge {
				rgb, bgr = append(rgb, c.R, c.G, c.B), append(bgr, c.B, c.G, c.R)
			}
		}
	}
	dir := t.TempDir()
	shown, names := filepath.Join(dir, "a.png"), filepath.Join(dir, "names.txt")
	if err := writePNG(shown, m); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(names, []byte("cat\ndog\nemu\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		kind, preset, mean, deviation string
		pixels                        []byte
	}{
		{"resnet18", "torchvision IMAGENET1K_V1", "0.485,0.456,0.406", "0.229,0.224,0.225", rgb},
		{"bninception", "BNInception", "0.40784313725490196,0.4588235294117647,0.5019607843137255", "0.00392156862745098,0.00392156862745098,0.00392156862745098", bgr},
	} {
		sets := []string{"--set", "model.width=0.125", "--set", "model.classes=3"}
		weights := othersWeights(t, c.kind, "model.width=0.125", "model.classes=3")
		words := append([]string{"--kind", c.kind, "--weights", weights, "--classes", names}, sets...)
		lines, _, got := predictsLogits(t, shown, append(words, "--preset", c.preset)...)
		if len(lines) != 1 || len(lines[0].Classes) != 3 || !slices.Contains([]string{"cat", "dog", "emu"}, lines[0].Classes[0].Class) {
			t.Errorf("%s: %+v", c.kind, lines)
		}
		batch := filepath.Join(dir, "b.safetensors")
		writeTensors(t, batch, safetensors.Tensor{Name: "image", Shape: []int{1, crop, crop, 3}, Data: c.pixels})
		_, _, want := predictsLogits(t, batch, append(words, "--preset", "none", "--set", "data.mean="+c.mean, "--set", "data.deviation="+c.deviation)...)
		if !slices.Equal(got, want) || got[0] == got[1] {
			t.Errorf("%s: %v, want %v", c.kind, got, want)
		}
	}
}

// Files that lack side heads, or have what lies behind a cut, are refused with what to do.
func TestPredictRemedies(t *testing.T) {
	for want, c := range map[string]struct {
		of, kind string
		sets     []string // of both
		more     []string // of the file alone
	}{
		"; for a file without side heads give --set model.auxiliary=0":                {"fcn-resnet50", "fcn-resnet50", []string{"model.backbone_width=0.125", "model.backbone_depth=0.1"}, []string{"model.auxiliary=0"}},
		"; for a file without side heads give --set model.sides=false":                {"googlenet", "googlenet", []string{"model.width=0.125"}, []string{"model.sides=false"}},
		"weights convert IN OUT --skip layer4.,fc. leaves out what lies behind a cut": {"resnet18", "features", nil, nil},
	} {
		words := []string{"--kind", c.kind, "--weights", othersWeights(t, c.of, slices.Concat(c.sets, c.more)...), "--preset", "none", "x.png"}
		for _, set := range c.sets {
			words = append(words, "--set", set)
		}
		if c.kind == "features" {
			words = append(words, "--set", "model.backbone=resnet18", "--set", "model.cut=layer3")
		}
		if status, out := predicts(t, words...); status == 0 || !strings.Contains(out, want) {
			t.Errorf("%s: %d %s", c.kind, status, out)
		}
	}
}

// A file of several state_dicts says which of them is taken; one of a state_dict and other things says nothing.
func TestToldWhich(t *testing.T) {
	for name, want := range map[string]string{
		"average.pth":    "taken is model; it holds model_ema, too (save that alone to take it)\n",
		"checkpoint.pth": "", "plain.pth": "", "none.pth": "",
	} {
		var out strings.Builder
		o := othersFlags{weights: torchFiles + name}
		var dict worker.StateDict
		if file, err := runfile.OpenWeights(o.weights); err == nil {
			dict = worker.StateDictOf(file)
			_ = file.Close()
		}
		if o.toldWhich(&out, dict); strings.TrimPrefix(out.String(), o.weights+": ") != want {
			t.Errorf("%s: %q, want %q", name, out.String(), want)
		}
	}
}

func writePNG(path string, m image.Image) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return png.Encode(f, m)
}

// A file of names that are not as many as the classes is of another network, and is refused; empty lines at its end are not
// names.
func TestPredictClasses(t *testing.T) {
	weights, shown := othersWeights(t, "resnet18", "model.width=0.125", "model.classes=3"), greyPNG(t, 30, 30)
	names := filepath.Join(t.TempDir(), "names.txt")
	for text, want := range map[string]string{
		"cat\ndog\n":                ": 2 names, and the network tells 3 classes apart",
		"cat\ndog\nemu\nfox":        ": 4 names, and the network tells 3 classes apart",
		"":                          ": 0 names, and the network tells 3 classes apart",
		"cat\r\n\r\nemu\r\n\r\n":    "names.txt:2: an empty line; every line is the name of a class",
		"cat\r\ndog\r\nemu\r\n\r\n": "",
		"cat\ndog\nemu\n\n\n":       "",
	} {
		if err := os.WriteFile(names, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		status, out := predicts(t, "--kind", "resnet18", "--weights", weights, "--preset", "none", "--set", "model.width=0.125",
			"--set", "model.classes=3", "--set", "model.channels=3", "--set", "model.image=32", "--classes", names, shown)
		if (status != 0) != (want != "") || !strings.Contains(out, want) {
			t.Errorf("%q: %d, %s, want %q", text, status, out, want)
		}
	}
	if err := os.WriteFile(names, []byte("cat\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	numbers := newModel(t, nil, "model.kind=sequence-classifier", "task.kind=regression")
	if status, out := predicts(t, numbers, "--classes", names, shown); status == 0 || !strings.Contains(out, "tells no classes apart") {
		t.Errorf("a model of numbers: %d, %s", status, out)
	}
}

func TestPredictOthersErrors(t *testing.T) {
	weights := othersWeights(t, "resnet18", "model.width=0.125", "model.classes=3")
	grey := newModel(t, nil, "model.kind=lenet5")
	shown := greyPNG(t, 30, 30)
	for _, c := range []struct {
		words []string
		want  string
	}{
		{[]string{"--kind", "resnet18", "--weights", weights, shown}, `--preset is needed`},
		{[]string{"--kind", "resnet18", "--weights", weights, "--preset", "IMAGENET1K_V3", shown}, `"IMAGENET1K_V3" is no preset of the kind; there is "torchvision IMAGENET1K_V1"`},
		{[]string{"--kind", "resnet81", "--weights", weights, shown}, "did you mean resnet"},
		{[]string{"--kind", "resnet18", "--weights", weights, "--preset", "none", shown}, "others.safetensors: nn: "},
		{[]string{"--kind", "resnet18", "--weights", weights, "--preset", "none", shown}, "F32[8 3 7 7] in the file, F32[64 3 7 7] in the model"},
		{[]string{"--kind", "resnet18", shown}, "--kind without --weights"},
		{[]string{"--weights", weights, grey, shown}, "--weights without --kind"},
		{[]string{"--set", "model.classes=3", grey, shown}, "--set is for --kind"},
		{[]string{"--preset", "IMAGENET1K_V1", grey, shown}, "--preset: lenet5: no weights of the kind are published with a preset"},
		{[]string{"--kind", "vgg11", "--weights", weights, "--preset", "none", "--set", "model.image=8", shown}, "model.image: 8 is not allowed"},
		{[]string{grey}, "a directory of checkpoints and one or more inputs are wanted"},
	} {
		if status, out := predicts(t, c.words...); status == 0 || !strings.Contains(out, c.want) || strings.Count(out, "panic") > 0 {
			t.Errorf("%v: %d, %s, want %q", c.words, status, out, c.want)
		}
	}
}

// Features of a stage are those of its last layer, and of the linear layer the logits.
func TestPredictLayer(t *testing.T) {
	sets := []string{"--set", "model.width=0.125", "--set", "model.classes=3", "--set", "model.image=64", "--preset", "none"}
	words := append([]string{"--kind", "resnet18", "--weights", othersWeights(t, "resnet18", "model.width=0.125", "model.classes=3")}, sets...)
	batch, out := filepath.Join(t.TempDir(), "b.safetensors"), filepath.Join(t.TempDir(), "f.safetensors")
	pixels := make([]byte, 2*64*64*3)
	for i := range pixels {
		pixels[i] = byte(i * i)
	}
	writeTensors(t, batch, safetensors.Tensor{Name: "image", Shape: []int{2, 64, 64, 3}, Data: pixels})
	features := func(layer string) safetensors.Tensor {
		if status, text := predicts(t, append(words, batch, "--layer", layer, "--out", out)...); status != 0 {
			t.Fatal(text)
		}
		f, err := safetensors.Open(out)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		x, err := f.Read("features")
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	_, _, logits := predictsLogits(t, batch, words...)
	if got := features("fc"); !slices.Equal(got.Data.([]float32), logits) {
		t.Errorf("fc is %v, want the logits %v", got, logits)
	}
	if got := features("layer3"); !slices.Equal(got.Shape, []int{2, 4, 4, 32}) || slices.Min(got.Data.([]float32)) != 0 || slices.Max(got.Data.([]float32)) <= 0 {
		t.Errorf("layer3 is %v", got.Shape)
	}
	array := filepath.Join(t.TempDir(), "f.npy")
	if status, text := predicts(t, append(words, batch, "--layer", "layer3", "--out", array)...); status != 0 {
		t.Fatal(text)
	}
	wantArray(t, array, features("layer3"))
	for want, flags := range map[string][]string{
		`--layer: the network has no layer "layer9"; its layers begin with`: {"--layer", "layer9", "--out", out},
		"--layer writes numbers": {"--layer", "layer3"},
	} {
		if status, text := predicts(t, append(append(words, batch), flags...)...); status == 0 || !strings.Contains(text, want) {
			t.Errorf("%v: %d %s", flags, status, text)
		}
	}
}

// wantArray wants a .npy file to hold the shape and elements of a tensor.
func wantArray(t *testing.T, path string, want safetensors.Tensor) {
	t.Helper()
	a, err := numpy.OpenArray(path)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	got := make([]float32, want.Len())
	if err := a.Read(got, 0); err != nil || !slices.Equal(a.Shape, want.Shape) || !slices.Equal(got, want.Data.([]float32)) {
		t.Errorf("%s is %v, want %v; %v", path, a.Shape, want.Shape, err)
	}
}
