package lab

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// process is one of the cluster's programs. Its output goes to a file.
type process struct {
	name  string
	cmd   *exec.Cmd
	log   string
	ended chan struct{}
}

// start runs a program of the cluster until the namespaces end.
func (c *Cluster) start(name string, args ...string) (*process, error) {
	p := &process{name: name, log: filepath.Join(c.Dir, "logs", name+".log"), ended: make(chan struct{})}
	out, err := os.Create(p.log)
	if err != nil {
		return nil, err
	}
	defer out.Close()
	p.cmd = exec.Command(args[0], args[1:]...)
	p.cmd.Dir = c.Dir
	p.cmd.Env = append(os.Environ(), c.bins.Environ()...)
	p.cmd.Stdout, p.cmd.Stderr = out, out
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is for the tests
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	go func() {
		_ = p.cmd.Wait()
		close(p.ended)
	}()
	return p, nil
}

// Serve runs a program of a test beside the cluster, and waits until it answers at url with 200.
func (c *Cluster) Serve(ctx context.Context, name, url string, args ...string) error {
	p, err := c.start(name, args...)
	if err != nil {
		return err
	}
	return until(ctx, p, answers(url))
}

// died is the error of a process that has ended, with the last of its output.
func (p *process) died() error {
	text, _ := os.ReadFile(p.log)
	lines := bytes.Split(bytes.TrimSpace(text), []byte("\n"))
	if len(lines) > 20 {
		lines = lines[len(lines)-20:]
	}
	return fmt.Errorf("%s ended: %v; the last of %s:\n%s", p.name, p.cmd.ProcessState, p.log, bytes.Join(lines, []byte("\n")))
}
