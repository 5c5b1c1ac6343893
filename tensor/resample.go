package tensor

import (
	"fmt"
	"slices"

	"github.com/rondo-ml/rondo/tensor/internal/kernel"
)

// Stencil is a linear map along one dimension of an image: output o is the sum of Weights[o][i] times input
// First[o]+i. Resizing is such a map down and across, and so is a mean over bins.
type Stencil struct {
	In      int         // pixels of the input
	First   []int       // [outputs], in order
	Weights [][]float32 // [outputs], of any length each
}

// transposed is the map of gradients: the stencil with inputs and outputs swapped.
func (s *Stencil) transposed() Stencil {
	t := Stencil{In: len(s.First), First: make([]int, s.In), Weights: make([][]float32, s.In)}
	for o, first := range s.First {
		for i, w := range s.Weights[o] {
			at := first + i
			if t.Weights[at] == nil {
				t.First[at] = o
			}
			for len(t.Weights[at]) < o-t.First[at] {
				t.Weights[at] = append(t.Weights[at], 0)
			}
			t.Weights[at] = append(t.Weights[at], w)
		}
	}
	return t
}

// validate says what makes no map of an image.
func (s *Stencil) validate() error {
	if s.In < 1 || len(s.First) < 1 || len(s.First) != len(s.Weights) {
		return fmt.Errorf("a stencil of %d inputs, %d places and %d lists of weights", s.In, len(s.First), len(s.Weights))
	}
	for o, first := range s.First {
		if first < 0 || first+len(s.Weights[o]) > s.In {
			return fmt.Errorf("output %d reads pixels %d to %d of %d", o, first, first+len(s.Weights[o])-1, s.In)
		}
	}
	return nil
}

// Resampling maps images by one stencil down and another one across, every channel by itself. It never changes.
type Resampling struct {
	InH, InW, OutH, OutW int

	forward, backward [2]Stencil // down, across

	pixels, pixelsBack kernel.Stencil // across, as the kernel takes them
}

// NewResampling makes the map ready. Its errors name the output that reads beyond the image.
func NewResampling(down, across Stencil) (*Resampling, error) {
	if err := down.validate(); err != nil {
		return nil, fmt.Errorf("resampling: down: %w", err)
	}
	if err := across.validate(); err != nil {
		return nil, fmt.Errorf("resampling: across: %w", err)
	}
	r := &Resampling{
		InH: down.In, InW: across.In, OutH: len(down.First), OutW: len(across.First),
		forward: [2]Stencil{down, across}, backward: [2]Stencil{down.transposed(), across.transposed()},
	}
	r.pixels, r.pixelsBack = r.forward[1].flat(), r.backward[1].flat()
	return r, nil
}

// flat is the stencil as the kernel takes it, or without outputs where one of them has no inputs.
func (s *Stencil) flat() (f kernel.Stencil) {
	for o, weights := range s.Weights {
		if len(weights) == 0 {
			return kernel.Stencil{}
		}
		f.First, f.Count, f.Weights = append(f.First, s.First[o]), append(f.Count, len(weights)), append(f.Weights, weights...)
	}
	return f
}

// Down returns which rows of the input, [first, end), rows [lo, hi) of the output are made of.
func (r *Resampling) Down(lo, hi int) (first, end int) { return r.forward[0].reads(lo, hi) }

// Across returns which columns of the input, [first, end), columns [lo, hi) of the output are made of.
func (r *Resampling) Across(lo, hi int) (first, end int) { return r.forward[1].reads(lo, hi) }

// reads is what outputs [lo, hi) are made of. Beyond the output it goes on as if that had more of the last one.
func (s *Stencil) reads(lo, hi int) (first, end int) {
	n := len(s.First)
	lo, hi = min(max(lo, 0), n-1), min(max(hi, 1), n)
	return s.First[lo], s.First[hi-1] + len(s.Weights[hi-1])
}

// Resample computes y = r(x) for any number of images: first down, then across, and along either the products in
// order, each rounded, as all sums are.
func (p *Pool) Resample(y, x Matrix, r *Resampling) {
	r.images("Resample", x, y)
	p.resample(resampleCall{down: &r.forward[0], across: &r.forward[1], pixels: &r.pixels, y: y, x: x})
}

// ResampleBack adds the gradient of x to dx, or sets it.
func (p *Pool) ResampleBack(dx, dy Matrix, r *Resampling, set bool) {
	r.images("ResampleBack", dx, dy)
	p.resample(resampleCall{down: &r.backward[0], across: &r.backward[1], pixels: &r.pixelsBack, y: dx, x: dy, add: !set})
}

// images panics unless in and out are activations of one number of images and channels.
func (r *Resampling) images(op string, in, out Matrix) {
	in.check(op, "x")
	out.check(op, "y")
	n := in.Rows / (r.InH * r.InW)
	if in.Rows != n*r.InH*r.InW || out.Rows != n*r.OutH*r.OutW || in.Cols != out.Cols {
		panic(fmt.Sprintf("tensor: %s: %dx%d to %dx%d for images of %dx%d to %dx%d", op, in.Rows, in.Cols, out.Rows,
			out.Cols, r.InH, r.InW, r.OutH, r.OutW))
	}
}

// resampleCall is the operands of Resample, or of ResampleBack: there y is dx and x is dy.
type resampleCall struct {
	down, across *Stencil
	pixels       *kernel.Stencil // across
	y, x         Matrix
	add          bool // to what y holds
}

// resample shares out rows of pixels of y.
func (p *Pool) resample(k resampleCall) {
	height, width := len(k.down.First), len(k.across.First)
	if units := k.y.Rows / width; units > 0 {
		job := call{do: doResample, resampling: k}
		taps := 0
		for o := range k.down.First {
			taps += len(k.down.Weights[o]) * k.across.In
		}
		for o := range k.across.First {
			taps += len(k.across.Weights[o]) * height
		}
		job.share(p, units, (taps+width)*k.y.Cols/height)
	}
}

// resampleRows computes rows [lo, hi) of pixels, counted over all images.
func resampleRows(k *call, lo, hi int) {
	r, s := &k.resampling, takeImageScratch()
	defer s.release()
	s.x, s.line = sized(s.x, r.across.In*r.x.Cols), sized(s.line, r.y.Cols)
	var made madeLine
	for row := lo; row < hi; row++ {
		r.row(s, &made, row)
	}
}

// madeLine is the sum over rows of pixels that a row of outputs was made of: the next one may be made of the same.
type madeLine struct {
	first   int // row of pixels
	weights []float32
	line    Matrix
}

func (r *resampleCall) row(s *imageScratch, made *madeLine, row int) {
	height, width := len(r.down.First), len(r.across.First)
	image, o := row/height, row%height
	weights := r.down.Weights[o]
	y := r.y.Slice(row*width, (row+1)*width)
	if len(weights) == 0 {
		if !r.add {
			y.set(nil)
		}
		return
	}
	first := image*r.down.In + r.down.First[o]
	line := r.x.Slice(first*r.across.In, (first+len(weights))*r.across.In)
	if len(weights) > 1 || weights[0] != 1 {
		if made.first != first || !slices.Equal(made.weights, weights) {
			*made = madeLine{first, weights, r.vertical(s, line, weights)}
		}
		line = made.line
	}
	if r.pixels.Run(y.Data, y.Stride, line.Data, line.Stride, y.Cols, r.add) {
		return
	}
	for i, first := range r.across.First {
		r.pixel(s, y.Row(i), line, first, r.across.Weights[i])
	}
}

// vertical is the sum over rows of pixels, in s.x.
func (r *resampleCall) vertical(s *imageScratch, rows Matrix, weights []float32) Matrix {
	sum := Of(s.x, r.across.In, r.x.Cols)
	if r.x.Stride == r.x.Cols {
		weigh(sum.Data, rows.Data, len(sum.Data), weights)
		return sum
	}
	for p := range r.across.In {
		weigh(sum.Row(p), rows.Data[p*r.x.Stride:], r.across.In*r.x.Stride, weights)
	}
	return sum
}

// weigh computes dst[j] = the sum of weights[i] * src[i*step + j]: of products that are rounded, in order.
func weigh(dst, src []float32, step int, weights []float32) {
	n := len(dst)
	if len(weights) == 1 && weights[0] == 1 {
		copy(dst, src[:n])
		return
	}
	_ = src[(len(weights)-1)*step:][:n]
	kernel.Weigh(dst, src, step, weights)
}

// pixel computes one pixel of y from those of a line that begin with the first one.
func (r *resampleCall) pixel(s *imageScratch, y []float32, line Matrix, first int, weights []float32) {
	if len(weights) == 0 {
		if !r.add {
			clear(y)
		}
		return
	}
	to := y
	if r.add {
		to = s.line
	}
	weigh(to, line.Data[first*line.Stride:], line.Stride, weights)
	if r.add {
		kernel.Add(y, y, to)
	}
}
