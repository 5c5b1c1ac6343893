//go:build unix

package worker

import (
	"syscall"
	"time"
)

func effortOf() effort {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return effort{}
	}
	return effort{cpu: time.Duration(u.Utime.Nano() + u.Stime.Nano()), disk: int64(u.Inblock) + int64(u.Oublock) + int64(u.Majflt), known: true}
}
