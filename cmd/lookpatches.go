package cmd

import (
	"errors"
	"fmt"
	"image"
	"slices"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/cmd/draw"
	"github.com/rondo-ml/rondo/cmd/inside"
	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/look"
	"github.com/rondo-ml/rondo/worker"
)

// patchFlags are the flags of `rondo look patches`.
type patchFlags struct {
	lookFlags
	layer, channels, project string
	top, most                int
}

func newLookPatches() *cobra.Command {
	var o patchFlags
	c := &cobra.Command{
		Use:   "patches DIR PICTURE|SET…",
		Short: "Draw what makes channels of a layer strongest",
		Long: `Goes through pictures or sets of shards and draws, a row for each channel of a layer, the
patches of --top samples where the channel was strongest, the strongest first: what the
place of the layer is computed from. With --project each patch has beside it what of it
makes the channel so strong:

  deconv    projected by a deconvolutional network: back through poolings by where their
            maxima were, through rectifiers what is above zero, through convolutions by
            their transposes (Zeiler and Fergus 2014)
  guided    the same, and only where a rectifier had let something through
  gradient  the gradient times the value`,
		Example: `  rondo look patches runs/mnist mnist/valid --layer relu2 --out patches.png
  rondo look patches runs/cifar cifar/valid --layer layer2.0.relu2 --channels 0-7 --project deconv --out patches.png`,
		Args: args(2, -1, "a directory of checkpoints and pictures or sets"),
		RunE: func(c *cobra.Command, a []string) error { return o.run(c, a[0], a[1:]) },
	}
	o.add(c, 56)
	f := c.Flags()
	f.StringVar(&o.layer, "layer", "", "`NAME` of the layer")
	f.StringVar(&o.channels, "channels", "", "channels, as 0-7,12; empty: the first 16")
	f.StringVar(&o.project, "project", "", "draw beside each patch its projection: deconv, guided or gradient")
	f.IntVar(&o.top, "top", 9, "patches of a channel")
	f.IntVar(&o.most, "samples", 10000, "samples to look at; 0 for all")
	return c
}

var errNoLayer = errors.New("--layer NAME is missing; the command look layers lists them")

// passings are the names of --project.
var passings = map[string]nn.Passing{"": nn.Gradient, "gradient": nn.Gradient, "deconv": nn.Deconvolution, "guided": nn.Guided}

func (o *patchFlags) run(c *cobra.Command, dir string, given []string) error {
	passing, ok := passings[o.project]
	switch {
	case !ok:
		return &usageError{fmt.Errorf("--project %s: deconv, guided or gradient", o.project)}
	case o.top < 1 || o.top > 100:
		return &usageError{fmt.Errorf("--top %d: from 1 to 100", o.top)}
	case o.most < 0:
		return &usageError{fmt.Errorf("--samples %d: at least 0", o.most)}
	case o.layer == "":
		return wrongUsage(c, errNoLayer)
	}
	p, err := o.open(dir)
	if err != nil {
		return err
	}
	defer p.Close()
	var sets []samples.Source
	for _, name := range given {
		set, err := pictures(p, c, name)
		if err != nil {
			return err
		}
		sets = append(sets, set)
	}
	all, err := joined(sets, given)
	if err != nil {
		return err
	}
	if o.most > 0 {
		all = &inside.First{Source: all, N: min(o.most, all.Len())}
	}
	l, err := newLens(p, inside.SearchRows, nn.Gradient, o.layer)
	if err != nil {
		return err
	}
	found, err := inside.Search(c.Context(), p, l, all, o.top)
	if err != nil {
		return err
	}
	channels, err := parseChannels(o.channels, l.Layers()[0].Cols, 16)
	if err != nil {
		return &usageError{fmt.Errorf("--channels %w", err)}
	}
	sheet, err := o.sheet(p, passing, all, found, channels)
	if err != nil {
		return err
	}
	return o.show(c, sheet)
}

// sheet draws the places: a row for each channel.
func (o *patchFlags) sheet(p *worker.Predictor, passing nn.Passing, set samples.Source, found *look.Strongest, channels []int) (*draw.Sheet, error) {
	l, err := newLens(p, 1, passing, o.layer)
	if err != nil {
		return nil, err
	}
	feeder, err := p.Feeder(set, 1)
	if err != nil {
		return nil, err
	}
	sheet := &draw.Sheet{Title: fmt.Sprintf("%s: where %s strongest, of %s", o.layer, channelsAre(len(channels)), countText(set.Len(), "sample"))}
	for _, channel := range channels {
		places := found.Places[channel]
		for k := range o.top {
			if k >= len(places) {
				sheet.Tiles = append(sheet.Tiles, o.blank()...)
				continue
			}
			tiles, err := o.patch(p, l, feeder, channel, places[k])
			if err != nil {
				return nil, err
			}
			sheet.Tiles = append(sheet.Tiles, tiles...)
		}
	}
	sheet.Columns = o.top * len(o.blank())
	return sheet, nil
}

func channelsAre(n int) string {
	if n == 1 {
		return "a channel is"
	}
	return fmt.Sprintf("%d channels are", n)
}

// blank stands for a patch that is not there.
func (o *patchFlags) blank() []draw.Tile {
	one := draw.Tile{Image: image.NewNRGBA(image.Rect(0, 0, 1, 1))}
	if o.project == "" {
		return []draw.Tile{one}
	}
	return []draw.Tile{one, one}
}

// patch is what a place is computed from, and its projection.
func (o *patchFlags) patch(p *worker.Predictor, l *look.Lens, feeder *worker.Feeder, channel int, at look.Place) (tiles []draw.Tile, err error) {
	list, err := inside.Patch(p, l, feeder, channel, at, o.project != "")
	for i, m := range list {
		name := fmt.Sprintf("%d: %.3g", channel, at.Value)
		if i > 0 {
			name = o.project
		}
		tiles = append(tiles, draw.Tile{Image: m, Name: name})
	}
	return tiles, err
}

// joined is sets one after another, as of pictures that were named one by one. All have the parts of the first.
func joined(sets []samples.Source, names []string) (samples.Source, error) {
	if len(sets) == 1 {
		return sets[0], nil
	}
	same := func(a, b samples.Part) bool {
		return a.Name == b.Name && a.Element == b.Element && slices.Equal(a.Shape, b.Shape)
	}
	for i, set := range sets {
		if !slices.EqualFunc(set.Schema().Parts, sets[0].Schema().Parts, same) {
			return nil, fmt.Errorf("the samples of %s and %s are not of the same parts; give them apart", names[0], names[i])
		}
	}
	return &joinedSets{Source: sets[0], sets: sets}, nil
}

type joinedSets struct {
	samples.Source
	sets []samples.Source
}

func (s *joinedSets) Len() (n int) {
	for _, set := range s.sets {
		n += set.Len()
	}
	return n
}

func (s *joinedSets) At(i int) (samples.Sample, error) {
	for _, set := range s.sets {
		if i < set.Len() {
			return set.At(i)
		}
		i -= set.Len()
	}
	return nil, fmt.Errorf("sample %d beyond the last", i)
}
