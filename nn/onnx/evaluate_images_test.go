package onnx

import "math"

// product is a convolution or a product of matrices.
func product(n onnxNode, in []*value) *value {
	switch n.kind {
	case "Conv":
		return convolve(n, in[0], in[1], in[2])
	case "ConvTranspose":
		return transposed(n, in[0], in[1], in[2])
	case "MatMul":
		if len(in[1].shape) > 2 {
			return multiplyMaps(in[0], in[1])
		}
		return multiply(in[0], in[1].shape[1], func(k, j int) float64 { return in[1].at(k, j) })
	case "Gemm": // transB
		y := multiply(in[0], in[1].shape[0], func(k, j int) float64 { return in[1].at(j, k) })
		if in[2] != nil {
			y = both(y, in[2], func(a, b float64) float64 { return a + b })
		}
		return y
	}
	return nil
}

// multiply is rows times a matrix of so many columns.
func multiply(x *value, columns int, w func(k, j int) float64) *value {
	last := len(x.shape) - 1
	in := x.shape[last]
	y := &value{shape: append(append([]int{}, x.shape[:last]...), columns)}
	for row := 0; row < len(x.data); row += in {
		for j := range columns {
			s := 0.0
			for k, v := range x.data[row : row+in] {
				s += v * w(k, j)
			}
			y.data = append(y.data, s)
		}
	}
	return y
}

// multiplyMaps is products of matrices, the last two sides of each.
func multiplyMaps(a, b *value) *value {
	rank := max(len(a.shape), len(b.shape))
	shape := append(spreadOver(a.shape[:len(a.shape)-2], b.shape[:len(b.shape)-2]), a.shape[len(a.shape)-2], b.shape[len(b.shape)-1])
	left, right := make([]int, rank), make([]int, rank)
	return made(shape, func(i []int) float64 {
		copy(left, i)
		copy(right, i)
		s := 0.0
		for k := range a.shape[len(a.shape)-1] {
			left[rank-1], right[rank-2] = k, k
			s += a.spread(left) * b.spread(right)
		}
		return s
	})
}

// taps calls f for each tap of a kernel with the pixels that meet there: n in a line of those that it slides over (h x w),
// step apart from one on, and as many of those that there is one of for each of its places (oh x ow), side by side.
func taps(o onnxNode, kh, kw, h, w, oh, ow int, f func(tap, pixel, place, n, step int)) {
	stride, pad, gap := o.list("strides", 1, 1), o.list("pads", 0, 0, 0, 0), o.list("dilations", 1, 1)
	for k := range kh * kw {
		from, to := 0, ow // places whose tap is in the line
		at := func(q int) int { return q*stride[1] - pad[1] + k%kw*gap[1] }
		for from < ow && at(from) < 0 {
			from++
		}
		for to > from && at(to-1) >= w {
			to--
		}
		for p := range oh {
			if i := p*stride[0] - pad[0] + k/kw*gap[0]; i >= 0 && i < h && to > from {
				f(k, i*w+at(from), p*ow+from, to-from, stride[1])
			}
		}
	}
}

// places is how many places a window has along an axis.
func places(n onnxNode, axis, in, kernel int) int {
	stride, pad, gap := n.list("strides", 1, 1), n.list("pads", 0, 0, 0, 0), n.list("dilations", 1, 1)
	return (in+pad[axis]+pad[2+axis]-(kernel-1)*gap[axis]-1)/stride[axis] + 1
}

// convolve is Conv: weights [out, in of a group, kh, kw].
func convolve(n onnxNode, x, w, bias *value) *value {
	in, h, wide, out, each, kh, kw := x.shape[1], x.shape[2], x.shape[3], w.shape[0], w.shape[1], w.shape[2], w.shape[3]
	groups := n.list("group", 1)[0]
	if each*groups != in || out%groups != 0 {
		panic("weights for other channels")
	}
	oh, ow := places(n, 0, h, kh), places(n, 1, wide, kw)
	y := &value{[]int{x.shape[0], out, oh, ow}, make([]float64, x.shape[0]*out*oh*ow)}
	for r := range x.shape[0] {
		for o := range out {
			to := y.data[(r*out+o)*oh*ow:][:oh*ow]
			for i := range to {
				if bias != nil {
					to[i] = bias.data[o]
				}
			}
			for c := range each {
				from := x.data[(r*in+o/(out/groups)*each+c)*h*wide:][:h*wide]
				by := w.data[(o*each+c)*kh*kw:]
				taps(n, kh, kw, h, wide, oh, ow, func(tap, pixel, place, n, step int) {
					for i := range n {
						to[place+i] += by[tap] * from[pixel+i*step]
					}
				})
			}
		}
	}
	return y
}

// transposed is ConvTranspose: weights [in, out of a group, kh, kw]. Every pixel is added to all that it is spread over.
func transposed(n onnxNode, x, w, bias *value) *value {
	in, h, wide, each, kh, kw := x.shape[1], x.shape[2], x.shape[3], w.shape[1], w.shape[2], w.shape[3]
	stride, pad, gap, more := n.list("strides", 1, 1), n.list("pads", 0, 0, 0, 0), n.list("dilations", 1, 1), n.list("output_padding", 0, 0)
	side := func(axis, in, kernel int) int {
		return stride[axis]*(in-1) + more[axis] + (kernel-1)*gap[axis] + 1 - pad[axis] - pad[2+axis]
	}
	groups, oh, ow := n.list("group", 1)[0], side(0, h, kh), side(1, wide, kw)
	out := each * groups
	y := made([]int{x.shape[0], out, oh, ow}, func(i []int) float64 {
		if bias == nil {
			return 0
		}
		return bias.data[i[1]]
	})
	for r := range x.shape[0] {
		for c := range in {
			from := x.data[(r*in+c)*h*wide:][:h*wide]
			for o := range each {
				to := y.data[(r*out+c/(in/groups)*each+o)*oh*ow:][:oh*ow]
				by := w.data[(c*each+o)*kh*kw:]
				taps(n, kh, kw, oh, ow, h, wide, func(tap, pixel, place, n, step int) {
					for i := range n {
						to[pixel+i*step] += by[tap] * from[place+i]
					}
				})
			}
		}
	}
	return y
}

// pooling is of windows on maps, or of whole maps.
func pooling(n onnxNode, in []*value) *value {
	x, largest := in[0], n.kind == "MaxPool" || n.kind == "GlobalMaxPool"
	var kernel []int
	switch n.kind {
	case "MaxPool", "AveragePool":
		kernel = n.ints["kernel_shape"]
	case "GlobalMaxPool", "GlobalAveragePool":
		kernel = x.shape[2:]
	default:
		return nil
	}
	h, w := x.shape[2], x.shape[3]
	oh, ow := places(n, 0, h, kernel[0]), places(n, 1, w, kernel[1])
	y := &value{shape: []int{x.shape[0], x.shape[1], oh, ow}}
	for c := range x.shape[0] * x.shape[1] {
		windows := make([][]float64, oh*ow)
		taps(n, kernel[0], kernel[1], h, w, oh, ow, func(_, pixel, place, n, step int) {
			for i := range n {
				windows[place+i] = append(windows[place+i], x.data[c*h*w+pixel+i*step])
			}
		})
		for _, seen := range windows {
			v := math.Inf(-1)
			for _, s := range seen {
				v = max(v, s)
			}
			if !largest {
				v = mean(seen)
			}
			if n.list("count_include_pad", 0)[0] == 1 {
				v = sum(seen) / float64(kernel[0]*kernel[1])
			}
			y.data = append(y.data, v)
		}
	}
	return y
}

// normed is what is normalized along some axes.
func normed(n onnxNode, in []*value) *value {
	x, eps := in[0], n.floats["epsilon"]
	channels := func(v *value) *value { // for maps
		shape := []int{len(v.data)}
		for range x.shape[2:] {
			shape = append(shape, 1)
		}
		return &value{shape, v.data}
	}
	add := func(a, b float64) float64 { return a + b }
	sub := func(a, b float64) float64 { return a - b }
	mul := func(a, b float64) float64 { return a * b }
	over := func(a, variance float64) float64 { return a / math.Sqrt(variance+eps) }
	moments := func(axes ...int) *value {
		d := both(x, along(x, axes, mean), sub)
		return both(d, along(d, axes, func(list []float64) float64 { return sumOfSquares(list) / float64(len(list)) }), over)
	}
	switch n.kind {
	case "BatchNormalization":
		y := both(both(x, channels(in[3]), sub), channels(in[4]), over)
		return both(both(y, channels(in[1]), mul), channels(in[2]), add)
	case "InstanceNormalization":
		var axes []int
		for a := 2; a < len(x.shape); a++ {
			axes = append(axes, a)
		}
		return both(both(moments(axes...), channels(in[1]), mul), channels(in[2]), add)
	case "LayerNormalization":
		y := both(moments(n.list("axis", -1)...), in[1], mul)
		if in[2] != nil {
			y = both(y, in[2], add)
		}
		return y
	case "LRN":
		size, c := n.ints["size"][0], x.shape[1]
		return made(x.shape, func(i []int) float64 {
			s := 0.0
			for j := max(0, i[1]-(size-1)/2); j <= min(c-1, i[1]+size/2); j++ {
				s += math.Pow(x.at(i[0], j, i[2], i[3]), 2)
			}
			return x.at(i...) / math.Pow(n.floats["bias"]+n.floats["alpha"]/float64(size)*s, n.floats["beta"])
		})
	case "Softmax", "LogSoftmax":
		axes := n.list("axis", -1)
		d := both(x, along(x, axes, func(list []float64) float64 {
			most := list[0]
			for _, v := range list {
				most = max(most, v)
			}
			return most
		}), sub)
		total := along(each(d, math.Exp), axes, sum)
		if n.kind == "LogSoftmax" {
			return both(d, each(total, math.Log), sub)
		}
		return both(each(d, math.Exp), total, func(a, b float64) float64 { return a / b })
	}
	return nil
}
