package cmd

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/cmd/draw"
	"github.com/rondo-ml/rondo/cmd/inside"
	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/look"
	"github.com/rondo-ml/rondo/worker"
	"github.com/rondo-ml/rondo/worker/machine"
)

func newLook() *cobra.Command {
	c := group(&cobra.Command{Use: "look", Short: "See what a trained network has learnt",
		Long: `Looks into the newest checkpoint of a run (or the checkpoint that DIR is): at the filters,
feature maps and receptive fields of networks that read pictures, at the layers over time
of those that read sounds or sequences of numbers, at the cells of those that read texts, and at the
words that make those tell one class and not another. Layers are named as the command layers lists them. Pictures go to
--out FILE, a PNG or an SVG, or to the terminal.`})
	c.AddCommand(newLookLayers(), newLookFilters(), newLookMaps(), newLookPatches(), newLookMaximize(), newLookConfusion(), newLookText(), newLookCells(), newLookMoves())
	return c
}

// lookFlags are flags that the commands of `rondo look` share.
type lookFlags struct {
	out     string
	side    int
	threads int
}

func (o *lookFlags) add(c *cobra.Command, side int) {
	o.addOut(c, "`FILE` for the picture, .png or .svg; empty: the terminal")
	c.Flags().IntVar(&o.side, "side", side, "pixels of a tile's longer side")
	o.addThreads(c)
}

func (o *lookFlags) addOut(c *cobra.Command, about string) {
	c.Flags().StringVarP(&o.out, "out", "o", "", about)
}

func (o *lookFlags) addThreads(c *cobra.Command) {
	c.Flags().IntVar(&o.threads, "threads", machine.Threads(), "goroutines that compute")
}

func (o *lookFlags) check(dir string) error {
	switch {
	case o.side < 1 || o.side > 2048:
		return &usageError{fmt.Errorf("--side %d: from 1 to 2048", o.side)}
	case o.threads < 1 || o.threads > worker.MaxThreads:
		return &usageError{fmt.Errorf("--threads %d: from 1 to %d", o.threads, worker.MaxThreads)}
	}
	if o.out != "" {
		if err := draw.Check(o.out); err != nil {
			return &usageError{fmt.Errorf("--out %w", err)}
		}
	}
	return cmp.Or(wantPlace("the directory", dir), wantPath("--out", o.out))
}

// open loads the model of a checkpoint for looking. The caller closes it.
func (o *lookFlags) open(dir string) (*worker.Predictor, error) {
	if err := o.check(dir); err != nil {
		return nil, err
	}
	m, dir, err := findCheckpoint(dir)
	if err != nil {
		return nil, err
	}
	return worker.NewPredictor(dir, m, o.threads)
}

// into is what a command does that looks into the checkpoint that is its first argument.
func (o *lookFlags) into(look func(*cobra.Command, *worker.Predictor) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, a []string) error {
		p, err := o.open(a[0])
		if err != nil {
			return err
		}
		defer p.Close()
		return look(c, p)
	}
}

// show writes sheets to the file that was asked for, or prints them.
func (o *lookFlags) show(c *cobra.Command, sheets ...*draw.Sheet) error {
	var scenes []*draw.Scene
	for _, s := range sheets {
		s.Side = cmp.Or(s.Side, o.side)
		scenes = append(scenes, s.Scene())
		if o.out == "" {
			fmt.Fprintf(c.OutOrStdout(), "%s\n", s.Title)
			if err := printBlocks(c, s.Terminal(terminalColumns)); err != nil {
				return err
			}
		}
	}
	return o.write(c, draw.Stack(scenes...))
}

// write writes a scene to the file that was asked for, if any.
func (o *lookFlags) write(c *cobra.Command, s *draw.Scene) error {
	if o.out == "" {
		return nil
	}
	if err := draw.Save(o.out, s); err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	fmt.Fprintf(c.OutOrStdout(), "%s\n", o.out)
	return nil
}

// terminalColumns is how wide pictures in a terminal are at most.
const terminalColumns = 100

// printBlocks prints colors on a terminal.
func printBlocks(c *cobra.Command, text string) error {
	t := terminalOf(c.OutOrStdout())
	if t == nil {
		return &usageError{errors.New("pictures are shown on a terminal; give --out FILE.png")}
	}
	_, err := io.WriteString(t, text)
	return err
}

func newLookLayers() *cobra.Command {
	o := lookFlags{side: 1} // nothing is drawn
	c := &cobra.Command{
		Use:   "layers DIR",
		Short: "List the layers, their sizes and receptive fields",
		Long: `Prints the layers of a network that reads pictures: what each yields, and how many pixels
of the picture a value of it is computed from, the padding around pictures included. Of a
network that reads sequences, or texts of which it tells something: how many time steps each has at
most, and how many channels.`,
		Example: `  rondo look layers runs/mnist`,
		Args:    oneDirectory,
		RunE: o.into(func(c *cobra.Command, p *worker.Predictor) error {
			if inside.ReadsSequences(p) || inside.ReadsText(p) {
				return printOver(c, p)
			}
			l, err := newLens(p, 1, nn.Gradient, "*")
			if err != nil {
				return err
			}
			for i, y := range l.Layers() {
				printLayer(c, l, i, y)
			}
			return nil
		}),
	}
	o.addThreads(c)
	return c
}

func printLayer(c *cobra.Command, l *look.Lens, i int, y look.Layer) {
	size := countText(y.Cols, "value")
	if y.Layout.IsImage() {
		size = fmt.Sprintf("%dx%d of %s", y.Layout.Height, y.Layout.Width, countText(y.Cols, "channel"))
	}
	field := ""
	if r, ok := l.Window(i, y.Layout.Height/2, y.Layout.Width/2); ok {
		field = fmt.Sprintf("of %dx%d pixels", r.Height(), r.Width())
	}
	fmt.Fprintf(c.OutOrStdout(), "%-28s %-26s %s\n", y.Name, size, field)
}

// newLens records the network of a checkpoint to look at the layers that patterns pick.
func newLens(p *worker.Predictor, rows int, passing nn.Passing, patterns ...string) (*look.Lens, error) {
	return inside.NewLens(p, rows, passing, pickLayers(inside.LayersOf(p), patterns)...)
}

// pickLayers is the names of layers that patterns pick, in the order of the network; one that picks none stays, for the error.
func pickLayers(layers []look.Layer, patterns []string) (names []string) {
	used := make([]bool, len(patterns))
	for _, y := range layers {
		for k, pattern := range patterns {
			if ok, _ := path.Match(pattern, y.Name); ok || pattern == y.Name {
				used[k] = true
				if !slices.Contains(names, y.Name) {
					names = append(names, y.Name)
				}
			}
		}
	}
	for k, pattern := range patterns {
		if !used[k] {
			names = append(names, pattern)
		}
	}
	return names
}

// pictures opens what an argument names: a set, or a picture as a set of one.
func pictures(p *worker.Predictor, c *cobra.Command, given string) (samples.Source, error) {
	in := &predictInputs{p: p, stdin: c.InOrStdin()}
	groups, err := in.open(given)
	if err != nil {
		return nil, err
	}
	if len(groups) == 0 || groups[0].set.Len() == 0 {
		return nil, fmt.Errorf("%s: nothing to look at", given)
	}
	return groups[0].set, nil
}

// commaList is the parts of a list.
func commaList(text string) (parts []string) {
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}
