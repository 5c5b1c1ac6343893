package shard

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// Whatever the buffer, a file is text if the whole of it is.
func TestScanAgreesWithTheWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x")
	pieces := []string{"a", "é", "→", "𝄞", "\n", "\r\n", "\x00", "\xff", "\xe2\x82", "\x80"}
	rapid.Check(t, func(rt *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 20).Draw(rt, "text"), "")
		if rapid.Bool().Draw(rt, "mended") {
			text = strings.ReplaceAll(strings.ToValidUTF8(text, "?"), "\x00", "0")
		}
		sep := rapid.SampledFrom([]string{"\n", "\r\n", "é\n", "<|end|>"}).Draw(rt, "separator")
		put(t, path, text)
		d := newDocument(path, "x")
		is, err := d.scan(sep, make([]byte, rapid.IntRange(utf8.UTFMax, 9).Draw(rt, "buffer")))
		if err != nil {
			rt.Fatal(err)
		}
		if want := utf8.ValidString(text) && !strings.Contains(text, "\x00"); is != want {
			rt.Fatalf("%q: text %v", text, is)
		}
		if !is {
			return
		}
		want := text
		if !strings.HasSuffix(text, sep) {
			want += sep
		}
		r, err := d.open(sep)
		if err != nil {
			rt.Fatal(err)
		}
		got, err := io.ReadAll(r)
		if e := r.finish(); string(got) != want || err != nil || e != nil || d.length() != int64(len(want)) {
			rt.Fatalf("%q became %q (%d): %v, %v", text, got, d.length(), err, e)
		}
	})
}

// A file that changes between the two readings is an error, and one that only grows is not.
func TestFileChangesBetweenReadings(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x")
	for _, c := range []struct {
		now     string
		changed bool
	}{{"some text", false}, {"some text and more", false}, {"some", true}, {"some tent", true}} {
		put(t, path, "some text")
		d := newDocument(path, "x")
		if _, err := d.scan("\n", make([]byte, 100)); err != nil {
			t.Fatal(err)
		}
		put(t, path, c.now)
		r, err := d.open("\n")
		if err != nil {
			t.Fatal(err)
		}
		_, err = io.ReadAll(r)
		if e := r.finish(); err == nil {
			err = e
		}
		if (err != nil) != c.changed || err != nil && !strings.Contains(err.Error(), path) {
			t.Errorf("%q: %v", c.now, err)
		}
	}
}

// A set whose text changes on the way is not made at all.
func TestNothingIsLeftOfAFailedCut(t *testing.T) {
	dir, out := corpus(t, 25), filepath.Join(t.TempDir(), "shards")
	shrink := func(done, total int64) {
		for _, f := range must(filepath.Glob(filepath.Join(dir, "*", "*"))) {
			if err := os.Truncate(f, 1); err != nil {
				t.Error(err)
			}
		}
	}
	_, err := WriteText(TextOptions{Out: out, Valid: 0.2, ShardBytes: 100, BlockBytes: 32, Progress: shrink}, []string{dir})
	if err == nil || !strings.Contains(err.Error(), "changed") {
		t.Fatal(err)
	}
	if left := must(filepath.Glob(filepath.Join(out, "*"))); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}
