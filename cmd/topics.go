package cmd

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/data/augment"
	"github.com/rondo-ml/rondo/nn/task"
)

// newTopics are pages of help on what a run file may say. They are written when they are asked for: a program may have
// registered tasks of its own.
func newTopics() []*cobra.Command {
	return []*cobra.Command{
		topic("tasks", "What task.kind may be: what a network learns", tasksText),
		topic("augment", "What data.augment may say: changes of samples while training", augmentText),
	}
}

// topic is a page of help: a command that does nothing.
func topic(name, short string, text func() string) *cobra.Command {
	c := &cobra.Command{Use: name, Short: short}
	c.SetHelpFunc(func(c *cobra.Command, _ []string) { fmt.Fprint(c.OutOrStdout(), text()) })
	return c
}

func tasksText() string {
	var b strings.Builder
	b.WriteString("The section task of a run file says what the network learns. Without it that is the task of the model's kind.\n\n")
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, name := range task.Names() {
		info, _ := task.Lookup(name)
		fmt.Fprintf(w, "%s\t%s\n", name, info.About)
		config := info.Config()
		for _, f := range info.Fields {
			fmt.Fprintf(w, "  task.%s\t%s\t%s; %s\n", f.Name, f.About, f.Allowed(config), defaultText(f.Text(config)))
		}
	}
	w.Flush()
	return b.String()
}

// defaultText is the default of a field, which may be an empty list.
func defaultText(value string) string {
	if value == "" {
		return "default: empty"
	}
	return "default " + value
}

func augmentText() string {
	var b strings.Builder
	b.WriteString(`data.augment of a run file is a list of operations, in order, each with its parameters:

  augment: random-resized-crop 64 scale=0.2..1, flip, color 0.4 0.4 0.4, mixup 0.2

Parameters are given in order or by name; one with a default may be left out. A range is LOW..HIGH. Held-out samples
go through the same list without chance.
`)
	for _, kind := range []struct {
		kind  augment.Kind
		title string
	}{{augment.Images, "Images"}, {augment.Sounds, "Sounds"}, {augment.Either, "Rows of a lane with one another"}} {
		fmt.Fprintf(&b, "\n%s:\n", kind.title)
		w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
		for _, o := range augment.Ops() {
			if o.Kind != kind.kind {
				continue
			}
			fmt.Fprintf(w, "  %s\t%s\n", o.Name, o.Doc)
			for _, p := range o.Params {
				value := "must be given"
				if p.Default != "" {
					value = "default " + p.Default
				}
				fmt.Fprintf(w, "    %s\t%s; %s\n", p.Name, p.Doc, value)
			}
		}
		w.Flush()
	}
	return b.String()
}
