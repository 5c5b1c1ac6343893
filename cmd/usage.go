package cmd

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// usageError is a mistake in the command line or in a file it names.
type usageError struct{ error }

func (e *usageError) Unwrap() error { return e.error }

// tellWhenReached sets reached when the work of any command begins. Errors
// from before are the library's own findings: mistakes on the command line.
func tellWhenReached(c *cobra.Command, reached *bool) {
	if run := c.RunE; run != nil {
		c.RunE = func(c *cobra.Command, args []string) error {
			*reached = true
			return run(c, args)
		}
	}
	for _, sub := range c.Commands() {
		tellWhenReached(sub, reached)
	}
}

// wrongUsage makes the library's error one sentence that says where help is.
func wrongUsage(c *cobra.Command, err error) error {
	if _, ok := errors.AsType[*usageError](err); ok {
		return err
	}
	if text := wrongNumber(err); text != "" {
		err = errors.New(text)
	}
	return &usageError{fmt.Errorf("%w; see `%s --help`", err, c.CommandPath())}
}

// wrongNumber says of a flag's value which part of it is not what the flag takes, in place of what the library's parser says; empty:
// another error.
func wrongNumber(err error) string {
	flag, isFlag := errors.AsType[*pflag.InvalidValueError](err)
	number, isNumber := errors.AsType[*strconv.NumError](err)
	if !isFlag || !isNumber {
		return ""
	}
	what := "a whole number"
	switch number.Func {
	case "ParseUint":
		what = "a whole number from 0 on"
	case "ParseFloat":
		what = "a number"
	case "ParseBool":
		what = "true or false"
	}
	given := fmt.Sprintf("--%s %s", flag.GetFlag().Name, visibleText(flag.GetValue()))
	if number.Err == strconv.ErrRange {
		return fmt.Sprintf("%s: %q is out of range", given, number.Num)
	}
	return fmt.Sprintf("%s: %q is not %s", given, number.Num, what)
}

// group makes a command of which only the commands below do something: alone it
// prints its help, and a word that is no command is a mistake, rather than the flags behind it that are those of one.
func group(c *cobra.Command) *cobra.Command {
	c.DisableFlagsInUseLine = true
	c.Args = func(c *cobra.Command, given []string) error {
		if len(given) == 0 {
			return nil
		}
		text := fmt.Sprintf("unknown command %q for %q", given[0], c.CommandPath())
		c.SuggestionsMinimumDistance = 2
		if near := c.SuggestionsFor(given[0]); len(near) > 0 {
			text += fmt.Sprintf("; did you mean %s?", strings.Join(near, " or "))
			return &usageError{errors.New(text)}
		}
		return wrongUsage(c, errors.New(text))
	}
	c.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
	c.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		if given := c.Flags().Args(); c.HasSubCommands() && len(given) > 0 { // words before the flag
			return cmp.Or(c.ValidateArgs(given), err)
		}
		return err
	})
	return c
}

// args checks the number of arguments and says what they are.
func args(low, high int, what string) cobra.PositionalArgs {
	return func(c *cobra.Command, given []string) error {
		if len(given) < low || (high >= 0 && len(given) > high) {
			return wrongUsage(c, fmt.Errorf("%s takes %s, not %s", c.CommandPath(), what, countText(len(given), "argument")))
		}
		return nil
	}
}
