package cmd

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/cmd/draw"
	"github.com/rondo-ml/rondo/cmd/inside"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/look"
	"github.com/rondo-ml/rondo/worker"
)

func newLookMaximize() *cobra.Command {
	var o lookFlags
	climb := look.DefaultClimb()
	layer, channels, everywhere := "", "", false
	c := &cobra.Command{
		Use:   "maximize DIR",
		Short: "Draw pictures that channels of a layer are strongest for",
		Long: `Begins with noise and climbs along the gradient of the picture, so that the middle of a
layer's channel, or with --everywhere its mean, becomes as strong as it can. Between steps
the picture is moved a little and blurred, and fades; without that it is noise that no eye
makes sense of. Another --seed finds another picture. The picture of a channel that nothing opens,
behind a dead rectifier, stays grey. Only what the channel is computed from is shown.`,
		Example: `  rondo look maximize runs/mnist --layer fc3 --out digits.png
  rondo look maximize runs/cifar --layer layer2.0.conv2 --channels 0-15 --everywhere --out textures.png`,
		Args: oneDirectory,
		RunE: func(c *cobra.Command, a []string) error {
			if layer == "" {
				return wrongUsage(c, errNoLayer)
			}
			if err := climb.Validate(); err != nil {
				return &usageError{err}
			}
			p, err := o.open(a[0])
			if err != nil {
				return err
			}
			defer p.Close()
			l, err := newLens(p, 1, nn.Gradient, layer)
			if err != nil {
				return err
			}
			list, err := parseChannels(channels, l.Layers()[0].Cols, 16)
			if err != nil {
				return &usageError{fmt.Errorf("--channels %w", err)}
			}
			sheet, err := maximizeSheet(p, l, list, everywhere, climb)
			if err != nil {
				return err
			}
			return o.show(c, sheet)
		},
	}
	o.add(c, 96)
	f := c.Flags()
	f.StringVar(&layer, "layer", "", "`NAME` of the layer; one in front of its rectifier climbs best")
	f.StringVar(&channels, "channels", "", "channels, as 0-7,12; empty: the first 16")
	f.BoolVar(&everywhere, "everywhere", false, "the mean of the channel and not its middle")
	f.IntVar(&climb.Steps, "steps", climb.Steps, "steps")
	f.Float32Var(&climb.Noise, "noise", climb.Noise, "standard deviation of the noise that it begins with")
	f.Float32Var(&climb.Rate, "rate", climb.Rate, "how far a step goes, of pictures from -1 to 1")
	f.Float32Var(&climb.Decay, "decay", climb.Decay, "by what share a step fades the picture (L2)")
	f.Float32Var(&climb.Blur, "blur", climb.Blur, "standard deviation of the blur every four steps, in pixels")
	f.IntVar(&climb.Jitter, "jitter", climb.Jitter, "pixels by which the picture is moved, at most")
	f.Uint64Var(&climb.Seed, "seed", climb.Seed, "another seed, another picture")
	return c
}

// maximizeSheet climbs for each channel.
func maximizeSheet(p *worker.Predictor, l *look.Lens, channels []int, everywhere bool, climb look.Climb) (*draw.Sheet, error) {
	c, err := inside.NewClimber(p, l, everywhere, climb)
	if err != nil {
		return nil, err
	}
	sheet := &draw.Sheet{Title: fmt.Sprintf("%s: pictures of most strength", l.Layers()[0].Name), Columns: 8}
	for _, channel := range channels {
		m, value, err := c.Climb(channel)
		if err != nil {
			return nil, err
		}
		sheet.Tiles = append(sheet.Tiles, draw.Tile{Image: m, Name: fmt.Sprintf("%d: %.3g", channel, value)})
	}
	return sheet, nil
}
