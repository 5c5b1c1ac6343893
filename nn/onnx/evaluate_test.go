package onnx

import (
	"encoding/binary"
	"math"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
)

// value is a tensor as the graph has it: whole numbers, too, in float64.
type value struct {
	shape []int
	data  []float64
}

// evaluation computes a graph by the definitions of its operators, one by one, values kept in float32 as ONNX has them. It
// knows those of networks of images, in float32 and rounded to eight bits.
type evaluation struct {
	t      *testing.T
	values map[string]*value
}

// onnxNode is an operator with its attributes.
type onnxNode struct {
	kind            string
	inputs, outputs []string
	ints            map[string][]int
}

// evaluate is the output of a file for images.
func evaluate(t *testing.T, file []byte, input string, x *value) []float64 {
	t.Helper()
	graph := fields(t, fields(t, file)[7][0])
	e := &evaluation{t, map[string]*value{input: x}}
	for _, b := range graph[5] {
		e.constant(fields(t, b))
	}
	for _, b := range graph[1] {
		n := nodeOf(t, fields(t, b))
		y := e.compute(n)
		for i, v := range y.data {
			y.data[i] = float64(float32(v))
		}
		e.values[n.outputs[0]] = y
	}
	return e.values["output"].data
}

func numbers(list [][]byte) (out []int) {
	for _, b := range list {
		n, _ := protowire.ConsumeVarint(b)
		out = append(out, int(n))
	}
	return out
}

func nodeOf(t *testing.T, m map[protowire.Number][][]byte) onnxNode {
	n := onnxNode{string(m[4][0]), texts(m[1]), texts(m[2]), map[string][]int{}}
	for _, b := range m[5] {
		a := fields(t, b)
		n.ints[string(a[1][0])] = numbers(append(a[3], a[8]...))
	}
	return n
}

// constant is an initializer.
func (e *evaluation) constant(m map[protowire.Number][][]byte) {
	v, raw := &value{shape: numbers(m[1])}, m[9][0]
	kind := numbers(m[2])[0]
	for len(raw) > 0 {
		switch kind {
		case uint8Type:
			v.data, raw = append(v.data, float64(raw[0])), raw[1:]
		case int8Type:
			v.data, raw = append(v.data, float64(int8(raw[0]))), raw[1:]
		case int32Type:
			v.data, raw = append(v.data, float64(int32(binary.LittleEndian.Uint32(raw)))), raw[4:]
		case float32Type:
			v.data, raw = append(v.data, float64(math.Float32frombits(binary.LittleEndian.Uint32(raw)))), raw[4:]
		default:
			e.t.Fatalf("a constant of type %d", kind)
		}
	}
	e.values[string(m[8][0])] = v
}

func (e *evaluation) compute(n onnxNode) *value {
	in := func(i int) *value {
		if i >= len(n.inputs) {
			return nil
		}
		return e.values[n.inputs[i]]
	}
	switch x := in(0); n.kind {
	case "QuantizeLinear": // one scale
		scale, zero := in(1).data[0], in(2).data[0]
		return each(x, func(v float64) float64 {
			return min(255, max(0, math.RoundToEven(float64(float32(v)/float32(scale)))+zero))
		})
	case "DequantizeLinear":
		return dequantize(x, in(1), in(2), n.ints["axis"])
	case "Conv":
		return convolve(x, in(1), in(2), n.ints)
	case "Gemm":
		return convolve(&value{[]int{x.shape[0], x.shape[1], 1, 1}, x.data}, &value{append(append([]int{}, in(1).shape...), 1, 1), in(1).data}, in(2), nil)
	case "Relu":
		return each(x, func(v float64) float64 { return max(0, v) })
	case "Identity":
		return each(x, func(v float64) float64 { return v })
	case "Add":
		y := each(x, func(v float64) float64 { return v })
		for i, v := range in(1).data {
			y.data[i] += v
		}
		return y
	case "MaxPool", "GlobalAveragePool":
		return pooled(x, n.ints["kernel_shape"], n.ints["strides"])
	case "Flatten":
		return &value{[]int{x.shape[0], len(x.data) / x.shape[0]}, append([]float64{}, x.data...)}
	}
	e.t.Fatalf("no %s is known", n.kind)
	return nil
}

func each(x *value, f func(float64) float64) *value {
	y := &value{x.shape, make([]float64, len(x.data))}
	for i, v := range x.data {
		y.data[i] = f(v)
	}
	return y
}

// dequantize is (x - zero)·scale, with one scale for all or one for each index of an axis, which is the first.
func dequantize(x, scale, zero *value, axis []int) *value {
	if len(scale.data) > 1 && axis[0] != 0 {
		panic("another axis")
	}
	y, n := &value{x.shape, make([]float64, len(x.data))}, len(x.data)/len(scale.data)
	for i, v := range x.data {
		if zero != nil {
			v -= zero.data[i/n]
		}
		y.data[i] = v * scale.data[i/n]
	}
	return y
}

// convolve is without groups or dilations; of one pixel it is a product of matrices.
func convolve(x, w, bias *value, at map[string][]int) *value {
	stride, pad := []int{1, 1}, []int{0, 0, 0, 0}
	if at != nil {
		stride, pad = at["strides"], at["pads"]
	}
	in, h, wide, out, kh, kw := x.shape[1], x.shape[2], x.shape[3], w.shape[0], w.shape[2], w.shape[3]
	oh, ow := (h+pad[0]+pad[2]-kh)/stride[0]+1, (wide+pad[1]+pad[3]-kw)/stride[1]+1
	y := &value{shape: []int{x.shape[0], out, oh, ow}}
	for r := range x.shape[0] {
		for o := range out {
			for p := range oh * ow {
				sum := 0.0
				if bias != nil {
					sum = bias.data[o]
				}
				for k := range in * kh * kw {
					i, j := p/ow*stride[0]-pad[0]+k/kw%kh, p%ow*stride[1]-pad[1]+k%kw
					if i >= 0 && i < h && j >= 0 && j < wide {
						sum += x.data[((r*in+k/(kh*kw))*h+i)*wide+j] * w.data[o*in*kh*kw+k]
					}
				}
				y.data = append(y.data, sum)
			}
		}
	}
	if at == nil {
		y.shape = y.shape[:2]
	}
	return y
}

// pooled is the largest of windows without padding, or the mean of all pixels.
func pooled(x *value, kernel, stride []int) *value {
	h, w := x.shape[2], x.shape[3]
	mean := kernel == nil
	if mean {
		kernel, stride = []int{h, w}, []int{1, 1}
	}
	oh, ow := (h-kernel[0])/stride[0]+1, (w-kernel[1])/stride[1]+1
	y := &value{shape: []int{x.shape[0], x.shape[1], oh, ow}}
	for c := range x.shape[0] * x.shape[1] {
		for p := range oh * ow {
			most, sum := math.Inf(-1), 0.0
			for k := range kernel[0] * kernel[1] {
				v := x.data[(c*h+p/ow*stride[0]+k/kernel[1])*w+p%ow*stride[1]+k%kernel[1]]
				most, sum = max(most, v), sum+v
			}
			if mean {
				most = sum / float64(kernel[0]*kernel[1])
			}
			y.data = append(y.data, most)
		}
	}
	return y
}
