package integration

import (
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
	if !strings.HasPrefix(text, "rondo: ") || strings.Contains(text, "\n") {
		l.t.Errorf("%s: want one line that begins with \"rondo: \", got\n%s", what, r.Stderr)
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
