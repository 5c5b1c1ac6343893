//go:build !unix || solaris || aix

package dirlock

import (
	"errors"
	"os"
)

const (
	lockAlone = iota
	lockShared
	unlock
)

var errHeld = errors.New("held")

func flock(*os.File, int) error { return errors.ErrUnsupported }
