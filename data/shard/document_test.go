package shard

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/rondo-ml/rondo/data/files"
)

// Whatever the buffer, a file is text if the whole of it is, and the first byte that is not is named.
func TestScanAgreesWithTheWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x")
	pieces := []string{"a", "é", "→", "𝄞", "\n", "\r\n", byteOrderMark, "\x00", "\xff", "\xe2\x82", "\x80"}
	rapid.Check(t, func(rt *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 1, 20).Draw(rt, "text"), "")
		if rapid.Bool().Draw(rt, "mended") {
			text = strings.ReplaceAll(strings.ToValidUTF8(text, "?"), "\x00", "0")
		}
		opts := TextOptions{Bytes: rapid.Bool().Draw(rt, "bytes"),
			Separator: rapid.SampledFrom([]string{"\n", "\r\n", "é\n", "<|end|>"}).Draw(rt, "separator")}
		put(t, path, text)
		d := newDocument(files.File{Path: path})
		left := d.scan(opts, make([]byte, rapid.IntRange(utf8.UTFMax, 9).Draw(rt, "buffer")))
		if bad := firstNoText(text); bad >= 0 && !opts.Bytes {
			if left == nil || left.Reason != NotText || left.Offset != int64(bad) {
				rt.Fatalf("%q: %v, want %s at offset %d", text, left, NotText, bad)
			}
			return
		}
		if !opts.Bytes {
			text = strings.TrimPrefix(text, byteOrderMark)
		}
		if left != nil {
			if left.Reason != Empty || text != "" {
				rt.Fatalf("%q: %v", text, left)
			}
			return
		}
		want := text
		if !strings.HasSuffix(text, opts.Separator) {
			want += opts.Separator
		}
		r, err := d.open(opts.Separator)
		if err != nil {
			rt.Fatal(err)
		}
		got, err := io.ReadAll(r)
		if e := r.finish(); string(got) != want || err != nil || e != nil || d.length() != int64(len(want)) {
			rt.Fatalf("%q became %q (%d): %v, %v", text, got, d.length(), err, e)
		}
	})
}

// firstNoText is the place of the first byte that no text has, or -1.
func firstNoText(text string) int {
	for i, r := range text {
		if r == 0 || r == utf8.RuneError && !strings.HasPrefix(text[i:], "\ufffd") {
			return i
		}
	}
	return -1
}

// A file that changes between the two readings is an error, and one that only grows is not.
func TestFileChangesBetweenReadings(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x")
	for _, c := range []struct {
		now     string
		changed bool
	}{{"some text", false}, {"some text and more", false}, {"some", true}, {"some tent", true}} {
		put(t, path, "some text")
		d := newDocument(files.File{Path: path})
		if left := d.scan(TextOptions{Separator: "\n"}, make([]byte, 100)); left != nil {
			t.Fatal(left)
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
