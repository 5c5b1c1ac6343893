package nn

import (
	"fmt"
	"math"

	"github.com/rondo-ml/rondo/tensor"
)

// Interpolation is how [Tape.Resize] forms pixels between pixels.
type Interpolation uint8

// The ways, as torch.nn.functional.interpolate has them.
const (
	Nearest  Interpolation = iota // the pixel that it falls on
	Bilinear                      // lines between two, down and across
	Bicubic                       // cubic convolution of four, with a = -0.75
)

// String returns PyTorch's name.
func (m Interpolation) String() string {
	if m > Bicubic {
		return fmt.Sprintf("interpolation %d", uint8(m))
	}
	return [...]string{"nearest", "bilinear", "bicubic"}[m]
}

// ResizeOptions says to which size, and how.
type ResizeOptions struct {
	Height, Width int     // of the result; or zero, and
	Factor        float64 // how many times as high and wide: the size is rounded down
	By            Interpolation
	AlignCorners  bool // the centers of the corner pixels stay where they are, instead of their edges; not for Nearest
}

// maxSide bounds a resized image, so that no product overflows.
const maxSide = 1 << 16

// Resize records the images x in another size, [T*L*R*h*w, channels]. There is no
// filter against what a smaller image cannot show, as in PyTorch by default. It
// panics when x is no images, or the options name no size.
func (t *Tape) Resize(name string, x *Node, o ResizeOptions) *Node {
	down, across, err := o.stencils(x.Layout.Height, x.Layout.Width)
	if err == nil && !x.Layout.IsImage() {
		err = fmt.Errorf("takes images")
	}
	if err != nil {
		panic(fmt.Sprintf("nn: %s: %v, got %v", name, err, x))
	}
	y := t.resample(name, x, down, across)
	t.producerOf(y).(*resample).options = &o
	return y
}

func (o ResizeOptions) stencils(height, width int) (down, across tensor.Stencil, err error) {
	h, w, scale := o.Height, o.Width, 0.0
	if o.Factor != 0 {
		if h != 0 || w != 0 {
			return down, across, fmt.Errorf("a size of %dx%d beside a factor of %v: give one", h, w, o.Factor)
		}
		h, w, scale = resizedSide(height, o.Factor), resizedSide(width, o.Factor), 1/o.Factor
	}
	switch {
	case h < 1 || h > maxSide || w < 1 || w > maxSide:
		return down, across, fmt.Errorf("makes images of %dx%d; use 1 to %d pixels", h, w, maxSide)
	case o.By > Bicubic:
		return down, across, fmt.Errorf("resizes by %v; use Nearest, Bilinear or Bicubic", o.By)
	case o.By == Nearest && o.AlignCorners:
		return down, across, fmt.Errorf("resizes by nearest, which aligns no corners")
	}
	stencil := func(in, out int) tensor.Stencil {
		switch o.By {
		case Bilinear:
			return tensor.BilinearStencil(in, out, scale, o.AlignCorners)
		case Bicubic:
			return tensor.BicubicStencil(in, out, scale, o.AlignCorners)
		}
		return tensor.NearestStencil(in, out, scale)
	}
	return stencil(height, h), stencil(width, w), nil
}

// resizedSide is n times the factor, rounded down; 0 when that is no size.
func resizedSide(n int, factor float64) int {
	if v := math.Floor(float64(n) * factor); v >= 1 && v <= maxSide {
		return int(v)
	}
	return 0
}

// resample records a map of the images x by one stencil down and another across.
func (t *Tape) resample(name string, x *Node, down, across tensor.Stencil) *Node {
	r, err := tensor.NewResampling(down, across)
	if err != nil {
		panic(fmt.Sprintf("nn: %s: %v, got %v", name, err, x))
	}
	op := &resample{pool: t.pool, by: r, x: x, y: t.Node(x.Layout.WithImage(r.OutH, r.OutW), x.Cols)}
	t.Record(op, Use{Name: name, Inputs: []*Node{x}, Outputs: []*Node{op.y}, Sets: true})
	return op.y
}

type resample struct {
	pool    *tensor.Pool
	by      *tensor.Resampling
	options *ResizeOptions // nil where it is a pooling
	x, y    *Node
}

func (o *resample) Forward() { o.pool.Resample(o.y.Value(), o.x.Value(), o.by) }

func (o *resample) Backward() {
	if dx, fresh := o.x.TakeGrad(); dx.Rows > 0 {
		o.pool.ResampleBack(dx, o.y.Grad(), o.by, fresh)
	}
}
