package cmd

import (
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/spf13/cobra"
)

// logFlags say how much is logged and in what form.
type logFlags struct {
	level string
	json  bool
}

func (l *logFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&l.level, "log-level", "info", "debug, info, warn or error")
	c.Flags().BoolVar(&l.json, "log-json", false, "log JSON lines")
}

// silent is above every level.
const silent = slog.LevelError + 1

// parse returns the level; silent when none is given.
func (l *logFlags) parse() (slog.Level, error) {
	if l.level == "" {
		return silent, nil
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(l.level)); err != nil {
		return 0, &usageError{fmt.Errorf("--log-level %q: debug, info, warn and error are allowed", l.level)}
	}
	return level, nil
}

func (l *logFlags) logger(w io.Writer) (*slog.Logger, error) {
	level, err := l.parse()
	if err != nil {
		return nil, err
	}
	return slog.New(l.handler(w, level)), nil
}

// ofWorkers are the flags for the logs of worker processes: in the same form, and of no less than what is normal.
func (l *logFlags) ofWorkers(level slog.Level) []string {
	flags := []string{"--log-level", strings.ToLower(min(level, slog.LevelInfo).String())}
	if l.json {
		flags = append(flags, "--log-json")
	}
	return flags
}

func (l *logFlags) handler(w io.Writer, level slog.Level) slog.Handler {
	if l.json {
		return slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level})
	}
	return slog.NewTextHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: withoutRun})
}

// withoutRun leaves out of text what says which run and process a line is of.
// People know whose terminal or file they read; a collector of JSON does not.
func withoutRun(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && (a.Key == "run" || a.Key == "run_id" || a.Key == "coordinator") {
		return slog.Attr{}
	}
	return a
}
