//go:build unix

package cmd

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestLogIsPipe: a pipe in the place of a worker's log, at which a run would wait for ever, is an error at once.
func TestLogIsPipe(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "worker-0.log")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skip("no pipes here: ", err)
	}
	if _, err := openLog(dir, "worker-0"); err == nil || !strings.Contains(err.Error(), path+" is not a file; remove it") {
		t.Errorf("a pipe as a log: %v", err)
	}
}
