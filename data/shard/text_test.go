package shard

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/rondo-ml/rondo/data/files"
)

// cut runs WriteText and gives back the texts of both sets; valid is "" if there is none.
func cut(t *testing.T, opts TextOptions, paths ...string) (s Summary, train, valid string) {
	t.Helper()
	if opts.Out == "" {
		opts.Out = filepath.Join(t.TempDir(), "shards")
	}
	s, err := WriteText(opts, paths)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Verify(opts.Out); err != nil {
		t.Fatal(err)
	}
	set := open(t, filepath.Join(opts.Out, "train"))
	if s.Train.Hash != set.Hash() || s.Train.Bytes != set.Size() {
		t.Fatalf("summary %+v of a set of %d bytes with hash %s", s.Train, set.Size(), set.Hash())
	}
	train = readAll(t, set, 1000)
	if _, err := os.Stat(filepath.Join(opts.Out, "valid")); (err == nil) != (s.Valid != nil) {
		t.Fatalf("summary of valid: %v, its directory: %v", s.Valid, err)
	}
	if s.Valid != nil {
		valid = readAll(t, open(t, filepath.Join(opts.Out, "valid")), 1000)
	}
	if int64(len(train)+len(valid)) != s.Bytes {
		t.Fatalf("%d and %d bytes, the summary says %d", len(train), len(valid), s.Bytes)
	}
	return s, train, valid
}

// documents are those of a directory, scanned.
func documents(t *testing.T, dir string) []document {
	t.Helper()
	docs, _, err := readable(TextOptions{Separator: "\n"}, []string{dir})
	if err != nil {
		t.Fatal(err)
	}
	return docs
}

func TestTailOfOneFile(t *testing.T) {
	text := words(1, 9_999) + "\n"
	file := filepath.Join(t.TempDir(), "book.txt")
	put(t, file, text)
	s, train, valid := cut(t, TextOptions{Valid: 0.1, BlockBytes: 64, ShardBytes: 700}, file)
	if s.Split != "tail" || s.Files != 1 || train+valid != text {
		t.Fatalf("%+v: %d and %d bytes", s, len(train), len(valid))
	}
	if d := 9000 - len(train); d < 0 || d > 3 || !utf8.ValidString(train) || !utf8.ValidString(valid) {
		t.Errorf("cut at %d: want 9000, or the start of the character there", len(train))
	}
	s, train, _ = cut(t, TextOptions{}, file)
	if s.Split != "none" || train != text {
		t.Errorf("%+v: %d bytes", s, len(train))
	}
}

// The place of the cut over every fraction of a text of wide characters, in several documents.
func TestTailIsCutBetweenCharacters(t *testing.T) {
	dir := t.TempDir()
	for i := range 3 {
		put(t, filepath.Join(dir, fmt.Sprint(i)), strings.Repeat("aé→𝄞", 3)+"é")
	}
	_, whole, _ := cut(t, TextOptions{}, dir)
	docs := documents(t, dir)
	for i := 1; i < 99; i++ {
		p := must(split(docs, TextOptions{Valid: float64(i) / 100}))
		want := int64(len(whole) * (100 - i) / 100)
		if !utf8.ValidString(whole[:p.cut]) || p.cut > want || p.cut < want-4 {
			t.Fatalf("%d %%: cut at %d of %d: %q", i, p.cut, len(whole), whole[:p.cut])
		}
	}
	// Every way through the writers: a cut within a document, at its end, in its separator.
	for _, valid := range []float64{0.5, 1.0 / 3, 0.3434} {
		if _, train, held := cut(t, TextOptions{Valid: valid}, dir); train+held != whole {
			t.Errorf("%v: %q | %q", valid, train, held)
		}
	}
}

// However the text is cut into shards and blocks, the text, its hash and the split stay.
func TestHashIsOfTheContent(t *testing.T) {
	dir := corpus(t, 30)
	first, train, valid := cut(t, TextOptions{Valid: 0.2}, dir)
	if first.Split != "files" || first.Valid == nil || first.Train.Files+first.Valid.Files != 30 {
		t.Fatalf("%+v", first)
	}
	for _, size := range []struct{ block, shard int64 }{{1, 1 << 20}, {7, 9000}, {64, 2000}, {64, 1 << 20}, {1 << 16, 1}} {
		s, tr, va := cut(t, TextOptions{Valid: 0.2, BlockBytes: size.block, ShardBytes: size.shard}, dir)
		if s.Train.Hash != first.Train.Hash || s.Valid.Hash != first.Valid.Hash || tr != train || va != valid {
			t.Errorf("%+v: another text", size)
		}
	}
}

// A file stays on its side of the split while others come and go, and wherever the tree lies.
func TestSplitIsStable(t *testing.T) {
	draws := func(dir string) map[string]bool {
		held := map[string]bool{}
		p, err := split(documents(t, dir), TextOptions{Valid: 0.3})
		if err != nil || p.how != splitFiles {
			t.Fatal(p.how, err)
		}
		for i, d := range p.docs {
			held[d.file.Key] = p.held[i]
		}
		return held
	}
	small, large := draws(corpus(t, 40)), draws(corpus(t, 200))
	count := 0
	for key, held := range large {
		if was, ok := small[key]; ok && was != held {
			t.Errorf("%s changed sides", key)
		}
		if held {
			count++
		}
	}
	if count < 40 || count > 80 {
		t.Errorf("%d of 200 held out at 0.3", count)
	}
}

// With many files neither set is ever empty.
func TestHoldOutNeverEmptiesASet(t *testing.T) {
	var docs []document
	for i := range 25 {
		docs = append(docs, newDocument(files.File{Key: fmt.Sprint(i)}))
	}
	for _, valid := range []float64{1e-9, 0.01, 0.5, 1 - 1e-9} {
		held := holdOut(docs, valid)
		if !slices.Contains(held, true) || !slices.Contains(held, false) {
			t.Errorf("%v: %v", valid, held)
		}
	}
}

func TestOverwrite(t *testing.T) {
	out, dir := filepath.Join(t.TempDir(), "shards"), corpus(t, 25)
	cut(t, TextOptions{Out: out, Valid: 0.2, ShardBytes: 500, BlockBytes: 64}, dir)
	_, err := WriteText(TextOptions{Out: out}, []string{dir})
	if !errors.Is(err, ErrSetExists) || !strings.Contains(err.Error(), out) {
		t.Fatalf("without Overwrite: %v", err)
	}
	s, _, _ := cut(t, TextOptions{Out: out, Overwrite: true}, dir)
	files, err := filepath.Glob(filepath.Join(out, "*", "*"))
	if err != nil || s.Train.Shards != 1 || len(files) != 2 {
		t.Errorf("%d shards, files %q, %v", s.Train.Shards, files, err)
	}
}

func TestProgress(t *testing.T) {
	var last, calls int64
	s, _, _ := cut(t, TextOptions{Progress: func(done, total int64) {
		calls++
		if done <= last || done > total {
			t.Errorf("%d of %d after %d", done, total, last)
		}
		last = done
	}}, corpus(t, 5))
	if calls != 5 || last != s.Bytes {
		t.Errorf("%d calls, %d of %d bytes", calls, last, s.Bytes)
	}
}

func TestWriteTextRefuses(t *testing.T) {
	dir := t.TempDir()
	text, binary, one := filepath.Join(dir, "a.txt"), filepath.Join(dir, "b.bin"), filepath.Join(dir, "one")
	put(t, text, "some text")
	put(t, binary, "\xff\xfe")
	put(t, one, "\n")
	for _, c := range []struct {
		name  string
		opts  TextOptions
		paths []string
		want  string
	}{
		{"no paths", TextOptions{}, nil, "no text given"},
		{"missing", TextOptions{}, []string{filepath.Join(dir, "none")}, "none: no such file"},
		{"no match", TextOptions{}, []string{filepath.Join(dir, "*.md")}, "*.md\" matches no file"},
		{"bad pattern", TextOptions{}, []string{filepath.Join(dir, "[")}, "pattern"},
		{"bad include", TextOptions{Include: []string{"["}}, []string{dir}, "include"},
		{"device", TextOptions{}, []string{os.DevNull}, "neither a file nor a directory"},
		{"nothing left", TextOptions{Include: []string{"b.bin"}}, []string{dir}, "left out 2 not matched by --include, 1 not UTF-8 text"},
		{"all filtered", TextOptions{Include: []string{"*.go"}}, []string{dir}, "left out 3 not matched by --include"},
		{"fraction 1", TextOptions{Valid: 1}, []string{text}, "held-out fraction 1"},
		{"fraction < 0", TextOptions{Valid: -0.1}, []string{text}, "held-out fraction -0.1"},
		{"fraction NaN", TextOptions{Valid: math.NaN()}, []string{text}, "held-out fraction NaN"},
		{"one byte to split", TextOptions{Valid: 0.5}, []string{one}, "cannot be split"},
		{"separator", TextOptions{Separator: "\x00"}, []string{text}, "separator"},
		{"largest file", TextOptions{MaxFileBytes: -1}, []string{text}, "largest file"},
		{"block size", TextOptions{BlockBytes: -1}, []string{text}, "block size -1"},
		{"shard size", TextOptions{ShardBytes: -1}, []string{text}, "shard size -1"},
		{"under a file", TextOptions{Out: filepath.Join(text, "out")}, []string{text}, "cannot write shards in " + text},
	} {
		if c.opts.Out == "" {
			c.opts.Out = filepath.Join(dir, "out")
		}
		_, err := WriteText(c.opts, c.paths)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
		if left, _ := filepath.Glob(filepath.Join(dir, "out", "*")); len(left) > 0 {
			t.Errorf("%s: left %q behind", c.name, left)
		}
	}
	if _, err := WriteText(TextOptions{}, []string{text}); err == nil {
		t.Error("no output directory: accepted")
	}
}
