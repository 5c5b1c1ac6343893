package survey

import (
	"errors"
	"fmt"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/data/shard"
)

// makeSet makes a set of n samples in blocks of a few.
func makeSet(t testing.TB, n int, schema samples.Schema, sample func(i int) samples.Sample) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "train")
	w, err := samples.NewWriter(shard.WriterOptions{Dir: dir, Name: "train", BlockBytes: 4096, ShardBytes: 1 << 16}, schema)
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		if err := w.Add(sample(i)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	return dir
}

var everything = samples.Schema{Parts: []samples.Part{
	{Name: "image", Element: samples.Uint8, Shape: []int{samples.Varies, 2, 3}},
	{Name: "mask", Element: samples.Uint8, Shape: []int{2, 2}, Classes: []string{"a", "b"}, Ignore: 255},
	{Name: "class", Element: samples.Int32, Shape: []int{}, Classes: []string{"even", "odd", "never"}},
	{Name: "values", Element: samples.Float32, Shape: []int{2}},
	{Name: "sound", Element: samples.Int16, Shape: []int{samples.Varies}, Rate: 8000},
	{Name: "text", Element: samples.UTF8, Shape: []int{samples.Varies}},
}}

// one is sample i of a set with all kinds of parts.
func one(i int) samples.Sample {
	image := make([]byte, (1+i%3)*2*3)
	for k := range image {
		image[k] = byte(i + 7*k)
	}
	sound := []byte{byte(i), byte(i >> 3), 1, 0}
	return samples.Sample{
		{Shape: []int{1 + i%3, 2, 3}, Data: image}, {Shape: []int{2, 2}, Data: []byte{0, 1, 255, byte(i % 2)}}, samples.Class(i % 2),
		samples.Float32s([]float32{1e9 + float32(64*(i%5)), float32(i) / 3}), {Shape: []int{2}, Data: sound}, samples.Text(strings.Repeat("x", i%7)),
	}
}

// plain are mean and deviation in two passes.
func plain(x []float64) (mean, deviation float64) {
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		deviation += (v - mean) * (v - mean) / float64(len(x))
	}
	return mean, math.Sqrt(deviation)
}

func TestSurvey(t *testing.T) {
	const n = 3000
	dir := makeSet(t, n, everything, one)
	s, err := Read(dir, Options{Workers: 1, Examples: 4})
	if err != nil {
		t.Fatal(err)
	}
	channels := make([][]float64, 6) // red, green, blue, both values, sound
	var masks [2]int64
	for i := range n {
		p := one(i)
		for k, v := range p[0].Data {
			channels[k%3] = append(channels[k%3], float64(v)/255)
		}
		for k, v := range p[3].Float32s() {
			channels[3+k] = append(channels[3+k], float64(v))
		}
		for _, v := range p[4].Int16s() {
			channels[5] = append(channels[5], float64(v)/(1<<15))
		}
		masks[0], masks[1] = masks[0]+int64(2-i%2), masks[1]+int64(1+i%2)
	}
	got := append(append(append([]Channel{}, s.Parts[0].Channels...), s.Parts[3].Channels...), s.Parts[4].Channels...)
	for i, x := range channels {
		mean, deviation := plain(x)
		if math.Abs(got[i].Mean-mean) > 1e-9*math.Abs(mean)+1e-12 || math.Abs(got[i].Deviation-deviation) > 1e-6*deviation {
			t.Errorf("channel %d: %+v, want %v and %v", i, got[i], mean, deviation)
		}
	}
	if p := s.Parts[1]; p.Counts[0] != masks[0] || p.Counts[1] != masks[1] || p.Ignored != n {
		t.Errorf("masks: %v and %d, want %v and %d", p.Counts, p.Ignored, masks, n)
	}
	if r := s.Parts[0].Sizes[0]; r != (Range{1, 2, 3, 6000}) {
		t.Errorf("heights: %+v", r)
	}
	if r := s.Parts[5].Sizes[0]; r.Min != 0 || r.Median != 3 || r.Max != 6 {
		t.Errorf("lengths of texts: %+v", r)
	}
	if fmt.Sprint(s.Groups) != "[{even 1500 [0 2 4 6]} {odd 1500 [1 3 5 7]} {never 0 []}]" {
		t.Error(s.Groups)
	}
	for _, workers := range []int{2, 7} {
		if other, err := Read(dir, Options{Workers: workers, Examples: 4}); err != nil || !reflect.DeepEqual(s, other) {
			t.Errorf("%d workers: %+v, %v; want %+v", workers, other, err, s)
		}
	}
	lines, err := s.Examples(3)
	if err != nil || fmt.Sprint(lines) != "[ → even x → odd xx → even]" {
		t.Errorf("%q, %v", lines, err)
	}
}

func TestSurveyOfText(t *testing.T) {
	dir := t.TempDir()
	text := strings.Repeat("Größe\nzwei\n", 200_000)
	if err := os.WriteFile(filepath.Join(dir, "a.txt"), []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := shard.WriteText(shard.TextOptions{Out: filepath.Join(dir, "out")}, []string{filepath.Join(dir, "a.txt")}); err != nil {
		t.Fatal(err)
	}
	s, err := Read(filepath.Join(dir, "out", "train"), Options{Workers: 2})
	if err != nil || s.Text.Characters != 11*200_000 || s.Text.Lines != 400_000 || s.Text.Distinct != 10 || !strings.HasPrefix(s.Text.First, "Größe\nzwei\n") {
		t.Errorf("%d characters, %d lines, %d bytes, %v", s.Text.Characters, s.Text.Lines, s.Text.Distinct, err)
	}
	if _, err := s.Sheet(); err == nil || !strings.Contains(err.Error(), "no pictures") {
		t.Error(err)
	}
}

// A sheet has a row for each class, with images, masks, sounds and frames where the samples have them.
func TestSheet(t *testing.T) {
	grey := func(shape ...int) samples.Part {
		return samples.Part{Name: "image", Element: samples.Uint8, Shape: shape}
	}
	class := samples.Part{Name: "class", Element: samples.Int32, Shape: []int{}, Classes: []string{"a", strings.Repeat("ü long name ", 9)}}
	image := samples.Value{Shape: []int{2, 4, 1}, Data: []byte{10, 20, 30, 40, 50, 60, 70, 80}}
	dir := makeSet(t, 5, samples.Schema{Parts: []samples.Part{grey(2, 4, 1), class}}, func(i int) samples.Sample { return samples.Sample{image, samples.Class(i % 2)} })
	s, err := Read(dir, Options{Examples: 3})
	if err != nil {
		t.Fatal(err)
	}
	m, err := s.Sheet()
	if err != nil {
		t.Fatal(err)
	}
	side := widestName*letter + 3*gap
	if r := m.Bounds(); r.Dx() != side+3*(cellHeight+gap)+gap || r.Dy() != 2*(cellHeight+gap)+gap {
		t.Errorf("%v", r)
	}
	for x, want := range []uint8{10, 20, 30, 40} {
		if got := m.At(side+x*24+12, gap+12); got != (color.RGBA{want, want, want, 255}) {
			t.Errorf("pixel %d: %v", x, got)
		}
	}
	for _, c := range []struct {
		part  samples.Part
		value samples.Value
	}{
		{samples.Part{Name: "sound", Element: samples.Int16, Shape: []int{samples.Varies}, Rate: 8}, samples.Value{Shape: []int{2}, Data: []byte{0, 128, 255, 127}}},
		{samples.Part{Name: "sound", Element: samples.Float32, Shape: []int{samples.Varies}, Rate: 8}, samples.Value{Shape: []int{0}}},
		{samples.Part{Name: "frames", Element: samples.Float32, Shape: []int{samples.Varies, 2}}, samples.Value{Shape: []int{1, 2}, Data: make([]byte, 8)}},
		{samples.Part{Name: "frames", Element: samples.Float32, Shape: []int{samples.Varies, 2}}, samples.Value{Shape: []int{0, 2}}},
		{grey(samples.Varies, samples.Varies, 3), samples.Value{Shape: []int{0, 7, 3}}},
	} {
		dir := makeSet(t, 12, samples.Schema{Parts: []samples.Part{c.part}}, func(int) samples.Sample { return samples.Sample{c.value} })
		s, err := Read(dir, Options{Examples: 12})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Sheet(); err != nil {
			t.Errorf("%+v: %v", c.part, err)
		}
	}
	dir = makeSet(t, 1, samples.Schema{Parts: []samples.Part{class}}, func(int) samples.Sample { return samples.Sample{samples.Class(0)} })
	if s, err = Read(dir, Options{}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Sheet(); !errors.Is(err, ErrNothingToDraw) {
		t.Error(err)
	}
}

// Classes that are stored as bytes are counted, and make no groups.
func TestSurveyOfClassesInBytes(t *testing.T) {
	class := samples.Part{Name: "class", Element: samples.Uint8, Shape: []int{}, Classes: []string{"a", "b"}}
	dir := makeSet(t, 3, samples.Schema{Parts: []samples.Part{class}}, func(i int) samples.Sample {
		return samples.Sample{{Shape: []int{}, Data: []byte{byte(i % 2)}}}
	})
	s, err := Read(dir, Options{Workers: 1, Examples: 1})
	if err != nil || fmt.Sprint(s.Parts[0].Counts, s.Groups) != "[2 1] [{ 3 [0]}]" {
		t.Errorf("%+v, %v", s, err)
	}
}

// Damage is an error that names the shard, whichever goroutine meets it.
func TestSurveyOfDamage(t *testing.T) {
	dir := makeSet(t, 3000, everything, one)
	path := filepath.Join(dir, "train-00001.shard")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 1
	if err := os.WriteFile(path, b, 0o666); err != nil {
		t.Fatal(err)
	}
	for _, workers := range []int{1, 3} {
		_, err = Read(dir, Options{Workers: workers})
		var damage *shard.CorruptError
		if !errors.As(err, &damage) || !strings.Contains(err.Error(), "train-00001.shard") {
			t.Error(err)
		}
	}
}

func TestSheetBeyondMeasure(t *testing.T) {
	schema := samples.Schema{Parts: []samples.Part{{Name: "image", Element: samples.Uint8, Shape: []int{1, 1, 1}}, {Name: "class", Element: samples.Int32, Shape: []int{}}}}
	const n = 900
	for i := range n {
		schema.Parts[1].Classes = append(schema.Parts[1].Classes, fmt.Sprint("class", i))
	}
	dir := makeSet(t, n, schema, func(i int) samples.Sample {
		return samples.Sample{{Shape: []int{1, 1, 1}, Data: []byte{1}}, samples.Class(i % 180)}
	})
	s, err := Read(dir, Options{Examples: 10})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Sheet(); err != nil {
		t.Error(err)
	}
	for i := range s.Groups {
		s.Groups[i].First = make([]int, 1000)
	}
	if _, err := s.Sheet(); err == nil || !strings.Contains(err.Error(), "fewer examples of each class") {
		t.Error(err)
	}
}
