package inside

import (
	"context"
	"fmt"
	"image"
	"math"

	"github.com/rondo-ml/rondo/cmd/draw"
	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/look"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/worker"
)

const (
	mostTiles  = 512     // of an answer
	mostPixels = 1 << 22 // of an answer
)

// filters draws a convolution's weights.
func (n *network) filters(_ context.Context, q query) (answer, error) {
	w, err := Convolution(n.p.Network().Params(), q.Get("layer"))
	if err != nil {
		return answer{}, err
	}
	most := max(1, min(mostTiles, mostPixels/max(1, w.Shape[2]*w.Shape[3])))
	list, planes := Filters(w, q.Get("together") == "1", most)
	columns := planes
	if planes == 1 {
		columns = 16
	}
	return ofTiles(list, columns, func(t tiles) any {
		return struct {
			tiles
			Layer   string `json:"layer"`
			Filters int    `json:"filters"`
			Planes  int    `json:"planes"`
		}{t, ConvolutionName(w), w.Shape[0], planes}
	})
}

// samplesOf is the set whose samples are shown.
func (n *network) samplesOf() (samples.Source, error) {
	if n.set != nil {
		return n.set, nil
	}
	source, err := n.source()
	if err != nil {
		return nil, err
	}
	set, err := n.p.Open(source)
	if err == nil && set.Len() < 1 {
		err = fmt.Errorf("%s has no samples", source)
	}
	if err != nil {
		return nil, err
	}
	n.set = set
	return set, nil
}

// asked is the set, and the sample of it, that a question is about.
func (n *network) asked(q query) (set samples.Source, sample int, err error) {
	if q.Get("picture") != "" {
		set, err = n.uploaded(q.Get("picture"))
		return set, 0, err
	}
	if text := q.Get("prompt"); text != "" {
		if set, err = n.typed(text); err != nil {
			return nil, 0, err
		}
		return set, 0, nil
	}
	if set, err = n.samplesOf(); err != nil {
		return nil, 0, err
	}
	sample, err = q.number("sample", 0, 0, set.Len()-1)
	return set, sample, err
}

// see has a lens of one row compute its layers of the sample.
func (n *network) see(q query, passing nn.Passing, names ...string) (l *look.Lens, m *nn.Images, err error) {
	set, sample, err := n.asked(q)
	if err != nil {
		return nil, nil, err
	}
	if l, err = NewLens(n.p, 1, passing, names...); err != nil {
		return nil, nil, err
	}
	feeder, err := n.p.Feeder(set, 1)
	if err != nil {
		return nil, nil, err
	}
	if _, err := feeder.Fill(sample, l.Batch); err != nil {
		return nil, nil, err
	}
	l.Forward()
	m, err = Images(l)
	return l, m, err
}

// input draws the picture as the network reads it, and says what it is and what it is taken for.
func (n *network) input(_ context.Context, q query) (answer, error) {
	_, m, err := n.see(q, nn.Gradient)
	if err != nil {
		return answer{}, err
	}
	picture, err := Shown(n.p, m.Image(0), m.Height, m.Width, m.Channels)
	if err != nil {
		return answer{}, err
	}
	guesses, class, err := n.taken(q)
	if err != nil {
		return answer{}, err
	}
	return ofTiles([]image.Image{picture}, 1, func(t tiles) any {
		return struct {
			tiles
			Class string  `json:"class,omitempty"`
			Taken []guess `json:"taken,omitempty"`
		}{t, class, guesses}
	})
}

type guess struct {
	Class       string  `json:"class"`
	Number      int     `json:"number"` // of the class
	Probability float64 `json:"p"`
}

// taken is what the network takes the sample for, where it tells classes apart.
func (n *network) taken(q query) (guesses []guess, class string, err error) {
	if n.file.Task.Kind != task.Class {
		return nil, "", nil
	}
	set, sample, err := n.asked(q)
	if err != nil {
		return nil, "", err
	}
	schema := set.Schema()
	if schema.Part(task.Class) < 0 {
		schema = n.p.Schema
	}
	name := func(number int) string {
		if at := schema.Part(task.Class); at >= 0 && number >= 0 && number < len(schema.Parts[at].Classes) {
			return schema.Parts[at].Classes[number]
		}
		return fmt.Sprint(number)
	}
	one, err := set.At(sample)
	if err != nil {
		return nil, "", err
	}
	if at := set.Schema().Part(task.Class); at >= 0 && len(one[at].Int32s()) == 1 {
		class = name(int(one[at].Int32s()[0]))
	}
	alone := &single{set, one}
	err = n.p.Run(alone, func(_ int, out worker.Output) error {
		steps := out.Best(5)
		for _, g := range steps[len(steps)-1] {
			if !math.IsNaN(g.Probability) {
				guesses = append(guesses, guess{name(g.Class), g.Class, g.Probability})
			}
		}
		return nil
	})
	return guesses, class, err
}

// single is one sample of a set.
type single struct {
	samples.Source
	sample samples.Sample
}

func (s *single) Len() int                       { return 1 }
func (s *single) At(int) (samples.Sample, error) { return s.sample, nil }

// span is rows or columns from the first to before the last.
type span [2]int

// maps draws the feature maps of a layer.
func (n *network) maps(_ context.Context, q query) (answer, error) {
	l, m, err := n.see(q, nn.Gradient, q.Get("layer"))
	if err != nil {
		return answer{}, err
	}
	y, values := l.Layers()[0], l.Maps(0, 0)
	low, high := draw.Span(values.Values)
	var list []image.Image
	columns := 16
	if !y.Layout.IsImage() {
		list, columns = append(list, draw.Gray(values.Values, 1, values.Channels, 1, low, high)), 1
	} else {
		most := max(1, min(mostTiles, mostPixels/max(1, values.Height*values.Width)))
		for k := range min(values.Channels, most) {
			list = append(list, draw.Gray(values.Channel(k), values.Height, values.Width, 1, low, high))
		}
	}
	rows, cols := fields(l, m, values)
	return ofTiles(list, columns, func(t tiles) any {
		return struct {
			tiles
			Layer    string     `json:"layer"`
			Image    bool       `json:"image"`
			Channels int        `json:"channels"`
			Span     [2]float32 `json:"span"`
			Rows     []span     `json:"rows"`
			Cols     []span     `json:"cols"`
		}{t, y.Name, y.Layout.IsImage(), values.Channels, [2]float32{finite(low), finite(high)}, rows, cols}
	})
}

// finite is a number that JSON can say.
func finite(v float32) float32 {
	if v-v != 0 {
		return 0
	}
	return v
}

// fields are the rows of the picture that each row of the layer is computed from, and the columns. What a window sees
// down a picture does not depend on where it is across.
func fields(l *look.Lens, m *nn.Images, values look.Maps) (rows, cols []span) {
	for y := range values.Height {
		r, ok := l.Field(0, y, 0)
		if !ok {
			return nil, nil
		}
		r = r.Within(m.Height, m.Width)
		rows = append(rows, span{r.Top, r.Bottom})
	}
	for x := range values.Width {
		r, ok := l.Field(0, 0, x)
		if !ok {
			return nil, nil
		}
		r = r.Within(m.Height, m.Width)
		cols = append(cols, span{r.Left, r.Right})
	}
	return rows, cols
}

var passings = map[string]nn.Passing{"": nn.Deconvolution, "gradient": nn.Gradient, "deconv": nn.Deconvolution, "guided": nn.Guided}

// unit draws what of the picture makes a unit as strong as it is.
func (n *network) unit(_ context.Context, q query) (answer, error) {
	passing, known := passings[q.Get("passing")]
	if !known {
		return answer{}, fmt.Errorf("passing=%s: deconv, guided or gradient", short(q.Get("passing")))
	}
	l, _, err := n.see(q, passing, q.Get("layer"))
	if err != nil {
		return answer{}, err
	}
	values := l.Maps(0, 0)
	u := look.Unit{}
	for _, f := range []struct {
		name string
		to   *int
		n    int
	}{{"y", &u.Y, values.Height}, {"x", &u.X, values.Width}, {"channel", &u.Channel, values.Channels}} {
		if *f.to, err = q.number(f.name, 0, 0, f.n-1); err != nil {
			return answer{}, err
		}
	}
	back, err := l.Project(0, u)
	if err != nil {
		return answer{}, err
	}
	return ofTiles([]image.Image{AroundZero(back)}, 1, func(t tiles) any {
		return struct {
			tiles
			Value float32 `json:"value"`
		}{t, finite(values.At(u.Y, u.X, u.Channel))}
	})
}
