//go:build unix

package coordinator

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/dirlock"
)

// A pipe in the place of the record or of a directory's owner is an error at once.
func TestPipes(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{recordName, dirlock.FileName} {
		if err := syscall.Mkfifo(filepath.Join(dir, name), 0o600); err != nil {
			t.Skip("no pipes here: ", err)
		}
	}
	if _, err := readRecord(filepath.Join(dir, recordName)); err == nil || !strings.Contains(err.Error(), recordName+" is not a file") {
		t.Errorf("a pipe as record: %v", err)
	}
	if _, err := dirlock.Acquire(dir, dirlock.Owner{Run: "mine", ID: "1"}); err == nil || !strings.Contains(err.Error(), dirlock.FileName+" is not a file") {
		t.Errorf("a pipe as owner: %v", err)
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "fresh.new"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := replaceFile(filepath.Join(dir, "fresh"), nil); err != nil {
		t.Errorf("a new record: %v", err)
	}
}
