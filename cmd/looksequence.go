package cmd

import (
	"fmt"
	"image"
	"slices"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/cmd/draw"
	"github.com/rondo-ml/rondo/cmd/inside"
	"github.com/rondo-ml/rondo/nn/look"
	"github.com/rondo-ml/rondo/worker"
)

// sequenceLook is what `rondo look maps` is told of a network that reads sequences.
type sequenceLook struct {
	layers           []string // patterns; empty: those of recurrent layers and behind rectifiers
	sample, channels int
	answer           int // -1: the likeliest
	side             int // pixels of a picture's width
}

// sheets draws a sample, layers over time, and what of the sample matters for an answer, all of one width.
func (o sequenceLook) sheets(c *cobra.Command, p *worker.Predictor, given string) (sheets []*draw.Sheet, err error) {
	s, err := inside.NewSequence(p)
	if err != nil {
		return nil, err
	}
	names := pickLayers(s.Layers, o.layers)
	if len(o.layers) == 0 {
		for _, y := range inside.TellingLayers(s.Layers, usualLayers) {
			names = append(names, y.Name)
		}
	}
	if err := fillSample(p, c, s.Batch, given, o.sample); err != nil {
		return nil, err
	}
	s.Forward()
	read := s.Read()
	if read.Steps == 0 || s.Said() == 0 {
		return nil, fmt.Errorf("--sample %d is too short: there is no time step of it", o.sample)
	}
	low, high := draw.Span(read.Values)
	sheets = append(sheets, o.sheet(fmt.Sprintf("%s: %s of %s, from %.3g to %.3g", s.Frames.Name, countText(read.Steps, "frame"), countText(read.Channels, "number"), low, high),
		read, low, high, s.Heard != nil))
	for _, name := range names {
		i := slices.IndexFunc(s.Layers, func(l look.Layer) bool { return l.Name == name })
		if i < 0 {
			return nil, &usageError{fmt.Errorf("--layers %s: no layer of that name; list them by look layers", name)}
		}
		y := s.Course(i)
		low, high := draw.Span(y.Values)
		sheets = append(sheets, o.sheet(fmt.Sprintf("%s: %s of %s, from %.3g to %.3g", name, countText(y.Steps, "step"), countText(y.Channels, "channel"), low, high), y, low, high, false))
	}
	last, err := o.matters(p, s)
	if err != nil {
		return nil, err
	}
	return append(sheets, last), nil
}

// matters draws the gradient of the answer.
func (o sequenceLook) matters(p *worker.Predictor, s *look.Sequence) (*draw.Sheet, error) {
	a := look.Answer{Step: s.Said() - 1, Number: o.answer, Class: inside.AnswersClass(p)}
	if logits := s.Out.Value().Row(a.Step); a.Number < 0 {
		a.Number = inside.Likeliest(logits)
	}
	if a.Number >= s.Out.Cols {
		return nil, &usageError{fmt.Errorf("--answer %d: the network has %d, from 0 on", o.answer, s.Out.Cols)}
	}
	grad, lengths, err := s.Matters(a)
	if err != nil {
		return nil, err
	}
	far := inside.Strongest(grad.Values)
	at := slices.Index(lengths, slices.Max(lengths))
	name := inside.AnswerName(p, a.Number)
	return o.sheet(fmt.Sprintf("what matters for %s: its gradient by each frame, most by frame %d; grey is zero", visibleText(name), at), grad, -far, far, s.Heard != nil), nil
}

// sheet is one picture over time. Its title says where channels are left out; of a spectrogram all are drawn for which there
// is room.
func (o sequenceLook) sheet(title string, c look.Course, low, high float32, up bool) *draw.Sheet {
	n := inside.MostRows
	if !up {
		n = min(n, o.channels)
	}
	if c.Channels > n {
		few := look.Course{Steps: c.Steps, Channels: n}
		for t := range c.Steps {
			few.Values = append(few.Values, c.Values[t*c.Channels:t*c.Channels+n]...)
		}
		c, title = few, title+fmt.Sprintf(", the first %d", n)
	}
	m, _ := inside.CoursePicture(c, low, high, up)
	rows := m.Bounds().Dy()
	height := rows * max(1, min(12, 160/rows))
	var tile image.Image = inside.Stretched(m, max(o.side, m.Bounds().Dx()), height)
	return &draw.Sheet{Title: title, Side: 1, Columns: 1, Tiles: []draw.Tile{{Image: tile}}}
}

// usualLayers is how many layers are drawn at most where nobody names any.
const usualLayers = 12

// printOver lists the layers of a network that reads sequences.
func printOver(c *cobra.Command, p *worker.Predictor) error {
	s, err := inside.NewSequence(p)
	if err != nil {
		return err
	}
	for _, y := range s.Layers {
		steps, channels := y.OverTime()
		size := countText(channels, "value")
		if steps > 1 {
			size = fmt.Sprintf("up to %s of %s", countText(steps, "step"), countText(channels, "channel"))
		}
		fmt.Fprintf(c.OutOrStdout(), "%-28s %s\n", y.Name, size)
	}
	return nil
}
