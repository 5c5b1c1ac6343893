package checkpoint

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func readWhole(t *testing.T, dir string) (text []byte) {
	t.Helper()
	for at := uint64(0); ; {
		piece, next, err := ReadHistory(dir, at)
		if err != nil {
			t.Fatal(err)
		}
		if len(piece) == 0 {
			return text
		}
		text, at = append(text, piece...), next
	}
}

// What is appended is read in pieces, whoever appended it.
func TestHistoryFile(t *testing.T) {
	dir := t.TempDir()
	if text := readWhole(t, dir); len(text) > 0 {
		t.Errorf("a directory without one has %q", text)
	}
	want := bytes.Repeat([]byte("0123456789"), 40_000)
	a, b := NewHistory(dir), NewHistory(dir)
	for i := 0; i < len(want); i += 10_000 {
		if err := a.Append(want[i : i+5000]); err != nil {
			t.Fatal(err)
		}
		if err := b.Append(want[i+5000 : i+10_000]); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.Flush(); err != nil {
		t.Error(err)
	}
	if got := readWhole(t, dir); !bytes.Equal(got, want) {
		t.Errorf("%d bytes were read, not those %d that were written", len(got), len(want))
	}
	path := filepath.Join(dir, HistoryName)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, _, err := ReadHistory(dir, 0); err == nil {
		t.Error("a directory is read as a history")
	}
	if a.Append([]byte("x")) == nil {
		t.Error("a directory is written as a history")
	}
}
