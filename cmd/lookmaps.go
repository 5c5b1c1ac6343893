package cmd

import (
	"errors"
	"fmt"
	"image"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/cmd/draw"
	"github.com/rondo-ml/rondo/cmd/inside"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/look"
	"github.com/rondo-ml/rondo/worker"
)

func newLookMaps() *cobra.Command {
	var o lookFlags
	var like likeFlag
	layers, channels, number, unit, answer := "", 32, 0, "", -1
	c := &cobra.Command{
		Use:   "maps DIR PICTURE|SOUND|SET",
		Short: "Draw what layers make of a picture or a sequence",
		Long: `Draws the feature maps of a picture, layer by layer, from black for the least of a layer to
white for the most. Of a set of shards the picture is sample --sample. With --field LAYER:ROW,COLUMN
a frame on the picture shows what that place of the layer is computed from.

Of a network that reads sounds or sequences of numbers it draws the spectrogram, or the numbers, over
time, below it 12 layers unless --layers names others (what recurrent layers yield and remember first, then what
is behind rectifiers, then others), a row for each channel, and last what of the sample matters for the answer: its gradient by each frame.`,
		Example: `  rondo look maps runs/mnist seven.png --out maps.png
  rondo look maps runs/spoken-digits digits/valid --sample 7 --out seven.png
  rondo look maps runs/cifar cifar/valid --sample 7 --layers 'relu,layer1.*relu2' --field layer2.0.relu2:3,4 --out maps.svg`,
		Args: args(2, 2, "a directory of checkpoints and a picture, a sound or a set"),
		RunE: func(c *cobra.Command, a []string) error {
			if channels < 1 {
				return &usageError{fmt.Errorf("--channels %d: at least 1", channels)}
			}
			if answer < -1 {
				return &usageError{fmt.Errorf("--answer %d: a number from 0 on, or -1 for the likeliest", answer)}
			}
			if err := like.checkLike(); err != nil {
				return err
			}
			p, err := o.open(a[0])
			if err != nil {
				return err
			}
			defer p.Close()
			if err := like.tell(p); err != nil {
				return err
			}
			names := commaList(layers)
			if inside.ReadsSequences(p) {
				if unit != "" {
					return &usageError{errors.New("--field: a network that reads sequences has no receptive fields of pictures")}
				}
				sheets, err := sequenceLook{layers: names, sample: number, channels: channelsOf(c, channels), answer: answer, side: sequenceWidth}.sheets(c, p, a[1])
				if err != nil {
					return err
				}
				return o.show(c, sheets...)
			}
			if answer >= 0 {
				return &usageError{errors.New("--answer is for networks that read sequences: what of a picture matters is drawn by look patches")}
			}
			if len(names) == 0 {
				names = imageLayers(p)
			}
			at, err := parseUnit(unit)
			if err != nil {
				return &usageError{fmt.Errorf("--field %w", err)}
			}
			if at.layer != "" {
				names = append(names, at.layer)
			}
			l, err := newLens(p, 1, nn.Gradient, names...)
			if err != nil {
				return err
			}
			if err := lookAtSample(p, c, l, a[1], number); err != nil {
				return err
			}
			sheet, err := inputSheet(p, l, at)
			if err != nil {
				return err
			}
			sheets := []*draw.Sheet{sheet}
			for i := range l.Layers() {
				if len(commaList(layers)) > 0 || l.Layers()[i].Layout.IsImage() {
					sheets = append(sheets, mapSheet(l, i, channels))
				}
			}
			return o.show(c, sheets...)
		},
	}
	o.add(c, 56)
	like.addLike(c)
	f := c.Flags()
	f.StringVar(&layers, "layers", "", "`NAMES` of layers with commas between, with * for any letters; empty: those of pictures behind an activation or a pooling, or 12 of those with time steps")
	f.IntVar(&channels, "channels", 32, "maps of a layer, the first ones; of a sequence 512, or as many fewer as are asked for")
	f.IntVar(&number, "sample", 0, "sample of a set, from 0 on")
	f.IntVar(&answer, "answer", -1, "`NUMBER` of the class, from 0 on, for which it is drawn what of a sequence matters; -1: the likeliest")
	f.StringVar(&unit, "field", "", "`LAYER:ROW,COLUMN` whose receptive field is framed on the picture")
	return c
}

// imageLayers are the layers of pictures that are drawn where nobody names any: those that are read as they are written
// by a rectifier or a pooling, or all where they are few.
func imageLayers(p *worker.Predictor) (names []string) {
	var all []string
	for _, y := range inside.LayersOf(p) {
		if !y.Layout.IsImage() {
			continue
		}
		all = append(all, y.Name)
		if containsAny(y.Name, "relu", "pool", "act", "add") {
			names = append(names, y.Name)
		}
	}
	if len(names) == 0 || len(all) <= 8 {
		names = all
	}
	return names[:min(len(names), 12)]
}

// sequenceWidth is the pixels of a sequence's pictures.
const sequenceWidth = 760

// channelsOf is how many channels of a sequence's layers are drawn: as many as there is room for where nobody says.
func channelsOf(c *cobra.Command, given int) int {
	if c.Flags().Changed("channels") {
		return given
	}
	return inside.MostRows
}

// lookAtSample fills the batch of a lens of one row and computes its layers.
func lookAtSample(p *worker.Predictor, c *cobra.Command, l *look.Lens, given string, number int) error {
	if err := fillSample(p, c, l.Batch, given, number); err != nil {
		return err
	}
	l.Forward()
	return nil
}

// fillSample fills a batch of one row with a picture, a sound, or a sample of a set.
func fillSample(p *worker.Predictor, c *cobra.Command, batch *nn.Batch, given string, number int) error {
	set, err := pictures(p, c, given)
	if err != nil {
		return err
	}
	if number < 0 || number >= set.Len() {
		return &usageError{fmt.Errorf("--sample %d: %s has %s, from 0 on", number, given, countText(set.Len(), "sample"))}
	}
	feeder, err := p.Feeder(set, 1)
	if err != nil {
		return err
	}
	_, err = feeder.Fill(number, batch)
	return err
}

// inputSheet is the picture as the network reads it, with the field of a unit.
func inputSheet(p *worker.Predictor, l *look.Lens, at unitAt) (*draw.Sheet, error) {
	m, err := inside.Images(l)
	if err != nil {
		return nil, err
	}
	picture, err := inside.Shown(p, m.Image(0), m.Height, m.Width, m.Channels)
	if err != nil {
		return nil, err
	}
	tile := draw.Tile{Image: picture}
	title := "the picture"
	for i, y := range l.Layers() {
		if y.Name != at.layer || at.layer == "" {
			continue
		}
		if err := (look.Unit{Y: at.y, X: at.x}).Check(y); err != nil {
			return nil, &usageError{fmt.Errorf("--field: %w", err)}
		}
		if r, ok := l.Field(i, at.y, at.x); ok {
			tile.Mark = image.Rect(r.Left, r.Top, r.Right, r.Bottom)
			title += fmt.Sprintf(", and rows %d to %d, columns %d to %d that %s at %d,%d is computed from",
				r.Top, r.Bottom-1, r.Left, r.Right-1, at.layer, at.y, at.x)
		}
	}
	return &draw.Sheet{Title: title, Side: 168, Columns: 1, Tiles: []draw.Tile{tile}}, nil
}

// mapSheet is the maps of a layer. What is no picture is one line of values.
func mapSheet(l *look.Lens, i, channels int) *draw.Sheet {
	y, m := l.Layers()[i], l.Maps(i, 0)
	low, high := draw.Span(m.Values)
	title := fmt.Sprintf("%s: %d×%d, %s, from %.3g to %.3g", y.Name, m.Height, m.Width, countText(m.Channels, "channel"), low, high)
	sheet := &draw.Sheet{Title: title, Columns: 16}
	if !y.Layout.IsImage() {
		sheet.Side, sheet.Columns = 960, 1
		sheet.Tiles = []draw.Tile{{Image: draw.Gray(m.Values, 1, m.Channels, 1, low, high)}}
		return sheet
	}
	for k := range min(channels, m.Channels, mostTiles) {
		sheet.Tiles = append(sheet.Tiles, draw.Tile{Image: draw.Gray(m.Channel(k), m.Height, m.Width, 1, low, high)})
	}
	return sheet
}
