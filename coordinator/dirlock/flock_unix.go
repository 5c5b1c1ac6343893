//go:build unix && !solaris && !aix

package dirlock

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

const (
	lockAlone  = syscall.LOCK_EX
	lockShared = syscall.LOCK_SH
	unlock     = syscall.LOCK_UN
)

// errHeld is the answer to a lock that another process is in the way of.
var errHeld error = syscall.EWOULDBLOCK

// flock changes the lock that file holds, without waiting.
func flock(file *os.File, how int) error {
	for {
		err := syscall.Flock(int(file.Fd()), how|syscall.LOCK_NB)
		switch {
		case errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.ENOLCK):
			return fmt.Errorf("%w (%w)", err, errors.ErrUnsupported)
		default:
			return err
		}
	}
}
