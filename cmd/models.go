package cmd

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/cmd/draw"
	"github.com/rondo-ml/rondo/cmd/program"
	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/nn/zoo"
)

// modelsFlags are the flags of `rondo models`.
type modelsFlags struct {
	summary, time, json bool
	memory              bool
	svg, window         string
	set                 []string
	batch               int
}

func newModels() *cobra.Command {
	var o modelsFlags
	c := &cobra.Command{
		Use:   "models [KIND…]",
		Short: "List the zoo: what model.kind may be, how large it is, its layers and fields",
		Long: `Lists the kinds of models: parameters, multiply-adds of one sample, how much of an image a pixel of the last
maps sees (receptive field), and the memory of a training step. --time measures a step on this machine beside
them, forward and backward: operations are not speed. With one KIND it says what the fields of its section
model are, and what is published of the network: its paper, whose weights load, and what these want of pictures
(rondo predict --preset); those that all kinds have, as model.weights and model.freeze, are in what rondo train --print-config
prints. What the tasks are: rondo tasks.

--summary lists a kind's layers as they are recorded, with the shapes that they yield for one sample (channels,
height, width of images), and --svg draws them. No weights are made.

--memory plans the activations of a kind at inference, of one sample or --batch: what is alive while each operation
runs, where the peak is, the least peak of any order of the operations where these are few enough to search, and the peak
when convolutions are joined channel by channel, so that what is between them is never there as a whole: an inverted
bottleneck (mobilenetv2), narrow at its ends, then needs a quarter, and one that is wide there (resnet50) no less. With
--svg it is drawn.

--window says what a convolution or pooling makes of a side of an image: in, kernel, and where they are not usual stride,
pad, dilation, ceil (sizes rounded up), same (padding that keeps the size but for the stride), transposed and its outpad.
With one number as ? and an out it finds those that give it.`,
		Example: `  rondo models
  rondo models resnet18 mobilenetv2 --time --batch 8
  rondo models resnet18
  rondo models resnet18 --summary --set model.image=64 --set model.classes=10
  rondo models scheme --summary --set model.layers='INPUT -> [CONV 32 -> RELU -> POOL]*2 -> FC'
  rondo models lenet5 --svg lenet5.svg
  rondo models mobilenetv2 --memory --svg memory.svg
  rondo models --window 'in=224 kernel=7 stride=2 pad=3'
  rondo models --window 'in=16 kernel=4 stride=2 pad=? out=32 transposed'`,
		Args: args(0, -1, "kinds of models or none"),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return zoo.Names(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(c *cobra.Command, kinds []string) error {
			if c.Flags().Changed("svg") && o.svg == "" {
				return &usageError{errors.New("--svg '': name a file to draw, as layers.svg")}
			}
			if err := o.check(kinds); err != nil {
				return &usageError{err}
			}
			return o.run(c, kinds)
		},
	}
	f := c.Flags()
	f.BoolVar(&o.summary, "summary", false, "list the layers of one KIND")
	f.BoolVar(&o.memory, "memory", false, "plan the memory of one KIND's activations at inference")
	f.StringVar(&o.svg, "svg", "", "draw the layers of one KIND, or with --memory its plan, to `FILE` (.svg, or .png where there are not too many)")
	f.StringArrayVar(&o.set, "set", nil, "a field of one KIND, as `model.classes=10` (may be given several times); batch.length: the steps of a sequence")
	f.StringVar(&o.window, "window", "", "the `SIZES` of what slides over an image, as 'in=224 kernel=7 stride=2 pad=3'")
	f.BoolVar(&o.time, "time", false, "measure a training step of each on this machine")
	f.IntVar(&o.batch, "batch", 4, "samples in the step whose memory and time are told; --memory: of one")
	f.BoolVar(&o.json, "json", false, "print JSON")
	return c
}

// maxModelsBatch bounds the step that is measured.
const maxModelsBatch = 4096

// check refuses flags that do not go together.
func (o *modelsFlags) check(kinds []string) error {
	one := len(kinds) == 1
	switch {
	case o.summary && !one:
		return fmt.Errorf("--summary is of one KIND, as %s models resnet18 --summary", program.Name())
	case o.window != "" && (len(kinds) > 0 || o.summary || o.memory || o.time || o.json || o.svg != ""):
		return errors.New("--window is about no KIND, and goes with no other flag")
	case o.memory && !one:
		return fmt.Errorf("--memory is of one KIND, as %s models mobilenetv2 --memory", program.Name())
	case o.memory && o.summary:
		return errors.New("--memory and --summary are two tables; give one of them")
	case o.svg != "" && !one:
		return fmt.Errorf("--svg is of one KIND, as %s models resnet18 --svg FILE", program.Name())
	case len(o.set) > 0 && !one:
		return errors.New("--set is for one KIND")
	case (o.summary || o.memory || o.svg != "") && o.time:
		return errors.New("--time is for the table; leave out --summary, --memory and --svg")
	case o.batch < 1 || o.batch > maxModelsBatch:
		return fmt.Errorf("--batch %d: from 1 to %d", o.batch, maxModelsBatch)
	}
	if o.svg != "" {
		if err := draw.Check(o.svg); err != nil {
			return fmt.Errorf("--svg %w", err)
		}
	}
	return wantPath("--svg", o.svg)
}

func (o *modelsFlags) run(c *cobra.Command, kinds []string) error {
	out := c.OutOrStdout()
	if c.Flags().Changed("window") {
		return printWindow(out, o.window)
	}
	if o.memory {
		batch := 1
		if c.Flags().Changed("batch") {
			batch = o.batch
		}
		return o.planMemory(out, kinds[0], batch)
	}
	if o.summary || o.svg != "" {
		return o.summarize(out, kinds[0])
	}
	if len(kinds) == 1 && !o.time && !o.json && len(o.set) == 0 && !c.Flags().Changed("batch") {
		f, err := runfile.OfKind(kinds[0], nil)
		if err != nil {
			return &usageError{err}
		}
		info, backbone := backboneOf(f)
		if err := printFields(out, info); err != nil || backbone == nil || info.Published != nil {
			return err
		}
		_, err = fmt.Fprintf(out, "\nweights and presets are those of the backbone: %s models %s lists them\n", program.Name(), backbone.Kind)
		return err
	}
	if len(kinds) == 0 {
		kinds = zoo.Names()
	}
	return o.table(c, kinds)
}

// printFields prints what a kind's section model may hold.
func printFields(out io.Writer, k zoo.Info) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "%s\t%s (task %s)\n", k.Kind, k.About, k.Task)
	config := k.Config()
	for _, f := range k.Fields {
		fmt.Fprintf(w, "  model.%s\t%s\t%s; %s\n", f.Name, f.About, f.Allowed(config), defaultText(f.Text(config)))
	}
	if err := w.Flush(); err != nil || k.Published == nil {
		return err
	}
	p := k.Published
	fmt.Fprintf(out, "\npaper: %s\nnames and shapes of weights: %s\nby default: %s parameters", p.Paper, p.As, countOr(p.Parameters, "–"))
	if p.MultiplyAdds > 0 {
		fmt.Fprintf(out, ", %.4g·10⁹ multiply-adds", p.MultiplyAdds)
	}
	fmt.Fprintln(out)
	for _, weights := range p.Weights {
		top := ""
		if weights.Top1 > 0 {
			top = fmt.Sprintf("%.2f %% right (top-1), ", weights.Top1)
		}
		fmt.Fprintf(out, "weights %s: %s%s\n", strconv.Quote(weights.Name), top, weights.Preset)
	}
	return nil
}
