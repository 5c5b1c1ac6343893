package inside

import (
	"image"
	"slices"
	"strings"

	"github.com/rondo-ml/rondo/cmd/draw"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/look"
	"github.com/rondo-ml/rondo/worker"
)

// How much of a layer over time is shown: of longer sequences a column is the mean of several steps, and of wider layers the
// first channels are shown.
const (
	mostColumns = 1500
	MostRows    = 512
	mostLines   = 16 // features that are drawn as lines, too
	mostWave    = 600
)

// NewSequence records the network of a predictor to look at a sequence.
func NewSequence(p *worker.Predictor) (*look.Sequence, error) {
	return look.NewSequence(p.Network(), p.Pool(), shapeOf(p, 1))
}

// ReadsSequences says whether a network reads sequences of numbers: it reads numbers, and some layer has time steps.
func ReadsSequences(p *worker.Predictor) bool {
	numbers := false
	for _, part := range p.Reads() {
		switch part.Holds.(type) {
		case *nn.Values:
			numbers = true
		case *nn.Images:
			return false
		}
	}
	if !numbers {
		return false
	}
	for _, y := range LayersOf(p) {
		if y.Layout.Steps > 1 {
			return true
		}
	}
	return false
}

// Thinned is a course of at most so many steps, each the mean of by steps that follow one another.
func Thinned(c look.Course, most int) (thin look.Course, by int) {
	by = max(1, (c.Steps+most-1)/most)
	if by == 1 {
		return c, 1
	}
	thin = look.Course{Steps: (c.Steps + by - 1) / by, Channels: c.Channels}
	thin.Values = make([]float32, thin.Steps*c.Channels)
	for t := range c.Steps {
		n := float32(min(by, c.Steps-t/by*by))
		for k, v := range c.Values[t*c.Channels : (t+1)*c.Channels] {
			thin.Values[t/by*c.Channels+k] += v / n
		}
	}
	return thin, by
}

// CoursePicture draws what a layer yields over time, a row of pixels for each channel and a column for each step: low is black
// and high is white. The first channel is the top row, or the bottom one with up, as pitches are drawn. by is how many steps
// a column stands for.
func CoursePicture(c look.Course, low, high float32, up bool) (m image.Image, by int) {
	thin, by := Thinned(c, mostColumns)
	rows := min(thin.Channels, MostRows)
	if thin.Steps < 1 || rows < 1 {
		return image.NewNRGBA(image.Rect(0, 0, 1, 1)), by
	}
	values := make([]float32, rows*thin.Steps)
	for k := range rows {
		row := k
		if up {
			row = rows - 1 - k
		}
		for t := range thin.Steps {
			values[row*thin.Steps+t] = thin.Values[t*thin.Channels+k]
		}
	}
	return draw.Gray(values, rows, thin.Steps, 1, low, high), by
}

// Stretched is a picture in another size, each of its pixels a box.
func Stretched(m image.Image, width, height int) image.Image {
	from, to := m.Bounds(), image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			to.Set(x, y, m.At(from.Min.X+x*from.Dx()/width, from.Min.Y+y*from.Dy()/height))
		}
	}
	return to
}

// envelope is the least and the greatest of a sound in so many parts that follow one another.
func envelope(wave []float32, parts int) [][2]float32 {
	list := [][2]float32{}
	parts = min(parts, len(wave))
	for i := range parts {
		low, high := draw.Span(wave[i*len(wave)/parts : (i+1)*len(wave)/parts])
		list = append(list, [2]float32{low, high})
	}
	return list
}

// TellingLayers are the layers with time steps that are shown where nobody names any, at most so many.
func TellingLayers(all []look.Layer, most int) []look.Layer {
	return telling(all, most, func(l look.Layer) (string, int) {
		steps, _ := l.OverTime()
		return l.Name, steps
	})
}

// telling are some layers that have time steps, in the order of the network: those that recurrent layers have written before
// those behind a rectifier, and these before others.
func telling[L any](all []L, most int, of func(L) (name string, steps int)) (list []L) {
	var picked []int
	for want := range 3 {
		for i, l := range all {
			if tells(of(l)) == want && len(picked) < most {
				picked = append(picked, i)
			}
		}
	}
	slices.Sort(picked)
	for _, i := range picked {
		list = append(list, all[i])
	}
	return list
}

// tells ranks a layer of so many time steps: 0 for what recurrent layers have written, 3 for what is not shown over time.
func tells(name string, steps int) int {
	switch {
	case steps < 2:
		return 3
	case strings.Contains(name, "rnn") && !strings.HasSuffix(name, ".input"):
		return 0
	case strings.Contains(name, "relu"):
		return 1
	}
	return 2
}
