package cutting

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/data/samples"
)

// framesOf are samples as text.
func framesOf(list []samples.Sample, names []string) (text []string) {
	for _, s := range list {
		text = append(text, fmt.Sprintf("%s %v %v %s", s[2].Data, s[0].Shape, s[0].Float32s(), names[s[1].Int32s()[0]]))
	}
	return text
}

// Labels in order, or by how many sequences in a row have each, give the classes of sequences of different lengths.
func TestFrames(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	put(t, path("ae.train"), []byte("\n1 2\n3,4\n\n\n5;-6e-1\n \n7\t8\r\n"))
	put(t, path("ae.test.gz"), gzipOf([]byte("9 10\n11 12\n")))
	put(t, path("train.labels"), []byte("\ufefftwo\t2\nten\n"))
	put(t, path("test.labels"), []byte("ten\r\n"))
	opts := FramesOptions{Options: Options{Out: path("out"), HeldOut: []string{path("ae.test.gz")}},
		Labels: []string{path("train.labels")}, HeldOutLabels: []string{path("test.labels")}}
	sum, err := Frames(opts, []string{path("ae.train")})
	if err != nil || fmt.Sprint(sum.Classes) != "[ten two]" {
		t.Fatal(sum.Classes, err)
	}
	train, valid, schema := all(t, path("out"))
	if got := fmt.Sprint(framesOf(train, sum.Classes), framesOf(valid, sum.Classes)); got !=
		"[ae.train:2 [2 2] [1 2 3 4] two ae.train:6 [1 2] [5 -0.6] two ae.train:8 [1 2] [7 8] ten] [ae.test.gz:1 [2 2] [9 10 11 12] ten]" {
		t.Error(got)
	}
	if p := schema.Parts[0]; fmt.Sprint(p.Name, p.Shape) != "frames[-1 2]" {
		t.Errorf("%+v", p)
	}
}

// Without labels a file's sequences have the class of its folder.
func TestFramesOfFolders(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{"up/1.txt": "1\n2\n\n2\n3\n", "down/1.txt": "2\n1\n"} {
		put(t, filepath.Join(dir, "in", name), []byte(content))
	}
	sum, err := Frames(FramesOptions{Options: Options{Out: filepath.Join(dir, "out")}}, []string{filepath.Join(dir, "in")})
	if err != nil || sum.Train.Samples != 3 || fmt.Sprint(sum.Classes) != "[down up]" {
		t.Errorf("%+v, %v", sum, err)
	}
}

func TestFramesRefuse(t *testing.T) {
	for _, c := range []struct{ content, labels, want string }{
		{"1 2\n3\n", "a", "line 2: a frame of 1 numbers, and the first one has 2"},
		{strings.Repeat("0 ", 1<<18) + "\n\n" + strings.Repeat("0\n", 1<<18), "a\t2", "line 3: a frame of 1 numbers, and the first one has 262144"},
		{"1\n", "a\t200000000\nb", "1 sequences, and its labels are for 200000001"},
		{"1 2\n\n3 x\n", "a\t2", `line 3: "x" is not a number`},
		{"1 2\n", "a\nb", "1 sequences, and its labels are for 2"},
		{"1\n\n2\n\n3\n", "a\t2", "line 5 begins sequence 3, and its labels are for 2"},
		{"1\n", "a\tx", `labels:1: "x" is not a number of sequences`},
		{"1\n", "a\t0", "not a number of sequences"},
		{"1\n", "\t2", "its class is empty"},
		{"1\n", "a\t999999999", "labels of more than"},
		{"1\n", "\n", "no labels"},
		{"\n\n", "a", "no frame"},
		{"1,inf\n", "a", "not a finite number"},
	} {
		dir := t.TempDir()
		out, in, labels := filepath.Join(dir, "out"), filepath.Join(dir, "in"), filepath.Join(dir, "labels")
		put(t, in, []byte(c.content))
		put(t, labels, []byte(c.labels))
		_, err := Frames(FramesOptions{Options: Options{Out: out}, Labels: []string{labels}}, []string{in})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q, %q: %v, want %q", c.content, c.labels, err, c.want)
		}
		wantNothing(t, c.want, out)
	}
	dir := t.TempDir()
	put(t, filepath.Join(dir, "in", "x"), []byte("1\n"))
	put(t, filepath.Join(dir, "labels"), []byte("a"))
	opts := FramesOptions{Options: Options{Out: filepath.Join(dir, "out")}, Labels: []string{filepath.Join(dir, "labels")}}
	if _, err := Frames(opts, []string{filepath.Join(dir, "in")}); err == nil || !strings.Contains(err.Error(), "every path is one file of sequences") {
		t.Error(err)
	}
	opts.HeldOut = []string{"x"}
	if _, err := Frames(opts, []string{"y"}); err == nil || !strings.Contains(err.Error(), "want one each") {
		t.Error(err)
	}
}

// FuzzFrames feeds any bytes as a file of frames: sequences come to an end, and each has whole frames or an error.
func FuzzFrames(f *testing.F) {
	f.Add([]byte("1 2\n3,4\n\n5;6\n"))
	f.Add([]byte("\xff\n\n\r\n1e99"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := newSequenceReader(io.NopCloser(nil), strings.NewReader(string(b)))
		for last := 0; ; {
			q, err := r.next()
			if err != nil {
				return
			}
			if q.first <= last || len(q.lines) == 0 {
				t.Fatalf("line %d after %d, with %d lines", q.first, last, len(q.lines))
			}
			last = q.first
			if x, err := q.numbers(2); err == nil && len(x) != 2*len(q.lines) {
				t.Fatalf("%d numbers of %d lines", len(x), len(q.lines))
			}
		}
	})
}
