package cmd

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/nn/safetensors"
	"github.com/rondo-ml/rondo/nn/zoo"
)

// presetLine is a line of testdata/presets.txt: what torchvision and timm make of a picture.
type presetLine struct {
	by            string
	resize, crop  int
	width, height int
	digest        string
	pixel         [3]float64 // of row 6, column 8, as the network reads it
	mean          float64    // of even rows and columns
}

func presetLines(t *testing.T) (list []presetLine) {
	t.Helper()
	b, err := os.ReadFile("testdata/presets.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		var l presetLine
		if _, err := fmt.Sscan(line, &l.by, &l.resize, &l.crop, &l.width, &l.height, &l.digest, &l.pixel[0], &l.pixel[1], &l.pixel[2], &l.mean); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		list = append(list, l)
	}
	return list
}

// patternPNG is the picture that testdata/presets.py makes too, and its file.
func patternPNG(t *testing.T, width, height int) (path string, file []byte) {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			v := x*x/7 + y*y/11 + x*y/5 + 37*(x/16%2)
			m.SetRGBA(x, y, color.RGBA{byte(v), byte(v + 85), byte(v + 170), 255})
		}
	}
	path = filepath.Join(t.TempDir(), "pattern.png")
	if err := writePNG(path, m); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return path, file
}

// TestPresetPictures holds the squares that every published preset makes of pictures, wide, high and too small, against
// torchvision's and timm's, which scale by Pillow: they are the same bytes.
func TestPresetPictures(t *testing.T) {
	type scaling struct {
		by           string
		resize, crop int
	}
	lines := map[scaling][]presetLine{}
	for _, l := range presetLines(t) {
		s := scaling{l.by, l.resize, l.crop}
		lines[s] = append(lines[s], l)
	}
	part := samples.Part{Name: "image", Shape: []int{224, 224, 3}, Element: samples.Uint8}
	seen := map[scaling]bool{}
	for _, info := range zoo.Kinds() {
		if info.Published == nil {
			continue
		}
		for _, w := range info.Published.Weights {
			p := w.Preset
			s := scaling{p.By, p.Resize, p.Crop}
			if seen[s] {
				continue
			}
			seen[s] = true
			if len(lines[s]) == 0 {
				t.Errorf("%s, %s: testdata/presets.py lacks %v", info.Kind, w.Name, s)
			}
			p.BlueFirst = false
			for _, l := range lines[s] {
				_, file := patternPNG(t, l.width, l.height)
				square, err := presetPicture(file, part, &p)
				if err != nil {
					t.Fatal(err)
				}
				if sum := sha256.Sum256(square.Data); hex.EncodeToString(sum[:]) != l.digest || !slices.Equal(square.Shape, []int{l.crop, l.crop, 3}) {
					t.Errorf("%v of %dx%d: other bytes than torchvision's", s, l.width, l.height)
				}
			}
		}
	}
}

// TestPresetInputs holds what goes into a network against torchvision's transforms: the first convolution passes every other
// pixel on. The numbers of the file have six decimals.
func TestPresetInputs(t *testing.T) {
	for kind, preset := range map[string]string{"resnet18": "torchvision IMAGENET1K_V1", "seresnet50": "timm seresnet50.ra2_in1k"} {
		info, _ := zoo.Lookup(kind)
		p, err := info.Published.Preset(preset)
		if err != nil {
			t.Fatal(err)
		}
		weights := passingWeights(t, kind)
		for _, l := range presetLines(t) {
			if l.by != p.By || l.resize != p.Resize || l.crop != p.Crop {
				continue
			}
			path, _ := patternPNG(t, l.width, l.height)
			out := filepath.Join(t.TempDir(), "inputs.safetensors")
			if status, text := predicts(t, "--kind", kind, "--weights", weights, "--preset", preset, "--set", "model.width=0.125", "--set", "model.classes=3",
				"--layer", "conv1", "--out", out, path); status != 0 {
				t.Fatal(text)
			}
			x := readTensor(t, out, "features")
			side, channels := x.Shape[1], x.Shape[3]
			data, sum := x.Data.([]float32), 0.0
			for i, v := range data {
				if i%channels < 3 {
					sum += float64(v)
				}
			}
			at := (3*side + 4) * channels
			for c, want := range l.pixel {
				if got := float64(data[at+c]); math.Abs(got-want) > 2e-6 {
					t.Errorf("%s of %dx%d: channel %d is %v, want %v", preset, l.width, l.height, c, got, want)
				}
			}
			if mean := sum / float64(3*side*side); math.Abs(mean-l.mean) > 2e-6 {
				t.Errorf("%s of %dx%d: the mean is %v, want %v", preset, l.width, l.height, mean, l.mean)
			}
		}
	}
}

// Weights without a preset get their resize and crop by data.augment, which has the whole picture. A preset beside fields
// that say the same is refused, by export too.
func TestOwnPreset(t *testing.T) {
	weights := othersWeights(t, "resnet18", "model.width=0.125", "model.classes=3")
	shown, _ := patternPNG(t, 400, 300)
	words := []string{"--kind", "resnet18", "--weights", weights, "--set", "model.width=0.125", "--set", "model.classes=3"}
	_, _, want := predictsLogits(t, shown, append(words, "--preset", "IMAGENET1K_V1")...)
	pixels := []string{"--set", "data.mean=0.485,0.456,0.406", "--set", "data.deviation=0.229,0.224,0.225", "--set", "data.augment=short 256, center-crop 224"}
	own := slices.Concat(words, pixels)
	if _, _, got := predictsLogits(t, shown, append(own, "--preset", "none")...); !slices.Equal(got, want) {
		t.Errorf("%v by data.augment, %v by the preset", got, want)
	}
	const refusal = "say two things of pixels"
	for _, sets := range [][]string{pixels[:4], pixels[4:]} {
		both := slices.Concat(words, sets, []string{"--preset", "IMAGENET1K_V1"})
		if status, text := predicts(t, append(both, shown)...); status != 2 || !strings.Contains(text, refusal) {
			t.Errorf("%q: %d %s", sets, status, text)
		}
		var out bytes.Buffer
		onnx := filepath.Join(t.TempDir(), "x.onnx")
		if status := Execute(context.Background(), append([]string{"export", "--onnx", onnx}, both...), &out, &out); status != 2 || !strings.Contains(out.String(), refusal) {
			t.Errorf("export %q: %d %s", sets, status, out.String())
		}
	}
}

// A preset of TensorFlow's weights gives the network its padding and norms; a kind that has no such fields refuses it.
func TestPresetOfTensorFlow(t *testing.T) {
	sets := []string{"model.width=0.25", "model.depth=0.3", "model.classes=3"}
	words := []string{"--kind", "efficientnet-b0", "--weights", othersWeights(t, "efficientnet-b0", sets...)}
	for _, set := range sets {
		words = append(words, "--set", set)
	}
	shown, _ := patternPNG(t, 400, 300)
	of := func(more ...string) []float32 {
		_, _, logits := predictsLogits(t, shown, slices.Concat(words, more)...)
		return logits
	}
	by := of("--preset", "tf_efficientnet_b0")
	if own := of("--preset", "IMAGENET1K_V1", "--set", "model.padding=same", "--set", "model.norm=tensorflow"); !slices.Equal(by, own) {
		t.Errorf("%v by the preset, %v by fields", by, own)
	}
	if slices.Equal(by, of("--preset", "IMAGENET1K_V1", "--set", "model.norm=tensorflow")) {
		t.Error("the padding does not show")
	}
	status, text := predicts(t, "--kind", "features", "--set", "model.backbone=efficientnet-b0", "--weights", words[3], "--preset", "tf_efficientnet_b0", shown)
	if status != 2 || !strings.Contains(text, "--preset: features: \"tf_efficientnet_b0\" wants model.padding, which the kind has not") {
		t.Errorf("features: %d %s", status, text)
	}
}

// passingWeights has the first three channels of conv1 pass on what lies under its middle tap.
func passingWeights(t *testing.T, kind string) string {
	t.Helper()
	path := othersWeights(t, kind, "model.width=0.125", "model.classes=3")
	f, err := safetensors.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	var list []safetensors.Tensor
	for _, name := range f.Names() {
		x, err := f.Read(name)
		if err != nil {
			t.Fatal(err)
		}
		if name == "module.conv1.weight" { // [8, 3, 7, 7]
			w := x.Data.([]float32)
			clear(w)
			for c := range 3 {
				w[(c*3+c)*49+24] = 1
			}
		}
		list = append(list, x)
	}
	f.Close()
	writeTensors(t, path, list...)
	return path
}

func readTensor(t *testing.T, path, name string) safetensors.Tensor {
	t.Helper()
	f, err := safetensors.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	x, err := f.Read(name)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// A network with a backbone takes the presets of the backbone's weights. One that makes its own of pixels in its own network is
// given them as they are then.
func TestPresetsOfBackbone(t *testing.T) {
	for backbone, mean := range map[string]float64{"resnet18": 0.485, "googlenet": 0.5} {
		sets := []string{"model.backbone=" + backbone, "model.backbone_width=0.125", "model.classes=3"}
		o := othersFlags{kind: "features", weights: othersWeights(t, "features", sets...), preset: "IMAGENET1K_V1", set: sets}
		p, err := o.openOthers(1)
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		preset, err := o.presetOf(p)
		if err != nil || preset.Crop != 224 || p.File.Data.Mean[0] != mean {
			t.Errorf("%s: %+v, mean %v, %v", backbone, preset, p.File.Data.Mean, err)
		}
	}
}
