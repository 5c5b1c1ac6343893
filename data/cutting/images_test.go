package cutting

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/data/files"
	"github.com/rondo-ml/rondo/data/picture"
	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/data/shard"
)

// square is a PNG of side×side pixels of one grey.
func square(side int, grey byte) []byte {
	m := image.NewGray(image.Rect(0, 0, side, side))
	for i := range m.Pix {
		m.Pix[i] = grey
	}
	var b bytes.Buffer
	png.Encode(&b, m)
	return b.Bytes()
}

// photo is a JPEG with something in it.
func photo() []byte {
	m := image.NewRGBA(image.Rect(0, 0, 40, 30))
	for y := range 30 {
		for x := range 40 {
			m.Set(x, y, color.RGBA{byte(6 * x), byte(8 * y), byte(x * y), 255})
		}
	}
	var b bytes.Buffer
	jpeg.Encode(&b, m, nil)
	return b.Bytes()
}

// labels are the classes of samples by name.
func labels(t *testing.T, dir string) (train, valid map[string]string) {
	t.Helper()
	trained, held, schema := all(t, dir)
	names := schema.Parts[1].Classes
	train, valid = map[string]string{}, map[string]string{}
	for _, s := range trained {
		train[string(s[2].Data)] = names[s[1].Int32s()[0]]
	}
	for _, s := range held {
		valid[string(s[2].Data)] = names[s[1].Int32s()[0]]
	}
	return train, valid
}

// What is not a class, or not a picture, is left out and counted.
func TestImagesLeaveOut(t *testing.T) {
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in"), filepath.Join(dir, "out")
	for name, b := range map[string][]byte{
		"a/1.png": square(2, 1), "a/2.jpg": square(2, 2) /* a PNG by its content */, "b/sub/3": square(2, 3), "b/notes.txt": []byte("notes"),
		".ipynb_checkpoints/x.jpg": photo(), ".DS_Store": nil, "__MACOSX/a/._1.jpg": []byte("x"), "a/._1.jpg": []byte("x"), "stray.png": square(2, 9),
	} {
		put(t, filepath.Join(in, name), b)
	}
	sum, err := Images(ImagesOptions{Options: Options{Out: out}}, []string{in})
	if err != nil || !slices.Equal(sum.Classes, []string{"a", "b"}) || files.Tally(sum.LeftOut) != "4 hidden, 1 no class, 1 not a picture" {
		t.Fatalf("%v, left out %s, %v", sum.Classes, files.Tally(sum.LeftOut), err)
	}
	train, valid := labels(t, out)
	if fmt.Sprint(train) != "map[a/1.png:a a/2.jpg:a b/sub/3:b]" || len(valid) != 0 {
		t.Errorf("%v, %v", train, valid)
	}
	if err := os.Mkdir(filepath.Join(in, "c"), 0o777); err != nil {
		t.Fatal(err)
	}
	if _, err := Images(ImagesOptions{Options: Options{Out: out, Overwrite: true}}, []string{in}); err == nil || !strings.Contains(err.Error(), filepath.Join(in, "c")) {
		t.Errorf("an empty class: %v", err)
	}
	put(t, filepath.Join(in, "c", "notes.txt"), []byte("x"))
	if _, err := Images(ImagesOptions{Options: Options{Out: out, Overwrite: true}}, []string{in}); err == nil || !strings.Contains(err.Error(), "no sample could be read of the class c") {
		t.Errorf("a class without pictures: %v", err)
	}
	opts := ImagesOptions{Options: Options{Out: out, Overwrite: true}, FolderOptions: FolderOptions{Exclude: []string{"c"}}}
	if _, err := Images(opts, []string{in}); err != nil {
		t.Errorf("an empty class, excluded: %v", err)
	}
}

// A picture of a format that is not read is named: left out, it would be missed by nobody.
func TestOtherPicturesAreNamed(t *testing.T) {
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in"), filepath.Join(dir, "out")
	for name, b := range map[string][]byte{
		"a/1.png": square(2, 1), "a/notes.txt": []byte("notes"), "b/2.png": square(2, 2),
		"b/IMG_1.HEIC": []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00"), "b/scan.tif": []byte("II*\x00\x08\x00\x00\x00"),
	} {
		put(t, filepath.Join(in, name), b)
	}
	_, err := Images(ImagesOptions{Options: Options{Out: out}}, []string{in})
	var named *UnreadableError
	if !errors.As(err, &named) || len(named.List) != 2 ||
		!strings.HasSuffix(named.List[0].Error(), "b/IMG_1.HEIC: unreadable: not a JPEG, PNG, GIF or WebP picture: it is HEIC") ||
		!strings.HasSuffix(named.List[1].Error(), "b/scan.tif: unreadable: not a JPEG, PNG, GIF or WebP picture: it is TIFF") {
		t.Errorf("%v", err)
	}
	opts := ImagesOptions{Options: Options{Out: out, SkipUnreadable: true}}
	if sum, err := Images(opts, []string{in}); err != nil || sum.Train.Samples != 2 || files.Tally(sum.LeftOut) != "1 not a picture" {
		t.Errorf("without them: %+v, %v", sum, err)
	}
}

// Labels of held-out pictures follow the names of the training classes, and classes are in natural order.
func TestHeldOutClassesGoByName(t *testing.T) {
	dir := t.TempDir()
	train, valid, out := filepath.Join(dir, "train"), filepath.Join(dir, "valid"), filepath.Join(dir, "out")
	for i, name := range []string{"0", "90", "180", "270"} {
		put(t, filepath.Join(train, name, "x.png"), square(1, byte(i)))
		if name != "180" {
			put(t, filepath.Join(valid, name, "y.png"), square(1, byte(100+i)))
		}
	}
	opts := ImagesOptions{Options: Options{Out: out, HeldOut: []string{valid}, Valid: 0.9}}
	sum, err := Images(opts, []string{train})
	if err != nil || !slices.Equal(sum.Classes, []string{"0", "90", "180", "270"}) {
		t.Fatalf("%v, %v", sum.Classes, err)
	}
	trained, held := labels(t, out)
	if len(trained) != 4 || fmt.Sprint(held) != "map[0/y.png:0 270/y.png:270 90/y.png:90]" {
		t.Errorf("%v, %v", trained, held)
	}
	put(t, filepath.Join(valid, "45", "z.png"), square(1, 7))
	opts.Overwrite = true
	if _, err := Images(opts, []string{train}); err == nil || !strings.Contains(err.Error(), "the class 45, of which there are no training data") {
		t.Errorf("a class in the held-out data alone: %v", err)
	}
	// A picture that is in both is training data.
	if err := os.Remove(filepath.Join(valid, "45", "z.png")); err != nil {
		t.Fatal(err)
	}
	if err := os.Link(filepath.Join(train, "0", "x.png"), filepath.Join(valid, "0", "same.png")); err != nil {
		t.Fatal(err)
	}
	sum, err = Images(opts, []string{train})
	if err != nil || sum.Train.Samples != 4 || sum.Valid.Samples != 3 || files.Count(sum.LeftOut, files.Repeated) != 1 {
		t.Errorf("a picture in both: %+v, %+v, %v", sum.Train, sum.Valid, err)
	}
}

func TestNaturalOrder(t *testing.T) {
	want := []string{"", "01", "1", "2", "3a", "3b", "10", "12", "a", "a2", "a02b", "a10", "ab", "b"}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, natural)
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// damaged are files that cannot be read, with the reasons.
func damaged() map[string][]byte {
	jpg := photo()
	at := bytes.Index(jpg, []byte{0xff, 0xc0})
	huge := bytes.Clone(jpg)
	copy(huge[at+5:], []byte{0xea, 0x60, 0xea, 0x60})
	return map[string][]byte{
		"a/cut.jpg": jpg[:len(jpg)/2], "a/empty.jpg": nil, "b/huge.jpg": huge, "b/packed.JPEG": gzipOf(jpg),
	}
}

var damages = map[string]string{
	"a/cut.jpg": "damaged JPEG: cut short", "a/empty.jpg": "it is empty", "b/huge.jpg": "60000×60000 pixels", "b/packed.JPEG": "packed by gzip",
}

// All that cannot be read is in one list, and nothing is written; or the sets are made without.
func TestUnreadablePictures(t *testing.T) {
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in"), filepath.Join(dir, "out")
	for i := range 100 {
		put(t, filepath.Join(in, []string{"a", "b"}[i%2], fmt.Sprintf("%03d.jpg", i)), photo())
	}
	jpg := photo()
	at := bytes.Index(jpg, []byte{0xff, 0xda})
	put(t, filepath.Join(in, "a", "two-bytes.jpg"), slices.Concat(jpg[:at], []byte{1, 2}, jpg[at:])) // which can be read
	for name, b := range damaged() {
		put(t, filepath.Join(in, name), b)
	}
	_, err := Images(ImagesOptions{Options: Options{Out: out, Workers: 3}}, []string{in})
	var unread *UnreadableError
	if !errors.As(err, &unread) || unread.Sources != 105 || len(unread.List) != 4 || !strings.Contains(err.Error(), "4 of 105") {
		t.Fatal(err)
	}
	for _, l := range unread.List {
		name, _ := filepath.Rel(in, l.Path)
		if want := damages[filepath.ToSlash(name)]; want == "" || !strings.Contains(l.Error(), want) {
			t.Errorf("%v, want %q", l, want)
		}
	}
	wantNothing(t, "with damaged pictures", out)
	sum, err := Images(ImagesOptions{Options: Options{Out: out, SkipUnreadable: true, Valid: 0.2}}, []string{in})
	if err != nil || sum.Train.Samples+sum.Valid.Samples != 101 || len(sum.Unreadable) != 4 {
		t.Errorf("%+v, %v", sum, err)
	}
}

// However many goroutines decode, the sets are the same.
func TestCutsDoNotDependOnWorkers(t *testing.T) {
	dir := t.TempDir()
	in := filepath.Join(dir, "in")
	for i := range 60 {
		put(t, filepath.Join(in, fmt.Sprint(i%3), fmt.Sprintf("%d.png", i)), square(1+i*7%40, byte(i)))
	}
	hashes := map[string]bool{}
	for _, workers := range []int{1, 2, 7} {
		sum, err := Images(ImagesOptions{Options: Options{Out: filepath.Join(dir, fmt.Sprint(workers)), Workers: workers, Valid: 0.3}}, []string{in})
		if err != nil {
			t.Fatal(err)
		}
		hashes[sum.Train.Hash+sum.Valid.Hash] = true
	}
	if len(hashes) != 1 {
		t.Errorf("%d different sets", len(hashes))
	}
}

func TestPictureOptions(t *testing.T) {
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in"), filepath.Join(dir, "out")
	put(t, filepath.Join(in, "a", "x.jpg"), photo())
	for _, c := range []struct {
		opts  PictureOptions
		shape []int
		set   []int
	}{
		{PictureOptions{}, []int{30, 40, 3}, []int{-1, -1, 3}},
		{PictureOptions{ShortSide: 15, Filter: "bicubic"}, []int{15, 20, 3}, []int{-1, -1, 3}},
		{PictureOptions{Square: 16, Grey: true}, []int{16, 16, 1}, []int{16, 16, 1}},
	} {
		if _, err := Images(ImagesOptions{Options: Options{Out: out, Overwrite: true}, PictureOptions: c.opts}, []string{in}); err != nil {
			t.Fatal(err)
		}
		train, _, schema := all(t, out)
		if !slices.Equal(train[0][0].Shape, c.shape) || !slices.Equal(schema.Parts[0].Shape, c.set) {
			t.Errorf("%+v: %v in %v", c.opts, train[0][0].Shape, schema.Parts[0].Shape)
		}
	}
	for _, opts := range []PictureOptions{{ShortSide: -1}, {Square: 1 << 20}, {ShortSide: 1, Square: 1}, {Filter: "lanczos"}, {Chroma: "smooth"}, {MaxPixels: -1}} {
		if _, err := Images(ImagesOptions{Options: Options{Out: out, Overwrite: true}, PictureOptions: opts}, []string{in}); err == nil {
			t.Errorf("%+v: accepted", opts)
		}
	}
	if _, err := os.Stat(shard.TrainDir(out)); err != nil {
		t.Error("a refused cut removed the set that was there")
	}
}

// Subsampled colour is repeated unless it is to be interpolated, and the set says which. So it is where a preset says the rest.
func TestChroma(t *testing.T) {
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in"), filepath.Join(dir, "out")
	put(t, filepath.Join(in, "a", "x.jpg"), photo())
	smooth, err := picture.DecodeSmooth(photo(), 0)
	if err != nil {
		t.Fatal(err)
	}
	for chroma, same := range map[string]bool{"": false, Repeat: false, Interpolate: true} {
		if _, err := Images(ImagesOptions{Options: Options{Out: out, Overwrite: true}, PictureOptions: PictureOptions{Chroma: chroma}}, []string{in}); err != nil {
			t.Fatal(err)
		}
		train, _, schema := all(t, out)
		if slices.Equal(train[0][0].Data, smooth.Pixels) != same {
			t.Errorf("%q: other pixels", chroma)
		}
		if p, err := OnePicture(photo(), schema.Parts[0], 0); err != nil || !slices.Equal(p.Pixels, train[0][0].Data) {
			t.Errorf("%q: who learnt from the set is asked with other pixels, %v", chroma, err)
		}
	}
	plain, err := picture.Decode(photo(), 0)
	if err != nil {
		t.Fatal(err)
	}
	for chroma, whole := range map[string]*picture.Picture{"": plain, Interpolate: smooth} {
		part := samples.Part{Name: "image", Element: samples.Uint8, Shape: []int{30, 30, 3}, Chroma: chroma}
		p, err := CentredPicture(photo(), part, 30, 30, picture.Bilinear, 0)
		if err != nil || !slices.Equal(p.Pixels, whole.Crop(0, 5, 30, 30).Pixels) {
			t.Errorf("%q: other pixels than in the middle of the whole, %v", chroma, err)
		}
	}
}

// A class of which the draw leaves no sample to learn from is told.
func TestClassesHeldOutWhole(t *testing.T) {
	dir := t.TempDir()
	for i := range 40 {
		put(t, filepath.Join(dir, "in", "many", fmt.Sprintf("%d.png", i)), square(1, byte(i)))
		put(t, filepath.Join(dir, "in", fmt.Sprintf("few%d", i), "1.png"), square(1, byte(i)))
	}
	opts := ImagesOptions{Options: Options{Out: filepath.Join(dir, "out"), Valid: 0.3}}
	sum, err := Images(opts, []string{filepath.Join(dir, "in")})
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	trained, held := labels(t, opts.Out)
	for name, class := range held {
		if strings.HasPrefix(class, "few") && trained[name] == "" {
			want = append(want, class)
		}
	}
	slices.SortFunc(want, natural)
	if len(want) == 0 || !slices.Equal(sum.Untrained, want) {
		t.Errorf("%q, want %q", sum.Untrained, want)
	}
}

// What changes while it is cut may be half of each: nothing is committed.
func TestChangesWhileCut(t *testing.T) {
	dir := t.TempDir()
	out, last := filepath.Join(dir, "out"), ""
	for i := range 5 {
		last = filepath.Join(dir, "in", "a", fmt.Sprintf("%d.png", i))
		put(t, last, square(1, byte(i)))
	}
	opts := ImagesOptions{Options: Options{Out: out, Progress: func(done, total int) {
		if done == total {
			put(t, last, square(3, 1))
		}
	}}}
	if _, err := Images(opts, []string{filepath.Join(dir, "in")}); err == nil || !strings.Contains(err.Error(), last+" changed while it was cut") {
		t.Error(err)
	}
	wantNothing(t, "changed", out)
	opts.Progress = func(int, int) { os.Remove(last) } // it was read
	if sum, err := Images(opts, []string{filepath.Join(dir, "in")}); err != nil || sum.Train.Samples != 5 {
		t.Error(sum, err)
	}
}

func TestNothingIsHeldOut(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "in", "a", "1.png"), square(1, 1))
	opts := ImagesOptions{Options: Options{Out: filepath.Join(dir, "out"), Valid: 0.05}, FolderOptions: FolderOptions{HeldOutMatch: "no such"}}
	if _, err := Images(opts, []string{filepath.Join(dir, "in")}); err == nil || !strings.Contains(err.Error(), "--held-out-match) gives none") {
		t.Error(err)
	}
}
