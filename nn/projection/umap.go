package projection

import (
	"context"
	"fmt"
	"math"

	"github.com/rondo-ml/rondo/tensor"
)

// UMAPOptions say how UMAP lays points out. Zero values take what umap-learn takes.
type UMAPOptions struct {
	Dims     int     // 2 or 3
	MinDist  float64 // how near points may come in the layout, from 0 to 1; 0.1
	Epochs   int     // 500 up to 10,000 points, else 200
	Seed     uint64
	Progress func(done, all int)
}

// UMAPNeighbors is how many neighbours umap-learn takes, besides the point itself.
const UMAPNeighbors = 14

const (
	negatives = 5  // points that push, for each that pulls
	widest    = 10 // the layout at the beginning
	sharpest  = 4  // the largest element of a move
)

// UMAP lays points out by UMAP: every link of the fuzzy set of neighbours pulls as often as it is strong, and points
// taken at random push. It begins from eigenvectors of the links' Laplacian, or from PCA where links leave the points in
// parts. One goroutine moves points one after another, so the result is the same
// on any number of threads.
func UMAP(ctx context.Context, pool *tensor.Pool, x tensor.Matrix, g *Graph, o UMAPOptions) (tensor.Matrix, error) {
	o = o.filled(x.Rows)
	if o.Dims != 2 && o.Dims != 3 {
		return tensor.Matrix{}, fmt.Errorf("UMAP in %d dimensions: 2 or 3", o.Dims)
	}
	if !(o.MinDist >= 0 && o.MinDist <= 1) {
		return tensor.Matrix{}, fmt.Errorf("a least distance of %g: from 0 to 1", o.MinDist)
	}
	if same := g.Len() == x.Rows; !same {
		panic("projection: a graph of other points")
	}
	u := &umap{dims: o.Dims, seed: o.Seed, n: x.Rows}
	u.a, u.b = curve(o.MinDist)
	l := fuzzy(g)
	u.take(l, o.Epochs)
	from := spectral(pool, l, o.Dims)
	if from == nil {
		from = start(pool, x, o.Dims)
	}
	u.begin(from)
	for epoch := range o.Epochs {
		if err := ctx.Err(); err != nil {
			return tensor.Matrix{}, err
		}
		u.epoch(epoch, 1-float64(epoch)/float64(o.Epochs))
		if o.Progress != nil {
			o.Progress(epoch+1, o.Epochs)
		}
	}
	y := tensor.NewMatrix(x.Rows, o.Dims)
	for i, v := range u.y {
		y.Data[i] = float32(v)
	}
	return y, nil
}

func (o UMAPOptions) filled(n int) UMAPOptions {
	if o.Dims == 0 {
		o.Dims = 2
	}
	if o.MinDist == 0 {
		o.MinDist = 0.1
	}
	if o.Epochs == 0 {
		o.Epochs = 500
		if n > 10000 {
			o.Epochs = 200
		}
	}
	return o
}

// fuzzy is the union of what each point says of its neighbours: a + b - a·b.
func fuzzy(g *Graph) *links {
	strength, _, _ := memberships(g)
	return symmetric(g, strength, func(a, b float64) float64 { return a + b - a*b })
}

// umap is a layout on its way.
type umap struct {
	dims, n int
	seed    uint64
	a, b    float64
	y       []float64 // [n·dims]
	pulls   []pull
}

// pull is a link in one direction. It acts every so many epochs, and pushes in between.
type pull struct {
	head, tail  int32
	every, next float64
	nextPush    float64
}

// take makes pulls of links, without those too weak to act once.
func (u *umap) take(l *links, epochs int) {
	most := 0.0
	for _, w := range l.weight {
		most = max(most, w)
	}
	for i := range u.n {
		for c := l.from[i]; c < l.from[i+1]; c++ {
			if w := l.weight[c]; w > 0 && w >= most/float64(epochs) {
				every := most / w
				u.pulls = append(u.pulls, pull{int32(i), l.to[c], every, every, every / negatives})
			}
		}
	}
}

// begin places points by rows, widened to 10 in their longest direction.
func (u *umap) begin(rows [][]float64) {
	longest := 0.0
	for _, r := range rows {
		for _, v := range r {
			longest = max(longest, math.Abs(v))
		}
	}
	scale := 0.0
	if longest > 0 {
		scale = widest / longest
	}
	for i, r := range rows {
		for d, v := range r {
			u.y = append(u.y, v*scale+1e-4*float64(tensor.Normal(u.key(0), [4]uint32{uint32(i), uint32(d)})))
		}
	}
}

func (u *umap) key(use uint32) [2]uint32 {
	return [2]uint32{uint32(u.seed) ^ 0x756d6170, uint32(u.seed>>32) ^ use}
}

// epoch acts once on all pulls that are due.
func (u *umap) epoch(epoch int, rate float64) {
	for e := range u.pulls {
		p := &u.pulls[e]
		if p.next > float64(epoch) {
			continue
		}
		head, tail := u.at(p.head), u.at(p.tail)
		if square := far(head, tail); square > 0 {
			power := math.Pow(square, u.b)
			k := -2 * u.a * u.b * power / square / (1 + u.a*power)
			for d := range head {
				g := clip(k*(head[d]-tail[d])) * rate
				head[d] += g
				tail[d] -= g
			}
		}
		p.next += p.every
		pushes := int((float64(epoch) - p.nextPush) / (p.every / negatives))
		var words [4]uint32
		for q := range pushes {
			if q%4 == 0 {
				words = tensor.Philox(u.key(1), [4]uint32{uint32(epoch), uint32(e), uint32(q / 4)})
			}
			u.push(p.head, int32(uint64(words[q%4])*uint64(u.n)>>32), rate)
		}
		p.nextPush += float64(max(pushes, 0)) * p.every / negatives
	}
}

// push moves a point away from another.
func (u *umap) push(from, other int32, rate float64) {
	if from == other {
		return
	}
	head, tail := u.at(from), u.at(other)
	square := far(head, tail)
	if square == 0 {
		return
	}
	k := 2 * u.b / ((0.001 + square) * (1 + u.a*math.Pow(square, u.b)))
	for d := range head {
		head[d] += clip(k*(head[d]-tail[d])) * rate
	}
}

func (u *umap) at(i int32) []float64 { return u.y[int(i)*u.dims : (int(i)+1)*u.dims] }

func far(a, b []float64) (square float64) {
	for d, v := range a {
		square += (v - b[d]) * (v - b[d])
	}
	return square
}

func clip(x float64) float64 { return max(-sharpest, min(x, sharpest)) }
