package shard

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/data/files"
)

// badTexts are files that are not text, with what is said of them.
var badTexts = []struct{ name, content, want string }{
	{"windows-1252", strings.Repeat("x", 7047) + "\x92" + strings.Repeat("y", 2952), "not UTF-8 text: byte 0x92 at offset 7047"},
	{"far on", strings.Repeat("é", 300_000) + "\xff", "not UTF-8 text: byte 0xff at offset 600000"},
	{"cut within a character", "abc\xe2\x82", "not UTF-8 text: byte 0xe2 at offset 3"},
	{"UTF-16 with a mark", "\xff\xfea\x00b\x00", "not UTF-8 text: UTF-16, by its byte order mark at offset 0"},
	{"UTF-16, big-endian", "\xfe\xff\x00a\x00b", "not UTF-8 text: UTF-16, by its byte order mark at offset 0"},
	{"UTF-16 without a mark", "\x00a\x00b\x00c\x00d", "not UTF-8 text: UTF-16 without a byte order mark, as it seems: a zero byte at offset 0"},
	{"UTF-32", "\xff\xfe\x00\x00a\x00\x00\x00", "not UTF-8 text: UTF-32, by its byte order mark at offset 0"},
	{"a zero byte", "abc\x00", "not UTF-8 text: a zero byte at offset 3"},
	{"empty", "", "empty"},
	{"a mark alone", byteOrderMark, "empty"},
}

// A file that is not text is an error with its name, the reason and the place if it is named, and left out if it is
// found in a directory.
func TestFilesThatAreNotText(t *testing.T) {
	for _, c := range badTexts {
		dir := t.TempDir()
		good, bad := filepath.Join(dir, "a.txt"), filepath.Join(dir, "b.txt")
		put(t, good, "good text\n")
		put(t, bad, c.content)
		for _, paths := range [][]string{{good, bad}, {bad}, {dir, bad}} {
			_, err := WriteText(TextOptions{Out: filepath.Join(dir, "out")}, paths)
			if err == nil || !strings.Contains(err.Error(), bad+": "+c.want) {
				t.Errorf("%s, named: %v", c.name, err)
			} else if strings.HasPrefix(c.want, string(NotText)) != strings.Contains(err.Error(), "--bytes") {
				t.Errorf("%s, named: %v, which says or does not say what to do", c.name, err)
			}
		}
		s, text, _ := cut(t, TextOptions{}, dir)
		if text != "good text\n" || len(s.LeftOut) != 1 || s.LeftOut[0].Error() != bad+": "+c.want {
			t.Errorf("%s, in a directory: %q, left out %v", c.name, text, s.LeftOut)
		}
	}
}

// All files that were named and are not text are in one error.
func TestAllBadFilesAreNamed(t *testing.T) {
	dir := t.TempDir()
	var paths []string
	for i := range 3 {
		paths = append(paths, filepath.Join(dir, fmt.Sprint(i)))
		put(t, paths[i], strings.Repeat("a", i)+"\xff")
	}
	_, err := WriteText(TextOptions{Out: filepath.Join(dir, "out")}, paths)
	for i, p := range paths {
		if want := fmt.Sprintf("%s: not UTF-8 text: byte 0xff at offset %d;", p, i); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// A byte order mark at the front of a file is no text, and counted; later on it is a character like others.
func TestByteOrderMarks(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "marked"), byteOrderMark+"one"+byteOrderMark+"\n")
	put(t, filepath.Join(dir, "plain"), "two\n")
	s, whole, _ := cut(t, TextOptions{}, dir)
	if strings.Count(whole, byteOrderMark) != 1 || len(whole) != 11 || s.Marks != 1 {
		t.Errorf("%q, %d marks dropped", whole, s.Marks)
	}
	for i := 1; i <= 17; i++ { // the place of the cut is counted without the mark
		_, train, valid := cut(t, TextOptions{Valid: float64(i) / 20}, filepath.Join(dir, "marked"))
		if train+valid != "one"+byteOrderMark+"\n" || len(train) > 7*(20-i)/20 || len(train) == 0 {
			t.Errorf("%d/20: %q and %q", i, train, valid)
		}
	}
}

// With Bytes the set is the files, byte for byte, and the cut is wherever the fraction says.
func TestBytesAreTakenAsTheyAre(t *testing.T) {
	for _, c := range badTexts {
		if c.content == "" {
			continue
		}
		file := filepath.Join(t.TempDir(), "x")
		put(t, file, c.content)
		s, train, valid := cut(t, TextOptions{Bytes: true, Valid: 0.5}, file)
		if train+valid != c.content || len(train) != len(c.content)/2 || s.Marks != 0 {
			t.Errorf("%s: %q and %q", c.name, train, valid)
		}
	}
	dir := t.TempDir()
	put(t, filepath.Join(dir, "a"), "\x80")
	put(t, filepath.Join(dir, "b"), "\x00")
	if _, whole, _ := cut(t, TextOptions{Bytes: true}, dir); len(whole) != 2 {
		t.Errorf("%q: something was added", whole)
	}
	if _, whole, _ := cut(t, TextOptions{Bytes: true, Separator: "\xff"}, dir); len(whole) != 4 {
		t.Errorf("%q: without its separators", whole)
	}
}

// What several links lead to is in the text once, and on one side of the split.
func TestLinkedTextCountsOnce(t *testing.T) {
	dir := corpus(t, 25)
	put(t, filepath.Join(dir, "u.txt"), "A sentence of its own.\n")
	for i := range 15 {
		symlink(t, "u.txt", filepath.Join(dir, fmt.Sprintf("s%d.txt", i)))
		hardlink(t, filepath.Join(dir, "u.txt"), filepath.Join(dir, fmt.Sprintf("h%d.txt", i)))
	}
	s, train, valid := cut(t, TextOptions{Valid: 0.2}, dir)
	if n := strings.Count(train+valid, "A sentence of its own."); n != 1 || s.Files != 26 || files.Count(s.LeftOut, files.Repeated) != 30 {
		t.Errorf("%d times in %d files, left out %s", n, s.Files, files.Tally(s.LeftOut))
	}
}
