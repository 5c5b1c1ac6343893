package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"
)

// children are the worker processes of a one-machine run.
type children struct {
	family
	list []*child // guarded by the family's mu
	wg   sync.WaitGroup
}

type child struct {
	name string
	cmd  *exec.Cmd
	tail *tail
	log  string // path
}

// openLog opens the log of a process for appending. A link out of the directory, which others may be able to write to,
// is not followed.
func openLog(dir, name string) (*os.File, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("the log of %s: %w; checkpoint.dir must be a directory that can be written", name, err)
	}
	defer root.Close()
	if info, err := root.Stat(name + ".log"); err == nil && !info.Mode().IsRegular() { // opening a pipe would wait for ever
		return nil, fmt.Errorf("the log of %s: %s is not a file; remove it", name, filepath.Join(dir, name+".log"))
	}
	file, err := root.OpenFile(name+".log", os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return nil, fmt.Errorf("the log of %s in %s: %w; checkpoint.dir must be a directory that can be written", name, dir, err)
	}
	return file, nil
}

// start runs a worker on these processors (nil: all) with its log in a file of logDir. It takes the place of one of its name that has ended. exited is
// called from a goroutine of its own.
func (cs *children) start(name string, processors []int, argv []string, logDir string, exited func(name, status string)) error {
	file, err := openLog(logDir, name)
	if err != nil {
		return err
	}
	c := &child{name: name, cmd: exec.Command(argv[0], argv[1:]...), tail: cs.tailOf(name), log: file.Name()}
	c.cmd.Stdout = file
	c.cmd.Stderr = io.MultiWriter(c.tail, newOutput(file)) // a full disk does not break the worker's pipe
	if err := cs.family.startOn(processors, c.cmd); err != nil {
		file.Close()
		return fmt.Errorf("starting %s: %w", name, err)
	}
	cs.mu.Lock()
	defer cs.mu.Unlock()
	cs.list = append(slices.DeleteFunc(cs.list, func(old *child) bool { return old.name == name }), c)
	cs.wg.Go(func() {
		err := c.cmd.Wait()
		file.Close()
		exited(name, exitText(c.cmd.ProcessState, err))
	})
	return nil
}

// tailOf is the end of a name's log: whoever takes the place of one that failed does not hide why.
func (cs *children) tailOf(name string) *tail {
	for _, c := range cs.all() {
		if c.name == name {
			return c.tail
		}
	}
	return &tail{}
}

// exitText says how a process ended: "exit status 2", "killed by signal 9 (killed)".
func exitText(state *os.ProcessState, err error) string {
	if ws, ok := state.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		return fmt.Sprintf("killed by signal %d (%v)", ws.Signal(), ws.Signal())
	}
	if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited {
		return err.Error()
	}
	return fmt.Sprintf("exit status %d", state.ExitCode())
}

// all are the children, in the order in which they were started.
func (cs *children) all() []*child {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	return slices.Clone(cs.list)
}

// signal sends a signal to the newest child of a name, and says whether it was there to get it.
func (cs *children) signal(name string, s os.Signal) bool {
	for _, c := range slices.Backward(cs.all()) {
		if c.name == name {
			return c.cmd.Process.Signal(s) == nil
		}
	}
	return false
}

// end waits for all to leave, kills those that have not after the grace, and
// waits for them too.
func (cs *children) end(grace time.Duration) {
	left := make(chan struct{})
	go func() { cs.wg.Wait(); close(left) }()
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	select {
	case <-left:
		return
	case <-ctx.Done():
	}
	cs.kill()
	<-left
}
