package tensor

import "fmt"

// ConvShape is the geometry of a two-dimensional convolution. An activation is a Matrix of one row for each
// pixel, [N*InH*InW x Cin] in and [N*OutH*OutW x Cout] out, in the order image, row, column. Weights are a
// slice in PyTorch's order, [Cout, Cin/Groups, KH, KW].
type ConvShape struct {
	InH, InW, Cin   int
	Cout            int
	KH, KW          int
	StrideH         int // zero, here and below, stands for the usual: stride, dilation and groups of one
	StrideW         int
	PadH, PadW      int // pixels of zeros around the input, on each side
	MoreH, MoreW    int // pixels of zeros more at the bottom and at the right; or, below zero, fewer
	DilationH       int
	DilationW       int
	Groups          int
	Same            bool // as many outputs as inputs by stride, rounded up; NewConv sets the padding (Extent.Same)
	OutH, OutW      int  // set by NewConv
	cinGroup, coutG int  // channels of one group
}

// withDefaults fills in what may be left zero.
func (s ConvShape) withDefaults() ConvShape {
	for _, v := range []*int{&s.StrideH, &s.StrideW, &s.DilationH, &s.DilationW, &s.Groups} {
		if *v == 0 {
			*v = 1
		}
	}
	return s
}

// maxConvSide bounds every field, so that no product of a few of them overflows.
const maxConvSide = 1 << 16

// vertical is the convolution's extent down an image, and horizontal the one across.
func (s ConvShape) vertical() Extent {
	return Extent{In: s.InH, Kernel: s.KH, Stride: s.StrideH, Pad: s.PadH, More: s.MoreH, Dilation: s.DilationH, Same: s.Same}
}

func (s ConvShape) horizontal() Extent {
	return Extent{In: s.InW, Kernel: s.KW, Stride: s.StrideW, Pad: s.PadW, More: s.MoreW, Dilation: s.DilationW, Same: s.Same}
}

// Validate says which field makes no convolution, or returns nil.
func (s ConvShape) Validate() error {
	if err := s.validateFields(); err != nil {
		return err
	}
	return fit(s.vertical(), s.horizontal())
}

// fit says that a kernel does not fit, or returns nil.
func fit(down, across Extent) error {
	if e := down.withDefaults(); !e.fits() {
		return fmt.Errorf("convolution: a kernel %d high does not fit an input of %d and padding of %s", e.span(), e.In, e.padding())
	}
	if e := across.withDefaults(); !e.fits() {
		return fmt.Errorf("convolution: a kernel %d wide does not fit an input of %d and padding of %s", e.span(), e.In, e.padding())
	}
	return nil
}

// validateFields says which field is out of range, or returns nil.
func (s ConvShape) validateFields() error {
	s = s.withDefaults()
	for _, f := range []struct {
		name     string
		v, least int
	}{
		{"InH", s.InH, 1}, {"InW", s.InW, 1}, {"Cin", s.Cin, 1}, {"Cout", s.Cout, 1}, {"KH", s.KH, 1}, {"KW", s.KW, 1},
		{"StrideH", s.StrideH, 1}, {"StrideW", s.StrideW, 1}, {"PadH", s.PadH, 0}, {"PadW", s.PadW, 0},
		{"MoreH", s.MoreH, -s.PadH}, {"MoreW", s.MoreW, -s.PadW},
		{"DilationH", s.DilationH, 1}, {"DilationW", s.DilationW, 1}, {"Groups", s.Groups, 1},
	} {
		if f.v < f.least || f.v > maxConvSide {
			return fmt.Errorf("convolution: %s is %d, not in [%d, %d]", f.name, f.v, f.least, maxConvSide)
		}
	}
	if s.Same && s.PadH|s.PadW|s.MoreH|s.MoreW != 0 {
		return fmt.Errorf("convolution: padding of %dx%d beside Same, which chooses it", s.PadH, s.PadW)
	}
	if s.Cin%s.Groups != 0 || s.Cout%s.Groups != 0 {
		return fmt.Errorf("convolution: Groups %d does not divide Cin %d and Cout %d", s.Groups, s.Cin, s.Cout)
	}
	return nil
}

// Conv is a convolution made ready. It never changes, and may serve any number of layers and goroutines.
type Conv struct {
	ConvShape
	forward, backward *route
}

// NewConv checks s and computes the size of the output.
func NewConv(s ConvShape) (*Conv, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	s = s.withDefaults()
	down, across := s.vertical().withDefaults(), s.horizontal().withDefaults()
	s.PadH, s.MoreH, s.OutH = down.Pad, down.More, down.outputs()
	s.PadW, s.MoreW, s.OutW = across.Pad, across.More, across.outputs()
	s.cinGroup, s.coutG = s.Cin/s.Groups, s.Cout/s.Groups
	c := &Conv{ConvShape: s}
	c.forward, c.backward = c.forwardRoute(), c.backwardRoute()
	return c, nil
}

// Weights is how many weights the convolution has.
func (c *Conv) Weights() int { return c.Cout * c.cinGroup * c.KH * c.KW }

// Flops is the floating-point operations of one pass over n images, those on padding included.
func (c *Conv) Flops(n int) int { return 2 * n * c.OutH * c.OutW * c.Weights() }

// WinogradFlops is the floating-point operations of the products of one pass over n images by Winograd's method, those on
// squares that reach beyond the image included, its transforms not.
func (c *Conv) WinogradFlops(n int) int {
	return 2 * 16 * n * c.forward.patches.count() * c.Cin * c.Cout
}

// images panics unless in and out are activations of one number of images, and returns that.
func (c *Conv) images(op string, in, out Matrix, inName, outName string) int {
	in.check(op, inName)
	out.check(op, outName)
	n := in.Rows / (c.InH * c.InW)
	if in.Rows != n*c.InH*c.InW || out.Rows != n*c.OutH*c.OutW || in.Cols != c.Cin || out.Cols != c.Cout {
		panic(fmt.Sprintf("tensor: %s: %s is %dx%d and %s %dx%d for images of %dx%dx%d to %dx%dx%d", op, inName, in.Rows,
			in.Cols, outName, out.Rows, out.Cols, c.InH, c.InW, c.Cin, c.OutH, c.OutW, c.Cout))
	}
	return n
}
