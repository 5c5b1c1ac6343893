package worker

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
)

func TestStreak(t *testing.T) {
	var out strings.Builder
	log := slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
	s := &streak{what: "a file could not be written", level: slog.LevelError}
	full := errors.New("no space")
	for step := range 3000 {
		var err error
		if step >= 10 && step < 2000 || step == 2500 {
			err = full
		}
		s.note(log, err, "step", step)
	}
	want := `level=ERROR msg="a file could not be written" step=10 error="no space"
level=INFO msg="no longer: a file could not be written" failures=1990
level=ERROR msg="a file could not be written" step=2500 error="no space"
level=INFO msg="no longer: a file could not be written" failures=1
`
	if out.String() != want {
		t.Errorf("logged\n%swant\n%s", out.String(), want)
	}
}
