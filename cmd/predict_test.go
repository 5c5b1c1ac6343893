package cmd

import (
	"bytes"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/nn/safetensors"
	"github.com/rondo-ml/rondo/worker"
	"github.com/rondo-ml/rondo/worker/checkpoint"
)

// newModel writes a checkpoint of a model with its first weights, trained, as it says, on data of these parts.
func newModel(t *testing.T, parts []samples.Part, sets ...string) string {
	t.Helper()
	var data json.RawMessage
	if parts != nil {
		var err error
		if data, err = json.Marshal(samples.Schema{Parts: parts}); err != nil {
			t.Fatal(err)
		}
	}
	if slices.Contains(sets, "model.kind=charlm") {
		data = json.RawMessage(`{"reviews":"paper"}`)
	}
	return newModelOf(t, data, sets...)
}

// newModelOf is newModel with all that a checkpoint says of its data.
func newModelOf(t *testing.T, data json.RawMessage, sets ...string) string {
	t.Helper()
	f, err := runfile.Parse("x.yaml", nil, append([]string{"data.train=nowhere", "checkpoint.dir=nowhere"}, sets...))
	if err != nil {
		t.Fatal(err)
	}
	model, err := worker.NewModel(f.Model)
	if err != nil {
		t.Fatal(err)
	}
	model.Params().Initialize(4)
	dir, fs := filepath.Join(t.TempDir(), "run"), checkpoint.OS{}
	if err := checkpoint.MakeDir(fs, dir); err != nil {
		t.Fatal(err)
	}
	m := &checkpoint.Manifest{Run: "test", Version: "v0", Step: 7, DataHash: "d", Bits: f.Bits(), Data: data}
	info, err := checkpoint.WriteFile(fs, dir, m.Step, checkpoint.FileContent{Name: checkpoint.FileName(checkpoint.Weights), Tensors: model.Params().Tensors()})
	if err != nil {
		t.Fatal(err)
	}
	m.Files = []checkpoint.FileInfo{info}
	if err := checkpoint.Commit(fs, dir, m); err != nil {
		t.Fatal(err)
	}
	return dir
}

// predicts runs `rondo predict` and returns its exit status and all that it prints.
func predicts(t *testing.T, words ...string) (status int, out string) {
	t.Helper()
	var b bytes.Buffer
	status = Execute(t.Context(), append([]string{"predict"}, words...), &b, &b)
	return status, b.String()
}

// greyPNG writes a picture of noise.
func greyPNG(t *testing.T, width, height int) string {
	t.Helper()
	m := image.NewGray(image.Rect(0, 0, width, height))
	for i := range m.Pix {
		m.Pix[i] = byte(i * i * 31 >> 3)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "cell.png")
	if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

var sides = []samples.Part{
	{Name: "image", Element: samples.Uint8, Shape: []int{16, 24, 1}},
	{Name: "mask", Element: samples.Uint8, Shape: []int{16, 24}, Classes: []string{"wall", "cell"}},
}

// The mask of a large picture is that of its tiles, and a batch of tiles gives the same numbers.
func TestPredictMask(t *testing.T) {
	dir := newModel(t, sides, "model.kind=fcn", "model.height=16", "model.width=24", "model.filters=4", "model.halvings=2")
	picture, out := greyPNG(t, 50, 40), filepath.Join(t.TempDir(), "masks")
	status, text := predicts(t, dir, picture, "--out", out, "--json")
	var got said
	if err := json.Unmarshal([]byte(text), &got); status != 0 || err != nil || len(got.Shares) != 2 || got.Shares[0].Class != "wall" || got.Mask != filepath.Join(out, "cell.png") {
		t.Fatalf("%d %v %s", status, err, text)
	}
	f, err := os.Open(got.Mask)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	m, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	mask, ok := m.(*image.Paletted)
	if !ok || mask.Rect != image.Rect(0, 0, 50, 40) || mask.Palette[1] != (color.RGBA{R: 128, A: 255}) {
		t.Fatalf("%T %v", m, m.Bounds())
	}
	if cells := float64(bytes.Count(mask.Pix, []byte{1})) / 2000; cells != got.Shares[1].Share || cells == 0 || cells == 1 {
		t.Errorf("%v cells, said %v", cells, got.Shares)
	}

	logits := filepath.Join(t.TempDir(), "logits.safetensors")
	if status, text := predicts(t, dir, picture, picture, "--out", logits); status != 0 {
		t.Fatal(text)
	}
	file, err := safetensors.Open(logits)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	info, _ := file.Info("logits")
	all := make([]float32, info.Count())
	if err := file.ReadFloat32("logits", all); err != nil || !slices.Equal(info.Shape, []int{2, 40, 50, 2}) || !slices.Equal(all[:4000], all[4000:]) {
		t.Fatalf("%v %v", info, err)
	}
	for i, class := range mask.Pix {
		if (all[2*i+1] > all[2*i]) != (class == 1) {
			t.Fatalf("pixel %d: %v is class %d", i, all[2*i:2*i+2], class)
		}
	}
	if status, text := predicts(t, dir, picture, "--out", filepath.Dir(picture)); status != 1 || !strings.Contains(text, "would take the place of") {
		t.Errorf("a mask over its picture: %d %s", status, text)
	}
}

// Words are those of the training data, whatever the case; a batch of their numbers gives the same.
func TestPredictText(t *testing.T) {
	parts := []samples.Part{
		{Name: "words", Element: samples.Int32, Shape: []int{samples.Varies}, Classes: []string{"<unknown>", "cats", "like", "big"}},
		{Name: "class", Element: samples.Int32, Shape: []int{}, Classes: []string{"bad", "good"}},
	}
	model := []string{"model.kind=text-classifier", "model.symbols=words", "model.vocab=4", "model.embed=3", "model.pooling=gru", "batch.length=6"}
	dir := newModel(t, parts, model...)
	status, one := predicts(t, dir, "Big cats like dogs")
	if status != 0 || !strings.HasPrefix(one, "Big cats like dogs: ") || !strings.Contains(one, "good 0.") {
		t.Fatalf("%d %s", status, one)
	}
	lines := filepath.Join(t.TempDir(), "lines.txt")
	if err := os.WriteFile(lines, []byte("cats\n\nBIG cats like birds \n"), 0o666); err != nil {
		t.Fatal(err)
	}
	answer := strings.TrimPrefix(one, "Big cats like dogs: ")
	if status, two := predicts(t, dir, lines); status != 0 || !strings.HasPrefix(two, "lines.txt:1: ") || !strings.HasSuffix(two, "lines.txt:3: "+answer) {
		t.Errorf("%d %s, want at the end %s", status, two, answer)
	}
	batch := filepath.Join(t.TempDir(), "b.safetensors")
	writeTensors(t, batch, safetensors.Tensor{Name: "words", Shape: []int{2, 5}, Data: []int64{3, 1, 2, 0, 1, 2, 0, 0, 0, 0}},
		safetensors.Tensor{Name: "words.length", Shape: []int{2}, Data: []int32{4, 1}})
	if status, out := predicts(t, dir, batch); status != 0 || !strings.HasPrefix(out, "b.safetensors:0: "+answer) {
		t.Errorf("%d %s, want %s", status, out, answer)
	}
	status, out := predicts(t, newModel(t, nil, model...), "cats")
	if status != 1 || !strings.Contains(out, "does not say which words it reads; name a set that does by --like") {
		t.Errorf("without words: %d %s", status, out)
	}
}

func writeTensors(t *testing.T, path string, tensors ...safetensors.Tensor) {
	t.Helper()
	var b bytes.Buffer
	if err := safetensors.Write(&b, tensors, nil); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
}

// What cannot be asked about is an error that names it.
func TestPredictErrors(t *testing.T) {
	pixels := newModel(t, sides, "model.kind=fcn", "model.height=16", "model.width=24", "model.filters=2", "model.halvings=1")
	classes, texts := newModel(t, nil, "model.kind=lenet5"), newModel(t, nil, "model.kind=text-classifier")
	dir := t.TempDir()
	text, batch := filepath.Join(dir, "a.txt"), filepath.Join(dir, "b.safetensors")
	if err := os.WriteFile(text, []byte("no picture"), 0o666); err != nil {
		t.Fatal(err)
	}
	small := greyPNG(t, 20, 20)
	for _, c := range []struct {
		words   []string
		tensors []safetensors.Tensor
		want    string
	}{
		{[]string{pixels, text}, nil, "a.txt: not a JPEG"},
		{[]string{pixels, small}, nil, "cell.png: 20×20 pixels, and the model reads 24×16"},
		{[]string{pixels, filepath.Join(dir, "none.png")}, nil, "none.png: no such file"},
		{[]string{pixels, dir}, nil, "set.json"},
		{[]string{texts, small}, nil, "cell.png: line 1 is no text in UTF-8"},
		{[]string{classes, small, "--out", dir}, nil, "this model tells no pixels apart"},
		{[]string{classes, "-"}, nil, "standard input: the model reads no text"},
		{[]string{classes, small, "--top", "0"}, nil, "--top 0: at least 1"},
		{[]string{classes, small, "--like", dir}, nil, "--like: "},
		{[]string{classes, batch, "--out", filepath.Join(dir, ".", "b.safetensors")}, []safetensors.Tensor{{Name: "image", Shape: []int{1, 28, 28, 1}, Data: make([]byte, 784)}},
			"the outputs would take the place of " + batch},
		{[]string{classes, batch}, []safetensors.Tensor{{Name: "x", Shape: []int{1}, Data: []float32{0}}}, "b.safetensors: no tensor image, which the model reads; there are x"},
		{[]string{classes, batch}, []safetensors.Tensor{{Name: "image", Shape: []int{1, 28, 28, 1}, Data: make([]float64, 784)}}, "b.safetensors: image is of F64; give U8"},
		{[]string{classes, batch}, []safetensors.Tensor{{Name: "image", Shape: []int{1, 27, 28, 1}, Data: make([]byte, 756)}}, "b.safetensors: the input holds images of 27x28"},
		{[]string{classes, batch, "--json"}, []safetensors.Tensor{{Name: "image", Shape: []int{1, 28, 28, 1}, Data: append([]float32{float32(math.NaN())}, make([]float32, 783)...)}},
			"b.safetensors: sample 0: image: a number is NaN"},
		{[]string{classes, batch}, []safetensors.Tensor{{Name: "image", Shape: []int{}, Data: make([]byte, 1)}}, "image is [], want [n, …]"},
		{[]string{classes, batch}, []safetensors.Tensor{{Name: "image", Shape: []int{1, 28, 28, 1}, Data: make([]byte, 784)},
			{Name: "image.length", Shape: []int{1}, Data: []int64{29}}}, "image.length: sample 0 has a length of 29, want 0 to 28"},
	} {
		if c.tensors != nil {
			writeTensors(t, batch, c.tensors...)
		}
		if status, out := predicts(t, c.words...); status == 0 || !strings.Contains(out, c.want) {
			t.Errorf("%v: %d, %s, want %q", c.words, status, out, c.want)
		}
	}
}
