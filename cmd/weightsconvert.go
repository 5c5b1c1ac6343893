package cmd

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/cmd/program"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/numpy"
	"github.com/rondo-ml/rondo/nn/safetensors"
)

// conversion is what `weights convert` is asked for.
type conversion struct {
	strip, add string
	rename     []string // OLD=NEW
	skip       string
	kind       string
	layout     string // one of layouts
	dropFirst  string
	numpy      bool
	either     bool // names of other weights may be those that begin with strip
	average    *bool
}

func newWeightsConvert() *cobra.Command {
	o := conversion{}
	c := &cobra.Command{
		Use:   "convert IN OUT",
		Short: "Write weights as safetensors: from PyTorch's files, checkpoints, with other names or types",
		Long: `Reads weights (safetensors, a .pth or .pt of PyTorch, a checkpoint, a directory of 0.npy to
14.npy) and writes them to OUT as safetensors, which appears whole or not at all. Names change
in this order: --strip, --rename, --add. What is left out is said.

--layout tensorflow turns weights that lie as in TensorFlow and Keras: matrices [in, out],
convolutions [height, width, in, out], depthwise ones ("depthwise" in their names) [height,
width, in, m]. Tables with "embed" in their names stay. Where a class of background comes
first, as in 1,001 classes of ImageNet, --drop-first takes its row from the last layer.

--numpy writes the directory OUT of 0.npy to 14.npy in its place, from a charlm of one mlstm
layer: the form in which the network of the sentiment unit was published (Radford et al. 2017).`,
		Example: `  rondo weights convert resnet18.pth resnet18.safetensors
  rondo weights convert runs/lenet5 lenet5.safetensors --type f16
  rondo weights convert old.pth new.safetensors --strip module. --rename head.=fc.
  rondo weights convert nasnet.safetensors ours.safetensors --layout tensorflow --drop-first last_linear.
  rondo weights convert generating-reviews/model sentiment-unit.safetensors
  rondo weights convert runs/reviews-1024 model --numpy`,
		Args: args(2, 2, "a file or checkpoint to read and a file to write"),
		RunE: func(c *cobra.Command, a []string) error { return o.run(c, a[0], a[1]) },
	}
	f := c.Flags()
	f.StringVar(&o.strip, "strip", "", "`PREFIX` to take off names that begin with it")
	f.StringVar(&o.add, "add", "", "`PREFIX` to put before all names")
	f.StringArrayVar(&o.rename, "rename", nil, "`OLD=NEW`: names that begin with OLD begin with NEW; may be given several times")
	f.StringVar(&o.skip, "skip", "", "leave out tensors whose names in IN begin with one of these `PREFIXES`, with commas between; or fit one with *")
	f.StringVar(&o.kind, "type", "", "`TYPE` of floating values: f32, f64, f16 or bf16; without it, their own")
	f.StringVar(&o.layout, "layout", "", "how weights lie in IN: `pytorch` (without it, too) or tensorflow")
	f.StringVar(&o.dropFirst, "drop-first", "", "leave out the first row (the class of background) of tensors whose names in IN begin with one of these `PREFIXES`, or fit one with *")
	f.BoolVar(&o.numpy, "numpy", false, "write a directory of 0.npy to 14.npy")
	o.average = averageFlag(c)
	return c
}

func (o *conversion) run(c *cobra.Command, in, out string) error {
	if err := wantSafetensors(out); err != nil {
		return err
	}
	if o.numpy && o.kind != "" && o.kind != "f32" {
		return &usageError{fmt.Errorf("--type %s: --numpy writes f32", o.kind)}
	}
	return useWeights(in, *o.average, func(w *weights) error {
		to, left, err := o.source(w)
		if err != nil {
			return err
		}
		if o.numpy {
			if err := numpy.Write(out, to); err != nil {
				return err
			}
			fmt.Fprintf(c.OutOrStdout(), "%s: %s of %s\n", out, countText(len(to.from), "tensor"), w.what)
		} else {
			size, err := writeWhole(out, func(f io.Writer) error { return safetensors.WriteSource(f, to, w.metadata) })
			if err != nil {
				return err
			}
			fmt.Fprintf(c.OutOrStdout(), "%s: %s of %s, %s\n", out, countText(len(to.from), "tensor"), w.what, bytesText(size))
		}
		for _, name := range slices.Sorted(maps.Keys(to.infinite)) {
			fmt.Fprintf(c.OutOrStdout(), "%s: %s too large for %s and infinite now\n", name, countText(to.infinite[name], "value"), to.kind)
		}
		for _, name := range left {
			fmt.Fprintf(c.OutOrStdout(), "left out: %s (--skip)\n", name)
		}
		printPassedOver(c.OutOrStdout(), w)
		if w.averaged && !*o.average {
			fmt.Fprintln(c.OutOrStdout(), "the run also keeps an average of its weights, which `eval` uses: --average converts that")
		}
		return nil
	})
}

// wantSafetensors refuses a place for weights that is not of this machine, or whose name says another format.
func wantSafetensors(out string) error {
	if out == "" {
		return &usageError{errors.New("OUT is empty; name a file to write, as model.safetensors")}
	}
	if err := wantPath("OUT", out); err != nil {
		return err
	}
	if slices.Contains([]string{".pth", ".pt", ".bin", ".ckpt"}, filepath.Ext(out)) {
		return &usageError{fmt.Errorf("%s: safetensors is what is written; name it %s", out, strings.TrimSuffix(out, filepath.Ext(out))+".safetensors")}
	}
	return nil
}

// source is the tensors as they are to be written, and the names left out.
func (o *conversion) source(w *weights) (*converted, []string, error) {
	skip, err := nn.ParseNames(o.skip)
	if err != nil {
		return nil, nil, &usageError{fmt.Errorf("--skip: %w", err)}
	}
	to := &converted{src: w, turn: o.layout == "tensorflow", from: map[string]string{}, infinite: map[string]int{}, unread: map[string]safetensors.Unread{}, kind: safetensors.DType(strings.ToUpper(o.kind))}
	if o.layout != "" && !slices.Contains(layouts, o.layout) {
		return nil, nil, &usageError{fmt.Errorf("--layout %s: %s", o.layout, strings.Join(layouts, " or "))}
	}
	if to.dropFirst, err = nn.ParseNames(o.dropFirst); err != nil {
		return nil, nil, &usageError{fmt.Errorf("--drop-first: %w", err)}
	}
	if o.dropFirst != "" && !slices.ContainsFunc(w.Names(), to.dropFirst.Match) {
		return nil, nil, &usageError{fmt.Errorf("--drop-first %s: no tensor of %s has such a name", o.dropFirst, w.what)}
	}
	if o.kind != "" && !to.kind.Floating() {
		return nil, nil, &usageError{fmt.Errorf("--type %s: f32, f64, f16 or bf16", o.kind)}
	}
	if err := o.picksSome(w, skip); err != nil {
		return nil, nil, err
	}
	for name, u := range w.unread {
		as, err := o.called(name)
		if err != nil {
			return nil, nil, err
		}
		to.unread[as] = u
	}
	var left []string
	for _, name := range w.Names() {
		if skip.Match(name) {
			left = append(left, name)
			continue
		}
		as, err := o.called(name)
		if err != nil {
			return nil, nil, err
		}
		if other, twice := to.from[as]; twice {
			return nil, nil, fmt.Errorf("tensors %s and %s would both be called %s", other, name, as)
		}
		to.from[as] = name
	}
	return to, left, nil
}

// picksSome refuses flags that pick no tensor: spelling mistakes.
func (o *conversion) picksSome(w *weights, skip nn.Names) error {
	names := append(w.Names(), slices.Collect(maps.Keys(w.unread))...)
	none := func(flag, what string, picks func(name string) bool) error {
		if slices.ContainsFunc(names, picks) {
			return nil
		}
		return &usageError{fmt.Errorf("%s %s: no tensor of %s has such a name; %s weights show lists them", flag, what, w.what, program.Name())}
	}
	for _, pattern := range skip {
		if err := none("--skip", pattern, nn.Names{pattern}.Match); err != nil {
			return err
		}
	}
	begins := func(prefix string) func(string) bool {
		return func(name string) bool { return strings.HasPrefix(name, prefix) }
	}
	if o.strip != "" && !o.either {
		if err := none("--strip", o.strip, begins(o.strip)); err != nil {
			return err
		}
	}
	for _, r := range o.rename {
		was, _, ok := strings.Cut(r, "=")
		if !ok || was == "" {
			continue // said later
		}
		if err := none("--rename", r, func(name string) bool { return strings.HasPrefix(strings.TrimPrefix(name, o.strip), was) }); err != nil {
			return err
		}
	}
	return nil
}

// called is the new name of a tensor.
func (o *conversion) called(name string) (string, error) {
	as := strings.TrimPrefix(name, o.strip)
	for _, r := range o.rename {
		was, is, ok := strings.Cut(r, "=")
		if !ok || was == "" {
			return "", &usageError{fmt.Errorf("--rename %q: OLD=NEW is wanted", r)}
		}
		if rest, ok := strings.CutPrefix(as, was); ok {
			as = is + rest
			break
		}
	}
	if as = o.add + as; as == "" {
		return "", fmt.Errorf("tensor %s would have no name", name)
	}
	return as, nil
}

// converted is tensors with other names, types and layouts. It is a [safetensors.Source].
type converted struct {
	src       safetensors.Source
	from      map[string]string // old names by new
	kind      safetensors.DType // of floating values; "": their own
	turn      bool              // from TensorFlow's layout
	dropFirst nn.Names          // of which the first row is left out
	infinite  map[string]int    // values that became so, by name
	unread    map[string]safetensors.Unread
}

func (s *converted) Names() []string { return slices.Sorted(maps.Keys(s.from)) }

func (s *converted) Info(name string) (safetensors.Info, bool) {
	i, ok := s.src.Info(s.from[name])
	i.Shape = s.laidOut(i)
	if i.Name = name; s.kind != "" && i.DType.Floating() {
		i.DType = s.kind
	}
	i.Size = int64(i.DType.Size())
	for _, side := range i.Shape {
		i.Size *= int64(side)
	}
	return i, ok
}

func (s *converted) Read(name string) (safetensors.Tensor, error) {
	t, err := s.src.Read(s.from[name])
	if err == nil {
		t, err = s.layOut(t)
	}
	if t.Name = name; err != nil || s.kind == "" || !t.DType().Floating() {
		return t, err
	}
	to, err := t.As(s.kind)
	if err != nil {
		return t, err
	}
	for i := range to.Len() {
		if math.IsInf(to.At(i), 0) && !math.IsInf(t.At(i), 0) {
			s.infinite[name]++
		}
	}
	return to, nil
}
