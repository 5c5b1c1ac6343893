package onnx

import (
	"encoding/binary"
	"fmt"
	"math"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
)

// evaluation computes a graph by the definitions of its operators, one by one, values kept in float32 as ONNX has them. It
// shares nothing with what computes networks here: it is slow, in float64, and knows the operators that are written, with
// the attributes that they are written with.
type evaluation struct {
	t      *testing.T
	values map[string]*value
	kinds  map[string]int // how many operators of each kind were computed
}

// onnxNode is an operator with its attributes.
type onnxNode struct {
	kind            string
	inputs, outputs []string
	ints            map[string][]int
	floats          map[string]float64
	texts           map[string][]string
	body            parsed // the graph in it
}

// parsed is a message as fields has it.
type parsed = map[protowire.Number][][]byte

// evaluate is the output of a file for images.
func evaluate(t *testing.T, file []byte, input string, x *value) []float64 {
	t.Helper()
	return evaluateAll(t, file, map[string]*value{input: x}).values["output"].data
}

// evaluateAll computes every value of a file for its inputs.
func evaluateAll(t *testing.T, file []byte, inputs map[string]*value) *evaluation {
	t.Helper()
	e := &evaluation{t, inputs, map[string]int{}}
	e.graph(fields(t, fields(t, file)[7][0]))
	return e
}

// graph computes a graph whose inputs have their values.
func (e *evaluation) graph(g parsed) {
	for _, b := range g[5] {
		e.constant(fields(e.t, b))
	}
	for _, b := range g[1] {
		n := nodeOf(e.t, fields(e.t, b))
		for i, y := range e.outputs(n) {
			for j, v := range y.data {
				y.data[j] = float64(float32(v))
			}
			if i < len(n.outputs) {
				e.values[n.outputs[i]] = y
			}
		}
		e.kinds[n.kind]++
	}
}

func numbers(list [][]byte) (out []int) {
	for _, b := range list {
		n, _ := protowire.ConsumeVarint(b)
		out = append(out, int(n))
	}
	return out
}

func nodeOf(t *testing.T, m parsed) onnxNode {
	n := onnxNode{kind: string(m[4][0]), inputs: texts(m[1]), outputs: texts(m[2]), ints: map[string][]int{}, floats: map[string]float64{}, texts: map[string][]string{}}
	for _, b := range m[5] {
		a := fields(t, b)
		name := string(a[1][0])
		n.ints[name] = numbers(append(a[3], a[8]...))
		n.texts[name] = texts(append(a[4], a[9]...))
		if len(a[2]) > 0 {
			n.floats[name] = float64(math.Float32frombits(binary.LittleEndian.Uint32(a[2][0])))
		}
		if len(a[6]) > 0 {
			n.body = fields(t, a[6][0])
		}
	}
	return n
}

// list is an attribute of whole numbers, or what it is without.
func (n onnxNode) list(name string, without ...int) []int {
	if given := n.ints[name]; len(given) > 0 {
		return given
	}
	return without
}

// constant is an initializer.
func (e *evaluation) constant(m parsed) {
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
		case int64Type:
			v.data, raw = append(v.data, float64(int64(binary.LittleEndian.Uint64(raw)))), raw[8:]
		case float32Type:
			v.data, raw = append(v.data, float64(math.Float32frombits(binary.LittleEndian.Uint32(raw)))), raw[4:]
		default:
			e.t.Fatalf("a constant of type %d", kind)
		}
	}
	e.values[string(m[8][0])] = v
}

// outputs computes an operator.
func (e *evaluation) outputs(n onnxNode) []*value {
	in := make([]*value, max(8, len(n.inputs))) // nil: not given
	for i, name := range n.inputs {
		if in[i] = e.values[name]; in[i] == nil && name != "" {
			e.t.Fatalf("%s reads %q, which has no value", n.outputs[0], name)
		}
	}
	switch n.kind {
	case "RNN", "GRU", "LSTM":
		return recurrent(n, in)
	case "Scan":
		return e.scan(n, in)
	case "Split":
		return split(in[0], len(n.outputs))
	}
	for _, group := range []func(onnxNode, []*value) *value{function, arithmetic, product, pooling, normed, reshaped, picked, reduced, quantized} {
		if y := group(n, in); y != nil {
			return []*value{y}
		}
	}
	panic(fmt.Sprintf("no %s is known", n.kind))
}

// function is what is computed element by element.
func function(n onnxNode, in []*value) *value {
	alpha, beta := n.floats["alpha"], n.floats["beta"]
	f := map[string]func(float64) float64{
		"Identity":    func(v float64) float64 { return v },
		"Cast":        func(v float64) float64 { return v }, // between types that hold the same numbers
		"Relu":        func(v float64) float64 { return max(0, v) },
		"Tanh":        math.Tanh,
		"Sigmoid":     sigmoid,
		"Softplus":    func(v float64) float64 { return math.Log1p(math.Exp(v)) },
		"Erf":         math.Erf,
		"HardSwish":   func(v float64) float64 { return v * min(1, max(0, v/6+0.5)) },
		"HardSigmoid": func(v float64) float64 { return min(1, max(0, alpha*v+beta)) },
		"LeakyRelu":   func(v float64) float64 { return max(0, v) + alpha*min(0, v) },
		"Elu":         func(v float64) float64 { return max(0, v) + alpha*math.Expm1(min(0, v)) },
		"Clip":        nil,
	}[n.kind]
	if n.kind == "Clip" {
		least, most := in[1].data[0], in[2].data[0]
		f = func(v float64) float64 { return min(most, max(least, v)) }
	}
	if f == nil {
		return nil
	}
	return each(in[0], f)
}

func sigmoid(v float64) float64 { return 1 / (1 + math.Exp(-v)) }

// arithmetic is what is computed of two values, of which one may be spread over the other.
func arithmetic(n onnxNode, in []*value) *value {
	f := map[string]func(a, b float64) float64{
		"Add":   func(a, b float64) float64 { return a + b },
		"Sub":   func(a, b float64) float64 { return a - b },
		"Mul":   func(a, b float64) float64 { return a * b },
		"Div":   func(a, b float64) float64 { return a / b },
		"Max":   func(a, b float64) float64 { return max(a, b) },
		"PRelu": func(a, b float64) float64 { return max(0, a) + b*min(0, a) },
		"Less": func(a, b float64) float64 {
			if a < b {
				return 1
			}
			return 0
		},
	}[n.kind]
	if n.kind == "Where" { // zeros of the condition take the other one
		shape := spreadOver(spreadOver(in[0].shape, in[1].shape), in[2].shape)
		return made(shape, func(i []int) float64 {
			if in[0].spread(i) != 0 {
				return in[1].spread(i)
			}
			return in[2].spread(i)
		})
	}
	if f == nil {
		return nil
	}
	return both(in[0], in[1], f)
}

// quantized is between float32 and eight bits.
func quantized(n onnxNode, in []*value) *value {
	switch n.kind {
	case "QuantizeLinear": // one scale
		scale, zero := in[1].data[0], in[2].data[0]
		return each(in[0], func(v float64) float64 {
			return min(255, max(0, math.RoundToEven(float64(float32(v)/float32(scale)))+zero))
		})
	case "DequantizeLinear":
		return dequantize(in[0], in[1], in[2], n.ints["axis"])
	}
	return nil
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
