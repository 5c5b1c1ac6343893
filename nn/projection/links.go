package projection

import (
	"math"
	"slices"
)

// links are weights between points, the same in both directions: those of point i stand at From[i] to From[i+1],
// in the order of their other ends.
type links struct {
	from   []int
	to     []int32
	weight []float64
}

// symmetric makes links of the weights [n, K] that every point gives its neighbours. join says what becomes of the
// weights that two points give each other; a point that gives none gives 0.
func symmetric(g *Graph, given []float64, join func(a, b float64) float64) *links {
	type end struct {
		to       int32
		out, in  float64
		outwards bool
	}
	n := g.Len()
	ends := make([][]end, n)
	for i := range n {
		index, _ := g.Row(i)
		for c, j := range index {
			w := given[i*g.K+c]
			ends[i] = append(ends[i], end{to: j, out: w, outwards: true})
			ends[j] = append(ends[j], end{to: int32(i), in: w})
		}
	}
	l := &links{from: make([]int, 1, n+1)}
	for i := range n {
		e := ends[i]
		slices.SortStableFunc(e, func(a, b end) int { return int(a.to) - int(b.to) })
		for c := 0; c < len(e); c++ {
			both := e[c]
			if c+1 < len(e) && e[c+1].to == both.to {
				c++
				both.out, both.in = both.out+e[c].out, both.in+e[c].in
			}
			l.to, l.weight = append(l.to, both.to), append(l.weight, join(both.out, both.in))
		}
		l.from = append(l.from, len(l.to))
	}
	return l
}

// perplexities gives every neighbour a probability, so that the entropy of those of a point is the logarithm of the
// perplexity: p(j|i) = exp(-b·d²) / sum, with b by bisection. A perplexity that the neighbours cannot have gives them
// equal parts, or comes as near as 100 steps do.
func perplexities(g *Graph, perplexity float64) []float64 {
	const steps, near = 100, 1e-5
	p := make([]float64, len(g.Index))
	for i := range g.Len() {
		_, far := g.Row(i)
		row := p[i*g.K : (i+1)*g.K]
		least, most, b := math.Inf(-1), math.Inf(1), 1.0
		first := 0.0
		if len(far) > 0 {
			first = float64(far[0]) * float64(far[0]) // taken from all, so that not all become 0
		}
		for range steps {
			sum, mean := 0.0, 0.0
			for c, d := range far {
				square := float64(d)*float64(d) - first
				row[c] = math.Exp(-b * square)
				sum += row[c]
				mean += row[c] * square
			}
			for c := range row {
				row[c] /= sum
			}
			excess := math.Log(sum) + b*mean/sum - math.Log(perplexity)
			if math.Abs(excess) <= near {
				break
			}
			if excess > 0 {
				least = b
				if b *= 2; !math.IsInf(most, 1) {
					b = (least + most) / 2
				}
			} else {
				most = b
				if b /= 2; !math.IsInf(least, -1) {
					b = (least + most) / 2
				}
			}
		}
	}
	return p
}

// memberships gives every neighbour the strength of UMAP: 1 for the nearest and exp(-(d-nearest)/width) beyond, with
// widths by bisection so that the strengths add up to the logarithm of their number, to base 2. The point itself counts
// as a neighbour, as in umap-learn.
func memberships(g *Graph) (strength, nearests, widths []float64) {
	const steps, close, least = 64, 1e-5, 1e-3
	n := g.Len()
	strength, nearests, widths = make([]float64, len(g.Index)), make([]float64, n), make([]float64, n)
	all := 0.0
	for _, d := range g.Distance {
		all += float64(d)
	}
	all /= float64(max(n*(g.K+1), 1))
	target := math.Log2(float64(g.K + 1))
	for i := range n {
		_, far := g.Row(i)
		own := 0.0
		for _, d := range far {
			own += float64(d)
			if nearests[i] == 0 && d > 0 {
				nearests[i] = float64(d)
			}
		}
		own /= float64(g.K + 1)
		lo, hi, w := 0.0, math.Inf(1), 1.0
		for range steps {
			sum := 0.0
			for _, d := range far {
				sum += member(float64(d)-nearests[i], w)
			}
			if math.Abs(sum-target) < close {
				break
			}
			if sum > target {
				hi = w
				w = (lo + hi) / 2
				continue
			}
			lo = w
			if w *= 2; !math.IsInf(hi, 1) {
				w = (lo + hi) / 2
			}
		}
		if nearests[i] == 0 {
			own = all
		}
		widths[i] = max(w, least*own)
		for c, d := range far {
			strength[i*g.K+c] = member(float64(d)-nearests[i], widths[i])
		}
	}
	return strength, nearests, widths
}

// member is how strong a link is that is longer than the shortest by d.
func member(d, width float64) float64 {
	if d <= 0 || width == 0 {
		return 1
	}
	return math.Exp(-d / width)
}
