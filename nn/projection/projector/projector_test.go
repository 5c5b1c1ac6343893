package projector

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/tensor"
)

var settings = Settings{Method: "pca", Dims: 2, Metric: "cosine", Perplexity: 30, Neighbors: 4, Seed: 1}

// words are 40 points with two columns.
func words() *Set {
	s := &Set{Name: `em"bed\ü`, Points: tensor.NewMatrix(40, 5), Columns: []string{"word", "n"}, Values: make([][]string, 2)}
	for i := range 40 {
		for j := range 5 {
			s.Points.Row(i)[j] = tensor.Normal([2]uint32{1, 2}, [4]uint32{uint32(i), uint32(j)})
		}
		s.Values[0] = append(s.Values[0], string(rune('a'+i)))
		s.Values[1] = append(s.Values[1], "7")
	}
	return s
}

// TestFiles writes a set and reads it again, by each of its configs.
func TestFiles(t *testing.T) {
	s, dir := words(), t.TempDir()
	l := NewLayouts(nil, s, Cache{})
	flat, err := l.Get(t.Context(), settings, nil)
	if err != nil {
		t.Fatal(err)
	}
	names, err := Write(dir, s, flat)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(names, ".") {
		switch name {
		case ".", "projector_config.json", "projector_config.pbtxt":
			got, err := Read(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			if got.Bookmarks == nil {
				t.Errorf("%s: no bookmarks", name)
			}
			got.Bookmarks = nil
			if !reflect.DeepEqual(got, s) {
				t.Errorf("%s: %v, want %v", name, got, s)
			}
		case "pca-2d.tsv":
			got, err := Read(filepath.Join(dir, name))
			if err != nil || !slices.Equal(got.Points.Data, flat.Points.Data) {
				t.Errorf("%s: %v, %v", name, got, err)
			}
		}
	}
	b, err := os.ReadFile(filepath.Join(dir, "bookmarks.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var states []struct {
		Projections []map[string]float32
		Perplexity  *float64 `json:"tSNEPerplexity"`   // without these TensorBoard's page stops half way
		Rate        *float64 `json:"tSNELearningRate"` // (testdata/plugin.py)
	}
	if err := json.Unmarshal(b, &states); err != nil || len(states) != 1 || states[0].Projections[3]["pca-1"] != flat.Points.Row(3)[1] || states[0].Perplexity == nil || states[0].Rate == nil {
		t.Errorf("bookmarks %v: %v", states, err)
	}
}

// Points whose bytes could be text are written out as numbers: TensorBoard takes every file that may be text for such ones.
func TestFilesOfText(t *testing.T) {
	s, dir := &Set{Name: "twos", Points: tensor.NewMatrix(3, 2)}, t.TempDir()
	for i := range s.Points.Data {
		s.Points.Data[i] = float32(2 + i%2) // 00 00 00 40 and 00 00 40 40
	}
	names, err := Write(dir, s)
	if err != nil || !slices.Contains(names, "tensors.tsv") || slices.Contains(names, "tensors.bytes") {
		t.Fatalf("%v, %v", names, err)
	}
	if got, err := Read(dir); err != nil || !slices.Equal(got.Points.Data, s.Points.Data) {
		t.Errorf("read again: %v, %v", got, err)
	}
}

// TestConfig reads what others write.
func TestConfig(t *testing.T) {
	c, err := parseText(`# of a log directory
model_checkpoint_path: "x.ckpt"
embeddings {
  tensor_name: "first:0" tensor_path: "a.tsv"
  tensor_shape: [3, 4]
  sprite { image_path: "s.png" single_image_dim: 28 single_image_dim: 28 }
  metadata_path: 'single' }`)
	if err == nil {
		t.Errorf("text in single quotes is read as %+v", c)
	}
	c, err = parseText(`embeddings: { tensor_name: "a\"b" tensor_path: "a.tsv" tensor_shape: 3 tensor_shape: 4
  sprite { image_path: "s.png" single_image_dim: 28 } metadata_path: "m.tsv" } embeddings { tensor_name: "second" }`)
	if want := (config{Name: `a"b`, Tensor: "a.tsv", Metadata: "m.tsv", Shape: []int{3, 4}, Sprite: &spriteConfig{"s.png", []int{28}}}); err != nil || !reflect.DeepEqual(c, want) {
		t.Errorf("%+v, %v, want %+v", c, err, want)
	}
	for _, bad := range []string{"", "embeddings {", "}", `embeddings { tensor_name: 3 }`, `embeddings { tensor_shape: x }`, `embeddings { x }`, `"`, `embeddings { tensor_shape: [`} {
		if _, err := parseText(bad); err == nil {
			t.Errorf("%q is a config", bad)
		}
	}
}

// TestOutside refuses configs that name files elsewhere.
func TestOutside(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"../x.tsv", "/etc/passwd", ""} {
		text := config{Name: "x", Tensor: name}.text()
		path := filepath.Join(dir, "projector_config.pbtxt")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Read(path); err == nil || !strings.Contains(err.Error(), "below its own directory") {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestRefusedFiles(t *testing.T) {
	for _, bad := range []string{"", "1\t2\n3\n", "1\tx\n", "1\n\n2\n", "NaN\n", "1e99\n"} {
		if x, err := ReadTSV(strings.NewReader(bad)); err == nil {
			t.Errorf("%q is read as %v", bad, x.Data)
		}
	}
	for _, bad := range []string{"", "a\n", "a\nb\nc\n", "x\ty\na\tb\nc\n"} {
		if _, v, err := ReadMetadata(strings.NewReader(bad), 2); err == nil {
			t.Errorf("%q is read as %v", bad, v)
		}
	}
	if _, err := readBytes(make([]byte, 8), []int{1 << 40, 1 << 40}); err == nil {
		t.Error("a shape that overflows is read")
	}
}

// TestCache takes a layout from there, and not one that is torn or of other settings.
func TestCache(t *testing.T) {
	dir := t.TempDir()
	get := func(s Settings) *Layout {
		l, err := NewLayouts(nil, words(), Cache{Dir: dir}).Get(t.Context(), s, nil)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	s := settings
	s.Method = "umap"
	first := get(s)
	again := get(s)
	if first.Kept || !again.Kept || !slices.Equal(first.Points.Data, again.Points.Data) || again.Preservation != first.Preservation {
		t.Errorf("kept %v, then %v", first.Kept, again.Kept)
	}
	other := s
	other.Seed++
	if l := get(other); l.Kept || slices.Equal(l.Points.Data, first.Points.Data) {
		t.Error("another seed is the same layout")
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.layout"))
	if err != nil || len(files) != 2 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		if err := os.Truncate(f, 200); err != nil {
			t.Fatal(err)
		}
	}
	if l := get(s); l.Kept || !slices.Equal(l.Points.Data, first.Points.Data) {
		t.Error("a torn file is a layout")
	}
	if l, err := NewLayouts(nil, words(), Cache{Dir: filepath.Join(files[0], "no")}).Get(t.Context(), s, nil); err != nil || l.Kept {
		t.Errorf("without a cache: %v", err)
	}
}

func FuzzReadTSV(f *testing.F) {
	f.Add("1\t2\n3\t4\n", "a\nb\n")
	f.Fuzz(func(t *testing.T, points, about string) {
		x, err := ReadTSV(strings.NewReader(points))
		if err != nil {
			return
		}
		s := &Set{Points: x}
		if s.Columns, s.Values, err = ReadMetadata(strings.NewReader(about), x.Rows); err != nil {
			return
		}
		var b bytes.Buffer
		if err := s.WriteMetadata(&b); err != nil {
			t.Fatal(err)
		}
		if _, _, err := ReadMetadata(&b, x.Rows); err != nil {
			t.Errorf("what is written of %q is not read: %v", about, err)
		}
	})
}

func FuzzConfig(f *testing.F) {
	f.Add(config{Name: "a", Tensor: "b", Shape: []int{2, 3}, Metadata: "c"}.text())
	f.Fuzz(func(t *testing.T, text string) {
		_, _ = parseJSON([]byte(text))
		c, err := parseText(text)
		if err != nil {
			return
		}
		again, err := parseText(c.text())
		if err != nil || again.Name != c.Name || again.Tensor != c.Tensor {
			t.Errorf("%q: %+v, then %+v, %v", text, c, again, err)
		}
	})
}

// TestSprite draws pictures into one, smaller where it would grow too large, and writes and reads it with the points.
// Of more layouts than are kept the oldest go; other files stay.
func TestCacheIsBounded(t *testing.T) {
	dir := t.TempDir()
	c, l := Cache{Dir: dir, most: 3}, &Layout{Settings: settings, Points: words().Points}
	other := filepath.Join(dir, "notes.txt")
	if err := os.WriteFile(other, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	for i, key := range []string{"e", "d", "c", "b", "a"} {
		c.write(key, l)
		if err := os.Chtimes(c.path(key), time.Time{}, time.Unix(int64(1000+i), 0)); err != nil {
			t.Fatal(err)
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if want := []string{c.path("a"), c.path("b"), c.path("c"), other}; err != nil || !slices.Equal(files, want) {
		t.Errorf("kept are %q, want %q; %v", files, want, err)
	}
}

func TestSprite(t *testing.T) {
	if none := NewSpriteMaker(0, 8, 4, 35); none.sprite.Across != 1 {
		t.Errorf("of no pictures: %+v", none.sprite)
	}
	m := NewSpriteMaker(40, 8, 4, 35)
	for i := range 40 {
		m.Add(bytes.Repeat([]byte{byte(i), 100}, 16), 8, 4, 1)
	}
	s := words()
	s.Sprite = m.Sprite()
	if p := s.Sprite; p.Width != 5 || p.Height != 2 || p.Across != 7 || p.Type() != "image/png" {
		t.Fatalf("%d×%d, %d across, %s", p.Width, p.Height, p.Across, p.Type())
	}
	dir := t.TempDir()
	if _, err := Write(dir, s); err != nil {
		t.Fatal(err)
	}
	got, err := Read(dir)
	if err != nil || !reflect.DeepEqual(got.Sprite, s.Sprite) {
		t.Errorf("%+v, %v", got, err)
	}
	for _, bad := range []Sprite{{Image: s.Sprite.Image, Width: 0, Height: 2}, {Image: s.Sprite.Image, Width: 5, Height: 9}, {Image: []byte("x"), Width: 1, Height: 1}} {
		if err := bad.check(40); err == nil {
			t.Errorf("pictures of %d×%d are there", bad.Width, bad.Height)
		}
	}
	for _, bad := range []string{"", "{", "{}", "[1]"} {
		if err := checkBookmarks([]byte(bad)); err == nil {
			t.Errorf("%q are bookmarks", bad)
		}
	}
}

func FuzzSprite(f *testing.F) {
	m := NewSpriteMaker(2, 2, 2, 100)
	f.Add(m.Sprite().Image, 2, 2, 2)
	f.Fuzz(func(t *testing.T, b []byte, width, height, n int) {
		s := Sprite{Image: b, Width: width, Height: height}
		if s.check(n) == nil && s.Across < 1 {
			t.Errorf("%d pictures in a row", s.Across)
		}
		_ = checkBookmarks(b)
	})
}
