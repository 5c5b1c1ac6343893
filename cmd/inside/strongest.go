package inside

import (
	"context"
	"image"

	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/look"
	"github.com/rondo-ml/rondo/worker"
)

// SearchRows is how many samples a lens for [Search] computes together.
const SearchRows = 16

// Search finds the places of a set where the channels of a lens's first layer are strongest.
func Search(ctx context.Context, p *worker.Predictor, l *look.Lens, set samples.Source, keep int) (*look.Strongest, error) {
	s, err := newSearch(p, l, set, keep)
	if err != nil {
		return nil, err
	}
	for !s.over() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := s.next(); err != nil {
			return nil, err
		}
	}
	return s.found, nil
}

// search goes through a set, some samples at a time.
type search struct {
	found  *look.Strongest
	seen   int // samples
	lens   *look.Lens
	feeder *worker.Feeder
}

func newSearch(p *worker.Predictor, l *look.Lens, set samples.Source, keep int) (*search, error) {
	feeder, err := p.Feeder(set, SearchRows)
	if err != nil {
		return nil, err
	}
	return &search{found: look.NewStrongest(l.Layers()[0].Cols, keep), lens: l, feeder: feeder}, nil
}

func (s *search) over() bool { return s.seen >= s.feeder.Samples }

// next looks at the next samples.
func (s *search) next() error {
	n, err := s.feeder.Fill(s.seen/s.feeder.Rows, s.lens.Batch)
	if err != nil {
		return err
	}
	s.lens.Forward()
	for row := range n {
		s.found.See(s.seen+row, s.lens.Maps(0, row))
	}
	s.seen += n
	return nil
}

// Patch is what a place of a lens's first layer is computed from, and, with project, what of it makes the channel so
// strong. The lens has one row, and the feeder too.
func Patch(p *worker.Predictor, l *look.Lens, feeder *worker.Feeder, channel int, at look.Place, project bool) (tiles []image.Image, err error) {
	if _, err := feeder.Fill(at.Sample, l.Batch); err != nil {
		return nil, err
	}
	m, err := Images(l)
	if err != nil {
		return nil, err
	}
	picture, err := Shown(p, m.Image(0), m.Height, m.Width, m.Channels)
	if err != nil {
		return nil, err
	}
	field := windowOf(l, m, at.Y, at.X)
	tiles = append(tiles, Cut(picture, field))
	if !project {
		return tiles, nil
	}
	l.Forward()
	back, err := l.Project(0, look.Unit{Y: at.Y, X: at.X, Channel: channel})
	if err != nil {
		return nil, err
	}
	return append(tiles, Cut(AroundZero(back), field)), nil
}

// windowOf is the part of a picture that shows what a place of the first layer sees: all of it where that is more.
func windowOf(l *look.Lens, m *nn.Images, y, x int) nn.Rect {
	field, ok := l.Window(0, y, x)
	if !ok || field.Height() > m.Height || field.Width() > m.Width {
		return nn.Rect{Bottom: m.Height, Right: m.Width}
	}
	return field
}

// Climber makes pictures that channels of a lens's first layer are strongest for.
type Climber struct {
	p     *worker.Predictor
	l     *look.Lens
	unit  look.Unit
	field nn.Rect
	climb look.Climb
}

// NewClimber is for the middle of the layer, or everywhere for its mean. The climb is one for pictures from -1 to 1.
func NewClimber(p *worker.Predictor, l *look.Lens, everywhere bool, climb look.Climb) (*Climber, error) {
	m, err := Images(l)
	if err != nil {
		return nil, err
	}
	scale := float32(1)
	for k := range m.Channels {
		black, white, err := p.PixelSpan(k)
		if err != nil {
			return nil, err
		}
		climb.Low, climb.High = append(climb.Low, black), append(climb.High, white)
		scale = max(scale, (white-black)/2)
	}
	climb.Rate, climb.Noise = climb.Rate*scale, climb.Noise*scale
	y := l.Layers()[0]
	c := &Climber{p: p, l: l, unit: look.Unit{Y: y.Layout.Height / 2, X: y.Layout.Width / 2}}
	c.field = windowOf(l, m, c.unit.Y, c.unit.X)
	if everywhere && y.Layout.IsImage() {
		c.unit.Y, c.unit.X, c.field = -1, 0, nn.Rect{Bottom: m.Height, Right: m.Width}
	}
	climb.Jitter = min(climb.Jitter, c.field.Height()/6, c.field.Width()/6) // what moves further is smeared
	c.climb = climb
	return c, nil
}

// Climb makes the picture of a channel, and says how strong it is for it.
func (c *Climber) Climb(channel int) (image.Image, float32, error) {
	c.unit.Channel = channel
	x, value, err := c.l.Maximize(0, c.unit, c.climb)
	if err != nil {
		return nil, 0, err
	}
	picture, err := Shown(c.p, x.Values, x.Height, x.Width, x.Channels)
	if err != nil {
		return nil, 0, err
	}
	return Cut(picture, c.field), value, nil
}
