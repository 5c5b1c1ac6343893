package cmd

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/data/shard"
	"github.com/rondo-ml/rondo/data/survey"
)

func newShow() *cobra.Command {
	sheet, each, all := "", 0, false
	c := &cobra.Command{
		Use:   "show SHARDS",
		Short: "Say what is in a shard set, and draw a sheet of examples",
		Long: `Reads a shard set, or the sets SHARDS/train and SHARDS/valid, and prints what is in
them: parts with their types and shapes (-1 where they differ), classes with counts,
sizes and lengths, the mean and the deviation of each channel, the first lines of
texts. Pixels count from 0 to 1, sounds from -1 to 1.

With --sheet it also writes a PNG with samples of each class of the first set:
images, with masks beside them, sounds as waves, frames as columns of grey.`,
		Example: `  rondo show mnist --sheet mnist.png`,
		Args:    args(1, 1, "one directory of shards"),
		RunE: func(c *cobra.Command, a []string) error {
			if err := wantPlace("the directory", a[0]); err != nil {
				return err
			}
			if each < 1 || each > 1000 {
				return &usageError{fmt.Errorf("--each %d: from 1 to 1000 are allowed", each)}
			}
			dirs, err := shard.SetDirs(a[0])
			if err != nil {
				return err
			}
			for i, dir := range dirs {
				s, err := survey.Read(dir, survey.Options{Examples: each})
				if err != nil {
					return err
				}
				examples, err := s.Examples(exampleLines)
				if err != nil {
					return err
				}
				printSurvey(c.OutOrStdout(), s, all)
				printLines(c.OutOrStdout(), examples)
				if i == 0 && sheet != "" {
					if err := writeSheet(s, sheet); err != nil {
						return fmt.Errorf("--sheet: %w", err)
					}
				}
			}
			return nil
		},
	}
	f := c.Flags()
	f.StringVar(&sheet, "sheet", "", "write a sheet of examples to `FILE`, a PNG")
	f.IntVar(&each, "each", 10, "examples of each class on the sheet")
	f.BoolVar(&all, "all", false, "name every class and channel, also where there are many")
	_ = c.MarkFlagFilename("sheet", "png")
	return c
}

func writeSheet(s *survey.Survey, path string) error {
	m, err := s.Sheet()
	if err != nil {
		return err
	}
	_, err = writeWhole(path, func(w io.Writer) error { return encodePNG(w, m) })
	return err
}

// printSurvey prints what is in a set.
func printSurvey(out io.Writer, s *survey.Survey, all bool) {
	fmt.Fprintf(out, "%s: %s, %s, %s in %s, hash %.12s\n", s.Dir, s.Kind, countText(s.Samples, "record"), bytesText(s.Bytes), countText(s.Shards, "shard"), s.Hash)
	if s.Text != nil {
		printText(out, s.Text)
	}
	for _, p := range s.Parts {
		printPart(out, p, all)
	}
}

// most is how many classes or channels are named without --all.
const most = 20

func printPart(out io.Writer, p survey.Part, all bool) {
	fmt.Fprintf(out, "  %s: %s %v", visible([]byte(p.Name)), p.Element, p.Shape)
	if p.Rate > 0 {
		fmt.Fprintf(out, " at %d Hz", p.Rate)
	}
	fmt.Fprintln(out)
	printSizes(out, p)
	channels := p.Channels
	if len(channels) > most && !all {
		fmt.Fprintf(out, "    %d channels, of which the first %d (--all names each)\n", len(channels), most)
		channels = channels[:most]
	}
	for i, ch := range channels {
		name := ""
		if len(p.Channels) > 1 {
			name = fmt.Sprintf("channel %d: ", i)
		}
		fmt.Fprintf(out, "    %smean %.5g, deviation %.5g, from %.4g to %.4g\n", name, ch.Mean, ch.Deviation, ch.Min, ch.Max)
	}
	if len(p.Counts) > 0 {
		printClasses(out, p, all)
	}
}

// printSizes prints the dimensions that differ, and the time that sounds take.
func printSizes(out io.Writer, p survey.Part) {
	names := []string{"height", "width", "channels"}
	k := 0
	for d, n := range p.Shape {
		if n >= 0 {
			continue
		}
		name := "length"
		if len(p.Shape) >= 2 && (p.Name == "image" || p.Name == "mask") {
			name = names[min(d, 2)]
		}
		r := p.Sizes[k]
		k++
		fmt.Fprintf(out, "    %s from %d to %d, median %d", name, r.Min, r.Max, r.Median)
		if p.Rate > 0 {
			rate := float64(p.Rate)
			fmt.Fprintf(out, " (%.3g s to %.3g s, median %.3g s, %.1f s in all)", float64(r.Min)/rate, float64(r.Max)/rate, float64(r.Median)/rate, float64(r.Total)/rate)
		}
		fmt.Fprintln(out)
	}
}

// printClasses prints how often each class is there. Of many the middle is left out, unless all are wanted.
func printClasses(out io.Writer, p survey.Part, all bool) {
	var total int64
	low, high := p.Counts[0], p.Counts[0]
	for _, n := range p.Counts {
		total, low, high = total+n, min(low, n), max(high, n)
	}
	what := "classes"
	if p.Name == "words" {
		what = p.Name
	}
	fmt.Fprintf(out, "    %d %s, %d to %d of each\n", len(p.Counts), what, low, high)
	for i, n := range p.Counts {
		if !all && len(p.Counts) > most && i >= most/2 && i < len(p.Counts)-most/2 {
			if i == most/2 {
				fmt.Fprintf(out, "      … (--all names each)\n")
			}
			continue
		}
		fmt.Fprintf(out, "      %d %s: %d (%.4g %%)\n", i, visible([]byte(p.Classes[i])), n, 100*float64(n)/float64(max(1, total)))
	}
	if p.Ignored > 0 {
		fmt.Fprintf(out, "      no class: %d\n", p.Ignored)
	}
}

// printText prints what is in a text, and its first lines.
func printText(out io.Writer, t *survey.Text) {
	fmt.Fprintf(out, "  %s, %s, %d different bytes\n", countText(t.Characters, "character"), countText(t.Lines, "line"), t.Distinct)
	lines := strings.SplitN(t.First, "\n", exampleLines+1)
	printLines(out, lines[:min(len(lines), exampleLines)])
}

// exampleLines is how many lines of a text, or samples with texts, are printed.
const exampleLines = 5

func printLines(out io.Writer, lines []string) {
	const width = 100
	for _, text := range lines {
		fmt.Fprintf(out, "  | %s\n", visible([]byte(strings.ReplaceAll(cutText(text, width), "\n", "⏎"))))
	}
}

// cutText is the first characters of a text.
func cutText(text string, most int) string {
	n := 0
	for i := range text {
		if n++; n > most {
			return text[:i] + "…"
		}
	}
	return text
}
