package bench

import (
	"fmt"

	"github.com/rondo-ml/rondo/tensor"
)

// convolutions are the three passes of a 3x3 convolution, the first one by Winograd's method too, and the first of a
// depthwise one. Multiplications by padding count, though they are not done; of Winograd's only its own do.
func convolutions() []Case {
	square := tensor.ConvShape{InH: 28, InW: 28, Cin: 128, Cout: 128, KH: 3, KW: 3, PadH: 1, PadW: 1}
	depthwise := tensor.ConvShape{InH: 32, InW: 32, Cin: 144, Cout: 144, KH: 3, KW: 3, PadH: 1, PadW: 1, Groups: 144}
	return []Case{
		conv("convolution", 4, square, (*convolution).forward),
		conv("convolution, data", 4, square, (*convolution).data),
		conv("convolution, weights", 4, square, (*convolution).weights),
		conv("convolution, winograd", 4, square, (*convolution).winograd),
		conv("depthwise convolution", 16, depthwise, (*convolution).forward),
	}
}

// convolution is a convolution with its operands.
type convolution struct {
	pool   *tensor.Pool
	conv   *tensor.Conv
	images int
	x, y   tensor.Matrix
	w      []float32
	panels tensor.ConvPanels
}

func conv(name string, n int, s tensor.ConvShape, pass func(*convolution) Work) Case {
	shape := fmt.Sprintf("%dx%dx%dx%d, %dx%d", n, s.InH, s.InW, s.Cin, s.KH, s.KW)
	return Case{name, shape, func(pool *tensor.Pool) Work {
		c, err := tensor.NewConv(s)
		if err != nil {
			panic(err) // a mistake in the table above
		}
		return pass(&convolution{pool: pool, conv: c, images: n, x: filled(n*c.InH*c.InW, c.Cin),
			y: filled(n*c.OutH*c.OutW, c.Cout), w: filled(1, c.Weights()).Data})
	}}
}

func (o *convolution) work(run func()) Work {
	return Work{Flops: float64(o.conv.Flops(o.images)), Run: run}
}

func (o *convolution) forward() Work {
	o.panels.Pack(o.pool, o.conv, o.w)
	return o.work(func() { o.pool.Conv(o.y, o.x, &o.panels, nil, tensor.Identity) })
}

func (o *convolution) winograd() Work {
	o.pool.SetConvMethod(tensor.Winograd)
	defer o.pool.SetConvMethod(tensor.Direct)
	w := o.forward()
	w.Flops = float64(o.conv.WinogradFlops(o.images))
	return w
}

func (o *convolution) data() Work {
	o.panels.PackBackward(o.pool, o.conv, o.w)
	return o.work(func() { o.pool.ConvBackData(o.x, o.y, &o.panels) })
}

func (o *convolution) weights() Work {
	return o.work(func() { o.pool.ConvBackWeights(o.w, o.conv, o.x, o.y) })
}
