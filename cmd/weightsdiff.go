package cmd

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/nn/safetensors"
)

func newWeightsDiff() *cobra.Command {
	tolerance, strip := 0.0, ""
	c := &cobra.Command{
		Use:   "diff A B",
		Short: "Say in what two files of weights or checkpoints differ",
		Long: `Compares tensors of the same name, and prints a line for each that one side lacks, that
has another shape, or whose values differ: how many of them, the largest difference, and the
largest relative to the larger of the two values. Types may differ where values do not.
Equal weights leave with 0, others with 1.`,
		Example: `  rondo weights diff runs/a runs/b
  rondo weights diff model.pth model.safetensors --tolerance 1e-6`,
		Args: args(2, 2, "two files or checkpoints"),
	}
	average := averageFlag(c)
	c.RunE = func(c *cobra.Command, paths []string) error {
		if !(tolerance >= 0) {
			return &usageError{fmt.Errorf("--tolerance %v: at least 0", tolerance)}
		}
		return useWeights(paths[0], *average, func(a *weights) error {
			return useWeights(paths[1], *average, func(b *weights) error {
				stripped, err := withoutPrefix(strip, a, b)
				if err != nil {
					return err
				}
				return printDifferences(c, stripped[0], stripped[1], tolerance)
			})
		})
	}
	c.Flags().StringVar(&strip, "strip", "", "`PREFIX` to take off names that begin with it, as module.")
	c.Flags().Float64Var(&tolerance, "tolerance", 0, "`DIFFERENCE` up to which two values are the same")
	return c
}

// withoutPrefix takes a prefix off the names of weights.
func withoutPrefix(prefix string, all ...*weights) (stripped []*converted, err error) {
	for _, w := range all {
		o := conversion{strip: prefix, either: true}
		to, _, err := o.source(w)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", w.what, err)
		}
		stripped = append(stripped, to)
	}
	return stripped, nil
}

func printDifferences(c *cobra.Command, a, b *converted, tolerance float64) error {
	out := c.OutOrStdout()
	names := slices.Concat(a.Names(), b.Names(), slices.Collect(maps.Keys(a.unread)), slices.Collect(maps.Keys(b.unread)))
	slices.Sort(names)
	names = slices.Compact(names)
	different := 0
	for _, name := range names {
		line, err := difference(a, b, name, tolerance)
		if err != nil {
			return err
		}
		if line != "" {
			different++
			fmt.Fprintf(out, "%s: %s\n", safetensors.Shown(name), line)
		}
	}
	if different == 0 {
		fmt.Fprintf(out, "the same: %s\n", countText(len(names), "tensor"))
		return nil
	}
	fmt.Fprintf(out, "%d of %d tensors differ\n", different, len(names))
	return &exitError{exitFailed, nil}
}

// difference says in what the tensors of one name differ, or "".
func difference(a, b *converted, name string, tolerance float64) (string, error) {
	ia, inA := a.Info(name)
	ib, inB := b.Info(name)
	ua, unreadA := a.unread[name]
	ub, unreadB := b.unread[name]
	switch {
	case unreadA:
		return fmt.Sprintf("not compared: %v in the first", ua), nil
	case unreadB:
		return fmt.Sprintf("not compared: %v in the second", ub), nil
	case !inB:
		return shapeText(ia) + " in the first alone", nil
	case !inA:
		return shapeText(ib) + " in the second alone", nil
	case !slices.Equal(ia.Shape, ib.Shape):
		return fmt.Sprintf("%s in the first, %s in the second", shapeText(ia), shapeText(ib)), nil
	}
	ta, errA := a.Read(name)
	tb, errB := b.Read(name)
	if err := errors.Join(errA, errB); err != nil {
		return "", err
	}
	if ta.Len() != tb.Len() {
		return "", fmt.Errorf("tensor %s has %d values in the first and %d in the second", name, ta.Len(), tb.Len())
	}
	return valuesDiffer(ta, tb, tolerance), nil
}

func valuesDiffer(a, b safetensors.Tensor, tolerance float64) string {
	differ, at, nan := 0, 0, 0
	absolute, relative := 0.0, 0.0
	for i := range a.Len() {
		x, y := a.At(i), b.At(i)
		if x == y || math.IsNaN(x) && math.IsNaN(y) {
			continue
		}
		if math.IsNaN(x) || math.IsNaN(y) {
			differ++
			nan++
			continue
		}
		d := math.Abs(x - y)
		if d <= tolerance {
			continue
		}
		differ++
		if d > absolute {
			absolute, at = d, i
		}
		if r := d / max(math.Abs(x), math.Abs(y)); r > relative {
			relative = r
		}
	}
	if differ == 0 {
		return ""
	}
	text := fmt.Sprintf("%d of %d values differ", differ, a.Len())
	if differ > nan {
		text += fmt.Sprintf(", by at most %.3g (value %d: %.6g and %.6g), relatively %.3g", absolute, at, a.At(at), b.At(at), relative)
	}
	if nan > 0 {
		text += fmt.Sprintf(", %d of them NaN on one side", nan)
	}
	return text
}
