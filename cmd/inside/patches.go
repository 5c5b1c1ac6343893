package inside

import (
	"context"
	"encoding/json"
	"fmt"
	"image"
	"time"

	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/look"
)

const (
	mostSeen   = 2000 // samples that are searched
	mostPlaces = 9    // of a channel
)

// patches draws, a row for each channel, the places of the data where it is strongest, and their projections. It searches for a
// while only, and tells what was found so far: whoever asks again has it go on, and others come between.
func (n *network) patches(ctx context.Context, q query) (answer, error) {
	passing, known := passings[q.Get("passing")]
	if !known {
		return answer{}, fmt.Errorf("passing=%s: deconv, guided or gradient", short(q.Get("passing")))
	}
	set, err := n.samplesOf()
	if err != nil {
		return answer{}, err
	}
	name := q.Get("layer")
	s, err := n.searchOf(set, name)
	if err != nil {
		return answer{}, err
	}
	from, to, err := q.span("channels", len(s.found.Places), 16)
	if err != nil {
		return answer{}, err
	}
	n.held = true
	defer func() { n.held = false }()
	if err := n.seek(ctx, s); err != nil {
		return answer{}, err
	}
	places, whole := s.found.Places[from:to+1], s.feeder.Samples
	list, err := n.drawPatches(ctx, set, patchesOf{name, passing, from, sideOf(2*mostPlaces*(to-from+1), mostPixels)}, places)
	if err != nil {
		return answer{}, err
	}
	a, err := ofTiles(list, 2*mostPlaces, func(t tiles) any {
		return struct {
			tiles
			First  int           `json:"first"`
			Seen   int           `json:"seen"`
			Of     int           `json:"of"`
			More   bool          `json:"more,omitempty"` // the search is not over
			Places [][]foundJSON `json:"places"`
		}{t, from, s.seen, whole, !s.over(), told(places)}
	})
	a.passes = !s.over()
	return a, err
}

// seek goes on with a search for a while, and for as long as drawing took what it had found last.
func (n *network) seek(ctx context.Context, s *search) error {
	for until := time.Now().Add(n.desk.portion + n.drawing); !s.over(); {
		if err := s.next(); err != nil {
			return err
		}
		if !time.Now().Before(until) {
			return ctx.Err()
		}
		if err := n.desk.yield(ctx); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// patchesOf is what patches are drawn of.
type patchesOf struct {
	layer   string
	passing nn.Passing
	first   int // channel
	side    int // pixels of a picture at most
}

// patch is one of them.
type patch struct {
	of      patchesOf
	channel int
	at      look.Place
}

// drawPatches draws places and their projections, those anew that were not drawn last.
func (n *network) drawPatches(ctx context.Context, set samples.Source, of patchesOf, places [][]look.Place) (list []image.Image, err error) {
	l, err := NewLens(n.p, 1, of.passing, of.layer)
	if err != nil {
		return nil, err
	}
	feeder, err := n.p.Feeder(set, 1)
	if err != nil {
		return nil, err
	}
	blank := image.NewNRGBA(image.Rect(0, 0, 1, 1))
	drawn := map[patch][]image.Image{}
	began := time.Now()
	for k, row := range places {
		for i := range mostPlaces {
			if i >= len(row) {
				list = append(list, blank, blank)
				continue
			}
			p := patch{of, of.first + k, row[i]}
			two := n.patched[p]
			if two == nil {
				if two, err = Patch(n.p, l, feeder, p.channel, p.at, true); err != nil {
					return nil, err
				}
				two = []image.Image{shrunk(two[0], of.side), shrunk(two[1], of.side)}
				if err := n.desk.yield(ctx); err != nil {
					return nil, err
				}
			}
			drawn[p] = two
			list = append(list, two...)
		}
	}
	n.patched, n.drawing = drawn, time.Since(began)
	return list, nil
}

// foundJSON is where a channel was strong: sample, row, column, value.
type foundJSON [4]json.Number

func told(places [][]look.Place) (rows [][]foundJSON) {
	for _, list := range places {
		row := []foundJSON{}
		for _, p := range list {
			number := func(v int) json.Number { return json.Number(fmt.Sprint(v)) }
			row = append(row, foundJSON{number(p.Sample), number(p.Y), number(p.X), json.Number(fmt.Sprintf("%.4g", finite(p.Value)))})
		}
		rows = append(rows, row)
	}
	return rows
}

// searchOf is the search of the first samples of the set, of which there is one for a layer.
func (n *network) searchOf(set samples.Source, name string) (*search, error) {
	if s := n.found[name]; s != nil {
		return s, nil
	}
	l, err := NewLens(n.p, SearchRows, nn.Gradient, name)
	if err != nil {
		return nil, err
	}
	s, err := newSearch(n.p, l, &First{set, min(mostSeen, set.Len())}, mostPlaces)
	if err != nil {
		return nil, err
	}
	n.found[name] = s
	return s, nil
}

// First is the first N samples of a set.
type First struct {
	samples.Source
	N int
}

// Len is N.
func (s *First) Len() int { return s.N }

// maximize draws a picture that the middle of a channel is strongest for.
func (n *network) maximize(ctx context.Context, q query) (answer, error) {
	l, err := NewLens(n.p, 1, nn.Gradient, q.Get("layer"))
	if err != nil {
		return answer{}, err
	}
	channel, err := q.number("channel", 0, 0, l.Layers()[0].Cols-1)
	if err != nil {
		return answer{}, err
	}
	climb := look.DefaultClimb()
	climb.Stop = ctx.Done()
	c, err := NewClimber(n.p, l, false, climb)
	if err != nil {
		return answer{}, err
	}
	m, value, err := c.Climb(channel)
	if err != nil {
		return answer{}, err
	}
	return ofTiles([]image.Image{m}, 1, func(t tiles) any {
		return struct {
			tiles
			Value float32 `json:"value"`
		}{t, finite(value)}
	})
}
