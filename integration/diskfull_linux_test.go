package integration

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// mountSmall mounts a file system in memory as a directory of the lab, where the
// tests are allowed to.
func (l *Lab) mountSmall(name string, bytes int64) {
	l.t.Helper()
	if err := os.Mkdir(l.Path(name), 0o755); err != nil {
		l.t.Fatal(err)
	}
	if err := unix.Mount("tmpfs", l.Path(name), "tmpfs", 0, fmt.Sprintf("size=%d", bytes)); err != nil {
		l.t.Skipf("mounting a small file system: %v", err)
	}
	l.t.Cleanup(func() {
		if err := unix.Unmount(l.Path(name), unix.MNT_DETACH); err != nil {
			l.t.Error(err)
		}
	})
}

// fill leaves so many bytes free in a directory of the lab that is mounted.
func (l *Lab) fill(name string, free int64) {
	l.t.Helper()
	var s unix.Statfs_t
	if err := unix.Statfs(l.Path(name), &s); err != nil {
		l.t.Fatal(err)
	}
	if err := os.WriteFile(l.Path(name, "fill"), make([]byte, int64(s.Bavail)*s.Bsize-free), 0o600); err != nil {
		l.t.Fatal(err)
	}
}

// sizeOf is the sum of the sizes of the files beneath a directory of the lab, in
// whole pages.
func (l *Lab) sizeOf(dir string) (bytes int64) {
	l.t.Helper()
	err := filepath.WalkDir(l.Path(dir), func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		bytes += (info.Size() + 4095) &^ 4095
		return err
	})
	if err != nil {
		l.t.Fatal(err)
	}
	return bytes
}

// wantFull wants a run to have ended with one line that says where there is no
// space, and to have left no keys and no part of a checkpoint.
func (l *Lab) wantFull(r Result, dir string) {
	l.t.Helper()
	line := lastLine(r.Stderr)
	if r.Code != 1 || !strings.HasPrefix(line, "rondo: ") || !strings.Contains(line, syscall.ENOSPC.Error()) || !strings.Contains(line, dir) {
		l.t.Errorf("exit status %d, want 1 and a line with %s and its path:\n%s", r.Code, syscall.ENOSPC, r.Stderr)
	}
	if left, err := os.ReadDir(l.Tmp); err != nil || len(left) > 0 {
		l.t.Errorf("left in TMPDIR: %v, %v", left, err)
	}
	steps, err := filepath.Glob(l.Path(dir, "step-*"))
	if err != nil {
		l.t.Fatal(err)
	}
	for _, step := range steps {
		if _, err := os.Stat(filepath.Join(step, "manifest.json")); err != nil {
			l.t.Errorf("part of a checkpoint was left: %v", err)
		}
	}
}

// TestDiskFull runs with too little room: for anything at all, for a checkpoint,
// for a second checkpoint. What was saved stays whole, and with more room the
// run comes to the digest of the calm one.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	want := l.finishedRun()
	one := l.sizeOf("run/step-000000040")
	l.mountSmall("disk", 64<<20)
	const others = 128 << 10 // record, logs, owner
	for _, room := range []int64{0, 4 << 10, 16 << 10, 24 << 10, others + one/2, others + one + one/2} {
		dir := fmt.Sprintf("disk/room-%d", room)
		args := trainArgs(dir, "--workers", "2", "--set", "checkpoint.every=10")
		l.fill("disk", room)
		l.wantFull(l.Run(args...), dir)
		if room > others+one {
			l.Must("verify", dir)
			l.wantFull(l.Run(append(args, "--resume")...), dir)
		}
		if err := os.Remove(l.Path("disk", "fill")); err != nil {
			t.Fatal(err)
		}
		l.Must(append(args, "--resume")...)
		l.wantRun(dir, want)
		if err := os.RemoveAll(l.Path(dir)); err != nil {
			t.Fatal(err)
		}
	}
}
