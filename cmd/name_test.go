package cmd

import (
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/cmd/program"
)

// A binary of another name says its own in every help text and in what it says when a command line is wrong.
func TestOtherName(t *testing.T) {
	program.SetName("/opt/bin/mine")
	defer program.SetName(program.Usual)
	others := regexp.MustCompile(`\brondo\b`)
	asked := 0
	var ask func(c *cobra.Command)
	ask = func(c *cobra.Command) {
		words := strings.Fields(c.CommandPath())[1:]
		var out strings.Builder
		if code := Execute(t.Context(), append(words, "--help"), &out, &out); code != 0 {
			t.Errorf("%v --help: exit status %d", words, code)
		}
		named := c.IsAdditionalHelpTopicCommand() || strings.Contains(out.String(), "mine "+strings.Join(words, " "))
		if !named || others.MatchString(out.String()) {
			t.Errorf("the help of %v:\n%s", words, out.String())
		}
		asked++
		for _, sub := range c.Commands() {
			ask(sub)
		}
	}
	ask(newRoot())
	if asked < 15 {
		t.Errorf("only %d commands", asked)
	}
	for _, words := range [][]string{{"trian"}, {"train"}, {"eval", "x"}, {"train", "none.yaml"}} {
		var out strings.Builder
		Execute(t.Context(), words, &out, &out)
		if !strings.HasPrefix(out.String(), "mine: ") || others.MatchString(out.String()) {
			t.Errorf("mine %v says\n%s", words, out.String())
		}
	}
}

// A name that ends in the usual one is put in once.
func TestNameThatEndsSo(t *testing.T) {
	program.SetName("mine.rondo")
	defer program.SetName(program.Usual)
	var look func(c *cobra.Command)
	look = func(c *cobra.Command) {
		if text := c.Long + c.UsageString(); strings.Contains(text, "mine.mine") || strings.Contains(text, " rondo train ") {
			t.Errorf("the help of %s:\n%s", c.CommandPath(), text)
		}
		for _, sub := range c.Commands() {
			look(sub)
		}
	}
	look(newRoot())
}
