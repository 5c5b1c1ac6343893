package tensor

import (
	"fmt"
	"testing"

	"github.com/rondo-ml/rondo/tensor/internal/kernel"
	"github.com/rondo-ml/rondo/tensor/internal/kerneltest"
)

// inPairs calls f for 0 to n-1 in the order of BF16.
func inPairs(n int, f func(i int)) {
	for i := 0; i < n; i += 2 {
		if i+1 < n {
			f(i + 1)
		}
		f(i)
	}
}

func naiveConvBF16(c *Conv, y, x Matrix, w []float32) {
	taps := c.KH * c.KW
	for img := range x.Rows / (c.InH * c.InW) {
		c.eachTap(func(out, in, tap int) {
			from, to := x.Row(img*c.InH*c.InW+in), y.Row(img*c.OutH*c.OutW+out)
			for co := range to {
				g := co / c.coutG * c.cinGroup
				inPairs(c.cinGroup, func(ci int) {
					to[co] = kernel.FMAFlushed(RoundBF16(from[g+ci]), RoundBF16(w[(co*c.cinGroup+ci)*taps+tap]), to[co])
				})
			}
		})
	}
}

func naiveConvBackDataBF16(c *Conv, dx, dy Matrix, w []float32) {
	taps := c.KH * c.KW
	for img := range dx.Rows / (c.InH * c.InW) {
		c.eachTap(func(out, in, tap int) {
			from, to := dy.Row(img*c.OutH*c.OutW+out), dx.Row(img*c.InH*c.InW+in)
			for i := range to {
				g, ci := i/c.cinGroup*c.coutG, i%c.cinGroup
				inPairs(c.coutG, func(co int) {
					to[i] = kernel.FMAFlushed(RoundBF16(from[g+co]), RoundBF16(w[((g+co)*c.cinGroup+ci)*taps+tap]), to[i])
				})
			}
		})
	}
}

func TestConvBF16AgainstDefinition(t *testing.T) {
	pools := poolsBF16(t, 3)
	kerneltest.EachLayout(t, func(t *testing.T) {
		for i, shape := range kerneltest.Some(convShapes) {
			for n := range 3 {
				c, x, dy, w := newConvTest(t, shape, n, uint32(i))
				if c.isDepthwise() {
					continue
				}
				s := source{Seed: uint32(100*i + n)}
				if n == 2 {
					spread(&s, x.Data)
					spread(&s, dy.Data)
				}
				bias := make([]float32, c.Cout)
				s.Fill(bias)
				wantY, wantX := NewMatrix(dy.Rows, dy.Cols), NewMatrix(x.Rows, x.Cols)
				for r := range wantY.Rows {
					copy(wantY.Row(r), bias)
				}
				naiveConvBF16(c, wantY, x, w)
				naiveConvBackDataBF16(c, wantX, dy, w)
				for _, p := range pools {
					var forward, backward ConvPanels
					forward.Pack(p, c, w)
					backward.PackBackward(p, c, w)
					in, out, dx := guardedOf(&s, x), guardedOf(&s, dy), guardedOf(&s, wantX)
					p.Conv(out.Matrix, in.Matrix, &forward, bias, Identity)
					requireSame(t, fmt.Sprintf("%+v, pool of %d", shape, p.Size()), out.Matrix, wantY)
					p.ConvBackDataSet(dx.Matrix, guardedOf(&s, dy).Matrix, &backward)
					requireSame(t, fmt.Sprintf("backward, %+v, pool of %d", shape, p.Size()), dx.Matrix, wantX)
					out.intact(t)
					dx.intact(t)
				}
			}
		}
	})
}
