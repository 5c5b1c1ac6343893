package projection

import (
	"context"
	"math"
	"slices"

	"github.com/rondo-ml/rondo/tensor"
)

// Metric is a distance.
type Metric int

const (
	Euclidean Metric = iota
	Cosine           // 1 less the cosine of the angle at zero; 1 where a point is zero
)

// ParseMetric reads "euclidean" or "cosine".
func ParseMetric(name string) (Metric, bool) {
	switch name {
	case "euclidean":
		return Euclidean, true
	case "cosine":
		return Cosine, true
	}
	return 0, false
}

func (m Metric) String() string {
	if m == Cosine {
		return "cosine"
	}
	return "euclidean"
}

// Graph holds the k nearest others of each point, the nearest first, and of equally near ones the one with the lower number.
type Graph struct {
	K        int
	Index    []int32   // [n, K]
	Distance []float32 // [n, K]
}

// Len is the number of points.
func (g *Graph) Len() int { return len(g.Index) / max(g.K, 1) }

// Row returns the neighbours of point i, and how far they are.
func (g *Graph) Row(i int) ([]int32, []float32) {
	return g.Index[i*g.K : (i+1)*g.K], g.Distance[i*g.K : (i+1)*g.K]
}

// First is the graph of the first k neighbours.
func (g *Graph) First(k int) *Graph {
	if k >= g.K {
		return g
	}
	f := &Graph{K: k}
	for i := range g.Len() {
		index, distance := g.Row(i)
		f.Index, f.Distance = append(f.Index, index[:k]...), append(f.Distance, distance[:k]...)
	}
	return f
}

const (
	queryRows  = 1024 // of a product
	targetRows = 1024
	further    = 16 // candidates beside the k that are asked for
)

// Nearest finds the k nearest others of every point, or all that there are. Products in float32 find k+16
// candidates, and distances in float64 put these in order: so the result is exact but where more than 16 others lie as
// near as the last one, up to the rounding of a float32.
func Nearest(pool *tensor.Pool, x tensor.Matrix, k int, m Metric) *Graph {
	g, _ := NearestUntil(context.Background(), pool, x, k, m) // nothing ends it
	return g
}

// NearestUntil is Nearest, which ends with ctx.
func NearestUntil(ctx context.Context, pool *tensor.Pool, x tensor.Matrix, k int, m Metric) (*Graph, error) {
	n := x.Rows
	k = max(0, min(k, n-1))
	g := &Graph{K: k, Index: make([]int32, n*k), Distance: make([]float32, n*k)}
	if k == 0 {
		return g, nil
	}
	y := ready(x, m)
	found, err := candidates(ctx, pool, y, min(k+further, n-1), m)
	if err != nil {
		return nil, err
	}
	pool.For(n, 16, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			list := found[i].list
			for c := range list {
				list[c].far = between(y.Row(i), y.Row(int(list[c].index)), m)
			}
			slices.SortFunc(list, nearer)
			for c, near := range list[:k] {
				g.Index[i*k+c], g.Distance[i*k+c] = near.index, float32(near.far)
			}
		}
	})
	return g, nil
}

// ready is x in the form in which between and candidates measure: moved to the mean, as products round less there, or
// made one long for cosines.
func ready(x tensor.Matrix, m Metric) tensor.Matrix {
	if m == Euclidean {
		return Centred(x)
	}
	y := tensor.NewMatrix(x.Rows, x.Cols)
	for i := range x.Rows {
		copy(y.Row(i), x.Row(i))
		shorten(y.Row(i))
	}
	return y
}

// between is the distance of two rows that are ready.
func between(a, b []float32, m Metric) float64 {
	sum := 0.0
	if m == Cosine {
		for j, v := range a {
			sum += float64(v) * float64(b[j])
		}
		return max(0, 1-sum)
	}
	for j, v := range a {
		d := float64(v) - float64(b[j])
		sum += d * d
	}
	return math.Sqrt(sum)
}

// candidates are the k others of each row that products in float32 find nearest.
func candidates(ctx context.Context, pool *tensor.Pool, y tensor.Matrix, k int, m Metric) ([]nearest, error) {
	found := make([]nearest, y.Rows)
	norms := make([]float64, y.Rows)
	for i := range found {
		found[i].list = make([]near, 0, k)
		if m == Euclidean {
			norms[i] = squares(y.Row(i))
		}
	}
	var panels tensor.Panels
	products := tensor.NewMatrix(min(queryRows, y.Rows), min(targetRows, y.Rows))
	for t := 0; t < y.Rows; t += targetRows {
		targets := min(targetRows, y.Rows-t)
		panels.PackTransposed(pool, rowsOf(y, t, targets))
		for q := 0; q < y.Rows; q += queryRows {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			queries := min(queryRows, y.Rows-q)
			p := tensor.Of(products.Data[:queries*targets], queries, targets)
			clear(p.Data)
			pool.MatMulAdd(p, rowsOf(y, q, queries), &panels)
			pool.For(queries, 16, func(lo, hi int) {
				for i := lo; i < hi; i++ {
					for j, v := range p.Row(i) {
						if q+i != t+j {
							found[q+i].offer(near{norms[t+j] - 2*float64(v), int32(t + j)}, k)
						}
					}
				}
			})
		}
	}
	return found, nil
}

func rowsOf(x tensor.Matrix, from, rows int) tensor.Matrix {
	return tensor.Matrix{Data: x.Data[from*x.Stride:], Rows: rows, Cols: x.Cols, Stride: x.Stride}
}

// near is a point and how far it is.
type near struct {
	far   float64
	index int32
}

// nearer orders by distance, then by number.
func nearer(a, b near) int {
	switch {
	case a.far < b.far:
		return -1
	case a.far > b.far:
		return 1
	}
	return int(a.index) - int(b.index)
}

// nearest keeps the nearest of those that it is offered: a heap with the farthest on top.
type nearest struct{ list []near }

func (h *nearest) offer(p near, k int) {
	if len(h.list) == k {
		if nearer(p, h.list[0]) >= 0 {
			return
		}
		h.list[0] = p
		h.sink()
		return
	}
	h.list = append(h.list, p)
	for i := len(h.list) - 1; i > 0; {
		up := (i - 1) / 2
		if nearer(h.list[i], h.list[up]) <= 0 {
			break
		}
		h.list[i], h.list[up] = h.list[up], h.list[i]
		i = up
	}
}

// sink moves the top down to its place.
func (h *nearest) sink() {
	for i := 0; ; {
		big := i
		for c := 2*i + 1; c <= 2*i+2 && c < len(h.list); c++ {
			if nearer(h.list[c], h.list[big]) > 0 {
				big = c
			}
		}
		if big == i {
			return
		}
		h.list[i], h.list[big] = h.list[big], h.list[i]
		i = big
	}
}

// NearestOf finds the k nearest others of one point, by distances in float64.
func NearestOf(x tensor.Matrix, point, k int, m Metric) (index []int32, distance []float32) {
	var best nearest
	k = max(0, min(k, x.Rows-1))
	own := squares(x.Row(point))
	for j := range x.Rows {
		if j == point || k == 0 {
			continue
		}
		d := 0.0
		if m == Euclidean {
			d = between(x.Row(point), x.Row(j), m)
		} else {
			product, length := 0.0, math.Sqrt(own*squares(x.Row(j)))
			for c, v := range x.Row(point) {
				product += float64(v) * float64(x.Row(j)[c])
			}
			d = 1
			if length > 0 {
				d = max(0, 1-product/length)
			}
		}
		best.offer(near{d, int32(j)}, k)
	}
	slices.SortFunc(best.list, nearer)
	for _, n := range best.list {
		index, distance = append(index, n.index), append(distance, float32(n.far))
	}
	return index, distance
}
