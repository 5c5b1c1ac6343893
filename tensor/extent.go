package tensor

import "fmt"

// Extent is one dimension of what slides over an image: a convolution, a pooling, or the transpose of one. It
// computes sizes.
type Extent struct {
	In       int // pixels of the input
	Kernel   int // taps of the kernel
	Stride   int // zero, here and below, stands for one
	Pad      int // pixels of zeros before the input, and as many behind it
	More     int // more pixels of zeros behind the input than before it; not less than -Pad
	Dilation int // pixels from one tap to the next

	// Same chooses Pad and More, which must be zero, so that there are In/Stride outputs, rounded up: with an odd
	// number of zeros, one more behind the input than before it. This is TensorFlow's SAME and, without stride,
	// PyTorch's "same".
	Same bool

	// Ceil rounds the number of outputs up, not down, unless the last window would begin behind the input:
	// PyTorch's ceil_mode.
	Ceil bool
}

// withDefaults fills in what may be left zero, and what Same chooses.
func (e Extent) withDefaults() Extent {
	e.Stride, e.Dilation = max(e.Stride, 1), max(e.Dilation, 1)
	if e.Same {
		zeros := max(0, ((e.In-1)/e.Stride)*e.Stride+e.span()-e.In)
		e.Pad, e.More = zeros/2, zeros%2
	}
	return e
}

// span is the pixels from the first tap to the last one.
func (e Extent) span() int { return e.Dilation*(e.Kernel-1) + 1 }

// room is how many pixels further the last window can begin than the first one.
func (e Extent) room() int { return e.In + 2*e.Pad + e.More - e.span() }

// fits tells whether there is an output: rounded up, of a window that reaches beyond the padding too.
func (e Extent) fits() bool { return e.room() >= 0 || e.Ceil && e.room()+e.Stride > 0 }

// Out returns the number of outputs:
//
//	floor((In + 2*Pad + More - Dilation*(Kernel-1) - 1) / Stride) + 1
//
// It returns an error that says which field is out of range, or that the kernel does not fit.
func (e Extent) Out() (int, error) {
	if err := e.validate(); err != nil {
		return 0, err
	}
	e = e.withDefaults()
	if !e.fits() {
		return 0, fmt.Errorf("a kernel of %d taps, %d pixels from end to end, does not fit an input of %d and padding of %s",
			e.Kernel, e.span(), e.In, e.padding())
	}
	return e.outputs(), nil
}

// outputs is the number of outputs of an extent with defaults that fits.
func (e Extent) outputs() int {
	if !e.Ceil {
		return e.room()/e.Stride + 1
	}
	n := (e.room()+e.Stride-1)/e.Stride + 1
	if (n-1)*e.Stride >= e.In+e.Pad {
		n--
	}
	return n
}

// TransposedOut returns the number of outputs of a transposed convolution over In inputs:
//
//	(In-1)*Stride - 2*Pad - More + Dilation*(Kernel-1) + 1 + outputPad
//
// outputPad, less than Stride, chooses one of the sizes that the convolution would take to In. With Same, which
// takes none, there are In*Stride outputs. It returns an error that says what is out of range, or that nothing is left.
func (e Extent) TransposedOut(outputPad int) (int, error) {
	if err := e.validate(); err != nil {
		return 0, err
	}
	if e.Same && outputPad != 0 {
		return 0, fmt.Errorf("an output padding of %d beside Same, which chooses the size", outputPad)
	}
	if e.Same {
		return e.In * max(e.Stride, 1), nil
	}
	e = e.withDefaults()
	if outputPad < 0 || outputPad >= e.Stride {
		return 0, fmt.Errorf("the output padding is %d; it must be at least 0 and less than the stride, %d", outputPad, e.Stride)
	}
	n := (e.In-1)*e.Stride - 2*e.Pad - e.More + e.span() + outputPad
	if n < 1 {
		return 0, fmt.Errorf("an input of %d and a kernel of %d pixels from end to end with padding of %s leave no output",
			e.In, e.span(), e.padding())
	}
	return n, nil
}

// taps returns which taps [lo, hi) of output o fall on the input, and how many fall on it or on its padding.
func (e *Extent) taps(o int) (lo, hi, padded int) {
	at := o*e.Stride - e.Pad
	if e.Dilation == 1 {
		lo, hi = max(0, -at), min(e.Kernel, e.In-at)
	} else {
		lo, hi = (max(0, -at)+e.Dilation-1)/e.Dilation, min(e.Kernel, (e.In-at+e.Dilation-1)/e.Dilation)
	}
	end := e.In + e.Pad + e.More
	return lo, hi, min(e.Kernel, (end-at+e.Dilation-1)/e.Dilation)
}

// meets tells whether every output has a tap on the input.
func (e *Extent) meets() bool {
	for o := range e.outputs() {
		if lo, hi, _ := e.taps(o); lo >= hi {
			return false
		}
	}
	return true
}

// inside returns the outputs [lo, hi) all of whose taps fall on the input.
func (e *Extent) inside() (lo, hi int) {
	lo = (e.Pad + e.Stride - 1) / e.Stride
	if last := e.In + e.Pad - e.span(); last >= 0 {
		hi = min(e.outputs(), last/e.Stride+1)
	}
	return lo, hi
}

// padding is the padding as errors tell it: "1", or "0 and 1" when it is not the same on both sides.
func (e Extent) padding() string {
	if e.More == 0 {
		return fmt.Sprint(e.Pad)
	}
	return fmt.Sprintf("%d and %d", e.Pad, e.Pad+e.More)
}

// validate says which field is out of range.
func (e Extent) validate() error {
	for _, f := range []struct {
		name     string
		v, least int
	}{{"In", e.In, 1}, {"Kernel", e.Kernel, 1}, {"Stride", e.Stride, 0}, {"Pad", e.Pad, 0}, {"More", e.More, -e.Pad}, {"Dilation", e.Dilation, 0}} {
		if f.v < f.least || f.v > maxConvSide {
			return fmt.Errorf("%s is %d, not in [%d, %d]", f.name, f.v, f.least, maxConvSide)
		}
	}
	if e.Same && (e.Pad != 0 || e.More != 0) {
		return fmt.Errorf("padding of %s beside Same, which chooses it", e.padding())
	}
	return nil
}
