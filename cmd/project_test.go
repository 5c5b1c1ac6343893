package cmd

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/data/shard"
	"github.com/rondo-ml/rondo/nn/projection/projector"
	"github.com/rondo-ml/rondo/worker/checkpoint"
)

func projects(t *testing.T, words ...string) (status int, out string) {
	t.Helper()
	var b bytes.Buffer
	status = Execute(t.Context(), append([]string{"project"}, words...), &b, &b)
	return status, b.String()
}

// filesOf are all files below a directory, by name, with what is in them.
func filesOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		all[path] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestProjectWords lays an embedding out twice, the second time from the cache, and reads what was written.
func TestProjectWords(t *testing.T) {
	names := []string{"<unknown>"}
	for _, w := range "abcdefghijklmnopqrstuvwxyzäöü" {
		names = append(names, string(w))
	}
	parts := []samples.Part{
		{Name: "words", Element: samples.Int32, Shape: []int{samples.Varies}, Classes: names},
		{Name: "class", Element: samples.Int32, Shape: []int{}, Classes: []string{"bad", "good"}},
	}
	run := newModel(t, parts, "model.kind=text-classifier", "model.symbols=words", "model.vocab=30", "model.embed=8", "model.classes=2", "batch.length=6")
	out, before := filepath.Join(t.TempDir(), "out"), filesOf(t, run)
	words := []string{run, "--method", "pca,umap,tsne", "--perplexity", "5", "--out", out}
	if status, text := projects(t, words...); status != 0 {
		t.Fatal(text)
	} else {
		wantText(t, text, "embedding.weight: 30 points of 8 numbers\n", "pca-2d: ", " % of the variance; trustworthiness ", "umap-2d: ", "wrote tensors.bytes, ")
	}
	set, err := projector.Read(out)
	if err != nil || !slices.Equal(set.Values[0], names) || set.Points.Rows != 30 || set.Points.Cols != 8 {
		t.Fatalf("%+v, %v", set, err)
	}
	first := filesOf(t, out)
	if status, text := projects(t, append(words, "--threads", "1")...); status != 0 || strings.Count(text, "kept from before") != 3 {
		t.Errorf("the second time: %s", text)
	}
	if status, text := projects(t, append(words, "--threads", "3", "--cache", t.TempDir())...); status != 0 || strings.Contains(text, "kept") {
		t.Errorf("with another cache: %s", text)
	}
	for path, content := range filesOf(t, out) {
		if first[path] != content {
			t.Errorf("%s differs from the first time", path)
		}
	}
	for path, content := range before { // the run is what it was
		if b, err := os.ReadFile(path); err != nil || string(b) != content {
			t.Errorf("%s has changed: %v", path, err)
		}
	}
	if _, _, err := checkpoint.Newest(checkpoint.Files{}, run); err != nil {
		t.Error(err)
	}
	if status, text := projects(t, out, "--method", "umap", "--dims", "3", "--cache", t.TempDir()); status != 0 || !strings.Contains(text, "umap-3d: trust") {
		t.Errorf("of files: %s", text)
	}
}

// pictureSet stores 20 grey pictures of two classes.
func pictureSet(t *testing.T) string {
	t.Helper()
	set := filepath.Join(t.TempDir(), "set")
	w, err := samples.NewWriter(shard.WriterOptions{Dir: set, Name: "set"}, samples.Schema{Parts: []samples.Part{
		{Name: "image", Element: samples.Uint8, Shape: []int{28, 28, 1}},
		{Name: "class", Element: samples.Int32, Shape: []int{}, Classes: []string{"even", "odd"}}}})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		picture := bytes.Repeat([]byte{byte(10 * i)}, 28*28)
		if err := w.Add(samples.Sample{{Shape: []int{28, 28, 1}, Data: picture}, {Shape: []int{}, Data: []byte{byte(i % 2), 0, 0, 0}}}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	return set
}

// TestProjectFeatures takes a set's features, with classes and pictures beside them.
func TestProjectFeatures(t *testing.T) {
	set, run := pictureSet(t), newModel(t, nil, "model.kind=lenet5", "model.classes=2")
	out := t.TempDir()
	if status, text := projects(t, run, "--features", set, "--most", "18", "--out", out); status != 0 || !strings.Contains(text, ": 18 points of 84 numbers") {
		t.Fatal(text)
	}
	got, err := projector.Read(out)
	if err != nil || got.Sprite == nil || got.Sprite.Width != 28 || got.Sprite.Across != 5 || !slices.Equal(got.Columns, []string{"class", "taken for", "number"}) || got.Values[0][3] != "odd" || got.Values[2][17] != "17" {
		t.Errorf("%v %v", got, err)
	}
}

func TestProjectErrors(t *testing.T) {
	run := newModel(t, nil, "model.kind=lenet5", "model.classes=2")
	for _, c := range []struct {
		words  []string
		status int
		text   string
	}{
		{[]string{run, "--of", "fc9.weight"}, 1, "no weight fc9.weight; there are "},
		{[]string{run, "--of", "fc1.bias"}, 1, "has no rows to be points"},
		{[]string{run, "--method", "som"}, exitUsage, `method "som": pca, tsne or umap`},
		{[]string{run, "--method", "", "--serve"}, exitUsage, "name at least one"},
		{[]string{run, "--dims", "4"}, exitUsage, "4 dimensions: 2 or 3"},
		{[]string{run, "--of", "a", "--features", "b"}, exitUsage, "the points are either"},
		{[]string{run, "--most", "1"}, exitUsage, "--most 1: from 2 to"},
		{[]string{run, "--labels", filepath.Join(run, "none.tsv")}, 1, "--labels: "},
		{[]string{filepath.Join(run, "none")}, 1, "no checkpoint"},
		{[]string{filepath.Join(run, "none.tsv")}, 1, "none.tsv"},
		{[]string{run, "--serve=nowhere:x"}, 1, "--serve: "},
	} {
		if status, text := projects(t, c.words...); status != c.status || !strings.Contains(text, c.text) {
			t.Errorf("%q: %d %s, want %d %q", c.words, status, text, c.status, c.text)
		}
	}
}

// TestProjectServe asks the page of points, then interrupts it.
func TestProjectServe(t *testing.T) {
	run := newModel(t, nil, "model.kind=lenet5", "model.classes=12")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r, w := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		ended <- Execute(ctx, []string{"project", run, "--serve=127.0.0.1:0"}, w, io.Discard)
		_ = w.Close()
	}()
	address := ""
	for lines := bufio.NewScanner(r); address == "" && lines.Scan(); {
		if _, after, ok := strings.Cut(lines.Text(), "open "); ok {
			address, _, _ = strings.Cut(after, " ")
		}
	}
	go func() { _, _ = io.Copy(io.Discard, r) }()
	for path, want := range map[string]string{"": "static/projector.js", "api/projector?wait=1": `"points":12`} {
		answer, err := http.Get(address + path)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(answer.Body)
		if err != nil || !bytes.Contains(b, []byte(want)) {
			t.Errorf("/%s: %s %v", path, b, err)
		}
		_ = answer.Body.Close()
	}
	cancel()
	if status := <-ended; status != 0 {
		t.Errorf("status %d", status)
	}
}
