package zoo

import (
	"fmt"
	"math/bits"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
)

func init() {
	Register("lenet5-1998", Kind[Classifier]{
		About:     "LeNet-5 as published: maps that see some of the maps before them, trained pooling, distances from pictures of digits",
		Task:      task.Class,
		Sample:    "image",
		Defaults:  Classifier{Classes: 10, Image: 32, Channels: 1},
		Published: &Published{leCunGradient, "layers of the paper", 60_000, 0.000327, nil},
		New:       newLeNet1998,
	})
}

const leCunGradient = "LeCun, Bottou, Bengio and Haffner (1998), Gradient-Based Learning Applied to Document Recognition"

// leNet1998Least is the smallest image of which a map is left for C5.
const leNet1998Least = 16

// leNet1998Seen is table I of the paper: which maps of S2 a map of C3 sees.
var leNet1998Seen = [][][]int{
	{{0, 1, 2}, {1, 2, 3}, {2, 3, 4}, {3, 4, 5}, {0, 4, 5}, {0, 1, 5}},
	{{0, 1, 2, 3}, {1, 2, 3, 4}, {2, 3, 4, 5}, {0, 3, 4, 5}, {0, 1, 4, 5}, {0, 1, 2, 5}, {0, 1, 3, 4}, {1, 2, 4, 5}, {0, 2, 3, 5}},
	{{0, 1, 2, 3, 4, 5}},
}

// leNet1998 is figure 2 of LeCun et al. (1998); f(a) = 1.7159·tanh(2a/3) follows
// every layer but the last:
//
//	layer            maps of 32 pixels  parameters
//	C1  5x5, 6              28 x 28            156
//	S2  means of 2x2, times a weight, plus a bias  14 x 14   12
//	C3  5x5, 16             10 x 10          1,516, of three groups of maps
//	S4  as S2                5 x 5              32
//	C5  5x5, 120             1 x 1          48,120
//	F6  linear, 84                          10,164
//	    distances from 84 numbers of every class, which are not trained
//
// A logit is the negative square of a distance. Weights start as U(-2.4/n, 2.4/n) of
// n inputs to an output, biases as 0.
type leNet1998 struct {
	Classifier
	params         *nn.Params
	c1, s2, s4, c5 *nn.Conv2d
	c3             []*nn.Conv2d
	f6             *nn.Linear
	centres        []float32 // [classes, 84], taken from the units of F6
}

func newLeNet1998(c Classifier) (Model, error) {
	err := c.check(leNet1998Least, narrowing{"c1", 5, 1, 0}, narrowing{"s2", 2, 2, 0}, narrowing{"c3", 5, 1, 0}, narrowing{"s4", 2, 2, 0})
	if err != nil {
		return nil, err
	}
	if c.Classes > centresMost {
		return nil, fmt.Errorf("model.classes: %d is not allowed; lenet5-1998 has centres of %d classes", c.Classes, centresMost)
	}
	ps := nn.NewParams()
	conv := func(name string, in, out, kernel, groups int) *nn.Conv2d {
		l := nn.NewConv2d(ps, name, grouped(square(in, out, kernel, 1, 0), groups), true, startOf(in/groups*kernel*kernel))
		l.Bias.StartAs(nn.ConstantInit(0))
		return l
	}
	pooled := func(name string, maps int) *nn.Conv2d { // a weight of a mean is one of four inputs
		l := conv(name, maps, maps, 1, maps)
		l.Weight.StartAs(nn.UniformInit(2.4))
		return l
	}
	m := &leNet1998{Classifier: c, params: ps, c1: conv("c1", c.Channels, 6, 5, 1), s2: pooled("s2", 6)}
	for i, maps := range leNet1998Seen {
		m.c3 = append(m.c3, conv(fmt.Sprintf("c3.%d", i), len(maps)*len(maps[0]), len(maps), 5, len(maps)))
	}
	m.s4 = pooled("s4", 16)
	m.c5 = conv("c5", 16, 120, ((c.Image-4)/2-4)/2, 1)
	m.f6 = nn.NewLinear(ps, "f6", 120, centreUnits, true)
	m.f6.Weight.StartAs(startOf(120))
	m.f6.Bias.StartAs(nn.ConstantInit(0))
	for class := range c.Classes {
		for _, v := range centre(class) {
			m.centres = append(m.centres, -v)
		}
	}
	return m, nil
}

func startOf(inputs int) nn.Init { return nn.UniformInit(2.4 / float32(inputs)) }

func (m *leNet1998) Params() *nn.Params { return m.params }

func (m *leNet1998) Forward(t *nn.Tape, b *nn.Batch) *nn.Node {
	x := squashed(t, "c1", m.c1.Forward(t, m.image(b)))
	x = squashed(t, "s2", m.s2.Forward(t, t.AvgPool("s2.mean", x, window(2, 2, 0), true)))
	x = squashed(t, "c3", m.third(t, x))
	x = squashed(t, "s4", m.s4.Forward(t, t.AvgPool("s4.mean", x, window(2, 2, 0), true)))
	x = squashed(t, "c5", m.c5.Forward(t, x))
	return m.distances(t, squashed(t, "f6", m.f6.Forward(t, t.Flatten("flatten", x))))
}

// third records C3: the maps that are seen stand one after another before a
// convolution in as many groups.
func (m *leNet1998) third(t *nn.Tape, x *nn.Node) *nn.Node {
	var maps, parts [6]*nn.Node
	for i := range maps {
		maps[i] = t.Slice(fmt.Sprintf("c3.map%d", i), x, i, i+1)
	}
	for i, c := range m.c3 {
		var seen []*nn.Node
		for _, of := range leNet1998Seen[i] {
			for _, k := range of {
				seen = append(seen, maps[k])
			}
		}
		parts[i] = c.Forward(t, t.Concat(fmt.Sprintf("c3.seen%d", i), seen...))
	}
	return t.Concat("c3.maps", parts[:len(m.c3)]...)
}

// distances records the negative squares of x's distances from the centres.
func (m *leNet1998) distances(t *nn.Tape, x *nn.Node) *nn.Node {
	copies, ones := make([]*nn.Node, m.Classes), make([]float32, len(m.centres))
	for i := range copies {
		copies[i] = x
	}
	for i := range ones {
		ones[i] = 1
	}
	d := t.Affine("rbf.difference", t.Concat("rbf.copies", copies...), ones, m.centres)
	square := t.Unflatten("rbf.classes", t.Mul("rbf.square", d, d), 1, centreUnits)
	return t.Scale("rbf", t.GlobalAvgPool("rbf.mean", square), -centreUnits)
}

// squashed records 1.7159·tanh(2x/3): 1 of 1, -1 of -1.
func squashed(t *nn.Tape, layer string, x *nn.Node) *nn.Node {
	return t.Scale(layer+".f", t.Tanh(layer+".tanh", t.Scale(layer+".a", x, 2./3)), 1.7159)
}

// Centres are of 12 lines of 7 pixels, one for every unit of F6.
const centreUnits, centresMost = 12 * 7, 128

// digits are the centres of the first ten classes.
const digits = `
....... ....... ....... ....... ....... ....... ....... ....... ....... .......
..###.. ...##.. .#####. ######. ....##. ####### ..####. ####### .#####. .#####.
.##.##. ..###.. ##...## .....## ...###. ##..... .##.... .....## ##...## ##...##
.#...#. .####.. .....## .....## ..####. ##..... ##..... .....## ##...## ##...##
##...## ...##.. .....## ....##. .##.##. #####.. ##..... ....##. .##.##. ##...##
##...## ...##.. ....##. ..###.. ##..##. ....##. #####.. ....##. ..###.. .######
##...## ...##.. ...##.. ....##. ##..##. .....## ##..##. ...##.. .##.##. .....##
##...## ...##.. ..##... .....## ####### .....## ##...## ...##.. ##...## .....##
.#...#. ...##.. .##.... .....## ....##. .....## ##...## ..##... ##...## .....##
.##.##. ...##.. ##..... ##..##. ....##. ##..##. .##.##. ..##... ##...## ....##.
..###.. .###### ####### .####.. ....##. .####.. ..###.. ..##... .#####. .####..
....... ....... ....... ....... ....... ....... ....... ....... ....... .......
`

// centre returns the centre of a class, of 1 and -1. Those of classes that are no
// digits are rows of a Walsh matrix, half of which are one and half the other.
func centre(class int) (c [centreUnits]float32) {
	const line = 10 * 8 // ten digits, each of 7 pixels and a space or the end
	for i := range c {
		c[i] = -1
		if class < 10 && digits[1+i/7*line+class*8+i%7] == '#' || class >= 10 && bits.OnesCount(uint(class&i))%2 == 1 {
			c[i] = 1
		}
	}
	return c
}
