package cmd

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/rondo-ml/rondo/data/objects"
	"github.com/rondo-ml/rondo/nn/look"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/nn/zoo"
	"github.com/rondo-ml/rondo/tensor"
	"github.com/rondo-ml/rondo/worker"
	"github.com/rondo-ml/rondo/worker/machine"
)

// textFlags are the flags of `rondo look text`.
type textFlags struct {
	state, within, out string
	colors             string
	likeFlag
	cell, at, top  int
	sample, answer int
	threads        int
	ansi, review   bool
	flip           bool
}

func newLookText() *cobra.Command {
	o := textFlags{cell: -1, at: -1}
	c := &cobra.Command{
		Use:   "text DIR FILE|TEXT|SET",
		Short: "Color a text by what a cell holds, and see what matters for the next character or for a class",
		Long: `A network that goes on with texts reads FILE (- is the standard input) from a state of zeros, as it is;
with --review as one review, as the command probe reads texts.

  --cell N     the text, each character colored by what the cell holds behind it, as
               tanh: red from -1, white 0, blue to 1
               (--colors tanh). --colors nv: red from -1, yellow 0, green to 1, of what it
               holds; --colors gp: orange low, green 0, blue high, by tanh of three times that.
               --flip turns the colors round, as for a unit whose weight is below zero
  --range A:B  the cells that stand out in characters A to B-1, and where else the first
               of them is as it is there; colored by that cell, unless --cell names one
  --at I       the five likeliest characters behind character I, and the text up to
               there colored by how much each character matters for the likeliest: the
               length of the gradient of its logarithm back to the character

Characters count from 0 and are bytes, of the text as it is read. With --out FILE.html it is a page that opens from disk,
where each character tells what comes next: give --at apart from --cell and --range then.

A network that tells classes of texts apart reads a line of FILE, the text itself, or a sample of
a set. Printed are what it takes the text for, and the words that do most to the likeliest class or
to --answer: the gradient of its logarithm by what the first layer makes of each symbol, times that.
The text is colored by that, blue to the class and red away from it; with --cell N by channel N of a
layer that has a time step for each symbol, --state LAYER (look layers lists them). --range A:B ranks
its channels by how they stand out in symbols A to B-1, words where the network reads these.`,
		Example: `  rondo look text runs/go-source main.go --cell 17
  rondo look text runs/go-source main.go --range 120:135 --out quotes.html
  rondo look text runs/go-source main.go --at 200
  rondo look text runs/reviews-1024 review.txt --review --cell 388
  rondo look text runs/sentiment 'Crust is not good.'
  rondo look text runs/sentiment 'Crust is not good.' --range 2:4`,
		Args: args(2, 2, "a directory of checkpoints and a text, a file of text or a set"),
		RunE: func(c *cobra.Command, a []string) error { return o.run(c, a[0], a[1]) },
	}
	f := c.Flags()
	f.IntVar(&o.cell, "cell", -1, "cell to color by")
	f.StringVar(&o.state, "state", "", "`NAME` of the state, or layer, that the cell is of; empty: the memory (c) of the last layer, or h where it has none; of classes, the first recurrent layer")
	f.StringVar(&o.within, "range", "", "`A:B`: rank cells by how they stand out there")
	f.IntVar(&o.at, "at", -1, "character behind which to look at what comes next")
	f.IntVar(&o.top, "top", 10, "cells, other places, and words to name")
	f.IntVar(&o.sample, "sample", 0, "line of FILE, or sample of SET, from 0 on, where the network tells something of texts")
	f.IntVar(&o.answer, "answer", -1, "`NUMBER` of the class, from 0 on, to which words are to push; -1: the likeliest")
	f.StringVar(&o.colors, "colors", "tanh", "of --cell and --range: "+strings.Join(colorNames, ", "))
	f.BoolVar(&o.flip, "flip", false, "colors of --cell and --range the other way round")
	o.addLike(c)
	addReview(f, &o.review)
	f.BoolVar(&o.ansi, "ansi", false, "print colors where the output is no terminal, too")
	f.StringVarP(&o.out, "out", "o", "", "`FILE.html` for a page")
	f.IntVar(&o.threads, "threads", machine.Threads(), "goroutines that compute")
	return c
}

// addReview adds the flag of texts that are read as a probe reads them.
func addReview(f *pflag.FlagSet, review *bool) {
	f.BoolVar(review, "review", false, `read the text as one review, as probe does: cleaned as those that the network has learnt were, "\n " before and " " behind`)
}

// mostRead is how much of a text is read.
const mostRead = 1 << 20

func (o *textFlags) run(c *cobra.Command, dir, file string) error {
	switch {
	case o.top < 1:
		return &usageError{fmt.Errorf("--top %d: at least 1", o.top)}
	case o.cell < 0 && c.Flags().Changed("cell"):
		return &usageError{fmt.Errorf("--cell %d: cells count from 0", o.cell)}
	case o.at < 0 && c.Flags().Changed("at"):
		return &usageError{fmt.Errorf("--at %d: characters count from 0", o.at)}
	case o.threads < 1 || o.threads > worker.MaxThreads:
		return &usageError{fmt.Errorf("--threads %d: from 1 to %d", o.threads, worker.MaxThreads)}
	case !slices.Contains(colorNames, o.colors):
		return &usageError{fmt.Errorf("--colors %s: %s", o.colors, strings.Join(colorNames, ", "))}
	case o.out != "" && !strings.HasSuffix(o.out, ".html"):
		return &usageError{fmt.Errorf("--out %s: a text is written as .html", o.out)}
	case o.out != "" && o.at >= 0 && (o.cell >= 0 || o.within != ""):
		return &usageError{fmt.Errorf("--out %s: one page has one coloring: that of --at, or that of --cell or --range", o.out)}
	}
	if err := cmp.Or(wantPlace("the directory", dir), wantPath("the text", file), wantPath("--out", o.out), o.checkLike()); err != nil {
		return err
	}
	m, at, err := findWriter(dir)
	if err != nil {
		return err
	}
	f, err := worker.FileOf(m)
	switch {
	case err != nil:
		return err
	case f.Task.Kind != task.Next:
		return o.tells(c, m, at, file)
	case c.Flags().Changed("sample") || c.Flags().Changed("answer") || o.like != "":
		return &usageError{fmt.Errorf("--sample, --answer and --like are for networks that tell something of texts; a %s goes on with them", f.Model.Kind)}
	case o.cell < 0 && o.at < 0 && o.within == "":
		return wrongUsage(c, fmt.Errorf("%s needs --cell N, --range A:B or --at I", c.CommandPath()))
	}
	t := textSource{file, o.review, o.threads}
	return t.readBy(c, dir, o.fits, func(model *zoo.Network, pool *tensor.Pool, r *look.Reading) error {
		if o.at >= 0 {
			if err := o.next(c, model, pool, r); err != nil {
				return err
			}
		}
		if o.cell < 0 && o.within == "" {
			return nil
		}
		return o.cells(c, r)
	})
}

// textSource says which text is read, and how.
type textSource struct {
	file    string
	review  bool
	threads int
}

// readBy has the model of a checkpoint, or a published one, read a text, and hands over what it has read while the pool is there. Reading may take
// minutes: what is asked for is checked before, by the text and a reading of nothing, which has the states alone.
func (t textSource) readBy(c *cobra.Command, dir string, check func([]byte, *look.Reading) error, use func(*zoo.Network, *tensor.Pool, *look.Reading) error) (err error) {
	text, err := t.text(c)
	if err != nil {
		return err
	}
	m, dir, err := findWriter(dir)
	if err != nil {
		return err
	}
	if t.review {
		text = cleanText(learntCleaning(c.ErrOrStderr(), objects.Dir(dir), m, "; were they otherwise, put it back where it was"), string(text))
	}
	model, err := loadWriter(dir, m)
	if err != nil {
		return err
	}
	defer zoo.Recover(model.Kind, &err)
	pool := tensor.NewPool(t.threads)
	defer pool.Close()
	nothing, err := look.Read(model, pool, nil)
	if err != nil {
		return err
	}
	if err := check(text, nothing); err != nil {
		return &usageError{err}
	}
	r, err := look.Read(model, pool, text)
	if err != nil {
		return err
	}
	return use(model, pool, r)
}

// text reads the text, as it is.
func (t textSource) text(c *cobra.Command) ([]byte, error) {
	in, file := c.InOrStdin(), t.file
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, mostRead+1))
	switch {
	case err != nil:
		return nil, err
	case len(text) == 0:
		return nil, fmt.Errorf("%s: no text", file)
	case len(text) > mostRead:
		return nil, fmt.Errorf("%s: more than %d bytes; give a part of it", file, mostRead)
	}
	return text, nil
}

// fits says what of the flags the text or the network does not have.
func (o *textFlags) fits(text []byte, r *look.Reading) error {
	if o.at >= len(text) {
		return fmt.Errorf("--at %d: the text has %d characters, from 0 on", o.at, len(text))
	}
	if o.cell < 0 && o.within == "" {
		return nil
	}
	if o.within != "" {
		from, to, err := parseRange(o.within)
		if err == nil {
			err = look.CheckRange(from, to, len(text))
		}
		if err != nil {
			return fmt.Errorf("--range: %w", err)
		}
	}
	return cellFits(r, o.state, max(0, o.cell))
}

// cellFits says that there is no such state, or that it has no such cell.
func cellFits(r *look.Reading, name string, cell int) error {
	state, err := r.State(name)
	if err != nil {
		return fmt.Errorf("--state: %w", err)
	}
	if _, err := state.Held(cell); err != nil {
		return fmt.Errorf("--%w", err)
	}
	return nil
}

// cells colors the text by a cell, which may be the one that stands out in a range.
func (o *textFlags) cells(c *cobra.Command, r *look.Reading) error {
	state, err := r.State(o.state)
	if err != nil {
		return err
	}
	cell, track, err := o.track(c, state, "cell", func(from, to int) string { return string(r.Text[from:to]) })
	if err != nil {
		return err
	}
	return o.paint(c, readColored(fmt.Sprintf("%s, cell %d", state.Name, cell), r, track), o.color())
}

// track is the cell that is asked for, or else that which stands out most in a range, and what it is at each symbol. said is a
// part of the text.
func (o *textFlags) track(c *cobra.Command, state *look.Cells, word string, said func(from, to int) string) (cell int, track []float32, err error) {
	cell = o.cell
	if o.within != "" {
		from, to, err := parseRange(o.within)
		if err != nil {
			return 0, nil, &usageError{fmt.Errorf("--range: %w", err)}
		}
		best, err := o.rank(c, state, word, said, from, to)
		if err != nil {
			return 0, nil, &usageError{fmt.Errorf("--range: %w", err)}
		}
		if cell < 0 {
			cell = best
		}
	}
	read := state.Cell
	if o.colors != "tanh" {
		read = state.Held
	}
	if track, err = read(cell); err != nil {
		return 0, nil, &usageError{fmt.Errorf("--%w", err)}
	}
	return cell, track, nil
}

// rank prints which cells, or channels, stand out in a range, and where else the first is on.
func (o *textFlags) rank(c *cobra.Command, state *look.Cells, word string, said func(from, to int) string, from, to int) (best int, err error) {
	ranked, err := state.Rank(from, to)
	if err != nil {
		return 0, err
	}
	w := c.OutOrStdout()
	fmt.Fprintf(w, "%s in %q:\n", state.Name, said(from, to))
	for _, cell := range ranked[:min(o.top, len(ranked))] {
		fmt.Fprintf(w, "  %s %-5d there %6.3f, elsewhere %6.3f: %.2f deviations apart\n", word, cell.Cell, cell.Inside, cell.Outside, cell.Score)
	}
	runs, err := state.Runs(ranked[0], from, to)
	if err != nil {
		return 0, err
	}
	fmt.Fprintf(w, "%s %d is so in %s more:\n", word, ranked[0].Cell, countText(len(runs), "place"))
	for _, run := range runs[:min(o.top, len(runs))] {
		fmt.Fprintf(w, "  %6d:%-6d %6.3f  %q\n", run.From, run.To, run.Mean, cutText(said(run.From, run.To), 60))
	}
	return ranked[0].Cell, nil
}

// influenceSteps is how many characters it is looked back at most.
const influenceSteps = 400

// next prints what comes behind a character, and what of the text matters for it.
func (o *textFlags) next(c *cobra.Command, model look.Network, pool *tensor.Pool, r *look.Reading) error {
	guesses := r.Next(o.at, 5)
	fmt.Fprintf(c.OutOrStdout(), "behind %q:", cutText(string(r.Text[max(0, o.at-20):o.at+1]), 21))
	for _, g := range guesses {
		fmt.Fprintf(c.OutOrStdout(), "  %q %.4f", string([]byte{g.Byte}), g.Probability)
	}
	fmt.Fprintln(c.OutOrStdout())
	from := max(0, o.at+1-influenceSteps)
	lengths, err := look.Influence(model, pool, r.Text[from:o.at+1], guesses[0].Byte)
	if err != nil {
		return err
	}
	track, most := make([]float32, len(lengths)), 0.0
	for _, v := range lengths {
		most = max(most, v)
	}
	for i, v := range lengths {
		track[i] = float32(v / max(most, 1e-30))
	}
	part := &look.Reading{Text: r.Text[from : o.at+1], Logits: r.Logits[from : o.at+1]}
	return o.paint(c, readColored(fmt.Sprintf("what matters for %q", string([]byte{guesses[0].Byte})), part, track), cellColors["tanh"])
}
