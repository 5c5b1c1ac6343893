package cmd

import (
	"cmp"
	"fmt"
	"strings"
	"unicode/utf8"

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
	json, review  bool
}

func (o *cellFlags) add(c *cobra.Command, what string) {
	f := c.Flags()
	f.StringVar(&o.state, "state", "", "`NAME` of the state that cells are of; empty: the memory (c) of the last layer, or h where it has none")
	f.IntVar(&o.top, "top", 10, what+" to name")
	addReview(f, &o.review)
	f.BoolVar(&o.json, "json", false, "print JSON")
	f.IntVar(&o.threads, "threads", machine.Threads(), "goroutines that compute")
}

func newLookCells() *cobra.Command {
	o := cellFlags{}
	c := &cobra.Command{
		Use:   "cells DIR FILE --target TARGET",
		Short: "Find the cells that follow a target through a text, such as being inside quotes",
		Long: `A network that goes on with texts reads FILE (- is the standard input) from a state of zeros, as it is;
with --review as one review, as the command probe reads texts.
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
			var target look.Target
			return o.read(c, a, func(text []byte) (err error) {
				if target, err = look.NewTarget(text, o.target); err != nil {
					return fmt.Errorf("--target: %w", err)
				}
				return nil
			}, func(r *look.Reading, cells *look.Cells) error {
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
		Long: `A network that goes on with texts reads FILE (- is the standard input) from a state of zeros, as it is;
with --review as one review, as the command probe reads texts.
Printed are the characters at which what the cell holds changes most, with what stands around
them; the character itself is between > and <.`,
		Example: `  rondo look moves runs/reviews-1024 review.txt --review --cell 388`,
		Args:    args(2, 2, "a directory of checkpoints and a file of text"),
		RunE: func(c *cobra.Command, a []string) error {
			if o.cell < 0 {
				return &usageError{fmt.Errorf("--cell %d: cells count from 0", o.cell)}
			}
			return o.read(c, a, nil, func(r *look.Reading, cells *look.Cells) error {
				list, err := cells.Moves(o.cell, o.top)
				if err != nil {
					return err
				}
				if o.json {
					return printJSON(c.OutOrStdout(), list)
				}
				fmt.Fprintf(c.OutOrStdout(), "%s, cell %d:\n", cells.Name, o.cell)
				for _, m := range list {
					fmt.Fprintf(c.OutOrStdout(), "  %6d  %7.3f to %7.3f  %q\n", m.At, m.From, m.To, movedText(r.Text, m.At))
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

// movedText is what stands around a byte, with the character that it is of between > and <.
func movedText(text []byte, at int) string {
	from, to := at, at+1
	for back := range min(utf8.UTFMax, at+1) {
		if size := runeAt(at-back, len(text), func(k int) byte { return text[k] }); size > max(1, back) {
			from, to = at-back, at-back+size
			break
		}
	}
	around := string(text[max(0, from-40):from]) + ">" + string(text[from:to]) + "<" + string(text[to:min(len(text), to+20)])
	return strings.ToValidUTF8(around, "\ufffd")
}

// read has the model of a checkpoint read a text, and hands over what its cells hold. check, if it is not nil, is what has to be
// right about the text before that.
func (o *cellFlags) read(c *cobra.Command, a []string, check func([]byte) error, use func(*look.Reading, *look.Cells) error) error {
	switch {
	case o.top < 1:
		return &usageError{fmt.Errorf("--top %d: at least 1", o.top)}
	case o.threads < 1 || o.threads > worker.MaxThreads:
		return &usageError{fmt.Errorf("--threads %d: from 1 to %d", o.threads, worker.MaxThreads)}
	}
	if err := cmp.Or(wantPlace("the directory", a[0]), wantPath("the text", a[1])); err != nil {
		return err
	}
	t := textSource{a[1], o.review, o.threads}
	return t.readBy(c, a[0], func(text []byte, r *look.Reading) error {
		if check != nil {
			if err := check(text); err != nil {
				return err
			}
		}
		return cellFits(r, o.state, o.cell)
	}, func(_ *zoo.Network, _ *tensor.Pool, r *look.Reading) error {
		cells, err := r.State(o.state)
		if err != nil {
			return err
		}
		return use(r, cells)
	})
}
