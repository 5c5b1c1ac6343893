package integration

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// WantError checks that a command failed with the exit status and said why
// once: one line on standard error that holds every one of wants, without a
// usage text or a stack trace.
func (l *Lab) WantError(what string, r Result, code int, wants ...string) {
	l.t.Helper()
	if r.Code != code {
		l.t.Errorf("%s: exit status %d, want %d", what, r.Code, code)
	}
	text := strings.TrimSpace(r.Stderr)
	name := filepath.Base(l.bin) + ": "
	if !strings.HasPrefix(text, name) || strings.Contains(text, "\n") {
		l.t.Errorf("%s: want one line that begins with %q, got\n%s", what, name, r.Stderr)
	}
	for _, bad := range []string{"Usage:", "panic", "goroutine "} {
		if strings.Contains(r.Stderr+r.Stdout, bad) {
			l.t.Errorf("%s: %q in what is printed:\n%s%s", what, bad, r.Stdout, r.Stderr)
		}
	}
	for _, want := range wants {
		if !strings.Contains(r.Stderr, want) {
			l.t.Errorf("%s: the error does not say %q:\n%s", what, want, r.Stderr)
		}
	}
}

// wantCommitted checks that every checkpoint that the log of a run calls
// committed is still there, whole and with the digest it had then. There must
// be one.
func (l *Lab) wantCommitted(dir string) {
	l.t.Helper()
	l.Must("verify", dir)
	log, err := os.ReadFile(l.Path(dir, "logs", "coordinator.log"))
	if err != nil {
		l.t.Fatal(err)
	}
	all := regexp.MustCompile(`the checkpoint of step (\d+) is committed \(digest ([0-9a-f]+)\)`).FindAllStringSubmatch(string(log), -1)
	if len(all) == 0 {
		l.t.Errorf("%s: no checkpoint was committed:\n%s", dir, log)
	}
	for _, m := range all {
		if got := l.Digest(fmt.Sprintf("%s/step-%09s", dir, m[1])); !strings.HasPrefix(got, m[2]) {
			l.t.Errorf("%s: the checkpoint of step %s has digest %s, had %s…", dir, m[1], got, m[2])
		}
	}
}
