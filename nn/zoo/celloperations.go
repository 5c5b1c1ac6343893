package zoo

import (
	"maps"
	"slices"

	"github.com/rondo-ml/rondo/nn"
)

// cellOperation registers an operation of a cell on maps of so many channels, which
// leaves a map its channels, and its size by the stride.
type cellOperation func(b *cellBuilder, name string, channels, stride int) cellLayer

// cellLayer is an operation made: of a map, or of its ReLU.
type cellLayer func(t *nn.Tape, x *nn.Node, relu func() *nn.Node) *nn.Node

// cellOperations are all operations by name. Filled by init, as ParseCell reads it.
var cellOperations map[string]cellOperation

func init() {
	cellOperations = map[string]cellOperation{
		"identity": cellIdentity,
		"conv1x1":  cellConv(1),
		"conv3x3":  cellConv(3),
		"sep3x3":   cellSeparable(3),
		"sep5x5":   cellSeparable(5),
		"max3x3":   cellMax,
		"mean3x3":  cellMean,
	}
}

// CellOperations are the names of what a term of a cell may do, in order.
func CellOperations() []string { return slices.Sorted(maps.Keys(cellOperations)) }

// cellIdentity is x as it is; with a stride, ReLU – 1x1 – norm.
func cellIdentity(b *cellBuilder, name string, channels, stride int) cellLayer {
	if stride == 1 {
		return func(_ *nn.Tape, x *nn.Node, _ func() *nn.Node) *nn.Node { return x }
	}
	return cellConv(1)(b, name, channels, stride)
}

// cellConv is ReLU – convolution – norm.
func cellConv(kernel int) cellOperation {
	return func(b *cellBuilder, name string, channels, stride int) cellLayer {
		return b.rectified(b.conv(name, channels, channels, kernel, stride))
	}
}

// cellSeparable is ReLU – depthwise convolution – 1x1 – norm.
func cellSeparable(kernel int) cellOperation {
	return func(b *cellBuilder, name string, channels, stride int) cellLayer {
		deep := grouped(square(channels, channels, kernel, stride, kernel/2), channels)
		return b.rectified(sequence{
			b.style.block(b.ps, name+".depthwise", "", "", deep),
			b.style.block(b.ps, name+".pointwise", name+".bn", "", square(channels, channels, 1, 1, 0)),
		})
	}
}

func cellMax(_ *cellBuilder, name string, _, stride int) cellLayer {
	s := window(3, stride, 1)
	return func(t *nn.Tape, x *nn.Node, _ func() *nn.Node) *nn.Node { return t.MaxPool(name, x, s) }
}

// cellMean is the mean of the pixels that are there.
func cellMean(_ *cellBuilder, name string, _, stride int) cellLayer {
	s := window(3, stride, 1)
	return func(t *nn.Tape, x *nn.Node, _ func() *nn.Node) *nn.Node { return t.AvgPool(name, x, s, false) }
}

// conv registers a convolution and its norm.
func (b *cellBuilder) conv(name string, in, out, kernel, stride int) layer {
	return b.style.block(b.ps, name+".conv", name+".bn", "", square(in, out, kernel, stride, kernel/2))
}

// rectified is a layer that reads the ReLU of its input.
func (*cellBuilder) rectified(l layer) cellLayer {
	return func(t *nn.Tape, _ *nn.Node, relu func() *nn.Node) *nn.Node { return l.Forward(t, relu()) }
}
