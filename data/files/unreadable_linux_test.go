package files

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// asNobody gives up root's right to read everything, in f alone.
func asNobody(t *testing.T, dir string, f func()) {
	t.Helper()
	if os.Getuid() != 0 {
		f()
		return
	}
	for _, d := range []string{dir, filepath.Dir(dir)} {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	runtime.LockOSThread() // the right is the thread's
	defer runtime.UnlockOSThread()
	syscall.RawSyscall(syscall.SYS_SETFSUID, 65534, 0, 0)
	defer syscall.RawSyscall(syscall.SYS_SETFSUID, 0, 0, 0)
	f()
}

// A directory that cannot be read is named and passed over, whatever the patterns.
func TestUnreadableDirectory(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "book.txt"), "text")
	lost := filepath.Join(dir, "lost+found")
	if err := os.Mkdir(lost, 0); err != nil {
		t.Fatal(err)
	}
	asNobody(t, dir, func() {
		for _, opts := range []Options{{}, {Include: []string{"*.txt"}}} {
			found, left, err := Find(opts, []string{dir})
			if err != nil || len(found) != 1 || len(left) != 1 || left[0].Error() != lost+": unreadable: permission denied" {
				t.Errorf("%+v: %+v, %v, %v", opts, found, left, err)
			}
		}
		if _, _, err := Find(Options{}, []string{lost}); err == nil || !strings.Contains(err.Error(), lost) {
			t.Errorf("named: %v", err)
		}
	})
}
