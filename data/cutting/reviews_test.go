package cutting

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/rondo-ml/rondo/data/files"
	"github.com/rondo-ml/rondo/data/shard"
)

// someReviews are n reviews of differing lengths, a line each.
func someReviews(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%d caf\u00e9s &amp; films%s\n", i, strings.Repeat(" well", i*i%97))
	}
	return b.String()
}

// cutReviews cuts files, given by their names, and returns what was made, and where.
func cutReviews(t *testing.T, o ReviewsOptions, list map[string]string, names ...string) (ReviewsSummary, string, error) {
	t.Helper()
	in := t.TempDir()
	putFiles(t, in, list)
	for i, name := range names {
		if name != "-" {
			names[i] = filepath.Join(in, name)
		}
	}
	if o.Out == "" {
		o.Out = filepath.Join(in, "out")
	}
	sum, err := Reviews(o, names)
	return sum, o.Out, err
}

// textOf is the text of a set.
func textOf(t *testing.T, dir string) string {
	t.Helper()
	s, err := shard.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	b := make([]byte, s.Size())
	if _, err := s.ReadAt(b, 0); err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func gzipped(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := io.WriteString(z, text)
	if err = errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func zstdPacked(text string) string {
	z, err := zstd.NewWriter(nil)
	if err != nil {
		panic(err)
	}
	return string(z.EncodeAll([]byte(text), nil))
}

// TestReviewsFormats: one text, whatever the form of the files.
func TestReviewsFormats(t *testing.T) {
	want := "\n It's <br /> good \n a b \n caf\u00e9 "
	for name, file := range map[string]string{
		"a.txt":      " It&#39;s <br /> good\n\na&#10;b\ncaf&eacute;\n",
		"a.tsv":      "id\ttext\n1\tIt's <br /> good\n2\t\n3\ta&#10;b\n4\tcaf\u00e9",
		"a.csv":      "id,text\n1,It's <br /> good\n2,\n3,\"a\nb\"\n4,caf\u00e9",
		"A.TSV.ZST":  zstdPacked("id\ttext\n1\tIt's <br /> good\n2\t\n3\ta&#10;b\n4\tcaf\u00e9"),
		"a.jsonl.gz": gzipped(t, `{"text":"It's <br /> good"}`+"\n\n"+`{"text":"a\nb"}`+"\n"+`{"text":"caf\u00e9"}`),
	} {
		o := ReviewsOptions{Text: "text"}
		if name == "a.txt" {
			o.Text = ""
		}
		sum, out, err := cutReviews(t, o, map[string]string{name: file}, name)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := textOf(t, shard.TrainDir(out)); got != want || sum.Empty != 1 || sum.Train.Samples != 3 {
			t.Errorf("%s: %q, %d empty, want %q", name, got, sum.Empty, want)
		}
	}
	sum, _, err := cutReviews(t, ReviewsOptions{Stdin: strings.NewReader("a\n")},
		map[string]string{"1.txt": "first", "3.txt": "last"}, "1.txt", "-", "3.txt")
	if err == nil || !strings.Contains(err.Error(), "-: its name does not tell its format") {
		t.Errorf("%+v, %v", sum, err)
	}
	_, out, err := cutReviews(t, ReviewsOptions{Format: "text", ASCII: true, Stdin: strings.NewReader("a <b>b\u00e9\n")},
		map[string]string{"1.txt": "first", "3.txt": "last"}, "1.txt", "-", "3.txt")
	if err != nil {
		t.Fatal(err)
	}
	if got := textOf(t, shard.TrainDir(out)); got != "\n first \n a be \n last " {
		t.Errorf("%q", got)
	}
}

// TestReviewsHeldOut: each review is in one of both sets, in its order; by a hash it stays there when others come.
func TestReviewsHeldOut(t *testing.T) {
	file := someReviews(900)
	sum, out, err := cutReviews(t, ReviewsOptions{Options: Options{Valid: 0.1}, Unique: true}, map[string]string{"a.txt": file + file}, "a.txt")
	if err != nil {
		t.Fatal(err)
	}
	if n := sum.Valid.Samples; n < 60 || n > 120 || n+sum.Train.Samples != 900 || sum.Duplicates != 900 {
		t.Errorf("%d of 900 held out, %d were there before", n, sum.Duplicates)
	}
	_, more, err := cutReviews(t, ReviewsOptions{Options: Options{Valid: 0.1}}, map[string]string{"a.txt": "another\n" + file + "one more\n"}, "a.txt")
	if err != nil {
		t.Fatal(err)
	}
	if a, b := textOf(t, shard.ValidDir(out)), textOf(t, shard.ValidDir(more)); !strings.Contains(b, a) {
		t.Errorf("held out:\n%s\nand with two more reviews\n%s", a, b)
	}
	sum, out, err = cutReviews(t, ReviewsOptions{Every: 3}, map[string]string{"a.txt": "a\nb\nc\n\nd\ne\nf\ng\n"}, "a.txt")
	if err != nil {
		t.Fatal(err)
	}
	if a, b := textOf(t, shard.TrainDir(out)), textOf(t, shard.ValidDir(out)); a != "\n a \n b \n d \n e \n g " || b != "\n c \n f " {
		t.Errorf("%q and %q", a, b)
	}
	if _, _, err = cutReviews(t, ReviewsOptions{Unique: true, UniqueBytes: 16 * 100}, map[string]string{"a.txt": file}, "a.txt"); err == nil ||
		!strings.Contains(err.Error(), "101 different reviews") {
		t.Error(err)
	}
}

// TestReviewsGoOn: a cut that was stopped at any moment makes the files of an undisturbed one.
func TestReviewsGoOn(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "a.txt"), []byte(someReviews(8000)))
	opts := ReviewsOptions{Options: Options{Out: filepath.Join(dir, "out"), Valid: 0.2, ShardBytes: 200 << 10, Workers: 2}}
	var states []map[string]string
	opts.ReadBytes = func(int64, int64) { states = append(states, filesOf(t, opts.Out)) }
	if _, err := Reviews(opts, []string{filepath.Join(dir, "a.txt")}); err != nil {
		t.Fatal(err)
	}
	whole := filesOf(t, opts.Out)
	if len(states) < 8 || len(whole) < 10 {
		t.Fatalf("%d states, %d files", len(states), len(whole))
	}
	for i, state := range states {
		again := opts
		again.Out, again.ReadBytes = filepath.Join(dir, fmt.Sprint(i)), nil
		said := ""
		again.Say = func(text string) { said = text }
		putFiles(t, again.Out, state)
		if _, err := Reviews(again, []string{filepath.Join(dir, "a.txt")}); err != nil {
			t.Fatal(err)
		}
		if got := filesOf(t, again.Out); !maps.Equal(got, whole) {
			t.Errorf("stopped after batch %d: the files are others", i)
		}
		if stood := !strings.Contains(said, ": 0 MB"); !strings.HasPrefix(said, "going on") || i == len(states)-1 && !stood {
			t.Errorf("stopped after batch %d: %q", i, said)
		}
	}
}

// TestReviewsBadRows: a cut stops at a row without a review, and goes on without such rows if it may.
func TestReviewsBadRows(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.tsv")
	put(t, path, []byte(strings.ReplaceAll(someReviews(9000), " caf", "\tcaf")+"bad\n9001\tlast\n"))
	opts := ReviewsOptions{Options: Options{Out: filepath.Join(dir, "out")}, Text: "2"}
	_, err := Reviews(opts, []string{path})
	if want := path + ":9001: 1 columns, and column 2 is wanted; mend it, or leave out such rows by --skip-unreadable, which goes on from here"; err == nil || err.Error() != want {
		t.Fatalf("%v, want %s", err, want)
	}
	if _, err := os.Stat(filepath.Join(opts.Out, "train", "set.json")); err == nil {
		t.Error("a set was made")
	}
	said := ""
	opts.SkipUnreadable, opts.Say = true, func(text string) { said = text }
	sum, err := Reviews(opts, []string{path})
	if err != nil || sum.Unreadable != 1 || sum.Train.Samples != 9001 || !strings.Contains(said, "going on") || strings.Contains(said, ": 0 MB") {
		t.Errorf("%+v, %v, said %q", sum, err, said)
	}
	if len(sum.First) != 1 || sum.First[0].Path != path+":9001" {
		t.Errorf("%v", sum.First)
	}
}

// A file without a row, and one that is named again, are told of.
func TestReviewsLeftOut(t *testing.T) {
	sum, _, err := cutReviews(t, ReviewsOptions{Text: "b"}, map[string]string{"a.csv": "a,b\n1,good\n", "none.csv": "a,b\n"}, "a.csv", "none.csv", "a.csv")
	if err != nil || sum.Train.Samples != 1 || files.Tally(sum.LeftOut) != "1 empty, 1 same file again" {
		t.Errorf("%+v, %v", sum, err)
	}
}

// TestReviewsNames: a first row of names is no review where the column is a number, and that is said.
func TestReviewsNames(t *testing.T) {
	said := []string{}
	sum, out, err := cutReviews(t, ReviewsOptions{Text: "2", Options: Options{Say: func(text string) { said = append(said, text) }}},
		map[string]string{"a.csv": "label,text\n1,good\n0,bad\n", "b.tsv": "1\tmore\n"}, "a.csv", "b.tsv")
	if err != nil || sum.Train.Samples != 3 || textOf(t, shard.TrainDir(out)) != "\n good \n bad \n more " {
		t.Fatalf("%+v, %v", sum, err)
	}
	if len(said) != 1 || !strings.HasSuffix(said[0], `a.csv: the first row, "label", "text", is names and no review`) {
		t.Errorf("said %q", said)
	}
}

func TestReviewsErrors(t *testing.T) {
	for _, c := range []struct {
		o    ReviewsOptions
		name string
		file string
		want string
	}{
		{ReviewsOptions{}, "a.csv", "a\n", "a.csv: csv: which column or field is the review?"},
		{ReviewsOptions{Text: "2"}, "a.txt", "a\n", "--text 2: each line of a text is a review"},
		{ReviewsOptions{}, "a.md", "a\n", "say --format"},
		{ReviewsOptions{Format: "xml"}, "a.md", "a\n", `format "xml"`},
		{ReviewsOptions{Every: 1}, "a.txt", "a\n", "--valid-every 1"},
		{ReviewsOptions{Every: 2, Options: Options{Valid: 0.5}}, "a.txt", "a\n", "one way to hold out"},
		{ReviewsOptions{}, "a.txt", "\n \n", "a.txt: all 2 rows are empty; is it the right --text?"},
		{ReviewsOptions{}, "a.txt", "", "a.txt: there is no row"},
		{ReviewsOptions{Text: "b"}, "a.csv", "a,b\n", "a.csv: there is no row"},
		{ReviewsOptions{Text: "2", Options: Options{SkipUnreadable: true}}, "a.tsv", "a\nb\n", "a.tsv: 2 rows cannot be read, the first is "},
		{ReviewsOptions{}, "a.txt.gz", gzipped(t, "a\n"+strings.Repeat("b\n", 999))[:30], "packed by gzip, and damaged: unexpected EOF"},
		{ReviewsOptions{}, "a.txt", "\ngood\t1\n", "a.txt:2: a tab and a label, 0 or 1: --format tsv --text N takes column N alone"},
		{ReviewsOptions{Every: 5}, "a.txt", "a\n", "no review for the held-out set"},
		{ReviewsOptions{Text: "x"}, "a.tsv", "a\tb\n", `a.tsv:1: no column "x" in the first row`},
		{ReviewsOptions{}, "a.txt", "\x28\xb5\x2f\xfdxxxx", "a.txt:1: packed by zstd, and damaged: "},
		{ReviewsOptions{}, "a.txt.zst", "\x28\xb5\x2f\xfd\x00\x90\x01\x00\x00", "a.txt.zst:1: packed by zstd with a window of more than 128 MiB; unpack it (zstd -d --long=31)"},
		{ReviewsOptions{}, "a.txt.zst", zstdPacked("a\n" + strings.Repeat("b\n", 999))[:20], "a.txt.zst:1: packed by zstd, and damaged: unexpected EOF"},
		{ReviewsOptions{}, "a.txt.gz", "\x1f\x8bxxxxxxxxxxxxxxx", "packed by gzip, and damaged"},
		{ReviewsOptions{}, "a.txt.bz2", "BZh9xxxxxxxxxxxxxx", "a.txt.bz2:1: packed by bzip2, and damaged: bzip2 data invalid"},
	} {
		if _, _, err := cutReviews(t, c.o, map[string]string{c.name: c.file}, c.name); err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%+v %q: %v, want %q", c.o, c.file, err, c.want)
		}
	}
}

// manyReviews gives so many bytes of reviews.
type manyReviews struct {
	text []byte
	left int
}

func (m *manyReviews) Read(p []byte) (int, error) {
	if m.left <= 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), m.left)], m.text)
	m.left -= n
	return n, nil
}

// TestReviewsMemory: what is in memory is a small part of what is read.
func TestReviewsMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("cuts 32 MB")
	}
	const size = 32 << 20
	most, before := uint64(0), runtime.MemStats{}
	runtime.GC()
	runtime.ReadMemStats(&before)
	calls := 0
	o := ReviewsOptions{Format: "text", Options: Options{Workers: 2}, Stdin: &manyReviews{[]byte(strings.Repeat("a review of some words &amp; more\n", 1000)), size}}
	o.ReadBytes = func(done, _ int64) {
		if calls++; calls%16 == 0 {
			runtime.GC() // what is left is held
			var now runtime.MemStats
			runtime.ReadMemStats(&now)
			most = max(most, now.HeapAlloc)
		}
	}
	if _, _, err := cutReviews(t, o, nil, "-"); err != nil {
		t.Fatal(err)
	}
	if calls < 64 || most > before.HeapAlloc+16<<20 {
		t.Errorf("%d batches, %d bytes held, %d before", calls, most, before.HeapAlloc)
	}
}

// A file that grows while it is cut may be half of what it will be.
func TestReviewsChangeWhileCut(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.txt")
	put(t, path, []byte("good\nbad\n"))
	o := ReviewsOptions{Options: Options{Out: filepath.Join(t.TempDir(), "out")}, ReadBytes: func(int64, int64) { put(t, path, []byte("good\nbad\nmore\n")) }}
	if _, err := Reviews(o, []string{path}); err == nil || !strings.Contains(err.Error(), path+" changed while it was cut") {
		t.Error(err)
	}
	wantNothing(t, "changed", o.Out)
}
