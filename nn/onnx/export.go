package onnx

import (
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/rondo-ml/rondo/nn"
)

// Opset is the version of ONNX's operators that is written: what every runtime of the last years reads.
const Opset = 17

// irVersion is the version of the format that goes with it.
const irVersion = 8

// maxFile is what a message of protobuf can hold.
const maxFile = 1<<31 - 1

// result is what the output is called.
const result = "output"

// Options are what a file says of the network beside its graph.
type Options struct {
	Name     string // of the graph
	Producer string
	Version  string            // of the producer
	Metadata map[string]string // about the data: means, deviations
	Int8     *Calibration      // ranges, for convolutions and dense layers in eight bits; nil: all is in float32
}

// Unsupported is a layer that ONNX has no counterpart of, or none that is written here.
type Unsupported struct{ Layer, Kind, Why string }

func (e *Unsupported) Error() string {
	return fmt.Sprintf("onnx: layer %s (%s): %s", e.Layer, e.Kind, e.Why)
}

// exporter makes a graph of a tape.
type exporter struct {
	*graph
	batch  *nn.Batch
	values map[*nn.Node]string
	inputs map[any]string // what holds a part: its name
	fixed  bool           // a layer turns time into the width of images, or back: the numbers of steps are those recorded
	o      nn.Operator    // the layer at hand
	int8   *eightBits     // nil: all is in float32
}

// Write writes what is recorded on the tape, for one lane of one row at inference and before Plan, as the graph that
// makes out of the parts of the batch. The parameters have their values.
func Write(w io.Writer, tape *nn.Tape, batch *nn.Batch, out *nn.Node, o Options) error {
	m, err := build(tape, batch, out, o)
	if err != nil {
		return err
	}
	if m.size > maxFile {
		return fmt.Errorf("onnx: %s takes %d bytes; a file of ONNX holds %d", o.Name, m.size, maxFile)
	}
	return m.write(w)
}

func build(tape *nn.Tape, batch *nn.Batch, out *nn.Node, o Options) (*message, error) {
	e, err := record(tape, batch, out, o)
	if err != nil {
		return nil, err
	}
	return e.file(o), nil
}

// record makes the graph.
func record(tape *nn.Tape, batch *nn.Batch, out *nn.Node, o Options) (*exporter, error) {
	ops := tape.Operators()
	e := &exporter{graph: newGraph(), batch: batch, values: map[*nn.Node]string{}, inputs: map[any]string{}}
	for _, op := range ops {
		if _, turned := op.Computes.(nn.TurnOp); turned {
			e.fixed = true
		}
	}
	e.name(result) // no layer's
	e.parts()
	if err := e.begin8(o.Int8, ops, out); err != nil {
		return nil, err
	}
	var i int
	for i, e.o = range ops {
		if err := e.operator(i); err != nil {
			return nil, err
		}
	}
	if e.values[out] == "" {
		return nil, fmt.Errorf("onnx: %s: the output is an input of the network", o.Name)
	}
	delete(e.names, result)
	e.outputs = append([]*message{info(e.op("Identity", result, []string{e.values[out]}), float32Type, e.dims(out))}, e.outputs...)
	return e, nil
}

// file is the graph with what is said of it.
func (e *exporter) file(o Options) *message {
	m := &message{}
	m.number(1, irVersion)
	m.text(2, o.Producer)
	m.text(3, o.Version)
	m.message(7, e.message(o.Name))
	set := &message{}
	set.always(1, "")
	set.number(2, Opset)
	m.message(8, set)
	for _, key := range slices.Sorted(maps.Keys(o.Metadata)) {
		entry := &message{}
		entry.text(1, key)
		entry.text(2, o.Metadata[key])
		m.message(14, entry)
	}
	return m
}

// parts makes inputs of the parts of the batch.
func (e *exporter) parts() {
	for _, p := range e.batch.Parts() {
		switch h := p.Holds.(type) {
		case *nn.Images:
			e.input(p.Name, h, float32Type, "batch", h.Channels, h.Height, h.Width)
		case *nn.Values:
			if h.Layout.Steps > 1 {
				e.input(p.Name, h, float32Type, e.time(h.Layout.Steps), "batch", h.Cols)
			} else {
				e.input(p.Name, h, float32Type, "batch", h.Cols)
			}
		case *nn.Tokens:
			e.input(p.Name, h, int64Type, e.timed(len(h.Input))...)
		case *nn.Lengths:
			e.input(p.Name, h, int32Type, "batch")
		}
	}
}

// time is the dimension of so many steps.
func (e *exporter) time(steps int) any {
	if e.fixed {
		return steps
	}
	return "time"
}

// timed are the dimensions of a row of tokens: of sequences time is the first.
func (e *exporter) timed(steps int) []any {
	if steps > 1 {
		return []any{e.time(steps), "batch"}
	}
	return []any{"batch"}
}

func (e *exporter) input(name string, holder any, kind int, dims ...any) {
	name = e.name(name)
	e.inputs[holder] = name
	e.graph.inputs = append(e.graph.inputs, info(name, kind, dims))
}

// dims are the dimensions of an activation.
func (e *exporter) dims(n *nn.Node) []any {
	l := n.Layout
	switch {
	case l.IsImage():
		return []any{"batch", n.Cols, l.Height, l.Width}
	case l.Steps > 1:
		return []any{e.time(l.Steps), "batch", n.Cols}
	}
	return []any{"batch", n.Cols}
}

// value is the name of an input of the layer at hand.
func (e *exporter) value(i int) string {
	x := e.o.Inputs[i]
	if name, ok := e.values[x]; ok {
		return name
	}
	for _, p := range e.batch.Parts() {
		var data []float32
		switch h := p.Holds.(type) {
		case *nn.Images:
			data = h.Pixels
		case *nn.Values:
			data = h.Data
		}
		if own := x.Given(); len(own) > 0 && len(data) > 0 && &own[0] == &data[0] {
			return e.inputs[p.Holds]
		}
	}
	return ""
}

// refuse is the error of the layer at hand.
func (e *exporter) refuse(format string, args ...any) error {
	return &Unsupported{e.o.Name, e.o.Kind, fmt.Sprintf(format, args...)}
}

// set says what the layer's output is called.
func (e *exporter) set(name string) { e.values[e.o.Outputs[0]] = name }

// weight is a parameter under its name.
func (e *exporter) weight(p *nn.Param) string {
	return e.shared(p.Name, p.Shape, func() []float32 { return p.Value().Data })
}

// perChannel is a parameter with a value for each channel, or column, in the shape that multiplies or is added to x.
func (e *exporter) perChannel(p *nn.Param, x *nn.Node) string {
	if x.Layout.IsImage() {
		return e.op("Reshape", p.Name+".channels", []string{e.weight(p), e.ints(-1, 1, 1)})
	}
	return e.op("Reshape", p.Name+".columns", []string{e.weight(p), e.ints(-1)})
}

// perColumn is a constant for each channel, or column, of what the layer reads.
func (e *exporter) perColumn(name string, values []float32) string {
	shape := []int{len(values)}
	if e.o.Inputs[0].Layout.IsImage() {
		shape = append(shape, 1, 1)
	}
	return e.shared(e.o.Name+name, shape, func() []float32 { return values })
}

// axis is where channels or columns are.
func axis(x *nn.Node) int {
	if x.Layout.IsImage() {
		return 1
	}
	return -1
}

// image says that an activation is images of one step, as all of ONNX's are.
func image(x *nn.Node) bool { return x.Layout.IsImage() && x.Layout.Steps == 1 }
