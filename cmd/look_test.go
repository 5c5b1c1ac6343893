package cmd

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/rondo-ml/rondo/data/samples"
)

// looks runs `rondo look` and returns its exit status and all that it prints.
func looks(t *testing.T, words ...string) (status int, out string) {
	t.Helper()
	var b bytes.Buffer
	status = Execute(t.Context(), append([]string{"look"}, words...), &b, &b)
	return status, b.String()
}

// lookedAt is a checkpoint of LeNet-5 and a picture for it.
func lookedAt(t *testing.T) (dir, picture string) {
	t.Helper()
	parts := []samples.Part{{Name: "image", Element: samples.Uint8, Shape: []int{28, 28, 1}}, {Name: "class", Element: samples.Int32}}
	dir = newModel(t, parts, "model.kind=lenet5", "batch.global=4", "batch.lanes=1")
	m := image.NewGray(image.Rect(0, 0, 28, 28))
	for i := range m.Pix {
		m.Pix[i] = byte(i * i)
	}
	picture = filepath.Join(t.TempDir(), "some.png")
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(picture, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir, picture
}

func TestLookPictures(t *testing.T) {
	dir, picture := lookedAt(t)
	status, out := looks(t, "layers", dir)
	if status != 0 {
		t.Fatal(out)
	}
	wantText(t, out, "conv2", "10x10 of 16 channels", "of 14x14 pixels", "of 32x32 pixels")
	file := filepath.Join(t.TempDir(), "one.svg")
	status, out = looks(t, "patches", dir, picture, picture, "--layer", "relu2", "--samples", "1", "--out", file)
	svg, err := os.ReadFile(file)
	if status != 0 || err != nil {
		t.Fatal(out, err)
	}
	wantText(t, string(svg), "of 1 sample<")
	for _, words := range [][]string{
		{"filters", dir}, {"filters", dir, "--layer", "conv2", "--together"},
		{"maps", dir, picture}, {"maps", dir, picture, "--layers", "conv*,fc3", "--field", "pool2:1,2"},
		{"patches", dir, picture, picture, "--layer", "relu2", "--top", "2", "--project", "deconv", "--channels", "0-2,5"},
		{"maximize", dir, "--layer", "fc3", "--steps", "3", "--channels", "1"},
		{"maximize", dir, "--layer", "conv1", "--steps", "3", "--everywhere"},
	} {
		for _, ext := range []string{".png", ".svg"} {
			file := filepath.Join(t.TempDir(), "out"+ext)
			if status, out := looks(t, append(words, "--out", file)...); status != 0 {
				t.Fatalf("%v: %s", words, out)
			}
			if b, err := os.ReadFile(file); err != nil || len(b) < 500 {
				t.Errorf("%v: %d bytes, error %v", words, len(b), err)
			}
		}
	}
}

func TestLookRefusals(t *testing.T) {
	dir, picture := lookedAt(t)
	for _, c := range []struct {
		want  string
		words []string
	}{
		{"its layers are conv1, relu1", []string{"maps", dir, picture, "--layers", "conv9", "--out", "x.png"}},
		{".png or .svg", []string{"filters", dir, "--out", "x.gif"}},
		{"shown on a terminal", []string{"filters", dir}},
		{"the convolutions are conv1, conv2", []string{"filters", dir, "--layer", "fc1", "--out", "x.png"}},
		{"LAYER:ROW,COLUMN", []string{"maps", dir, picture, "--field", "conv1", "--out", "x.png"}},
		{"pixel 10,0", []string{"maps", dir, picture, "--field", "conv2:10,0", "--out", "x.png"}},
		{"--sample 1", []string{"maps", dir, picture, "--sample", "1", "--out", "x.png"}},
		{"--layer NAME is missing", []string{"patches", dir, picture}},
		{"numbers from 0 to 15", []string{"patches", dir, picture, "--layer", "relu2", "--channels", "3,16", "--out", "x.png"}},
		{"deconv, guided or gradient", []string{"patches", dir, picture, "--layer", "relu2", "--project", "up"}},
		{"steps 0", []string{"maximize", dir, "--layer", "conv1", "--steps", "0"}},
		{"needs --data SET", []string{"confusion", dir}},
	} {
		status, out := looks(t, c.words...)
		if status == 0 {
			t.Errorf("%v is taken", c.words)
		}
		wantText(t, out, c.want)
	}
}

func TestJoined(t *testing.T) {
	set := func(parts ...samples.Part) samples.Source {
		return schemaAlone{schema: samples.Schema{Parts: parts}}
	}
	image, class := samples.Part{Name: "image", Shape: []int{2, 2, 1}}, samples.Part{Name: "class", Element: samples.Int32}
	if _, err := joined([]samples.Source{set(image, class), set(image, class)}, []string{"a", "b"}); err != nil {
		t.Error(err)
	}
	if _, err := joined([]samples.Source{set(image), set(class, image)}, []string{"a", "b"}); err == nil {
		t.Error("samples of other parts are joined")
	}
}

// schemaAlone is a set of which nothing but its schema is asked.
type schemaAlone struct {
	samples.Source
	schema samples.Schema
}

func (s schemaAlone) Schema() samples.Schema { return s.schema }

func TestParseRange(t *testing.T) {
	if from, to, err := parseRange("3:17"); from != 3 || to != 17 || err != nil {
		t.Errorf("%d:%d, error %v", from, to, err)
	}
	for _, text := range []string{"", "3", "a:3", "3:b", "3-4"} {
		if _, _, err := parseRange(text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}

// Generated images are looked at as they are, and told apart as an evaluation tells them.
func TestLookGenerated(t *testing.T) {
	dir, _ := lookedAt(t)
	file := filepath.Join(t.TempDir(), "out.svg")
	for _, words := range [][]string{
		{"maps", dir, "generated:some?count=3", "--sample", "2", "--out", file},
		{"patches", dir, "generated:some?count=3", "--layer", "relu2", "--channels", "0", "--out", file},
	} {
		if status, out := looks(t, words...); status != 0 {
			t.Errorf("%v: %s", words, out)
		}
	}
	svg, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	wantText(t, string(svg), "of 3 samples<")
	status, out := predicts(t, dir, "generated:some?count=3")
	if status != 0 {
		t.Fatal(out)
	}
	wantText(t, out, "generated:some?count=3:2")
	if status, out = looks(t, "maps", dir, "generated:some", "--out", file); status == 0 {
		t.Error("a set without a count is taken")
	}
	wantText(t, out, "count")
}
