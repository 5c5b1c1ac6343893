package cmd

import (
	"io/fs"
	"os"
	"strings"
	"syscall"
)

// removeAbandoned removes the working directories in parent whose processes ended without removing them (kill -9, loss
// of power). They hold private keys.
func removeAbandoned(parent string) {
	root, err := os.OpenRoot(parent)
	if err != nil {
		return
	}
	defer root.Close()
	dir, err := root.Open(".")
	if err != nil {
		return
	}
	defer dir.Close()
	names, _ := dir.Readdirnames(-1)
	for _, name := range names {
		if strings.HasPrefix(name, workPrefix) {
			removeIfAbandoned(root, name)
		}
	}
}

// removeIfAbandoned removes one directory, if it is this user's, nobody else could have put anything into it, and no
// process holds its lock. Nothing outside of it is touched, whatever is put into its place meanwhile.
func removeIfAbandoned(parent *os.Root, name string) {
	before, err := parent.Lstat(name)
	if err != nil || !ownPrivateDir(before) {
		return
	}
	root, err := parent.OpenRoot(name)
	if err != nil {
		return
	}
	defer root.Close()
	dir, err := root.Open(".")
	if err != nil {
		return
	}
	defer dir.Close()
	now, err := dir.Stat()
	if err != nil || !ownPrivateDir(now) || !os.SameFile(before, now) { // a link would lead to another
		return
	}
	if syscall.Flock(int(dir.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
		return // of a living process
	}
	names, _ := dir.Readdirnames(-1)
	for _, inside := range names {
		_ = root.RemoveAll(inside)
	}
	_ = parent.Remove(name)
}

// ownPrivateDir tells whether a file is a directory of this user's that others cannot enter.
func ownPrivateDir(info fs.FileInfo) bool {
	s, ok := info.Sys().(*syscall.Stat_t)
	return ok && info.IsDir() && info.Mode().Perm() == 0o700 && int(s.Uid) == os.Geteuid()
}
