package integration

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// TestFullDevice prints what every command has to say on a device without room.
func TestFullDevice(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	l.finishedRun()
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	for _, words := range []string{"digest run", "verify run", "verify shards", "sample run --length 10", "eval run --data shards/valid", "version", "help",
		"train --help", "models", "completion bash", "train run.yaml --print-config", "shard text --out other text.txt", "bench --quick --only machine"} {
		r := l.StartWith(func(c *exec.Cmd) { c.Stdout = full }, strings.Fields(words)...).Wait()
		l.WantError(words, r, 1, "standard output: no space left on device")
	}
	if r := l.Run("train", "run.yaml", "--resume", "--status-addr", ""); r.Code != 0 || strings.Contains(r.Stdout+r.Stderr, "status page") {
		t.Errorf("without a status page: exit status %d\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
	if r := l.StartWith(func(c *exec.Cmd) { c.Stdout = full }, trainArgs("run", "--resume")...).Wait(); r.Code != 0 {
		t.Errorf("a run that nobody reads: exit status %d\n%s", r.Code, r.Stderr)
	}
}

// terminal makes a terminal and returns its two ends: what is written on lines can be read from screen.
func (l *Lab) terminal() (screen, lines *os.File) {
	l.t.Helper()
	screen, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() { screen.Close() })
	number, err := unix.IoctlGetInt(int(screen.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(screen.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		err = unix.IoctlSetWinsize(int(screen.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: 100})
	}
	if err == nil {
		lines, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	}
	if err != nil {
		l.t.Fatal(err)
	}
	return screen, lines
}

// onTerminal runs rondo on a terminal and returns what is shown.
func (l *Lab) onTerminal(args ...string) string {
	l.t.Helper()
	screen, lines := l.terminal()
	p := l.StartWith(func(c *exec.Cmd) { c.Stdout, c.Stderr = lines, lines }, args...)
	lines.Close()
	shown, _ := io.ReadAll(screen) // ends with EIO when nobody has the other end any more
	p.Wait()
	return string(shown)
}

// TestControlBytes samples from a model that writes any byte. A terminal is shown escapes, a pipe gets the bytes.
func TestControlBytes(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	l.finishedRun()
	sample := []string{"sample", "run", "--length", "400", "--temperature", "1e30"}
	isControl := func(r rune) bool { return r < ' ' && r != '\n' && r != '\r' && r != '\t' }
	if raw := l.Must(sample...); len(raw) != len("\n")+400+len("\n") || strings.IndexFunc(raw, isControl) < 0 {
		t.Errorf("into a pipe:\n%q", raw)
	}
	shown := l.onTerminal(sample...)
	if strings.IndexFunc(shown, isControl) >= 0 || !strings.Contains(shown, `\x1b`) {
		t.Errorf("on a terminal:\n%q", shown)
	}
	shown = l.onTerminal("digest", "no\x1b[2Jwhere")
	if !strings.Contains(shown, `no\x1b[2Jwhere`) || strings.IndexFunc(shown, isControl) >= 0 {
		t.Errorf("the name of a file on a terminal:\n%q", shown)
	}

	shown = l.onTerminal(trainArgs("new", "--set", "steps=1", "--set", "schedule.warmup=0", "--set", "eval.every=0")...)
	if _, after, ok := strings.Cut(shown, "a sample"); !ok || strings.IndexFunc(after, isControl) >= 0 || !strings.Contains(shown, "█") {
		t.Errorf("a run on a terminal:\n%q", shown)
	}
}

// TestJSONLogs wants every line on standard error and in the logs to be JSON under --log-json, when a run is stopped
// and when it fails.
func TestJSONLogs(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	p := l.Start(append(longRun("stopped"), "--log-json", "--log-level", "debug")...)
	p.WaitStep(1)
	p.Signal(interrupt)
	stopped := p.Wait()
	failed := l.Run(append(longRun("failed"), "--log-json", "--set", "optimizer.lr=3e36", "--set", "optimizer.clip=0", "--set", "schedule.kind=constant", "--set", "schedule.warmup=0")...)
	if stopped.Code != 130 || failed.Code != 1 {
		t.Errorf("exit status %d and %d, want 130 and 1", stopped.Code, failed.Code)
	}
	texts := map[string]string{"the run that is stopped": stopped.Stderr, "the run that fails": failed.Stderr}
	logs, _ := filepath.Glob(l.Path("*", "logs", "*.log"))
	if len(logs) != 6 {
		t.Errorf("logs %v", logs)
	}
	for _, path := range logs {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		texts[path] = strings.Replace(string(text), filepath.Base(strings.TrimSuffix(path, ".log"))+": done\n", "", 1)
	}
	var last struct{ Level, Msg string }
	for name, text := range texts {
		for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
			if err := json.Unmarshal([]byte(line), &last); err != nil || last.Msg == "" {
				t.Errorf("%s has the line %q (%v)", name, line, err)
			}
		}
	}
	if err := json.Unmarshal([]byte(lastLine(failed.Stderr)), &last); err != nil || last.Level != "ERROR" || !strings.Contains(last.Msg, "worker-") {
		t.Errorf("the last line is %q", lastLine(failed.Stderr))
	}
}
