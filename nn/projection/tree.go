package projection

import "math"

// tree is a quadtree, or an octree, over points: cells that are cut in half along every axis until each holds one
// point, or points in one place.
type tree struct {
	dims  int
	cells []cell
}

// cell is a square, or a cube, and what is in it.
type cell struct {
	middle [3]float64 // of the cell
	half   float64    // of its side
	centre [3]float64 // the mean of its points
	count  float64
	child  int32 // the first of 4 or 8 cells; 0: a leaf
}

// deepest is how often a cell is cut; points that are in one cell then are taken for one.
const deepest = 48

// build makes the tree of points, in their order.
func (t *tree) build(y []float64, dims int) {
	t.dims, t.cells = dims, t.cells[:0]
	var root cell
	for d := range dims {
		least, most := y[d], y[d]
		for i := d; i < len(y); i += dims {
			least, most = min(least, y[i]), max(most, y[i])
		}
		root.middle[d] = (least + most) / 2
		root.half = max(root.half, (most-least)/2)
	}
	root.half = root.half*(1+1e-9) + 1e-300
	t.cells = append(t.cells, root)
	var p [3]float64
	for i := 0; i+dims <= len(y); i += dims {
		copy(p[:], y[i:i+dims])
		t.insert(p)
	}
}

// insert adds a point to every cell on its way.
func (t *tree) insert(p [3]float64) {
	at := int32(0)
	for depth := 0; ; depth++ {
		c := &t.cells[at]
		if c.count == 0 || c.child == 0 && (depth == deepest || c.centre == p) {
			c.add(p)
			return
		}
		if c.child == 0 {
			t.cut(at)
			c = &t.cells[at]
		}
		c.add(p)
		at = c.child + t.part(c, p)
	}
}

func (c *cell) add(p [3]float64) {
	c.count++
	for d := range p {
		if c.centre[d] != p[d] {
			c.centre[d] += (p[d] - c.centre[d]) / c.count
		}
	}
}

// part is the number of the part of a cell in which a point lies.
func (t *tree) part(c *cell, p [3]float64) (at int32) {
	for d := range t.dims {
		if p[d] > c.middle[d] {
			at |= 1 << d
		}
	}
	return at
}

// cut gives a leaf its parts, and moves what it holds into one of them.
func (t *tree) cut(at int32) {
	first := int32(len(t.cells))
	old := t.cells[at]
	for part := range int32(1) << t.dims {
		child := cell{half: old.half / 2}
		for d := range t.dims {
			child.middle[d] = old.middle[d] - child.half
			if part>>d&1 == 1 {
				child.middle[d] = old.middle[d] + child.half
			}
		}
		t.cells = append(t.cells, child)
	}
	t.cells[at].child = first
	to := &t.cells[first+t.part(&old, old.centre)]
	to.centre, to.count = old.centre, old.count
}

// repel adds up what pushes a point away, q·r·(p - c) with r = 1/(1+distance²/f) and q = r^((f+1)/2), and q, over all
// others: a Student t distribution of f degrees of freedom, one less than dimensions. A cell that is small for its
// distance, by theta, counts as so many points at its centre.
func (t *tree) repel(p [3]float64, theta float64, stack []int32) (force [3]float64, sum float64, rest []int32) {
	stack = append(stack[:0], 0)
	for len(stack) > 0 {
		c := &t.cells[stack[len(stack)-1]]
		stack = stack[:len(stack)-1]
		if c.count == 0 {
			continue
		}
		count, square := c.count, 0.0
		var away [3]float64
		for d := range t.dims {
			away[d] = p[d] - c.centre[d]
			square += away[d] * away[d]
		}
		if c.child == 0 {
			if square == 0 {
				count-- // the point itself
			}
		} else if 4*c.half*c.half >= theta*theta*square {
			for part := range int32(1) << t.dims {
				stack = append(stack, c.child+part)
			}
			continue
		}
		r := 1 / (1 + square/float64(t.dims-1))
		q := r
		if t.dims == 3 {
			q = r * math.Sqrt(r)
		}
		sum += count * q
		for d := range t.dims {
			force[d] += count * q * r * away[d]
		}
	}
	return force, sum, stack
}
