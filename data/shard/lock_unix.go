//go:build unix && !solaris && !aix

package shard

import (
	"errors"
	"os"
	"syscall"
)

// lockFile locks a file until it is closed, or this process ends. A file system that knows no locks is no error.
func lockFile(f *os.File) error {
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.EWOULDBLOCK):
			return errors.New("its journal is locked")
		default:
			return nil
		}
	}
}
