package cmd

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/safetensors"
)

func newWeightsShow() *cobra.Command {
	asJSON, only := false, ""
	c := &cobra.Command{
		Use:   "show FILE|CHECKPOINT",
		Short: "List tensors with their shapes, types and the spread of their values",
		Long: `Prints every tensor of a file of weights or of a checkpoint: its name, type and shape,
and of its values mean, standard deviation, least, greatest, and how many are NaN. NaN
does not count in the others. Behind the table stands what else is in a file of PyTorch.`,
		Example: `  rondo weights show resnet18.pth
  rondo weights show runs/lenet5 --names fc --json`,
		Args: args(1, 1, "one file or checkpoint"),
	}
	average := averageFlag(c)
	c.RunE = func(c *cobra.Command, a []string) error {
		names, err := nn.ParseNames(only)
		if err != nil {
			return &usageError{fmt.Errorf("--names: %w", err)}
		}
		return useWeights(a[0], *average, func(w *weights) error {
			var all []spread
			for _, name := range w.Names() {
				if names != nil && !names.Match(name) {
					continue
				}
				t, err := w.Read(name)
				if err != nil {
					return err
				}
				all = append(all, spreadOf(t))
			}
			if names != nil && len(all) == 0 {
				for _, name := range slices.Sorted(maps.Keys(w.unread)) {
					if names.Match(name) {
						return &usageError{fmt.Errorf("--names %s: %s is %v", only, safetensors.Shown(name), w.unread[name])}
					}
				}
				return &usageError{fmt.Errorf("--names %s: no tensor of %s has such a name", only, w.what)}
			}
			if asJSON {
				return printSpreadsJSON(c.OutOrStdout(), w, all)
			}
			printSpreads(c.OutOrStdout(), w, all)
			return nil
		})
	}
	f := c.Flags()
	f.BoolVar(&asJSON, "json", false, "print JSON; numbers that it does not have are null")
	f.StringVar(&only, "names", "", "only tensors whose names begin with one of these `PREFIXES`, with commas between; or fit one with *")
	return c
}

// spread is what is told of a tensor.
type spread struct {
	Name      string            `json:"name"`
	Type      safetensors.DType `json:"type"`
	Shape     []int             `json:"shape"`
	Mean      number            `json:"mean"`
	Deviation number            `json:"deviation"` // of all values, divided by their number
	Least     number            `json:"min"`
	Greatest  number            `json:"max"`
	NaN       int               `json:"nan"`
	count     int
}

// number is null in JSON where that has none: NaN, of no value, and infinities.
type number float64

func (n number) MarshalJSON() ([]byte, error) {
	if x := float64(n); math.IsNaN(x) || math.IsInf(x, 0) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(n))
}

// String has four figures.
func (n number) String() string {
	if math.IsNaN(float64(n)) {
		return "-"
	}
	return fmt.Sprintf("%.4g", float64(n))
}

// spreadOf looks at all values of a tensor.
func spreadOf(t safetensors.Tensor) spread {
	s := spread{Name: t.Name, Type: t.DType(), Shape: append([]int{}, t.Shape...), count: t.Len(),
		Mean: number(math.NaN()), Deviation: number(math.NaN()), Least: number(math.NaN()), Greatest: number(math.NaN())}
	sum, square, least, greatest := 0.0, 0.0, math.Inf(1), math.Inf(-1)
	for i := range s.count {
		x := t.At(i)
		if math.IsNaN(x) {
			s.NaN++
			continue
		}
		sum += x
		least, greatest = min(least, x), max(greatest, x)
	}
	n := float64(s.count - s.NaN)
	if n == 0 {
		return s
	}
	mean := sum / n
	for i := range s.count {
		if d := t.At(i) - mean; !math.IsNaN(d) {
			square += d * d
		}
	}
	s.Mean, s.Least, s.Greatest = number(mean), number(least), number(greatest)
	if !math.IsInf(mean, 0) && !math.IsNaN(mean) {
		s.Deviation = number(math.Sqrt(square / n))
	}
	return s
}

func printSpreads(out io.Writer, w *weights, all []spread) {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "name\ttype\tshape\tmean\tdeviation\tmin\tmax\tNaN")
	values, bytes, nan := 0, int64(0), 0
	for _, s := range all {
		fmt.Fprintf(t, "%s\t%s\t%v\t%v\t%v\t%v\t%v\t%d\n", safetensors.Shown(s.Name), s.Type, s.Shape, s.Mean, s.Deviation, s.Least, s.Greatest, s.NaN)
		values += s.count
		bytes += int64(s.count) * int64(s.Type.Size())
		nan += s.NaN
	}
	_ = t.Flush() // to an output that keeps its error
	fmt.Fprintf(out, "%s: %s, %s, %s", w.what, countText(len(all), "tensor"), countText(values, "value"), bytesText(bytes))
	if nan > 0 {
		fmt.Fprintf(out, ", %d of them NaN", nan)
	}
	fmt.Fprintln(out)
	printPassedOver(out, w)
}

// printPassedOver says what else is in a file.
func printPassedOver(out io.Writer, w *weights) {
	for _, entry := range w.leftOut {
		fmt.Fprintf(out, "left out: %s\n", safetensors.Shown(entry))
	}
}

func printSpreadsJSON(out io.Writer, w *weights, all []spread) error {
	e := json.NewEncoder(out)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(struct {
		From    string   `json:"from"`
		Tensors []spread `json:"tensors"`
		LeftOut []string `json:"left_out"`
	}{w.what, append([]spread{}, all...), append([]string{}, w.leftOut...)})
}
