package cmd

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/cmd/program"
)

// voice says on standard error what is not part of the log: a line for people, or JSON under --log-json, so that a
// program that reads the log finds no other lines.
type voice struct {
	w    io.Writer
	json bool
}

// say writes one message, with attributes as slog takes them, which a line for people leaves out. Names from
// files that others made may be in it: a terminal is not sent their control characters.
func (v voice) say(level slog.Level, text string, attributes ...any) {
	if v.json {
		slog.New(slog.NewJSONHandler(v.w, &slog.HandlerOptions{Level: level})).Log(context.Background(), level, text, attributes...)
		return
	}
	fmt.Fprintln(v.w, program.Name()+":", string(visible([]byte(text))))
}

// tail shows the end of a log.
func (v voice) tail(title, words string) {
	if v.json {
		v.say(slog.LevelError, title, "lines", strings.Split(words, "\n"))
		return
	}
	fmt.Fprintf(v.w, "%s:\n%s\n", title, indent(words))
}

// jsonAsked tells whether a command line asks for JSON. One that could not be understood may not have come to the flag.
func jsonAsked(c *cobra.Command, args []string) bool {
	f := c.Flags().Lookup("log-json")
	return f != nil && (f.Value.String() == "true" || slices.Contains(args, "--log-json"))
}
