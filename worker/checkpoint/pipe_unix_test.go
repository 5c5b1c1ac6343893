//go:build unix

package checkpoint

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A pipe in the place of a file, which whoever may write to a shared directory
// can put there, is an error at once.
func TestPipes(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(dir, identityName), 0o600); err != nil {
		t.Skip("no pipes here: ", err)
	}
	if _, err := Identify(dir); err == nil || !strings.Contains(err.Error(), identityName+" is not a file") {
		t.Errorf("a pipe as directory-id: %v", err)
	}
	if _, err := (OS{}).Open(filepath.Join(dir, identityName)); err == nil || !strings.Contains(err.Error(), "is not a file") {
		t.Errorf("a pipe as a file of a checkpoint: %v", err)
	}
	for name, add := range map[string]func() error{
		JournalName: func() error { return AppendJournal(dir, JournalLine{Step: 1}) },
		HistoryName: func() error { return NewHistory(dir).Append([]byte("frame")) },
	} {
		if err := syscall.Mkfifo(filepath.Join(dir, name), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := add(); err == nil || !strings.Contains(err.Error(), name+" is not a file") {
			t.Errorf("a pipe as %s: %v", name, err)
		}
	}
}
