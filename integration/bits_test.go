package integration

import (
	"fmt"
	"strings"
	"testing"
)

// TestSameDigest is the promise, on whole processes: neither workers, threads,
// passes, kind of link nor instruction set show in the digest.
func TestSameDigest(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	cases := []struct {
		name string
		env  []string
		args []string
	}{
		{"one worker", nil, []string{"--workers", "1", "--threads", "1"}},
		{"two workers", nil, []string{"--workers", "2"}},
		{"three workers, two threads each", nil, []string{"--workers", "3", "--threads", "2"}},
		{"five workers over TLS", nil, []string{"--workers", "5", "--ring", "tcp"}},
		{"eight workers", nil, []string{"--workers", "8"}},
		{"one processor", []string{"GOMAXPROCS=1"}, []string{"--workers", "2"}},
		{"three passes", nil, []string{"--workers", "1", "--passes", "3"}},
	}
	if *full {
		cases = append(cases, []struct {
			name string
			env  []string
			args []string
		}{
			{"four workers, two passes", nil, []string{"--workers", "4", "--passes", "2"}},
			{"AVX2", []string{"RONDO_TIER=avx2"}, []string{"--workers", "2"}},
			{"plain Go", []string{"RONDO_TIER=go"}, []string{"--workers", "2"}},
			{"two over TLS", nil, []string{"--workers", "2", "--ring", "tcp"}},
		}...)
	}
	want := ""
	for i, c := range cases {
		dir := fmt.Sprintf("run-%d", i)
		r := l.StartEnv(c.env, trainArgs(dir, c.args...)...).Wait()
		if r.Code != 0 {
			t.Fatalf("%s: exit status %d\n%s%s", c.name, r.Code, r.Stdout, r.Stderr)
		}
		got := l.Digest(dir)
		if want == "" {
			want = got
		}
		if got != want {
			t.Errorf("%s: digest %s; one worker has %s", c.name, got, want)
		}
		if !strings.Contains(r.Stdout, got) {
			t.Errorf("%s: the digest %s is not in the summary:\n%s", c.name, got, r.Stdout)
		}
	}
	other := l.train("run-other", "--set", "seed=8")
	if other.Code != 0 || l.Digest("run-other") == want {
		t.Errorf("another seed gives the same digest (exit status %d)", other.Code)
	}
}

// TestResume goes on from a checkpoint with other numbers of workers.
func TestResume(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	on := []string{"--set", endless}
	l.interrupted("run.yaml", "stopped", append(on, "--workers", "3"), 5)
	if r := l.train("stopped", append(on, "--workers", "3")...); r.Code != 1 || !strings.Contains(r.Stderr, "--resume") {
		t.Errorf("without --resume: exit status %d\n%s; want 1 and a hint", r.Code, r.Stderr)
	}
	l.interrupted("run.yaml", "stopped", append(on, "--workers", "5", "--resume"), 20)
	l.wantReplayed("run.yaml", "stopped", on...)
	r := l.train("stopped", append(on, "--resume", "--set", "model.hidden=33")...)
	if r.Code == 0 || !strings.Contains(r.Stderr, "model.hidden") {
		t.Errorf("a checkpoint of another model: exit status %d\n%s; want the field's name", r.Code, r.Stderr)
	}
	l.finishedRun()
	if r := l.train("run", "--workers", "1", "--resume"); r.Code != 0 || !strings.Contains(r.Stdout, "all 40 steps were done before") {
		t.Errorf("resuming a finished run: exit status %d\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
}
