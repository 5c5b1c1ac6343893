package inside

import (
	"context"
	"errors"
	"fmt"
	"image"
	"math"
	"slices"

	"github.com/rondo-ml/rondo/cmd/draw"
	"github.com/rondo-ml/rondo/nn/look"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/worker"
)

// hear has the network read the sample that a question is about, and all of its layers be seen over time.
func (n *network) hear(q query) (*look.Sequence, error) {
	set, sample, err := n.asked(q)
	if err != nil {
		return nil, err
	}
	s, err := NewSequence(n.p)
	if err != nil {
		return nil, err
	}
	feeder, err := n.p.Feeder(set, 1)
	if err != nil {
		return nil, err
	}
	if _, err := feeder.Fill(sample, s.Batch); err != nil {
		return nil, err
	}
	s.Forward()
	if s.Symbols != nil && len(s.Text()) == 0 {
		return nil, fmt.Errorf("sample %d has nothing to read", sample)
	}
	if s.Read().Steps == 0 {
		return nil, fmt.Errorf("sample %d is too short: there is no time step of it", sample)
	}
	return s, nil
}

// course is a layer over time as it is told beside its picture.
type course struct {
	tiles
	Layer    string     `json:"layer"`
	Steps    int        `json:"steps"`
	Channels int        `json:"channels"` // of which the picture has a row for each, or for the first ones
	By       int        `json:"by"`       // steps of a column
	Up       bool       `json:"up"`       // the first channel is the bottom row
	Span     [2]float32 `json:"span"`     // black, white
}

// picture draws a layer over time.
func (n *network) picture(name string, c look.Course, low, high float32, up bool, facts func(c course) any) (answer, error) {
	m, by := CoursePicture(c, low, high, up)
	return ofTiles([]image.Image{m}, 1, func(t tiles) any {
		return facts(course{t, name, c.Steps, c.Channels, by, up, [2]float32{finite(low), finite(high)}})
	})
}

// sequence draws what the network reads, and says what it is and what it is taken for.
func (n *network) sequence(_ context.Context, q query) (answer, error) {
	s, err := n.hear(q)
	if err != nil {
		return answer{}, err
	}
	guesses, class, err := n.taken(q)
	if err != nil {
		return answer{}, err
	}
	read := s.Read()
	low, high := draw.Span(read.Values)
	return n.picture(s.Frames.Name, read, low, high, s.Heard != nil, func(c course) any {
		told := struct {
			course
			Class  string       `json:"class,omitempty"`
			Taken  []guess      `json:"taken,omitempty"`
			Frame  float64      `json:"frame,omitempty"`  // seconds from one to the next, of a sound
			Length float64      `json:"length,omitempty"` // of a sound, in seconds
			Wave   [][2]float32 `json:"wave,omitempty"`   // the least and the greatest in equal parts of a sound
			Lines  [][]float32  `json:"lines,omitempty"`  // of few features, each over time
		}{course: c, Class: class, Taken: guesses}
		if s.Heard != nil {
			rate := float64(s.Heard.Options.Rate)
			told.Frame, told.Length, told.Wave = float64(s.Heard.Options.Hop)/rate, float64(len(s.Wave()))/rate, rounded(envelope(s.Wave(), mostWave))
		} else if read.Channels <= mostLines {
			thin, _ := Thinned(read, mostWave)
			for k := range thin.Channels {
				told.Lines = append(told.Lines, trackOf(thin, k))
			}
		}
		return told
	})
}

// over draws what a layer yields over time.
func (n *network) over(_ context.Context, q query) (answer, error) {
	s, i, c, err := n.courseOver(q)
	if err != nil {
		return answer{}, err
	}
	low, high := draw.Span(c.Values)
	return n.picture(s.Layers[i].Name, c, low, high, s.Layers[i].Name == s.Frames.Name && s.Heard != nil, func(c course) any { return c })
}

// track is what one channel of a layer yields over time.
func (n *network) track(_ context.Context, q query) (answer, error) {
	s, i, all, err := n.courseOver(q)
	if err != nil {
		return answer{}, err
	}
	most := mostColumns
	if s.Symbols != nil {
		most = all.Steps // a text is colored symbol by symbol
	}
	c, by := Thinned(all, most)
	channel, err := q.number("channel", 0, 0, c.Channels-1)
	if err != nil {
		return answer{}, err
	}
	return ofJSON(map[string]any{"layer": s.Layers[i].Name, "channel": channel, "by": by, "values": trackOf(c, channel)})
}

// courseOf is what layer i yields, of a sample that is long enough for it: padding and strides may leave it no time step.
func courseOf(s *look.Sequence, i int) (look.Course, error) {
	c := s.Course(i)
	if c.Steps == 0 {
		return c, fmt.Errorf("the sample is too short: there is no time step of it in layer %s", s.Layers[i].Name)
	}
	return c, nil
}

// courseOver is the layer that a question is about, by its number, and what it yields.
func (n *network) courseOver(q query) (s *look.Sequence, layer int, c look.Course, err error) {
	if s, err = n.hear(q); err != nil {
		return nil, 0, c, err
	}
	name := q.Get("layer")
	layer = slices.IndexFunc(s.Layers, func(l look.Layer) bool { return l.Name == name })
	if layer < 0 {
		return nil, 0, c, fmt.Errorf("the network has no layer %s; ask about those that it has", short(name))
	}
	c, err = courseOf(s, layer)
	return s, layer, c, err
}

// matters draws the gradient of an answer by what is read.
func (n *network) matters(_ context.Context, q query) (answer, error) {
	s, err := n.hear(q)
	if err != nil {
		return answer{}, err
	}
	said := s.Said()
	if said < 1 || s.Out.Layout.IsImage() {
		return answer{}, errors.New("the network says nothing of this sample at a time step")
	}
	a := look.Answer{Class: AnswersClass(n.p)}
	if a.Step, err = q.number("at", said-1, 0, said-1); err != nil {
		return answer{}, err
	}
	logits := slices.Clone(s.Out.Value().Row(a.Step))
	if a.Number, err = q.number("answer", Likeliest(logits), 0, len(logits)-1); err != nil {
		return answer{}, err
	}
	grad, lengths, err := s.Matters(a)
	if err != nil {
		return answer{}, err
	}
	most := slices.Max(lengths)
	far := Strongest(grad.Values)
	return n.picture(s.Frames.Name, grad, -far, far, s.Heard != nil, func(c course) any {
		told := struct {
			course
			Answer int       `json:"answer"`
			Of     int       `json:"of"` // numbers that the network gives
			At     int       `json:"at"` // the step of the answer
			Said   int       `json:"said"`
			Name   string    `json:"name"`
			Value  float64   `json:"value"`   // a probability, or the number
			Class  bool      `json:"p"`       // it is a probability
			Parts  []float64 `json:"lengths"` // how much the steps of a column matter, by the most
		}{course: c, Answer: a.Number, Of: len(logits), At: a.Step, Said: said, Name: AnswerName(n.p, a.Number), Class: a.Class, Value: float64(finite(logits[a.Number]))}
		if a.Class {
			told.Value = probability(logits, a.Number)
		}
		for first := 0; first < len(lengths); first += c.By {
			told.Parts = append(told.Parts, math.Round(1e4*slices.Max(lengths[first:min(first+c.By, len(lengths))])/max(most, 1e-30))/1e4)
		}
		return told
	})
}

// AnswersClass says whether the numbers that a network gives of a sequence are logits of classes.
func AnswersClass(p *worker.Predictor) bool {
	return p.File.Task.Kind == task.Class || p.File.Task.Kind == task.Transcript
}

// AnswerName is what the data call a number that the network gives.
func AnswerName(p *worker.Predictor, number int) string {
	if part := p.Part(task.Class); p.File.Task.Kind == task.Class && part != nil && number < len(part.Classes) {
		return part.Classes[number]
	}
	return fmt.Sprint(number)
}

// Likeliest is the number of the largest of logits; 0 where none is larger than the first, as where that is not a number.
func Likeliest(logits []float32) (best int) {
	for i, v := range logits {
		if v > logits[best] {
			best = i
		}
	}
	return best
}

func probability(logits []float32, number int) float64 {
	sum := 0.0
	for _, v := range logits {
		sum += math.Exp(float64(v - logits[number]))
	}
	if p := 1 / sum; p == p {
		return p
	}
	return 0
}

// trackOf is one channel of a course, in a few digits.
func trackOf(c look.Course, channel int) []float32 {
	track := make([]float32, c.Steps)
	for t := range track {
		track[t] = digits(finite(c.Values[t*c.Channels+channel]))
	}
	return track
}

func rounded(list [][2]float32) [][2]float32 {
	for i := range list {
		list[i] = [2]float32{digits(list[i][0]), digits(list[i][1])}
	}
	return list
}

// digits is a number to four digits behind the first.
func digits(v float32) float32 {
	if v == 0 {
		return 0
	}
	unit := math.Pow(10, math.Floor(math.Log10(math.Abs(float64(v))))-4)
	return float32(math.Round(float64(v)/unit) * unit)
}

// sequenceLayers are the layers of a network that reads sequences, as long as there is room for.
func (n *network) sequenceLayers() (list []layer, err error) {
	s, err := NewSequence(n.p)
	if err != nil {
		return nil, err
	}
	for _, y := range s.Layers {
		one := layer{Name: y.Name, Height: 1, Width: 1}
		one.Steps, one.Channels = y.OverTime()
		list = append(list, one)
	}
	return list, nil
}
