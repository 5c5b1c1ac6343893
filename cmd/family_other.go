//go:build unix && !linux

package cmd

import (
	"os"
	"syscall"
)

func childAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// stopSelf stops this process, and returns when somebody continues it.
func stopSelf() { _ = syscall.Kill(os.Getpid(), syscall.SIGSTOP) }
