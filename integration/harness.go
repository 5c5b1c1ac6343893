package integration

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// binary builds rondo once for the whole test run.
var binary = sync.OnceValues(func() (string, error) { return build() })

// foreignBinary is a rondo of another version.
var foreignBinary = sync.OnceValues(func() (string, error) {
	return build("-ldflags", "-X github.com/rondo-ml/rondo/coordinator/api.release="+foreignVersion)
})

const foreignVersion = "0.0.9-foreign"

// built are the directories to remove at the end.
var built struct {
	sync.Mutex
	dirs []string
}

func removeBuilt() {
	built.Lock()
	defer built.Unlock()
	for _, dir := range built.dirs {
		os.RemoveAll(dir)
	}
}

func build(flags ...string) (string, error) {
	dir, err := os.MkdirTemp("", "rondo-bin-")
	if err != nil {
		return "", err
	}
	built.Lock()
	built.dirs = append(built.dirs, dir)
	built.Unlock()
	path := filepath.Join(dir, "rondo")
	args := append([]string{"build", "-o", path}, flags...)
	build := exec.Command("go", append(args, "github.com/rondo-ml/rondo/cmd/rondo")...)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, nil
}

// Lab is a test's own directory, in which its processes run.
type Lab struct {
	t   testing.TB
	Dir string
	Tmp string // directory for temporary files of its processes; a short path, for sockets
	bin string // rondo
	ctx context.Context

	inside []string // command that runs another one inside a host; nil: here
}

// NewLab returns an empty directory and a way to run rondo in it.
func NewLab(t testing.TB) *Lab {
	t.Helper()
	bin, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	tmp, err := os.MkdirTemp("", "lab-")
	if err != nil {
		t.Fatal(err)
	}
	l := &Lab{t: t, Dir: t.TempDir(), Tmp: tmp, bin: bin, ctx: context.Background()}
	t.Cleanup(func() {
		os.RemoveAll(tmp) // what was killed has left its sockets and keys
		if t.Failed() {
			l.showLogs()
		}
	})
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

// copyDir copies a directory of the lab.
func (l *Lab) copyDir(from, to string) {
	l.t.Helper()
	if err := os.CopyFS(l.Path(to), os.DirFS(l.Path(from))); err != nil {
		l.t.Fatal(err)
	}
}

// damage changes a file of the lab; do nil removes it.
func (l *Lab) damage(name string, do func([]byte) []byte) {
	l.t.Helper()
	b, err := os.ReadFile(l.Path(name))
	if err == nil && do == nil {
		err = os.Remove(l.Path(name))
	} else if err == nil {
		err = os.WriteFile(l.Path(name), do(b), 0o644)
	}
	if err != nil {
		l.t.Fatal(err)
	}
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

// Start starts rondo in the lab's directory.
func (l *Lab) Start(args ...string) *Process {
	l.t.Helper()
	return l.StartEnv(nil, args...)
}

// StartEnv is Start with additions to the environment.
func (l *Lab) StartEnv(env []string, args ...string) *Process {
	l.t.Helper()
	return l.StartWith(func(c *exec.Cmd) { c.Env = append(c.Env, env...) }, args...)
}

// StartWith is Start with changes to what is started.
func (l *Lab) StartWith(change func(*exec.Cmd), args ...string) *Process {
	l.t.Helper()
	p := &Process{lab: l, name: "rondo " + strings.Join(args, " "), done: make(chan struct{})}
	argv := append(append(slices.Clone(l.inside), l.bin), args...)
	p.cmd = exec.Command(argv[0], argv[1:]...)
	p.cmd.Dir = l.Dir
	p.cmd.Env = append(os.Environ(), "TMPDIR="+l.Tmp)
	p.cmd.Stdout, p.cmd.Stderr = p.out.writer(&p.stdout), p.out.writer(&p.stderr)
	change(p.cmd)
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
		}
	})
	return p
}

// showLogs prints the logs that the runs of a failed test kept.
func (l *Lab) showLogs() {
	logs, _ := filepath.Glob(l.Path("*", "logs", "*.log"))
	for _, path := range logs {
		if text, err := os.ReadFile(path); err == nil {
			l.t.Logf("--- %s\n%s", path, text)
		}
	}
}
