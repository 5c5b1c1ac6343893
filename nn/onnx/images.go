package onnx

import (
	"math"
	"strconv"

	"github.com/rondo-ml/rondo/nn"
)

// pads is the padding as ONNX has it, [top, left, bottom, right], of windows that turn in pixels into out. The end gets as
// much as the last window needs: sizes that are rounded up, and padding that differs by side, need no more.
func pads(inH, inW, outH, outW int, kernel, stride, dilation, before [2]int) []int {
	end := func(in, out, axis int) int {
		return max(0, (out-1)*stride[axis]+(kernel[axis]-1)*dilation[axis]+1-in-before[axis])
	}
	return []int{before[0], before[1], end(inH, outH, 0), end(inW, outW, 1)}
}

func ones(a, b int) [2]int { return [2]int{max(1, a), max(1, b)} }

func (e *exporter) conv(d nn.ConvOp) error {
	s := d.Shape
	stride, dilation, kernel := ones(s.StrideH, s.StrideW), ones(s.DilationH, s.DilationW), [2]int{s.KH, s.KW}
	at := []attribute{{"kernel_shape", kernel[:]}, {"strides", stride[:]}, {"dilations", dilation[:]}, {"group", max(1, s.Groups)}}
	w := d.Weight.Shape
	inputs := e.product(d.Weight, d.Bias, w[0], w[1], s.KH, s.KW) // along lines, too, which are images here
	if !d.Transposed {
		at = append(at, attribute{"pads", pads(s.InH, s.InW, s.OutH, s.OutW, kernel, stride, dilation, [2]int{s.PadH, s.PadW})})
		e.set(e.op("Conv", e.o.Name, inputs, at...))
		return nil
	}
	// The shape is that of the convolution from the output to the input: what windows cover beyond the output is cut off,
	// what they do not reach is more output.
	pad, more := []int{s.PadH, s.PadW, 0, 0}, []int{0, 0}
	for axis, size := range [][2]int{{s.OutH, s.InH}, {s.OutW, s.InW}} {
		over := (size[0]-1)*stride[axis] + (kernel[axis]-1)*dilation[axis] + 1 - pad[axis] - size[1]
		pad[2+axis], more[axis] = max(over, 0), max(-over, 0)
	}
	e.set(e.op("ConvTranspose", e.o.Name, inputs, append(at, attribute{"pads", pad}, attribute{"output_padding", more})...))
	return nil
}

func (e *exporter) pool(d nn.PoolOp) error {
	s, name := d.Shape, e.o.Name
	if s.OutH == 1 && s.OutW == 1 && s.KH == s.InH && s.KW == s.InW && s.PadH == 0 && s.PadW == 0 {
		kind := "GlobalAveragePool"
		if d.Max {
			kind = "GlobalMaxPool"
		}
		e.setRows(e.op(kind, name, []string{e.value(0)}))
		return nil
	}
	stride, dilation, kernel := ones(s.StrideH, s.StrideW), ones(s.DilationH, s.DilationW), [2]int{s.KH, s.KW}
	pad := pads(s.InH, s.InW, s.OutH, s.OutW, kernel, stride, dilation, [2]int{s.PadH, s.PadW})
	at := []attribute{{"kernel_shape", kernel[:]}, {"strides", stride[:]}, {"pads", pad}}
	if d.Max {
		e.setRows(e.op("MaxPool", name, []string{e.value(0)}, append(at, attribute{"dilations", dilation[:]})...))
		return nil
	}
	switch {
	case dilation != [2]int{1, 1}:
		return e.refuse("a mean over windows with gaps has no counterpart")
	case d.CountPad && (pad[2] > s.PadH+s.MoreH || pad[3] > s.PadW+s.MoreW):
		return e.refuse("a mean that counts padding, of windows that reach beyond it, has no counterpart")
	}
	count := 0
	if d.CountPad {
		count = 1
	}
	e.setRows(e.op("AveragePool", name, []string{e.value(0)}, append(at, attribute{"count_include_pad", count})...))
	return nil
}

// bins writes means over bins that are no windows side by side: a product with a matrix along each axis.
func (e *exporter) bins(d nn.BinsOp) error {
	if d.Max {
		return e.refuse("maxima over bins of different sizes have no counterpart")
	}
	name, x, y := e.o.Name, e.o.Inputs[0].Layout, e.o.Outputs[0].Layout
	columns := make([]float32, x.Width*y.Width)
	eachOfBins(x.Width, y.Width, func(pixel, bin int, share float32) { columns[pixel*y.Width+bin] = share })
	lines := make([]float32, y.Height*x.Height)
	eachOfBins(x.Height, y.Height, func(pixel, bin int, share float32) { lines[bin*x.Height+pixel] = share })
	across := e.op("MatMul", name+".across", []string{e.value(0), e.floats(name+".columns", []int{x.Width, y.Width}, columns)})
	e.set(e.op("MatMul", name, []string{e.floats(name+".lines", []int{y.Height, x.Height}, lines), across}))
	return nil
}

// eachOfBins calls f for the pixels of n bins along an axis, as PyTorch cuts them, with the share of each in its bin's mean.
func eachOfBins(pixels, n int, f func(pixel, bin int, share float32)) {
	for bin := range n {
		from, to := bin*pixels/n, ((bin+1)*pixels+n-1)/n
		for p := from; p < to; p++ {
			f(p, bin, 1/float32(to-from))
		}
	}
}

// setRows is set for images of one pixel, which may be rows.
func (e *exporter) setRows(y string) {
	if !e.o.Outputs[0].Layout.IsImage() {
		y = e.op("Flatten", e.o.Name+".rows", []string{y}, attribute{"axis", 1})
	}
	e.set(y)
}

func (e *exporter) batchNorm(d *nn.BatchNorm) error {
	if d.NoRunning {
		return e.refuse("a batch norm without running statistics depends on what else is in the batch")
	}
	x, name, n := e.value(0), e.o.Name, d.Mean.Size
	scale, bias := "", ""
	if d.NoAffine {
		scale, bias = e.constant(n, 1), e.constant(n, 0)
	} else {
		scale, bias = e.weight(d.Weight), e.weight(d.Bias)
	}
	statistic := func(s *nn.Statistic) string {
		return e.shared(s.Name, []int{s.Size}, func() []float32 { return s.Value() })
	}
	steps := !e.o.Inputs[0].Layout.IsImage() && e.o.Inputs[0].Layout.Steps > 1
	if steps { // channels are the second dimension
		x = e.op("Transpose", name+".turned", []string{x}, attribute{"perm", []int{1, 2, 0}})
	}
	y := e.op("BatchNormalization", name, []string{x, scale, bias, statistic(d.Mean), statistic(d.Variance)}, attribute{"epsilon", d.Eps})
	if steps {
		y = e.op("Transpose", name+".back", []string{y}, attribute{"perm", []int{2, 0, 1}})
	}
	e.set(y)
	return nil
}

// constant is n equal values.
func (e *exporter) constant(n int, v float32) string {
	name := "zeros"
	if v == 1 {
		name = "ones"
	}
	return e.shared(name+"."+strconv.Itoa(n), []int{n}, func() []float32 {
		values := make([]float32, n)
		for i := range values {
			values[i] = v
		}
		return values
	})
}

// layerNorm is along the columns, which of images are channels.
func (e *exporter) layerNorm(d *nn.LayerNorm) {
	x, name, node := e.value(0), e.o.Name, e.o.Inputs[0]
	scale := e.constant(node.Cols, 1)
	if d.Weight != nil {
		scale = e.weight(d.Weight)
	}
	if node.Layout.IsImage() {
		x = e.op("Transpose", name+".turned", []string{x}, attribute{"perm", []int{0, 2, 3, 1}})
	}
	y := e.op("LayerNormalization", name, e.with([]string{x, scale}, d.Bias), attribute{"axis", -1}, attribute{"epsilon", d.Eps})
	if node.Layout.IsImage() {
		y = e.op("Transpose", name+".back", []string{y}, attribute{"perm", []int{0, 3, 1, 2}})
	}
	e.set(y)
}

// groupNorm is an instance norm of groups, and then its weights.
func (e *exporter) groupNorm(d *nn.GroupNorm) error {
	name, node := e.o.Name, e.o.Inputs[0]
	l := node.Layout
	if l.Steps > 1 {
		return e.refuse("a group norm of sequences has no counterpart")
	}
	x := e.op("Reshape", name+".groups", []string{e.value(0), e.ints(0, d.Groups, -1)})
	y := e.op("InstanceNormalization", name+".normed", []string{x, e.constant(d.Groups, 1), e.constant(d.Groups, 0)}, attribute{"epsilon", d.Eps})
	shape := []int{0, node.Cols}
	if l.IsImage() {
		shape = append(shape, l.Height, l.Width)
	}
	y = e.op("Reshape", name+".channels", []string{y, e.ints(shape...)})
	if d.Weight != nil {
		y = e.op("Mul", name+".scaled", []string{y, e.perChannel(d.Weight, node)})
	}
	if d.Bias != nil {
		y = e.op("Add", name, []string{y, e.perChannel(d.Bias, node)})
	}
	e.set(y)
	return nil
}

func (e *exporter) resize(d nn.ResizeOp) error {
	name, x, y := e.o.Name, e.o.Inputs[0].Layout, e.o.Outputs[0].Layout
	if d.Factor != 0 && (math.Abs(float64(x.Height)*d.Factor-float64(y.Height)) > 1e-9 || math.Abs(float64(x.Width)*d.Factor-float64(y.Width)) > 1e-9) {
		return e.refuse("a factor of %v does not divide images of %dx%d", d.Factor, x.Height, x.Width)
	}
	at := []attribute{{"mode", "linear"}, {"coordinate_transformation_mode", "half_pixel"}}
	switch d.By {
	case nn.Nearest:
		at = []attribute{{"mode", "nearest"}, {"coordinate_transformation_mode", "asymmetric"}, {"nearest_mode", "floor"}}
	case nn.Bicubic:
		at[0] = attribute{"mode", "cubic"}
		at = append(at, attribute{"cubic_coeff_a", float32(-0.75)})
	}
	if d.AlignCorners {
		at[1] = attribute{"coordinate_transformation_mode", "align_corners"}
	}
	shape := e.op("Slice", name+".batch", []string{e.op("Shape", name+".shape", []string{e.value(0)}), e.ints(0), e.ints(2), e.ints(0)})
	sizes := e.op("Concat", name+".sizes", []string{shape, e.ints(y.Height, y.Width)}, attribute{"axis", 0})
	e.set(e.op("Resize", name, []string{e.value(0), "", "", sizes}, at...))
	return nil
}
