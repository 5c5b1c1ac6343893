package integration

import (
	"fmt"
	"strings"
)

// What is asked of runs whose lanes need each other in the midst of a step.

// way is how a run is trained.
type way struct{ env, args []string }

// wantOneDigest trains a run of nine steps in each way, and once stops after four of them with so many workers and goes on with others:
// workers, threads and instruction sets do not show.
func (l *Lab) wantOneDigest(file string, ways []way, stopped, goneOn string) {
	l.t.Helper()
	train := func(env []string, dir string, more ...string) Result {
		args := append([]string{"train", file, "--status-addr", "127.0.0.1:0", "--set", "checkpoint.dir=" + dir}, more...)
		return l.StartEnv(env, args...).Wait()
	}
	want := ""
	for i, w := range ways {
		dir := fmt.Sprintf("run-%d", i)
		if r := train(w.env, dir, w.args...); r.Code != 0 {
			l.t.Fatalf("%v: exit status %d\n%s%s", w.args, r.Code, r.Stdout, r.Stderr)
		}
		got := l.Digest(dir)
		if want == "" {
			want = got
		}
		if got != want {
			l.t.Errorf("%v %v: digest %s, one worker has %s", w.env, w.args, got, want)
		}
	}
	if r := train(nil, "part", "--workers", stopped, "--set", "steps=4"); r.Code != 0 {
		l.t.Fatalf("exit status %d\n%s", r.Code, r.Stderr)
	}
	if r := train(nil, "part", "--workers", goneOn, "--resume", "--set", "steps=9"); r.Code != 0 || l.Digest("part") != want {
		l.t.Errorf("gone on: exit status %d, digest %s, want %s\n%s", r.Code, l.Digest("part"), want, r.Stderr)
	}
}

// wantRefused has flags of rondo train refused before anything is trained, each with a text, and --check say another.
func (l *Lab) wantRefused(file string, mistakes map[string]string, checked string) {
	l.t.Helper()
	for args, want := range mistakes {
		r := l.Run(append([]string{"train", file}, strings.Fields(args)...)...)
		if r.Code == 0 || !strings.Contains(r.Stderr, want) || strings.Count(r.Stderr, "\n") > 3 {
			l.t.Errorf("%s: exit status %d\n%s; want %q", args, r.Code, r.Stderr, want)
		}
	}
	r := l.Run("train", file, "--check")
	if r.Code != 0 || !strings.Contains(r.Stdout, checked) {
		l.t.Errorf("--check: exit status %d\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
}
