package projection

import (
	"context"
	"fmt"
	"math"

	"github.com/rondo-ml/rondo/tensor"
)

// TSNEOptions say how TSNE lays points out. Zero values take what scikit-learn takes.
type TSNEOptions struct {
	Dims       int     // 2 or 3
	Perplexity float64 // about how many neighbours count; 30
	Theta      float64 // how coarse what is far may be; 0.5
	Iterations int     // 1000, of which the first quarter pulls clusters together
	Progress   func(done, all int)
}

// WantedNeighbors is how many neighbours TSNE reads for a perplexity, of n points.
func WantedNeighbors(perplexity float64, n int) int { return max(1, min(n-1, int(3*perplexity+1))) }

const (
	exaggeration = 12
	leastGain    = 0.01
	leastRate    = 50
)

// TSNE lays points out by t-SNE: neighbours pull by probabilities, all push by those of a Student t distribution, and
// far ones push as one (Barnes and Hut). It begins from PCA and draws no random numbers.
func TSNE(ctx context.Context, pool *tensor.Pool, x tensor.Matrix, g *Graph, o TSNEOptions) (tensor.Matrix, error) {
	o = o.filled()
	if o.Dims != 2 && o.Dims != 3 {
		return tensor.Matrix{}, fmt.Errorf("t-SNE in %d dimensions: 2 or 3", o.Dims)
	}
	if !(o.Perplexity >= 1) || o.Perplexity >= float64(x.Rows) {
		return tensor.Matrix{}, fmt.Errorf("perplexity %g: from 1 to less than the %d points", o.Perplexity, x.Rows)
	}
	if same := g.Len() == x.Rows; !same {
		panic("projection: a graph of other points")
	}
	l := probabilities(g.First(WantedNeighbors(o.Perplexity, x.Rows)), o.Perplexity)
	s := newTSNE(pool, x, l, o)
	for i := range o.Iterations {
		if err := ctx.Err(); err != nil {
			return tensor.Matrix{}, err
		}
		if i == o.Iterations/4 {
			s.rest()
		}
		s.step(pool, i < o.Iterations/4)
		if o.Progress != nil {
			o.Progress(i+1, o.Iterations)
		}
	}
	y := tensor.NewMatrix(x.Rows, o.Dims)
	for i, v := range s.y {
		y.Data[i] = float32(v)
	}
	return y, nil
}

func (o TSNEOptions) filled() TSNEOptions {
	if o.Dims == 0 {
		o.Dims = 2
	}
	if o.Perplexity == 0 {
		o.Perplexity = 30
	}
	if o.Theta == 0 {
		o.Theta = 0.5
	}
	if o.Iterations == 0 {
		o.Iterations = 1000
	}
	return o
}

// probabilities are those of pairs: p(i|j) + p(j|i), all of which add up to 1.
func probabilities(g *Graph, perplexity float64) *links {
	l := symmetric(g, perplexities(g, perplexity), func(a, b float64) float64 { return a + b })
	sum := 0.0
	for _, w := range l.weight {
		sum += w
	}
	for i := range l.weight {
		l.weight[i] /= sum
	}
	return l
}

// tsne is a layout on its way.
type tsne struct {
	o     TSNEOptions
	links *links
	rate  float64
	tree  tree

	y, speed, gain, push []float64 // [n·dims]
	sums                 []float64 // [n]
}

func newTSNE(pool *tensor.Pool, x tensor.Matrix, l *links, o TSNEOptions) *tsne {
	n := x.Rows * o.Dims
	s := &tsne{o: o, links: l, rate: max(float64(x.Rows)/exaggeration/4, leastRate),
		y: make([]float64, 0, n), speed: make([]float64, n), gain: make([]float64, n), push: make([]float64, n), sums: make([]float64, x.Rows)}
	square := 0.0
	begin := start(pool, x, o.Dims)
	for _, row := range begin {
		square += row[0] * row[0]
	}
	scale := 0.0
	if square > 0 {
		scale = 1e-4 / math.Sqrt(square/float64(x.Rows))
	}
	for i, row := range begin {
		for d, v := range row {
			// Points in one place would stay together: what is added is too small to be seen.
			v = v*scale + 1e-9*float64(tensor.Normal([2]uint32{0x74736e65, 0}, [4]uint32{uint32(i), uint32(d)}))
			s.y = append(s.y, v)
		}
	}
	s.rest()
	return s
}

// rest takes all speed away.
func (s *tsne) rest() {
	clear(s.speed)
	for i := range s.gain {
		s.gain[i] = 1
	}
}

// step moves all points once.
func (s *tsne) step(pool *tensor.Pool, early bool) {
	dims := s.o.Dims
	s.tree.build(s.y, dims)
	pool.For(len(s.sums), 32, func(lo, hi int) {
		var stack []int32
		var p, force [3]float64
		for i := lo; i < hi; i++ {
			copy(p[:], s.y[i*dims:(i+1)*dims])
			force, s.sums[i], stack = s.tree.repel(p, s.o.Theta, stack)
			copy(s.push[i*dims:(i+1)*dims], force[:dims])
		}
	})
	sum := 0.0
	for _, q := range s.sums {
		sum += q
	}
	sum = max(sum, math.SmallestNonzeroFloat32)
	more, momentum := 1.0, 0.8
	if early {
		more, momentum = exaggeration, 0.5
	}
	freedom := float64(dims - 1)
	scale := 2 * (freedom + 1) / freedom
	pool.For(len(s.sums), 32, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			pull := s.pull(i)
			for d := range dims {
				s.move(i*dims+d, scale*(more*pull[d]-s.push[i*dims+d]/sum), momentum)
			}
		}
	})
	for i, v := range s.speed {
		s.y[i] += v
	}
}

// pull is what draws point i to its neighbours.
func (s *tsne) pull(i int) (force [3]float64) {
	dims, l := s.o.Dims, s.links
	a := s.y[i*dims : (i+1)*dims]
	for c := l.from[i]; c < l.from[i+1]; c++ {
		b := s.y[int(l.to[c])*dims:]
		square := 0.0
		for d, v := range a {
			square += (v - b[d]) * (v - b[d])
		}
		q := l.weight[c] / (1 + square/float64(dims-1))
		for d, v := range a {
			force[d] += q * (v - b[d])
		}
	}
	return force
}

// move changes the speed of a coordinate by its gradient: more where both point the same way each time.
func (s *tsne) move(at int, gradient, momentum float64) {
	if gradient*s.speed[at] < 0 {
		s.gain[at] += 0.2
	} else {
		s.gain[at] *= 0.8
	}
	s.gain[at] = max(s.gain[at], leastGain)
	s.speed[at] = momentum*s.speed[at] - s.rate*s.gain[at]*gradient
}
