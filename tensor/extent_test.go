package tensor

import (
	"strings"
	"testing"
)

// Sizes of the output, as PyTorch and TensorFlow have them.
func TestExtent(t *testing.T) {
	for _, c := range []struct {
		name string
		e    Extent
		want int
	}{
		{"3 on 100", Extent{In: 100, Kernel: 3}, 98},
		{"5 on 32, padded", Extent{In: 32, Kernel: 5, Pad: 2}, 32},
		{"5 on 32, padded by 4", Extent{In: 32, Kernel: 5, Pad: 4}, 36},
		{"AlexNet's first", Extent{In: 227, Kernel: 11, Stride: 4}, 55},
		{"ResNet's first", Extent{In: 224, Kernel: 7, Stride: 2, Pad: 3}, 112},
		{"dilated", Extent{In: 28, Kernel: 3, Pad: 2, Dilation: 2}, 28},
		{"pooling without overlap", Extent{In: 18, Kernel: 2, Stride: 2}, 9},
		{"pooling with overlap", Extent{In: 25, Kernel: 3, Stride: 2}, 12},
		{"GoogLeNet's pooling", Extent{In: 112, Kernel: 3, Stride: 2, Ceil: true}, 56},
		{"the same, down", Extent{In: 112, Kernel: 3, Stride: 2}, 55},
		{"rounded up, on less than a window", Extent{In: 1, Kernel: 2, Stride: 2, Ceil: true}, 1},
		{"a last window in the padding", Extent{In: 4, Kernel: 2, Stride: 3, Pad: 1, Ceil: true}, 2},
		{"padding below and right", Extent{In: 224, Kernel: 3, Stride: 2, More: 1}, 112},
		{"SAME, even", Extent{In: 224, Kernel: 3, Stride: 2, Same: true}, 112},
		{"SAME, odd", Extent{In: 299, Kernel: 3, Stride: 2, Same: true}, 150},
		{"SAME, dilated", Extent{In: 10, Kernel: 4, Dilation: 3, Same: true}, 10},
		{"SAME, stride beyond the kernel", Extent{In: 7, Kernel: 1, Stride: 3, Same: true}, 3},
	} {
		if got, err := c.e.Out(); err != nil || got != c.want {
			t.Errorf("%s: %d outputs (%v), want %d", c.name, got, err, c.want)
		}
	}
}

// A transposed convolution has the sizes from which the convolution comes to its input.
func TestTransposedExtent(t *testing.T) {
	for in := 1; in < 12; in++ {
		for _, e := range []Extent{{Kernel: 3}, {Kernel: 3, Stride: 2, Pad: 1}, {Kernel: 2, Stride: 3}, {Kernel: 3, Stride: 3, Dilation: 2, More: 1}, {Kernel: 5, Stride: 2, Same: true}} {
			e.In = in
			room := max(1, e.Stride)
			if e.Same {
				room = 1
			}
			for extra := range room {
				out, err := e.TransposedOut(extra)
				back := e
				back.In = out
				if n, backErr := back.Out(); err != nil || backErr != nil || n != in {
					t.Errorf("%+v: %d outputs (%v), which come to %d (%v)", e, out, err, n, backErr)
				}
			}
		}
	}
	if out, err := (Extent{In: 2, Kernel: 3, Stride: 2, Pad: 1}).TransposedOut(1); out != 4 || err != nil {
		t.Errorf("%d outputs (%v), want 4", out, err)
	}
}

func TestExtentErrors(t *testing.T) {
	out := func(e Extent) error { _, err := e.Out(); return err }
	transposed := func(e Extent, pad int) error { _, err := e.TransposedOut(pad); return err }
	for want, err := range map[string]error{
		"a kernel of 3 taps, 5 pixels from end to end, does not fit an input of 4 and padding of 0": out(Extent{In: 4, Kernel: 3, Dilation: 2}),
		"In is 0, not in":                    out(Extent{Kernel: 1}),
		"More is -2, not in [-1":             out(Extent{In: 3, Kernel: 1, Pad: 1, More: -2}),
		"padding of 1 and 2 beside Same":     out(Extent{In: 3, Kernel: 1, Pad: 1, More: 1, Same: true}),
		"the output padding is 2; it must":   transposed(Extent{In: 3, Kernel: 3, Stride: 2}, 2),
		"an output padding of 1 beside Same": transposed(Extent{In: 3, Kernel: 3, Stride: 2, Same: true}, 1),
		"with padding of 2 leave no output":  transposed(Extent{In: 1, Kernel: 3, Pad: 2}, 0),
		"Kernel is 70000, not in [1, 65536]": transposed(Extent{In: 1, Kernel: 70000}, 0),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}
