package worker

import "golang.org/x/sys/unix"

// freeBytes is what this user may still write where a directory is; -1: the system does not tell.
func freeBytes(dir string) int64 {
	var s unix.Statfs_t
	if unix.Statfs(dir, &s) != nil {
		return -1
	}
	return int64(s.Bavail) * s.Bsize
}
