package nn

import (
	"math"
	"slices"
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

// somePixels returns images of a tape's shape, filled from a stream.
func somePixels(t *Tape, height, width, channels int, site uint32) *Images {
	m := NewImages(t.Shape, height, width, channels)
	quantized(m.Pixels, Stream{Seed: rigSeed, Use: 103, Site: site})
	return m
}

// same3x3 is a convolution that keeps its images' size.
func same3x3(ps *Params, name string, in, out int, bias bool) *Conv2d {
	return NewConv2d(ps, name, tensor.ConvShape{Cin: in, Cout: out, KH: 3, KW: 3, PadH: 1, PadW: 1}, bias, nil)
}

// A batch norm on the images themselves takes their moments, whatever the first
// operation of the tape is.
func TestBatchNormOfImages(t *testing.T) {
	const lanes, rows, channels = 2, 3, 2
	for _, width := range []int{channels, 5} { // of the first convolution's output
		var norm *BatchNorm
		var pixels *Images
		shape := Shape{Steps: 1, Lanes: lanes, Rows: rows}
		r := newRig(nil, shape, func(ps *Params) func(*Tape, *States) *Node {
			first, second := same3x3(ps, "first", channels, width, true), same3x3(ps, "second", channels, width, false)
			norm = NewBatchNorm(ps, "norm", channels, BatchNormOptions{})
			return func(t *Tape, _ *States) *Node {
				pixels = somePixels(t, 4, 3, channels, 0)
				x := t.Images(pixels)
				y := first.Forward(t, x)
				return t.Add("add", y, second.Forward(t, norm.Forward(t, x)))
			}
		})
		r.check(t)
		for lane := range lanes {
			own := pixels.Pixels[lane*len(pixels.Pixels)/lanes : (lane+1)*len(pixels.Pixels)/lanes]
			for c := range channels {
				mean, variance := momentsOf(own, c, channels)
				near(t, "mean", norm.Mean.Measured(lane)[c:c+1], []float32{mean})
				near(t, "variance", norm.Variance.Measured(lane)[c:c+1], []float32{variance})
			}
		}
	}
}

// momentsOf returns the mean of a channel and its variance, divided by the
// values less one.
func momentsOf(pixels []float32, channel, channels int) (mean, variance float32) {
	sum, square, n := 0.0, 0.0, float64(len(pixels)/channels)
	for i := channel; i < len(pixels); i += channels {
		sum += float64(pixels[i])
	}
	for i := channel; i < len(pixels); i += channels {
		square += math.Pow(float64(pixels[i])-sum/n, 2)
	}
	return float32(sum / n), float32(square / (n - 1))
}

// A pooling of images pools these, and not what the first convolution yields
// from others, and writes over nobody's pixels.
func TestPoolingOfSecondImages(t *testing.T) {
	shape := Shape{Steps: 1, Lanes: 1, Rows: 3}
	ps := NewParams()
	conv := same3x3(ps, "conv", 3, 3, true)
	ps.Allocate()
	ps.Initialize(1)
	tape := NewTape(ps, nil, shape, Training, 0)
	tape.ReLU("relu", conv.Forward(tape, tape.Images(somePixels(tape, 4, 6, 3, 0))))
	second := somePixels(tape, 4, 6, 3, 1)
	before := slices.Clone(second.Pixels)
	y := tape.MaxPool("pool", tape.Images(second), tensor.PoolShape{KH: 2, KW: 2})
	tape.Keep(y)
	tape.Plan()
	tape.Forward()
	if !slices.Equal(second.Pixels, before) {
		t.Error("the pixels are written over")
	}
	at := func(image, row, column, channel int) float32 {
		return before[((image*4+row)*6+column)*3+channel]
	}
	for i, got := range y.Value().Data {
		image, row, column, channel := i/18, i/9%2, i/3%3, i%3
		want := float32(math.Inf(-1))
		for tap := range 4 {
			want = max(want, at(image, 2*row+tap/2, 2*column+tap%2, channel))
		}
		if got != want {
			t.Fatalf("maximum %d is %v, want %v", i, got, want)
		}
	}
}

// A convolution of images takes no part in the gradient of a norm that happens
// to be the tape's first operation.
func TestConvolutionOfSecondImages(t *testing.T) {
	shape := Shape{Steps: 1, Lanes: 2, Rows: 2}
	gradcheck(t, shape, func(ps *Params) func(*Tape, *States) *Node {
		norm, conv := NewBatchNorm(ps, "norm", 3, BatchNormOptions{}), same3x3(ps, "conv", 3, 3, true)
		return func(t *Tape, _ *States) *Node {
			y := norm.Forward(t, t.Images(somePixels(t, 3, 3, 3, 0)))
			return t.Add("add", y, conv.Forward(t, t.Images(somePixels(t, 3, 3, 3, 1))))
		}
	})
}
