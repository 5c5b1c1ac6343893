package cmd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// children are the worker processes of a one-machine run.
type children struct {
	exited func(name, status string) // called from a goroutine of its own

	mu   sync.Mutex
	list []*child
	wg   sync.WaitGroup
}

type child struct {
	name string
	cmd  *exec.Cmd
	tail *tail
	log  string
	code int
	done chan struct{}
}

// start runs a worker with its log in a file of logDir.
func (cs *children) start(name string, argv []string, env []string, logDir string) error {
	path := filepath.Join(logDir, name+".log")
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return fmt.Errorf("the log of %s: %w", name, err)
	}
	c := &child{name: name, cmd: exec.Command(argv[0], argv[1:]...), tail: &tail{}, log: path, done: make(chan struct{})}
	c.cmd.Env = append(os.Environ(), env...)
	c.cmd.Stdout, c.cmd.Stderr = file, io.MultiWriter(file, c.tail)
	// A group of its own, so that Ctrl-C reaches this process alone, which
	// then ends the run in order; and death with the parent, however it dies.
	c.cmd.SysProcAttr = childAttributes()
	if err := c.cmd.Start(); err != nil {
		file.Close()
		return fmt.Errorf("starting %s: %w", name, err)
	}
	cs.mu.Lock()
	cs.list = append(cs.list, c)
	cs.mu.Unlock()
	cs.wg.Go(func() {
		err := c.cmd.Wait()
		file.Close()
		c.code = c.cmd.ProcessState.ExitCode()
		close(c.done)
		cs.exited(name, exitText(c.cmd.ProcessState, err))
	})
	return nil
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

// kill ends all at once.
func (cs *children) kill() {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	for _, c := range cs.list {
		select {
		case <-c.done:
		default:
			_ = c.cmd.Process.Kill()
		}
	}
}

// lastWords returns the end of a worker's log.
func (cs *children) lastWords(name string) string {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	for _, c := range cs.list {
		if c.name == name {
			return c.tail.text()
		}
	}
	return ""
}

// tail keeps the last lines written to it.
type tail struct {
	mu    sync.Mutex
	lines []string
	part  string
}

const tailLines = 20

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := bufio.NewScanner(strings.NewReader(t.part + string(p)))
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		t.lines = append(t.lines, s.Text())
	}
	t.part = ""
	if n := len(t.lines); n > 0 && len(p) > 0 && p[len(p)-1] != '\n' {
		t.part, t.lines = t.lines[n-1], t.lines[:n-1]
	}
	if n := len(t.lines); n > tailLines {
		t.lines = t.lines[n-tailLines:]
	}
	return len(p), nil
}

func (t *tail) text() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.Join(append(t.lines[:len(t.lines):len(t.lines)], t.part), "\n")
}
