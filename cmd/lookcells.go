package cmd

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/nn/look"
	"github.com/rondo-ml/rondo/nn/zoo"
	"github.com/rondo-ml/rondo/tensor"
	"github.com/rondo-ml/rondo/worker"
	"github.com/rondo-ml/rondo/worker/machine"
)

// cellFlags are the flags of `rondo look cells` and `rondo look moves`.
type cellFlags struct {
	state, target string
	cell          int
	top, threads  int
	json          bool
}

func (o *cellFlags) add(c *cobra.Command, what string) {
	f := c.Flags()
	f.StringVar(&o.state, "state", "", "`NAME` of the state that cells are of; empty: the first memory, as rnn.c_l0")
	f.IntVar(&o.top, "top", 10, what+" to name")
	f.BoolVar(&o.json, "json", false, "print JSON")
	f.IntVar(&o.threads, "threads", machine.Threads(), "goroutines that compute")
}

func newLookCells() *cobra.Command {
	o := cellFlags{}
	c := &cobra.Command{
		Use:   "cells DIR FILE --target TARGET",
		Short: "Find the cells that follow a target through a text, such as being inside quotes",
		Long: `A network that goes on with texts reads FILE (- is the standard input) from a state of zeros.
Its cells are ranked by how what they hold, as tanh, is correlated with the target:

  line      characters since the beginning of the line
  quotes    inside double quotes
  brackets  how many brackets are open
  other     a regular expression: inside what it matches

F1 is that of the best threshold for telling inside from outside by the cell alone. It is the best for
this text: a text of its own tells what it is worth.`,
		Example: `  rondo look cells runs/go-source main.go --target quotes
  rondo look cells runs/go-source main.go --target '//.*'`,
		Args: args(2, 2, "a directory of checkpoints and a file of text"),
		RunE: func(c *cobra.Command, a []string) error {
			return o.read(c, a, func(r *look.Reading, cells *look.Cells) error {
				target, err := look.NewTarget(r.Text, o.target)
				if err != nil {
					return &usageError{fmt.Errorf("--target: %w", err)}
				}
				list, err := cells.Follow(target, o.top)
				if err != nil {
					return err
				}
				if o.json {
					return printJSON(c.OutOrStdout(), list)
				}
				fmt.Fprintf(c.OutOrStdout(), "%s and %q:\n", cells.Name, target.Name)
				for _, f := range list {
					rule := ""
					if !target.Counts {
						rule = fmt.Sprintf(", F1 %.3f where it is %s %.3f", f.F1, map[bool]string{true: "at most", false: "at least"}[f.Correlation < 0], f.Threshold)
					}
					fmt.Fprintf(c.OutOrStdout(), "  cell %-5d correlation %6.3f%s\n", f.Cell, f.Correlation, rule)
				}
				return nil
			})
		},
	}
	o.add(c, "cells")
	c.Flags().StringVar(&o.target, "target", "", "`TARGET`: line, quotes, brackets or a regular expression (required)")
	_ = c.MarkFlagRequired("target")
	return c
}

func newLookMoves() *cobra.Command {
	o := cellFlags{}
	c := &cobra.Command{
		Use:   "moves DIR FILE --cell N",
		Short: "Find where in a text a cell moves most",
		Long: `A network that goes on with texts reads FILE (- is the standard input) from a state of zeros.
Printed are the characters at which what the cell holds changes most, with what stands around
them; the character itself is between > and <.`,
		Example: `  rondo look moves runs/reviews-1024 review.txt --cell 388`,
		Args:    args(2, 2, "a directory of checkpoints and a file of text"),
		RunE: func(c *cobra.Command, a []string) error {
			return o.read(c, a, func(r *look.Reading, cells *look.Cells) error {
				list, err := cells.Moves(o.cell, o.top)
				if err != nil {
					return &usageError{fmt.Errorf("--cell: %w", err)}
				}
				if o.json {
					return printJSON(c.OutOrStdout(), list)
				}
				fmt.Fprintf(c.OutOrStdout(), "%s, cell %d:\n", cells.Name, o.cell)
				for _, m := range list {
					before, behind := r.Text[max(0, m.At-40):m.At], r.Text[m.At+1:min(len(r.Text), m.At+21)]
					around := string(before) + ">" + string(r.Text[m.At:m.At+1]) + "<" + string(behind)
					fmt.Fprintf(c.OutOrStdout(), "  %6d  %7.3f to %7.3f  %q\n", m.At, m.From, m.To, strings.ToValidUTF8(around, "�"))
				}
				return nil
			})
		},
	}
	o.add(c, "changes")
	c.Flags().IntVar(&o.cell, "cell", 0, "cell (required)")
	_ = c.MarkFlagRequired("cell")
	return c
}

// read has the model of a checkpoint read a text, and hands over what its cells hold.
func (o *cellFlags) read(c *cobra.Command, a []string, use func(*look.Reading, *look.Cells) error) error {
	switch {
	case o.top < 1:
		return &usageError{fmt.Errorf("--top %d: at least 1", o.top)}
	case o.threads < 1 || o.threads > worker.MaxThreads:
		return &usageError{fmt.Errorf("--threads %d: from 1 to %d", o.threads, worker.MaxThreads)}
	}
	if err := cmp.Or(wantPlace("the directory", a[0]), wantPath("the text", a[1])); err != nil {
		return err
	}
	return readBy(c, a[0], a[1], o.threads, func(_ *zoo.Network, _ *tensor.Pool, r *look.Reading) error {
		cells, err := r.State(o.state)
		if err != nil {
			return &usageError{fmt.Errorf("--state: %w", err)}
		}
		return use(r, cells)
	})
}
