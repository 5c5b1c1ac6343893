package integration

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// binary builds rondo once for the whole test run.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "rondo-bin-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "rondo")
	build := exec.Command("go", "build", "-o", path, "github.com/rondo-ml/rondo/cmd/rondo")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, nil
})

// Lab is a test's own directory, in which its processes run.
type Lab struct {
	t   testing.TB
	Dir string
	bin string
	ctx context.Context
}

// NewLab returns an empty directory and a way to run rondo in it.
func NewLab(t testing.TB) *Lab {
	t.Helper()
	bin, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	l := &Lab{t: t, Dir: t.TempDir(), bin: bin, ctx: context.Background()}
	if tt, ok := t.(*testing.T); ok {
		if end, ok := tt.Deadline(); ok {
			// Leave time to print the logs of what did not end.
			ctx, cancel := context.WithDeadline(l.ctx, end.Add(-5*time.Second))
			l.ctx = ctx
			t.Cleanup(cancel)
		}
	}
	return l
}

// Path names a file of the lab.
func (l *Lab) Path(elem ...string) string { return filepath.Join(append([]string{l.Dir}, elem...)...) }

// Write puts a file into the lab.
func (l *Lab) Write(name, text string) string {
	l.t.Helper()
	path := l.Path(name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		l.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		l.t.Fatal(err)
	}
	return path
}

// Result is how a command ended.
type Result struct {
	Code           int
	Stdout, Stderr string
}

// Run runs rondo to its end.
func (l *Lab) Run(args ...string) Result {
	l.t.Helper()
	p := l.Start(args...)
	return p.Wait()
}

// Must runs rondo and wants exit status 0; it returns what was printed.
func (l *Lab) Must(args ...string) string {
	l.t.Helper()
	r := l.Run(args...)
	if r.Code != 0 {
		l.t.Fatalf("rondo %s: exit status %d\n%s%s", strings.Join(args, " "), r.Code, r.Stdout, r.Stderr)
	}
	return r.Stdout
}

// Digest asks `rondo digest` about a run's directory.
func (l *Lab) Digest(dir string) string {
	l.t.Helper()
	return strings.TrimSpace(l.Must("digest", dir))
}

// Start starts rondo with extra environment given as NAME=VALUE before the
// first argument that has no "=" in front of a flag-free word.
func (l *Lab) Start(args ...string) *Process {
	l.t.Helper()
	return l.StartEnv(nil, args...)
}

// StartEnv is Start with additions to the environment.
func (l *Lab) StartEnv(env []string, args ...string) *Process {
	l.t.Helper()
	p := &Process{lab: l, name: "rondo " + strings.Join(args, " "), done: make(chan struct{})}
	p.cmd = exec.Command(l.bin, args...)
	p.cmd.Dir = l.Dir
	p.cmd.Env = append(os.Environ(), env...)
	p.cmd.Stdout, p.cmd.Stderr = p.out.writer(&p.stdout), p.out.writer(&p.stderr)
	if err := p.cmd.Start(); err != nil {
		l.t.Fatalf("%s: %v", p.name, err)
	}
	go func() {
		_ = p.cmd.Wait()
		p.out.close()
		close(p.done)
	}()
	l.t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		<-p.done
		if l.t.Failed() {
			l.t.Logf("%s (%v)\n--- stdout\n%s--- stderr\n%s", p.name, p.cmd.ProcessState, p.stdout.String(), p.stderr.String())
			l.showLogs()
		}
	})
	return p
}

// showLogs prints the workers' logs of a failed test.
func (l *Lab) showLogs() {
	logs, _ := filepath.Glob(l.Path("*", "logs", "*.log"))
	for _, path := range logs {
		if text, err := os.ReadFile(path); err == nil {
			l.t.Logf("--- %s\n%s", path, text)
		}
	}
}

// output collects what a process prints and tells waiters of every change.
type output struct {
	mu      sync.Mutex
	changed chan struct{} // closed at the next change
	closed  bool
}

func (o *output) wait() <-chan struct{} {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.changed == nil {
		o.changed = make(chan struct{})
		if o.closed {
			close(o.changed)
		}
	}
	return o.changed
}

func (o *output) notify() {
	if o.changed != nil && !o.closed {
		close(o.changed)
		o.changed = nil
	}
}

func (o *output) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.notify()
	o.closed = true
}

func (o *output) writer(to *lockedBuffer) *outputWriter { return &outputWriter{o, to} }

type outputWriter struct {
	output *output
	to     *lockedBuffer
}

func (w *outputWriter) Write(p []byte) (int, error) {
	n, err := w.to.Write(p)
	w.output.mu.Lock()
	defer w.output.mu.Unlock()
	w.output.notify()
	return n, err
}

type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
