package cmd

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// made makes a working directory, and removes it at the end of the test.
func made(t *testing.T, sockets bool, parents ...string) *workDir {
	t.Helper()
	d := &workDir{}
	if err := d.make(parents, sockets); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.remove)
	return d
}

// shortDir is a directory whose path has room for sockets.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "w-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func TestWorkDirParents(t *testing.T) {
	short := shortDir(t)
	long := filepath.Join(short, strings.Repeat("x", 80))
	if err := os.Mkdir(long, 0o755); err != nil {
		t.Fatal(err)
	}
	missing := filepath.Join(short, "missing")
	for _, c := range []struct {
		name    string
		sockets bool
		parents []string
		want    string
	}{
		{"the first will do", true, []string{short, t.TempDir()}, short},
		{"too long for sockets", true, []string{long, short}, short},
		{"long, without sockets", false, []string{long, short}, long},
		{"missing", true, []string{missing, short}, short},
	} {
		if got := made(t, c.sockets, c.parents...).path; filepath.Dir(got) != c.want || !strings.HasPrefix(filepath.Base(got), workPrefix) {
			t.Errorf("%s: made %s, want it in %s", c.name, got, c.want)
		}
	}
	d := &workDir{}
	err := adviseTCP(d.make([]string{long, missing}, true))
	if !errors.Is(err, errNoSockets) || !strings.Contains(err.Error(), long) || !strings.Contains(err.Error(), "TMPDIR") || !strings.HasSuffix(err.Error(), "--ring tcp") {
		t.Errorf("nowhere: %v", err)
	}
	if err := adviseTCP(d.make([]string{missing}, true)); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "TMPDIR") || strings.Contains(err.Error(), "--ring") {
		t.Errorf("in a directory that is not there: %v", err)
	}
	d.remove()
	if err := d.make([]string{short}, true); err == nil {
		t.Errorf("%s was made after the end", d.path)
	}
}

// TestWorkDirSockets opens a socket of the longest name in the longest directory that is accepted.
func TestWorkDirSockets(t *testing.T) {
	short := shortDir(t)
	parent := filepath.Join(short, strings.Repeat("x", maxSocketPath-socketRoom-len("/"+workPrefix+"1234567890")-len(short)-1))
	if err := os.Mkdir(parent, 0o755); err != nil {
		t.Fatal(err)
	}
	d := made(t, true, parent)
	if longest := len(d.path + "/ring-1234567890/member-63.sock"); longest > maxSocketPath {
		t.Errorf("a socket's path is %d bytes long, want at most %d", longest, maxSocketPath)
	}
}

// TestAbandoned looks at what a new working directory removes: those of its user whose processes ended, nothing else.
func TestAbandoned(t *testing.T) {
	parent := t.TempDir()
	file := func(elem ...string) string {
		t.Helper()
		path := filepath.Join(append([]string{parent}, elem...)...)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("secret"), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	living := made(t, false, parent)
	kept := []string{
		file(filepath.Base(living.path), "worker-0.key"),
		file("rondo-bin-1", "rondo"),
		file(workPrefix + "file"),
		file("elsewhere", "precious"),
		file(workPrefix+"open", "x"),
	}
	gone := []string{
		filepath.Dir(file(workPrefix+"killed", "worker-0.key")),
		filepath.Dir(filepath.Dir(file(workPrefix+"benched", "ring-1", "member-0.key"))),
	}
	if err := os.Chmod(filepath.Join(parent, workPrefix+"open"), 0o755); err != nil { // others may have put things there
		t.Fatal(err)
	}
	for link, to := range map[string]string{
		filepath.Join(parent, workPrefix+"link"):        "elsewhere",
		filepath.Join(parent, workPrefix+"living"):      filepath.Base(living.path),
		filepath.Join(parent, workPrefix+"killed", "x"): filepath.Join(parent, "elsewhere"),
	} {
		if err := os.Symlink(to, link); err != nil {
			t.Fatal(err)
		}
	}
	next := made(t, false, parent)
	for _, path := range append(kept, living.path, next.path) {
		if _, err := os.Stat(path); err != nil {
			t.Errorf("it is gone: %v", err)
		}
	}
	for _, path := range gone {
		if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is still there (%v)", path, err)
		}
	}
	next.remove()
	if _, err := os.Stat(next.path); next.path != "" || err == nil {
		t.Errorf("%s is still there", next.path)
	}
}
