package cutting

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/data/samples"
)

// One file is decoded as a cut decodes it: pictures as --square makes them, sounds at the set's rate.
func TestOneFile(t *testing.T) {
	for _, size := range [][2]int{{50, 31}, {31, 50}, {9, 40}, {24, 24}} {
		m := image.NewRGBA(image.Rect(0, 0, size[0], size[1]))
		for i := range m.Pix {
			m.Pix[i] = byte(i * 7)
		}
		for i := 3; i < len(m.Pix); i += 4 {
			m.Pix[i] = 255
		}
		var b bytes.Buffer
		if err := png.Encode(&b, m); err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		out := filepath.Join(dir, "out")
		put(t, filepath.Join(dir, "in", "a", "1.png"), b.Bytes())
		opts := ImagesOptions{Options: Options{Out: out}, PictureOptions: PictureOptions{Square: 24}}
		if _, err := Images(opts, []string{filepath.Join(dir, "in")}); err != nil {
			t.Fatal(err)
		}
		train, _, schema := all(t, out)
		got, err := OnePicture(b.Bytes(), schema.Parts[0], 0)
		if err != nil || !bytes.Equal(got.Pixels, train[0][0].Data) {
			t.Errorf("%v: %v, other pixels than the set's", size, err)
		}
	}

	dir := t.TempDir()
	out, wave := filepath.Join(dir, "out"), sound(11025, 2, 5, 7, -9000, 31000, 32767, 1, 12, 13)
	put(t, filepath.Join(dir, "in", "a", "1.wav"), wave)
	if _, err := Sounds(SoundsOptions{Options: Options{Out: out}, Rate: 8000}, []string{filepath.Join(dir, "in")}); err != nil {
		t.Fatal(err)
	}
	train, _, schema := all(t, out)
	got, err := OneSound(wave, schema.Parts[0])
	if err != nil || !slices.Equal(got.Shape, train[0][0].Shape) || !bytes.Equal(got.Data, train[0][0].Data) {
		t.Errorf("%v %v, the set has %v (%v)", got.Shape, got.Int16s(), train[0][0].Int16s(), err)
	}
}

func TestOneFileRefuses(t *testing.T) {
	text, err := os.ReadFile("one_test.go")
	if err != nil {
		t.Fatal(err)
	}
	image := samples.Part{Name: "image", Element: samples.Uint8, Shape: []int{8, 8, 3}}
	if _, err := OnePicture(text, image, 0); err == nil {
		t.Error("a text is a picture")
	}
	if _, err := OnePicture(text, samples.Part{Name: "frames", Element: samples.Float32, Shape: []int{-1, 4}}, 0); fmt.Sprint(err) != "frames are no pictures: float32[-1 4]" {
		t.Error(err)
	}
	if _, err := OneSound(text, samples.Part{Name: "sound", Element: samples.Int16, Shape: []int{-1}, Rate: 8000}); err == nil {
		t.Error("a text is a sound")
	}
}

// A line of pixels, scaled by its short side, would take more memory than there is.
func TestLongPictures(t *testing.T) {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 1, 60000))); err != nil {
		t.Fatal(err)
	}
	const want = "1×60000 pixels: with 2000 along the short side, the long one has 120000000"
	part := samples.Part{Name: "image", Element: samples.Uint8, Shape: []int{2000, 1000, 3}}
	if _, err := OnePicture(b.Bytes(), part, 0); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("one: %v", err)
	}
	dir := t.TempDir()
	put(t, filepath.Join(dir, "in", "a", "1.png"), b.Bytes())
	for _, o := range []PictureOptions{{Square: 2000}, {ShortSide: 2000, MaxPixels: 1 << 16}} {
		_, err := Images(ImagesOptions{Options: Options{Out: filepath.Join(dir, "out")}, PictureOptions: o}, []string{filepath.Join(dir, "in")})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("a cut: %v", err)
		}
	}
}
