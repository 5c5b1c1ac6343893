package cmd

import (
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/rondo-ml/rondo/worker/machine"
)

// family is the processes that a command starts. Each has a process group of its own, so that Ctrl-C reaches this
// process alone, which ends them in order. They die with it however it dies (on Linux), and stop and go on with it.
type family struct {
	mu      sync.Mutex // held while this process is suspended
	members []*os.Process
}

// start starts a process.
func (f *family) start(c *exec.Cmd) error { return f.startOn(nil, c) }

// startOn starts a process that runs on these processors alone; nil: on all.
func (f *family) startOn(processors []int, c *exec.Cmd) error {
	c.SysProcAttr = childAttributes()
	f.mu.Lock()
	defer f.mu.Unlock()
	var err error
	onHeldThread(func() { err = machine.On(processors, c.Start) })
	if err == nil {
		f.members = append(f.members, c.Process)
	}
	return err
}

// kill ends all at once.
func (f *family) kill() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.signal(os.Kill)
}

// signal sends a signal to those that have not ended. The caller holds mu.
func (f *family) signal(s os.Signal) {
	for _, p := range f.members {
		_ = p.Signal(s) // os.ErrProcessDone, most likely
	}
}

// followSuspension makes Ctrl-Z stop the family too, until cancel is called. A process in the group of its session's
// leader is no job of a shell, and nobody would continue it; the system ignores Ctrl-Z there, and so does this process.
func (f *family) followSuspension() (cancel func()) {
	session, err := unix.Getsid(0)
	if err != nil || session == syscall.Getpgrp() || signal.Ignored(syscall.SIGTSTP) {
		return func() {}
	}
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGTSTP)
	over := make(chan struct{})
	go func() {
		for {
			select {
			case <-asked:
				f.suspend()
			case <-over:
				signal.Stop(asked)
				return
			}
		}
	}()
	return sync.OnceFunc(func() { close(over) })
}

// suspend stops the family and then this process. When somebody continues this process, it continues the family.
func (f *family) suspend() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.signal(syscall.SIGSTOP)
	stopSelf()
	f.signal(syscall.SIGCONT)
}

// onHeldThread runs f on a thread that lives as long as this process. A child that is to die with its parent
// (Pdeathsig) dies with the thread that started it, and Go ends threads while the process goes on.
func onHeldThread(f func()) {
	done := make(chan struct{})
	heldThread() <- func() {
		defer close(done)
		f()
	}
	<-done
}

var heldThread = sync.OnceValue(func() chan<- func() {
	jobs := make(chan func())
	go func() {
		runtime.LockOSThread() // for good
		for job := range jobs {
			job()
		}
	}()
	return jobs
})
