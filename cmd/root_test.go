package cmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/worker"
)

func ExampleExecute() {
	status := Execute(context.Background(), []string{"trian", "run.yaml"}, os.Stdout, os.Stdout)
	fmt.Println("exit status", status)
	// Output:
	// rondo: unknown command "trian" for "rondo"; did you mean train?
	// exit status 2
}

func TestExitCode(t *testing.T) {
	_, wrong := runfile.Parse("x.yaml", []byte("stepps: 3"), nil)
	for _, c := range []struct {
		err  error
		want int
	}{
		{errors.New("anything"), exitFailed},
		{&usageError{errors.New("a flag")}, exitUsage},
		{wrong, exitUsage},
		{fmt.Errorf("wrapped: %w", wrong), exitUsage},
		{&exitError{exitStopped, errors.New("stopped")}, exitStopped},
		{&worker.EndError{Reason: "stopped", Code: exitStopped}, exitStopped},
		{fmt.Errorf("wrapped: %w", &worker.EndError{Reason: "failed", Code: 1}), exitFailed},
	} {
		if got := exitCode(c.err); got != c.want {
			t.Errorf("%v: exit status %d, want %d", c.err, got, c.want)
		}
	}
}

// TestUsage gives every command a flag that none has.
func TestUsage(t *testing.T) {
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		words := append(strings.Fields(c.CommandPath())[1:], "--no-such-flag")
		var out strings.Builder
		if got := Execute(t.Context(), words, &out, &out); got != exitUsage {
			t.Errorf("rondo %s: exit status %d, want %d", strings.Join(words, " "), got, exitUsage)
		}
		if text := out.String(); !strings.HasPrefix(text, "rondo: ") || strings.Count(text, "\n") != 1 || !strings.Contains(text, "--help`") {
			t.Errorf("rondo %s says\n%s", strings.Join(words, " "), text)
		}
		if c.Short == "" {
			t.Errorf("%s has no short help", c.CommandPath())
		}
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(newRoot())
}

// What is wrong with a number on the command line is said in words, not by the parser of the library.
func TestUsageNumbers(t *testing.T) {
	for want, words := range map[string]string{
		`--plan 8,foo: "foo" is not a whole number; see`:                        "bench run.yaml --plan 8,foo",
		`--plan 8,: "" is not a whole number; see`:                              "bench run.yaml --plan 8,",
		`--plan 99999999999999999999: "99999999999999999999" is out of range`:   "bench run.yaml --plan 99999999999999999999",
		`--plan -99999999999999999999: "-99999999999999999999" is out of range`: "bench run.yaml --plan -99999999999999999999",
		`--rows a: "a" is not a whole number; see`:                              "probe run --data a.csv --rows a",
		`--shares 0.1,b: "b" is not a number; see`:                              "compare run.yaml --out out --shares 0.1,b",
		`--seed -1: "-1" is not a whole number from 0 on; see`:                  "sample run --seed -1",
		`--unique maybe: "maybe" is not true or false; see`:                     "shard reviews --out out --unique=maybe a.txt",
	} {
		var out strings.Builder
		if got := Execute(t.Context(), strings.Fields(words), &out, &out); got != exitUsage || !strings.HasPrefix(out.String(), "rondo: "+want) {
			t.Errorf("%s: status %d, %s", words, got, out.String())
		}
	}
}

// A word that is no command is what is said to be wrong, and not the flags behind it, which are those of one.
func TestUnknownCommands(t *testing.T) {
	for words, want := range map[string]string{
		"trian run.yaml --workers 2":    `unknown command "trian" for "rondo"; did you mean train?`,
		"shard image --out x photos":    `unknown command "image" for "rondo shard"; did you mean images?`,
		"weights nonsense --average x":  "unknown command \"nonsense\" for \"rondo weights\"; see `rondo weights --help`",
		"shard --out x":                 "unknown flag: --out; see `rondo shard --help`",
		"models lenet5 --no-such-flag":  "unknown flag: --no-such-flag; see `rondo models --help`",
		"look maps runs/a --no-such-it": "unknown flag: --no-such-it; see `rondo look maps --help`",
	} {
		var out strings.Builder
		if got := Execute(t.Context(), strings.Fields(words), &out, &out); got != exitUsage || strings.TrimSpace(out.String()) != "rondo: "+want {
			t.Errorf("rondo %s: exit status %d\n%swant %s", words, got, out.String(), want)
		}
	}
}

// TestHelp wants help from every command on standard output, and no error.
func TestHelp(t *testing.T) {
	for _, words := range [][]string{{}, {"--help"}, {"shard"}, {"train", "--help"}, {"help", "train"}} {
		var out, errs strings.Builder
		if got := Execute(t.Context(), words, &out, &errs); got != 0 || errs.Len() > 0 || !strings.Contains(out.String(), "Usage:") {
			t.Errorf("%q: exit status %d\n%s%s", words, got, out.String(), errs.String())
		}
	}
}

func TestLimitAdvice(t *testing.T) {
	err := fmt.Errorf("the record: %w", &os.PathError{Op: "open", Path: "record.json", Err: syscall.EMFILE})
	if got := limitAdvice(err); !strings.Contains(got, "ulimit -n") {
		t.Errorf("too many open files: %q", got)
	}
	if got := limitAdvice(os.ErrNotExist); got != "" {
		t.Errorf("another error: %q", got)
	}
}
