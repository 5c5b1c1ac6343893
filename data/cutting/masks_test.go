package cutting

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/data/files"
)

// greyPNG is a PNG of rows of grey pixels.
func greyPNG(rows ...[]byte) []byte {
	m := image.NewGray(image.Rect(0, 0, len(rows[0]), len(rows)))
	for y, row := range rows {
		copy(m.Pix[y*m.Stride:], row)
	}
	var b bytes.Buffer
	png.Encode(&b, m)
	return b.Bytes()
}

// palettePNG is a PNG of places in a palette.
func palettePNG(width int, pix ...byte) []byte {
	m := image.NewPaletted(image.Rect(0, 0, width, len(pix)/width), color.Palette{color.Black, color.White, color.RGBA{9, 8, 7, 255}})
	copy(m.Pix, pix)
	var b bytes.Buffer
	png.Encode(&b, m)
	return b.Bytes()
}

// maskSets cuts pictures with masks and gives the masks by the names of the samples.
func maskSets(t *testing.T, opts ImagesOptions, paths ...string) (train, valid map[string][]byte, sum Summary) {
	t.Helper()
	sum, err := Images(opts, paths)
	if err != nil {
		t.Fatal(err)
	}
	trained, held, _ := all(t, opts.Out)
	train, valid = map[string][]byte{}, map[string][]byte{}
	for _, s := range trained {
		train[string(s[2].Data)] = s[1].Data
	}
	for _, s := range held {
		valid[string(s[2].Data)] = s[1].Data
	}
	return train, valid, sum
}

func TestMasks(t *testing.T) {
	dir := t.TempDir()
	in, masks, out := filepath.Join(dir, "in"), filepath.Join(dir, "masks"), filepath.Join(dir, "out")
	put(t, filepath.Join(in, "a", "1.png"), square(2, 1))
	put(t, filepath.Join(in, "2.png"), square(2, 2))
	put(t, filepath.Join(masks, "a", "1.png"), greyPNG([]byte{0, 255}, []byte{128, 255}))
	put(t, filepath.Join(masks, "2.png"), greyPNG([]byte{0, 0}, []byte{255, 255}))
	put(t, filepath.Join(masks, "3.png"), square(2, 0))
	opts := ImagesOptions{Options: Options{Out: out}, FolderOptions: FolderOptions{HeldOutMatch: "^2"}, MaskOptions: MaskOptions{Masks: []string{masks}}}
	if _, err := Images(opts, []string{in}); err == nil || !strings.Contains(err.Error(), "the values 0,128,255: ") {
		t.Errorf("values with gaps: %v", err)
	}
	opts.Values, opts.Ignore, opts.Names = []int{0, 255}, []int{128}, []string{"cell", "wall"}
	train, valid, sum := maskSets(t, opts, in)
	if want := []byte{0, 1, NoPixelClass, 1}; len(train) != 1 || !bytes.Equal(train["a/1.png"], want) {
		t.Errorf("%v, want %v", train, want)
	}
	if want := []byte{0, 0, 1, 1}; len(valid) != 1 || !bytes.Equal(valid["2.png"], want) {
		t.Errorf("%v, want %v", valid, want)
	}
	if !slices.Equal(sum.Classes, opts.Names) || files.Count(sum.LeftOut, NoImage) != 1 {
		t.Errorf("%v, left out %v", sum.Classes, sum.LeftOut)
	}
	_, _, schema := all(t, out)
	if p := schema.Parts[1]; p.Name != "mask" || p.Ignore != NoPixelClass || !slices.Equal(p.Shape, []int{-1, -1}) {
		t.Errorf("%+v", p)
	}
}

// Values that are numbers of classes need not be listed, and held-out pictures may have a directory of masks of their own.
func TestPaletteMasks(t *testing.T) {
	dir := t.TempDir()
	path := func(names ...string) string { return filepath.Join(append([]string{dir}, names...)...) }
	put(t, path("train", "x.jpg"), photo())
	put(t, path("valid", "x.png"), square(3, 1))
	put(t, path("train-masks", "x.png"), palettePNG(40, bytes.Repeat([]byte{2, 1, 0}, 400)...))
	put(t, path("valid-masks", "x.png"), palettePNG(3, 0, 0, 0, 1, 1, 1, 2, 2, 2))
	opts := ImagesOptions{Options: Options{Out: path("out"), HeldOut: []string{path("valid")}},
		MaskOptions: MaskOptions{Masks: []string{path("train-masks")}, HeldOutMasks: []string{path("valid-masks")}}}
	train, valid, sum := maskSets(t, opts, path("train"))
	if !bytes.Equal(train["x.jpg"], bytes.Repeat([]byte{2, 1, 0}, 400)) || !bytes.Equal(valid["x.png"], []byte{0, 0, 0, 1, 1, 1, 2, 2, 2}) {
		t.Errorf("%v, %v", train, valid)
	}
	if fmt.Sprint(sum.Classes) != "[0 1 2]" {
		t.Errorf("%v", sum.Classes)
	}
}

func TestMasksThatDoNotFit(t *testing.T) {
	dir := t.TempDir()
	in, masks, out := filepath.Join(dir, "in"), filepath.Join(dir, "masks"), filepath.Join(dir, "out")
	for _, name := range []string{"good", "size", "value", "jpeg", "colour", "cut", "none"} {
		put(t, filepath.Join(in, name+".png"), square(2, 1))
	}
	put(t, filepath.Join(in, "notes.txt"), []byte("x"))
	for name, b := range map[string][]byte{
		"good.png": greyPNG([]byte{0, 1}, []byte{1, 0}), "size.png": square(3, 0), "value.png": greyPNG([]byte{0, 1}, []byte{7, 0}),
		"jpeg.png": photo(), "cut.png": square(2, 0)[:40],
	} {
		put(t, filepath.Join(masks, name), b)
	}
	m := image.NewRGBA(image.Rect(0, 0, 2, 2))
	m.Set(1, 0, color.RGBA{1, 2, 3, 255})
	var b bytes.Buffer
	png.Encode(&b, m)
	put(t, filepath.Join(masks, "colour.png"), b.Bytes())
	opts := ImagesOptions{Options: Options{Out: out}, MaskOptions: MaskOptions{Masks: []string{masks}, Values: []int{0, 1}}}
	_, err := Images(opts, []string{in})
	var unread *UnreadableError
	if !errors.As(err, &unread) || len(unread.List) != 6 {
		t.Fatal(err)
	}
	for i, want := range []string{"colour.png: PNG: a coloured mask", "cut.png: damaged PNG: cut short", "jpeg.png: JPEG: a mask must be a PNG",
		"no mask of its name", "2×2 pixels, and its mask", "the value 7 at (0, 1)"} {
		if got := unread.List[i].Error(); !strings.Contains(got, want) {
			t.Errorf("%s, want %q", got, want)
		}
	}
	wantNothing(t, "masks that do not fit", out)
	put(t, filepath.Join(masks, "good.gif"), []byte("x"))
	for _, c := range []struct {
		change func(o *ImagesOptions)
		want   string
	}{
		{func(o *ImagesOptions) {}, "two masks for one picture"},
		{func(o *ImagesOptions) { o.Values = []int{0, 256} }, "mask value 256"},
		{func(o *ImagesOptions) { o.Ignore = []int{1} }, "mask value 1"},
		{func(o *ImagesOptions) { o.Class = "x" }, "--class and --masks"},
		{func(o *ImagesOptions) { o.Masks, o.HeldOutMasks = nil, o.Masks }, "without --masks"},
	} {
		o := opts
		c.change(&o)
		if _, err := Images(o, []string{in}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
}

// Tiles cover a picture to its edges, the mask over each is its part, and all tiles of a picture are in one set.
func TestTiles(t *testing.T) {
	dir := t.TempDir()
	in, masks, out := filepath.Join(dir, "in"), filepath.Join(dir, "masks"), filepath.Join(dir, "out")
	for i := range 12 {
		rows := make([][]byte, 5)
		for y := range rows {
			for x := range 6 {
				rows[y] = append(rows[y], byte(10*y+x))
			}
		}
		put(t, filepath.Join(in, fmt.Sprintf("%d.png", i)), greyPNG(rows...))
		put(t, filepath.Join(masks, fmt.Sprintf("%d.png", i)), greyPNG(rows...))
	}
	values := make([]int, 56)
	for i := range values {
		values[i] = i
	}
	opts := ImagesOptions{Options: Options{Out: out, Valid: 0.4}, PictureOptions: PictureOptions{Tile: 4, Stride: 3, Grey: true},
		MaskOptions: MaskOptions{Masks: []string{masks}, Values: values}}
	if _, err := Images(opts, []string{in}); err != nil {
		t.Fatal(err)
	}
	train, valid, _ := all(t, out)
	if len(train)+len(valid) != 12*4 || len(train)%4 != 0 || len(train) == 0 || len(valid) == 0 {
		t.Fatalf("%d and %d tiles", len(train), len(valid))
	}
	var corners []string
	for _, s := range train[:4] {
		if !bytes.Equal(s[0].Data, s[1].Data) {
			t.Errorf("%s: %v under %v", s[2].Data, s[0].Data, s[1].Data)
		}
		_, corner, _ := strings.Cut(string(s[2].Data), "@")
		corners = append(corners, fmt.Sprintf("%s=%d", corner, s[0].Data[0]))
	}
	if got := fmt.Sprint(corners); got != "[0,0=0 2,0=2 0,1=10 2,1=12]" {
		t.Error(got)
	}
	opts.Tile, opts.Overwrite = 7, true
	if _, err := Images(opts, []string{in}); err == nil || !strings.Contains(err.Error(), "smaller than a tile of 7") {
		t.Error(err)
	}
	for _, wrong := range []PictureOptions{{Tile: -1}, {Stride: 3}, {Tile: 9, Square: 8}} {
		opts.PictureOptions = wrong
		if _, err := Images(opts, []string{in}); err == nil {
			t.Errorf("%+v: accepted", wrong)
		}
	}
}

// The masks of training pictures are none of the held-out pictures that have the same names.
func TestMasksOfTwoPictures(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	put(t, path("train/1.png"), square(2, 1))
	put(t, path("test/1.png"), square(2, 2))
	put(t, path("masks/1.png"), square(2, 0))
	opts := ImagesOptions{Options: Options{Out: path("out"), HeldOut: []string{path("test")}}, MaskOptions: MaskOptions{Masks: []string{path("masks")}}}
	if _, err := Images(opts, []string{path("train")}); err == nil || !strings.Contains(err.Error(), "two pictures of one name for the mask") {
		t.Error(err)
	}
	put(t, path("held/1.png"), square(2, 0))
	opts.HeldOutMasks = []string{path("held")}
	if sum, err := Images(opts, []string{path("train")}); err != nil || sum.Valid.Samples != 1 {
		t.Error(err)
	}
}

func TestTilesBeyondMeasure(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "in", "a", "1.png"), square(600, 1))
	opts := ImagesOptions{Options: Options{Out: filepath.Join(dir, "out")}, PictureOptions: PictureOptions{Tile: 256, Stride: 1}}
	_, err := Images(opts, []string{filepath.Join(dir, "in")})
	if err == nil || !strings.Contains(err.Error(), "make 119025 tiles of 256") {
		t.Error(err)
	}
}
