package inside

import (
	"context"
	"encoding/json"
	"fmt"
	"image"

	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/look"
)

const (
	mostSeen   = 2000 // samples that are searched
	mostPlaces = 9    // of a channel
)

// patches draws, a row for each channel, the places of the data where it is strongest, and their projections.
func (n *network) patches(ctx context.Context, q query) (answer, error) {
	passing, known := passings[q.Get("passing")]
	if !known {
		return answer{}, fmt.Errorf("passing=%s: deconv, guided or gradient", short(q.Get("passing")))
	}
	set, err := n.samplesOf()
	if err != nil {
		return answer{}, err
	}
	found, err := n.strongest(ctx, set, q.Get("layer"))
	if err != nil {
		return answer{}, err
	}
	from, to, err := q.span("channels", len(found.Places), 16)
	if err != nil {
		return answer{}, err
	}
	l, err := NewLens(n.p, 1, passing, q.Get("layer"))
	if err != nil {
		return answer{}, err
	}
	feeder, err := n.p.Feeder(set, 1)
	if err != nil {
		return answer{}, err
	}
	var list []image.Image
	side := sideOf(2*mostPlaces*(to-from+1), mostPixels)
	places := found.Places[from : to+1]
	blank := image.NewNRGBA(image.Rect(0, 0, 1, 1))
	for k, row := range places {
		for i := range mostPlaces {
			if i >= len(row) {
				list = append(list, blank, blank)
				continue
			}
			if err := ctx.Err(); err != nil {
				return answer{}, err
			}
			two, err := Patch(n.p, l, feeder, from+k, row[i], true)
			if err != nil {
				return answer{}, err
			}
			list = append(list, shrunk(two[0], side), shrunk(two[1], side))
		}
	}
	return ofTiles(list, 2*mostPlaces, func(t tiles) any {
		return struct {
			tiles
			First  int           `json:"first"`
			Seen   int           `json:"seen"`
			Places [][]foundJSON `json:"places"`
		}{t, from, min(set.Len(), mostSeen), told(places)}
	})
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

// strongest searches the first samples of the set, once for a layer.
func (n *network) strongest(ctx context.Context, set samples.Source, name string) (*look.Strongest, error) {
	if found := n.found[name]; found != nil {
		return found, nil
	}
	l, err := NewLens(n.p, SearchRows, nn.Gradient, name)
	if err != nil {
		return nil, err
	}
	found, err := Search(ctx, n.p, l, &First{set, min(mostSeen, set.Len())}, mostPlaces)
	if err != nil {
		return nil, err
	}
	n.found[name] = found
	return found, nil
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
