package worker

import (
	"context"
	"log/slog"
)

// streak logs something that may fail with every step: the first of failures in a row, and at their end how many there
// were.
type streak struct {
	what     string
	level    slog.Level
	failures int // in a row
}

// note logs an outcome, if there is something new to say.
func (s *streak) note(log *slog.Logger, err error, attributes ...any) {
	if err == nil {
		if s.failures > 0 {
			log.Info("no longer: "+s.what, "failures", s.failures)
		}
		s.failures = 0
		return
	}
	if s.failures == 0 {
		log.Log(context.Background(), s.level, s.what, append(attributes, "error", err)...)
	}
	s.failures++
}
