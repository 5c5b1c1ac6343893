package main

import (
	"fmt"
	"math"
	"net/url"
	"strconv"

	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/portable"
)

// side is the height and width of a picture.
const side = 16

// moons are pictures of the moon, as seen from somewhere, and its age. A run file names a set
//
//	moons:train?count=4000&haze=0.2
//
// where the word behind the colon keys the samples. The same picture is a young moon in the north and an old one in the
// south, so nobody can tell its age who does not know where it was seen.
type moons struct {
	name  string
	count int
	haze  float64 // greatest deviation of the noise, as a share of white
}

func openMoons(source string) (samples.Source, error) {
	u, err := url.Parse(source)
	if err != nil {
		return nil, err
	}
	m := &moons{name: u.Opaque, haze: 0.2}
	for field, values := range u.Query() {
		switch field {
		case "count":
			m.count, err = strconv.Atoi(values[0])
		case "haze":
			m.haze, err = strconv.ParseFloat(values[0], 64)
		default:
			err = fmt.Errorf("field %q is not known, take count or haze", field)
		}
		if err != nil {
			return nil, err
		}
	}
	if m.name == "" || m.count < 1 || !(m.haze >= 0 && m.haze <= 1) {
		return nil, fmt.Errorf("want moons:NAME?count=N with N from 1 on, and a haze of [0, 1]")
	}
	return m, nil
}

func (m *moons) Len() int { return m.count }

// Hash states all that a sample depends on, the version of the formula too.
func (m *moons) Hash() string {
	return fmt.Sprintf("moons 1 %s %d %016x", m.name, m.count, math.Float64bits(m.haze))
}

func (m *moons) Schema() samples.Schema {
	return samples.Schema{Parts: []samples.Part{
		{Name: "image", Element: samples.Uint8, Shape: []int{side, side, 1}},
		{Name: "place", Element: samples.Float32, Shape: []int{2}}, // 1 in the north, -1 in the south; the haze
		{Name: "age", Element: samples.Float32, Shape: []int{}},    // from 0 over 0.5, the full moon, to 1
	}}
}

// At draws sample i. A stream gives the same numbers wherever it is asked, and package portable the same cosine.
func (m *moons) At(i int) (samples.Sample, error) {
	key := uint64(1)
	for _, r := range m.name {
		key = key*31 + uint64(r)
	}
	var chance [3]float32
	nn.Stream{Seed: key, Step: uint64(i), Lane: 0}.Uniform(chance[:], 0, 1)
	noise := make([]float32, side*side)
	haze := m.haze * float64(chance[2])
	nn.Stream{Seed: key, Step: uint64(i), Lane: 1}.Normal(noise, float32(255*haze))
	age, place := chance[0], float32(1)
	if chance[1] < 0.5 {
		place = -1
	}
	pixels := make([]byte, side*side)
	for at := range pixels {
		x, y := float64(at%side-side/2)+0.5, float64(at/side-side/2)+0.5
		grey := noise[at] + 20
		if lit(float64(place)*x/7, y/7, float64(age)) {
			grey += 200
		}
		pixels[at] = byte(max(0, min(255, grey)))
	}
	return samples.Sample{
		{Shape: []int{side, side, 1}, Data: pixels},
		samples.Float32s([]float32{place, float32(haze)}),
		{Shape: []int{}, Data: samples.Float32s([]float32{age}).Data},
	}, nil
}

// lit says whether the sun shines on a point of the disc, seen from the north. Each product is rounded by itself, as some
// processors would fuse it with the sum and others not.
func lit(x, y, age float64) bool {
	half := 1 - float64(y*y) // squared width of the disc at this height
	if half < float64(x*x) {
		return false
	}
	shadow := portable.CosPi(2*age) * math.Sqrt(half)
	if age < 0.5 {
		return x > shadow
	}
	return x < -shadow
}
