//go:build unix

package cmd

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// A file is there whole or not at all; a link stays one, and a pipe is written to.
func TestWriteWhole(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	hello := func(w io.Writer) error { _, err := io.WriteString(w, "hello"); return err }
	if err := errors.Join(os.WriteFile(path("old"), []byte("old"), 0o666), os.Symlink("old", path("link")), syscall.Mkfifo(path("pipe"), 0o600)); err != nil {
		t.Fatal(err)
	}
	failed := errors.New("a full disk")
	if _, err := writeWhole(path("link"), func(w io.Writer) error { return errors.Join(hello(w), failed) }); !errors.Is(err, failed) {
		t.Error(err)
	}
	if b, _ := os.ReadFile(path("old")); string(b) != "old" {
		t.Errorf("after an error: %q", b)
	}
	if size, err := writeWhole(path("link"), hello); size != 5 || err != nil {
		t.Error(size, err)
	}
	b, _ := os.ReadFile(path("old"))
	if info, err := os.Lstat(path("link")); err != nil || info.Mode()&os.ModeSymlink == 0 || string(b) != "hello" {
		t.Errorf("through a link: %q, %v, %v", b, info.Mode(), err)
	}
	read := make(chan string)
	go func() {
		b, _ := os.ReadFile(path("pipe"))
		read <- string(b)
	}()
	if size, err := writeWhole(path("pipe"), hello); size != 5 || err != nil {
		t.Error(size, err)
	}
	if got := <-read; got != "hello" {
		t.Errorf("through a pipe: %q", got)
	}
	if left, _ := filepath.Glob(path(".*")); len(left) > 0 {
		t.Errorf("left %q behind", left)
	}
}
