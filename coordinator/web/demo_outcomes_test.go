//go:build browser

package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"slices"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// outcomes is a run whose evaluations show more than figures.
type outcomes struct {
	*demo
	classes int
	texts   bool
}

func (d *outcomes) Status() api.Status {
	st := d.demo.Status()
	for i := range st.Evaluations {
		st.Evaluations[i].Outcome = true
	}
	return st
}

func (d *outcomes) Outcome(step uint64) (text []byte, steps []uint64) {
	for _, e := range d.demo.Status().Evaluations {
		steps = append(steps, e.Step)
	}
	if step == 0 && len(steps) > 0 {
		step = steps[len(steps)-1]
	}
	o := api.Outcome{Step: step}
	if d.texts {
		for _, temperature := range []float64{0.4, 0.9} {
			o.Texts = append(o.Texts, api.Written{Prompt: "func main() {", Temperature: api.Number(temperature), Text: fmt.Sprintf("\n\tfmt.Println(\"step %d\")\n\treturn <b>nil</b>\n}\n", step)})
		}
	} else {
		o.Classes, o.Guesses, o.Calibration = demoClasses(d.classes, step), demoGuesses(step), demoCalibration()
	}
	text, err := json.Marshal(o)
	if err != nil {
		panic(err)
	}
	return text, steps
}

// demoClasses mixes up neighbours, less and less.
func demoClasses(n int, step uint64) *api.ClassTable {
	t := &api.ClassTable{Of: n}
	for is := range n {
		t.Counts = append(t.Counts, make([]int64, n))
		t.List = append(t.List, api.ClassCount{Class: is, Name: fmt.Sprintf("digit %d", is), Is: 100})
	}
	for is := range n {
		wrong := int64(2000/step) + int64(is%5)
		t.Counts[is][is] = 100 - wrong
		t.Counts[is][(is+1)%n] = wrong
		t.List[is].Right = 100 - wrong
		t.List[is].Taken += 100 - wrong
		t.List[(is+1)%n].Taken += wrong
		t.Pairs = append(t.Pairs, api.ClassPair{Is: is, Taken: (is + 1) % n, Count: wrong, Samples: []int{is, is + 50, is + 70}, Losses: []api.Number{5.2, 1.4, 0.9}})
	}
	slices.SortStableFunc(t.Pairs, func(a, b api.ClassPair) int { return int(b.Count - a.Count) })
	return t
}

func demoGuesses(step uint64) (list []api.Guess) {
	for i := range 12 {
		g := api.Guess{Sample: 8 * i, Is: i % 10, Taken: i % 10, Loss: api.Number(0.1 + 20/float64(step))}
		if i%4 == 1 {
			g.Taken, g.Loss = (i+1)%10, 2.2
		}
		list = append(list, g)
	}
	return list
}

// demoCalibration is too sure throughout, of samples that lie at the upper end.
func demoCalibration() *api.Calibration {
	c := &api.Calibration{Error: 0.1}
	for b := range 15 {
		of := api.SureBin{Count: int64(b * b), Right: int64(float64(b*b) * (float64(b)/15 - 0.05)), Sure: api.Number((float64(b) + 0.6) / 15)}
		if b < 3 {
			of = api.SureBin{Sure: api.Number(math.NaN())}
		}
		c.Bins = append(c.Bins, of)
	}
	return c
}

func (d *outcomes) Draws() bool { return !d.texts }

func (d *outcomes) Pictures(samples []int) ([]byte, error) {
	m := image.NewGray(image.Rect(0, 0, 96*len(samples), 96))
	for y := range 96 {
		for x := range 96 * len(samples) {
			m.SetGray(x, y, color.Gray{uint8(samples[x/96]*40 + x + y)})
		}
	}
	var out bytes.Buffer
	err := png.Encode(&out, m)
	return out.Bytes(), err
}
