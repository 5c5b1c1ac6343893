package tensor

import (
	"testing"

	"github.com/rondo-ml/rondo/tensor/internal/kerneltest"
)

// Sums that are formed while a convolution's rows are in cache have the bits of those formed afterwards, whichever way
// the work is shared out and however many lanes there are.
func TestConvSumsAreThoseAfterwards(t *testing.T) {
	pools := []*Pool{nil, NewPool(2), NewPool(3)}
	defer pools[1].Close()
	defer pools[2].Close()
	shapes := []ConvShape{
		square(8, 24, 40, 1, 1, 1), square(4, 40, 300, 1, 1, 1), square(16, 7, 9, 1, 1, 1), // of one tap
		square(8, 24, 24, 3, 1, 24), square(16, 19, 19, 3, 2, 19), square(7, 16, 16, 3, 1, 16), // depthwise
		square(8, 5, 17, 3, 1, 1), square(8, 5, 17, 1, 2, 1), square(5, 64, 64, 3, 1, 16), // not fused
		{InH: 3, InW: 257, Cin: 8, Cout: 8, KH: 3, KW: 3, PadH: 1, PadW: 1, Groups: 8},
	}
	eachTier(t, func(t *testing.T) {
		s := source{Seed: 33}
		for i, shape := range kerneltest.Some(shapes) {
			for _, lanes := range []int{1, 2, 8} {
				p := pools[s.Below(3)]
				c, x, dy, w := newConvTest(t, shape, 8, uint32(i))
				compareSums(t, p, c, x, dy, w, lanes)
			}
		}
	})
}

func compareSums(t *testing.T, p *Pool, c *Conv, x, dy Matrix, w []float32, lanes int) {
	var forward, backward ConvPanels
	forward.Pack(p, c, w)
	backward.PackBackward(p, c, w)
	y, dx := NewMatrix(dy.Rows, dy.Cols), random(NewMatrix(x.Rows, x.Cols), 3)
	wantY, wantX := copyOf(y), copyOf(dx)
	small := func(cols int) Matrix { return random(NewMatrix(lanes, cols), 4) }

	a, b, wantA, wantB := small(c.Cout), small(c.Cout), small(c.Cout), small(c.Cout)
	p.ConvMoments(y, x, &forward, nil, a, b)
	p.Conv(wantY, x, &forward, nil, Identity)
	p.BatchMoments(wantA, wantB, wantY, c.OutW)
	requireSame(t, "y", y, wantY)
	requireSame(t, "means", a, wantA)
	requireSame(t, "variances", b, wantB)

	from := Normed{X: x, Width: c.InW, R: ReLU6, Mean: small(c.Cin), Scale: small(c.Cin), Shift: small(c.Cin)}
	a, b, wantA, wantB = small(c.Cin), small(c.Cin), small(c.Cin), small(c.Cin)
	for _, set := range []bool{false, true} {
		p.ConvBackDataSums(dx, dy, &backward, set, a, b, from)
		if set {
			p.ConvBackDataSet(wantX, dy, &backward)
		} else {
			p.ConvBackData(wantX, dy, &backward)
		}
		p.BatchNormSums(wantA, wantB, wantX, from)
		requireSame(t, "dx", dx, wantX)
		requireSame(t, "sums", a, wantA)
		requireSame(t, "sums of products", b, wantB)
	}
}
