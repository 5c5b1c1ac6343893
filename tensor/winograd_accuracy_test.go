package tensor

import (
	"math"
	"testing"
)

// wideConv is all three passes in float64.
func wideConv(c *Conv, x, dy Matrix, w []float32) (y, dx, dw []float64) {
	y, dx, dw = make([]float64, dy.Rows*dy.Cols), make([]float64, x.Rows*x.Cols), make([]float64, len(w))
	byTap := make([][]float64, 9) // [ci, co] of each tap
	dByTap := make([][]float64, 9)
	for tap := range byTap {
		byTap[tap], dByTap[tap] = make([]float64, c.Cin*c.Cout), make([]float64, c.Cin*c.Cout)
		for i := range byTap[tap] {
			byTap[tap][i] = float64(w[(i%c.Cout*c.Cin+i/c.Cout)*9+tap])
		}
	}
	for img := range x.Rows / (c.InH * c.InW) {
		c.eachTap(func(out, in, tap int) {
			in, out = img*c.InH*c.InW+in, img*c.OutH*c.OutW+out
			to, g := y[out*c.Cout:][:c.Cout], dy.Row(out)
			for ci, v := range x.Row(in) {
				row, drow := byTap[tap][ci*c.Cout:][:c.Cout], dByTap[tap][ci*c.Cout:][:c.Cout]
				sum := 0.0
				for co, d := range g {
					to[co] += float64(v) * row[co]
					drow[co] += float64(v) * float64(d)
					sum += float64(d) * row[co]
				}
				dx[in*c.Cin+ci] += sum
			}
		})
	}
	for tap := range dByTap {
		for i, v := range dByTap[tap] {
			dw[(i%c.Cout*c.Cin+i/c.Cout)*9+tap] = v
		}
	}
	return y, dx, dw
}

// errorsOf are the root of the mean square and the largest error, as shares of the root of the mean square of want.
func errorsOf(got []float32, want []float64) (rms, largest float64) {
	size := 0.0
	for i, v := range want {
		e := float64(got[i]) - v
		rms += e * e
		size += v * v
		largest = max(largest, math.Abs(e))
	}
	return math.Sqrt(rms / size), largest / math.Sqrt(size/float64(len(want)))
}

// How exact Winograd's convolutions are beside direct ones, on layers of ResNet-18 with inputs as a rectifier leaves
// them (`go test -v` tells). The chains of their sums are a ninth as long; the transforms add up to 16 inputs and 9
// taps, and cancel in the end.
func TestWinogradAccuracy(t *testing.T) {
	const most = 2 // the worst is 1.66, the gradient of the weights from the 8 squares of two images of 4x4
	shapes := []ConvShape{square(16, 64, 64, 3, 1, 1), square(8, 128, 128, 3, 1, 1), square(4, 256, 256, 3, 1, 1), square(7, 512, 512, 3, 1, 1)}
	if testing.Short() {
		shapes = shapes[:1]
	}
	for i, shape := range shapes {
		c, x, dy, w := newConvTest(t, shape, 2, uint32(i))
		Rectify(x.Data, x.Data, ReLU)
		y, dx, dw := wideConv(c, x, dy, w)
		want := [][]float64{y, dx, dw}
		var rms, largest [2][3]float64
		for m := range rms {
			p := NewPool(1)
			p.SetConvMethod(ConvMethod(m))
			var fwd, bwd ConvPanels
			fwd.Pack(p, c, w)
			bwd.PackBackward(p, c, w)
			got := [][]float32{make([]float32, len(y)), make([]float32, len(dx)), make([]float32, len(dw))}
			p.Conv(Of(got[0], dy.Rows, dy.Cols), x, &fwd, nil, Identity)
			p.ConvBackDataSet(Of(got[1], x.Rows, x.Cols), dy, &bwd)
			p.ConvBackWeightsSet(got[2], c, x, dy)
			for k := range got {
				rms[m][k], largest[m][k] = errorsOf(got[k], want[k])
			}
		}
		for k, name := range []string{"forward", "data", "weights"} {
			t.Logf("%v %s: rms %.2g direct, %.2g by Winograd (%.2f x); largest %.2g, %.2g (%.2f x)", c, name,
				rms[0][k], rms[1][k], rms[1][k]/rms[0][k], largest[0][k], largest[1][k], largest[1][k]/largest[0][k])
			if rms[1][k] > most*rms[0][k] {
				t.Errorf("%v %s: an error of %.2g, direct %.2g", c, name, rms[1][k], rms[0][k])
			}
		}
	}
}
