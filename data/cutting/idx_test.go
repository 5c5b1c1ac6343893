package cutting

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/data/shard"
)

// put writes a file, with the directories it is in.
func put(t testing.TB, path string, content []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o666); err != nil {
		t.Fatal(err)
	}
}

func gzipOf(b []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	z.Write(b)
	z.Close()
	return out.Bytes()
}

// all reads both sets in dir and checks that they are whole.
func all(t testing.TB, dir string) (train, valid []samples.Sample, schema samples.Schema) {
	t.Helper()
	if _, err := shard.Verify(dir); err != nil {
		t.Fatal(err)
	}
	read := func(dir string) (list []samples.Sample) {
		if _, err := os.Stat(dir); err != nil {
			return nil
		}
		set, err := samples.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		schema = set.Schema()
		for i := range set.Len() {
			s, err := set.At(i)
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, s)
		}
		return list
	}
	valid = read(shard.ValidDir(dir))
	return read(shard.TrainDir(dir)), valid, schema
}

// wantNothing checks that a cut that failed left nothing behind.
func wantNothing(t testing.TB, name, out string) {
	t.Helper()
	if left, _ := filepath.Glob(filepath.Join(out, "*")); len(left) > 0 {
		t.Errorf("%s: left %q behind", name, left)
	}
}

// digits is a file of n images of 2x3 pixels, image i beginning with i, and the file of their labels, i modulo 10.
func digits(n int) (images, labels []byte) {
	images = []byte{0, 0, 8, 3, 0, 0, byte(n >> 8), byte(n), 0, 0, 0, 2, 0, 0, 0, 3}
	labels = []byte{0, 0, 8, 1, 0, 0, byte(n >> 8), byte(n)}
	for i := range n {
		images = append(images, byte(i), 1, 2, 3, 4, 5)
		labels = append(labels, byte(i%10))
	}
	return images, labels
}

func putDigits(t testing.TB, dir, name string, n int) {
	images, labels := digits(n)
	put(t, filepath.Join(dir, name+"-images-idx3-ubyte"), images)
	put(t, filepath.Join(dir, name+"-labels-idx1-ubyte"), labels)
}

func TestIDX(t *testing.T) {
	dir := t.TempDir()
	putDigits(t, dir, "train", 300)
	putDigits(t, dir, "t10k", 20)
	out := filepath.Join(dir, "out")
	last := 0
	sum, err := IDX(IDXOptions{Options: Options{Out: out, Valid: 0.5, ShardBytes: 1000, Progress: func(done, total int) {
		if last = done; total != 320 {
			t.Errorf("%d of %d", done, total)
		}
	}}}, []string{dir})
	if err != nil || last != 320 || len(sum.Classes) != 10 || sum.Train.Samples != 300 || sum.Valid.Samples != 20 {
		t.Fatalf("%+v, %v", sum, err)
	}
	train, valid, schema := all(t, out)
	if len(train) != 300 || len(valid) != 20 || !slices.Equal(schema.Parts[0].Shape, []int{2, 3, 1}) || schema.Parts[1].Classes[9] != "9" {
		t.Errorf("%d and %d samples, %+v", len(train), len(valid), schema)
	}
	for i, s := range train {
		if s[0].Data[0] != byte(i) || s[1].Int32s()[0] != int32(i%10) {
			t.Fatalf("image %d: %v", i, s)
		}
	}
}

func TestIDXForms(t *testing.T) {
	images, labels := digits(60)
	for _, c := range []struct {
		name           string
		images, labels string // file names
		gz             [2]bool
		opts           IDXOptions
	}{
		{"packed", "a-images-idx3-ubyte.gz", "a-labels-idx1-ubyte.gz", [2]bool{true, true}, IDXOptions{}},
		{"packed, named without", "a-images.idx3-ubyte", "a-labels.idx1-ubyte", [2]bool{true, true}, IDXOptions{}},
		{"one of the two", "a-images-idx3-ubyte.gz", "a-labels-idx1-ubyte", [2]bool{true, false}, IDXOptions{}},
		{"the other", "a-images-idx3-ubyte", "a-labels-idx1-ubyte.gz", [2]bool{false, true}, IDXOptions{}},
		{"transposed", "a-images-idx3-ubyte", "a-labels-idx1-ubyte", [2]bool{}, IDXOptions{Transpose: true}},
	} {
		dir := t.TempDir()
		for i, b := range [][]byte{images, labels} {
			if c.gz[i] {
				b = gzipOf(b)
			}
			put(t, filepath.Join(dir, []string{c.images, c.labels}[i]), b)
		}
		c.opts.Out, c.opts.Valid, c.opts.Names = filepath.Join(dir, "out"), 0.3, strings.Split("abcdefghij", "")
		if _, err := IDX(c.opts, []string{filepath.Join(dir, c.images)}); err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		train, valid, schema := all(t, c.opts.Out)
		want, shape := []byte{0, 1, 2, 3, 4, 5}, []int{2, 3, 1}
		if c.opts.Transpose {
			want, shape = []byte{0, 3, 1, 4, 2, 5}, []int{3, 2, 1}
		}
		if len(train)+len(valid) != 60 || len(valid) < 8 || len(valid) > 28 || schema.Parts[1].Classes[3] != "d" {
			t.Errorf("%s: %d and %d samples, %v", c.name, len(train), len(valid), schema)
		}
		for _, s := range slices.Concat(train, valid) {
			if want[0] = s[0].Data[0]; !slices.Equal(s[0].Data, want) || !slices.Equal(s[0].Shape, shape) {
				t.Errorf("%s: %v, want %v", c.name, s[0], want)
				break
			}
		}
	}
}

func TestIDXRefuses(t *testing.T) {
	images, labels := digits(20)
	short := slices.Clone(labels)
	short[7]--
	eleven := slices.Clone(labels)
	eleven[8+13] = 10
	for _, c := range []struct {
		name           string
		images, labels []byte
		opts           IDXOptions
		want           []string
	}{
		{"images cut by a byte", images[:len(images)-1], labels, IDXOptions{}, []string{"a-images-idx3", "20 items of 6 bytes", "after 5 bytes of item 19"}},
		{"labels cut by a byte", images, labels[:len(labels)-1], IDXOptions{}, []string{"a-labels-idx1", "20 items of 1 bytes", "item 19"}},
		{"a label too few", images, short[:len(short)-1], IDXOptions{}, []string{"a-labels-idx1", "19 labels for the 20 images of", "a-images-idx3"}},
		{"label out of range", images, eleven, IDXOptions{Classes: 10}, []string{"a-labels-idx1", "label 13 is 10", "classes 0 to 9 are allowed"}},
		{"no labels", images, nil, IDXOptions{}, []string{"a-images-idx3", "labels are not there", "a-labels-idx1-ubyte.gz"}},
		{"empty", []byte{}, labels, IDXOptions{}, []string{"a-images-idx3", "0 bytes"}},
		{"classes beyond measure", images, labels, IDXOptions{Classes: 2_000_000_000}, []string{"2000000000 classes: from 1 to 1048576"}},
		{"classes below none", images, labels, IDXOptions{Classes: -3}, []string{"-3 classes: from 1 to 1048576"}},
		{"names and classes", images, labels, IDXOptions{Classes: 10, Names: []string{"a"}}, []string{"1 names for 10 classes"}},
		{"labels for images", labels, labels, IDXOptions{}, []string{"a-images-idx3", "1 dimensions, want images"}},
		{"images for labels", images, images, IDXOptions{}, []string{"a-labels-idx1", "not labels"}},
	} {
		dir := t.TempDir()
		put(t, filepath.Join(dir, "a-images-idx3-ubyte"), c.images)
		if c.labels != nil {
			put(t, filepath.Join(dir, "a-labels-idx1-ubyte"), c.labels)
		}
		c.opts.Out = filepath.Join(dir, "out")
		_, err := IDX(c.opts, []string{filepath.Join(dir, "a-images-idx3-ubyte")})
		for _, want := range c.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, want %q", c.name, err, want)
			}
		}
		wantNothing(t, c.name, c.opts.Out)
	}
	dir := t.TempDir()
	putDigits(t, dir, "t10k", 20)
	if _, err := IDX(IDXOptions{Options: Options{Out: filepath.Join(dir, "out")}}, []string{dir}); err == nil || !strings.Contains(err.Error(), "only held-out") {
		t.Errorf("only held-out images: %v", err)
	}
	putDigits(t, dir, "train", 5) // classes 0 to 4
	if _, err := IDX(IDXOptions{Options: Options{Out: filepath.Join(dir, "out")}}, []string{dir}); err == nil ||
		!strings.Contains(err.Error(), "t10k-labels-idx1-ubyte: label 5 is 5, and classes 0 to 4 are in the training data") {
		t.Errorf("a held-out class without training data: %v", err)
	}
}
