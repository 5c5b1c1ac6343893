package integration

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// Process is a rondo that was started.
type Process struct {
	lab    *Lab
	name   string
	cmd    *exec.Cmd
	out    output
	stdout lockedBuffer
	stderr lockedBuffer
	done   chan struct{}
	page   string
}

// PID returns the process's number.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Wait waits for the process to leave.
func (p *Process) Wait() Result {
	p.lab.t.Helper()
	select {
	case <-p.done:
	case <-p.lab.ctx.Done():
		p.lab.t.Fatalf("%s does not leave", p.name)
	}
	return Result{Code: p.cmd.ProcessState.ExitCode(), Stdout: p.stdout.String(), Stderr: p.stderr.String()}
}

// Signal sends a signal.
func (p *Process) Signal(s os.Signal) {
	p.lab.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.lab.t.Fatalf("%s: %v", p.name, err)
	}
}

// WaitOutput waits until what the process has printed matches, and returns the
// match and its groups.
func (p *Process) WaitOutput(pattern string) []string {
	p.lab.t.Helper()
	re := regexp.MustCompile(pattern)
	for {
		changed := p.out.wait()
		if m := re.FindStringSubmatch(p.stdout.String() + p.stderr.String()); m != nil {
			return m
		}
		select {
		case <-changed:
		case <-p.lab.ctx.Done():
			p.lab.t.Fatalf("%s: waiting for %q in vain", p.name, pattern)
		}
		select {
		case <-p.done:
			if re.MatchString(p.stdout.String() + p.stderr.String()) {
				continue
			}
			p.lab.t.Fatalf("%s left (%v) without printing %q", p.name, p.cmd.ProcessState, pattern)
		default:
		}
	}
}

// Page returns the address of the status page, which the process prints.
func (p *Process) Page() string {
	p.lab.t.Helper()
	if p.page == "" {
		p.page = p.WaitOutput(`status page\s+(http://[^\s]+)`)[1]
	}
	return p.page
}

// pollEvery is how often the status page is asked.
const pollEvery = 10 * time.Millisecond

// WaitStatus waits until the run's status fulfils the condition.
func (p *Process) WaitStatus(what string, ok func(api.Status) bool) api.Status {
	p.lab.t.Helper()
	page := p.Page()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	var last api.Status
	for {
		if s, err := getStatus(p.lab.ctx, page); err == nil {
			if last = s; ok(s) {
				return s
			}
		}
		select {
		case <-tick.C:
		case <-p.done:
			p.lab.t.Fatalf("%s left (%v) before %s; last status %+v", p.name, p.cmd.ProcessState, what, last)
		case <-p.lab.ctx.Done():
			p.lab.t.Fatalf("%s: waiting for %s in vain; last status %+v", p.name, what, last)
		}
	}
}

// WaitStep waits until so many steps are applied.
func (p *Process) WaitStep(step uint64) api.Status {
	p.lab.t.Helper()
	return p.WaitStatus("the step", func(s api.Status) bool { return s.Step >= step })
}

func getStatus(ctx context.Context, page string) (api.Status, error) {
	var s api.Status
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, page+"/api/status", nil)
	if err != nil {
		return s, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return s, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return s, err
	}
	return s, json.Unmarshal(body, &s)
}
