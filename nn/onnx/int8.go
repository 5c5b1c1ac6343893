package onnx

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/rondo-ml/rondo/nn"
)

// eightBits is what an exporter keeps of a network in eight bits.
type eightBits struct {
	*plan8
	at    *product8             // the layer at hand; nil: it stays in float32
	steps map[*nn.Node]step8    // by source
	read  map[*nn.Node]string   // what the batch holds, rounded
	names map[*nn.Node][]string // of the constants of a source's step
}

// begin8 makes the plan of a network whose ranges are known.
func (e *exporter) begin8(c *Calibration, ops []nn.Operator, out *nn.Node) error {
	if c == nil {
		return nil
	}
	if err := c.Err(); err != nil {
		return err
	}
	p := &eightBits{plan8: newPlan8(ops, out), steps: map[*nn.Node]step8{}, read: map[*nn.Node]string{}, names: map[*nn.Node][]string{}}
	if len(p.sources) != len(c.ranges) {
		return fmt.Errorf("onnx: ranges of another network: %d values, and this one has %d", len(c.ranges), len(p.sources))
	}
	for i, s := range p.sources {
		p.steps[s] = c.step(i)
	}
	e.int8 = p
	return nil
}

// operator writes operator i: as itself, or as a part of the one before.
func (e *exporter) operator(i int) error {
	if e.int8 == nil {
		return e.layer()
	}
	if e.int8.at = e.int8.products[i]; e.int8.folded[i] {
		e.set(e.value(0))
	} else if err := e.layer(); err != nil {
		return err
	}
	for _, y := range e.o.Outputs {
		if e.int8.rounded[y] {
			e.values[y] = e.round8(y, e.values[y])
		}
	}
	return nil
}

// round8 rounds a value to eight bits and back.
func (e *exporter) round8(x *nn.Node, value string) string {
	source := e.int8.sourceOf(x)
	if e.int8.names[source] == nil {
		s := e.int8.steps[source]
		e.int8.names[source] = []string{e.floats(value+".scale", nil, []float32{s.scale}), e.bytes(value+".zero", uint8Type, nil, []byte{s.zero})}
	}
	by := e.int8.names[source]
	q := e.op("QuantizeLinear", value+".uint8", []string{value, by[0], by[1]})
	return e.op("DequantizeLinear", value+".rounded", []string{q, by[0], by[1]})
}

// read8 is the input of the layer at hand, rounded.
func (e *exporter) read8() string {
	x := e.o.Inputs[0]
	if x.Given() == nil {
		return e.value(0) // since it was written
	}
	if e.int8.read[x] == "" {
		e.int8.read[x] = e.round8(x, e.value(0))
	}
	return e.int8.read[x]
}

// product are the inputs of a product of values and weights of a shape, with a bias where there is one.
func (e *exporter) product(weight, bias *nn.Param, shape ...int) []string {
	if e.int8 != nil && e.int8.at != nil {
		w := e.weights8()
		inputs := []string{e.read8(), e.dequantized8(w, 0, shape, w.values)}
		if w.bias != nil {
			inputs = append(inputs, e.bias8(w))
		}
		return inputs
	}
	w := e.weight(weight)
	if len(shape) != len(weight.Shape) {
		w = e.op("Reshape", weight.Name+".taps", []string{w, e.ints(shape...)})
	}
	return e.with([]string{e.value(0), w}, bias)
}

// overTime8 is a dense layer of sequences: weights [in, out], and a bias in float32.
func (e *exporter) overTime8(in, out int) {
	w := e.weights8()
	turned := make([]byte, in*out)
	for i := range out {
		for k := range in {
			turned[k*out+i] = w.values[i*in+k]
		}
	}
	y := e.op("MatMul", e.o.Name, []string{e.read8(), e.dequantized8(w, 1, []int{in, out}, turned)})
	if w.bias != nil {
		y = e.op("Add", e.o.Name+".biased", []string{y, e.floats(e.o.Name+".bias", []int{out}, w.bias)})
	}
	e.set(y)
}

// weights8 are the weights of a layer, rounded row by row, an output each: scales[i]·values[i, :].
type weights8 struct {
	name   string
	values []byte    // int8, [out, …]
	scales []float32 // [out]
	bias   []float32 // [out]; nil: none
	biases []float32 // scales of the bias as whole numbers, [out]
}

// weights8 are those of the layer at hand.
func (e *exporter) weights8() *weights8 {
	return e.int8.at.rounded(e.int8.steps[e.int8.sourceOf(e.o.Inputs[0])])
}

// rounded are the weights of a layer whose values have a step.
func (l *product8) rounded(step step8) *weights8 {
	values, bias := l.folded()
	w := &weights8{name: l.weight.Name, values: make([]byte, len(values)), scales: make([]float32, l.weight.Shape[0]), bias: bias}
	n := len(values) / len(w.scales)
	for i := range w.scales {
		row, most := values[i*n:(i+1)*n], 0.0
		for _, v := range row {
			most = max(most, math.Abs(float64(v)))
		}
		scale := most / 127
		if bias != nil { // which must fit 32 bits in steps of scale times that of the values
			scale = max(scale, math.Abs(float64(bias[i]))/float64(step.scale)/(1<<30))
		}
		if w.scales[i] = float32(scale); w.scales[i] < 1e-30 {
			w.scales[i] = 1
		}
		for k, v := range row {
			w.values[i*n+k] = byte(int8(min(127, max(-127, math.RoundToEven(float64(v)/float64(w.scales[i]))))))
		}
		w.biases = append(w.biases, step.scale*w.scales[i])
	}
	return w
}

// folded are the weights and the bias with the norm in them, whose statistics are constants: y = (Wx + b - mean)·g + shift,
// g = scale/√(variance + eps).
func (l *product8) folded() (weights, bias []float32) {
	values := l.weight.Value().Data
	if l.bias != nil {
		bias = l.bias.Value().Data
	}
	if l.norm == nil {
		return values, bias
	}
	out := l.weight.Shape[0]
	n := len(values) / out
	weights, shifted := make([]float32, len(values)), make([]float32, out)
	mean, variance := l.norm.Mean.Value(), l.norm.Variance.Value()
	for i := range out {
		g, shift, b := 1.0, 0.0, 0.0
		if !l.norm.NoAffine {
			g, shift = float64(l.norm.Weight.Value().Data[i]), float64(l.norm.Bias.Value().Data[i])
		}
		if bias != nil {
			b = float64(bias[i])
		}
		g /= math.Sqrt(float64(variance[i]) + float64(l.norm.Eps))
		for k := range n {
			weights[i*n+k] = float32(g * float64(values[i*n+k]))
		}
		shifted[i] = float32(g*(b-float64(mean[i])) + shift)
	}
	return weights, shifted
}

// dequantized8 adds weights as constants, in steps of their own along an axis.
func (e *exporter) dequantized8(w *weights8, axis int, shape []int, values []byte) string {
	out := []int{len(w.scales)}
	inputs := []string{e.bytes(w.name+".int8", int8Type, shape, values), e.floats(w.name+".scale", out, w.scales),
		e.bytes(w.name+".zero", int8Type, out, make([]byte, len(w.scales)))}
	return e.op("DequantizeLinear", w.name+".rounded", inputs, attribute{"axis", axis})
}

// bias8 adds the bias in the steps in which the products of values and weights are.
func (e *exporter) bias8(w *weights8) string {
	var raw []byte
	for i, v := range w.bias {
		q := int32(0)
		if w.biases[i] > 0 {
			q = int32(min(math.MaxInt32, max(math.MinInt32, math.RoundToEven(float64(v)/float64(w.biases[i])))))
		}
		raw = binary.LittleEndian.AppendUint32(raw, uint32(q))
	}
	out := []int{len(w.bias)}
	inputs := []string{e.bytes(e.o.Name+".bias.int32", int32Type, out, raw), e.floats(e.o.Name+".bias.scale", out, w.biases)}
	return e.op("DequantizeLinear", e.o.Name+".bias.rounded", inputs, attribute{"axis", 0})
}
