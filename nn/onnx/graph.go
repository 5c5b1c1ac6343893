package onnx

import (
	"encoding/binary"
	"fmt"
)

// Types of tensors.
const (
	float32Type = 1
	uint8Type   = 2
	int8Type    = 3
	int32Type   = 6
	int64Type   = 7
)

// graph is a graph as it grows.
type graph struct {
	nodes, initializers, inputs, outputs []*message

	names map[string]int    // how often each was asked for
	added map[string]string // the names of constants by what they were asked for as
}

func newGraph() *graph { return &graph{names: map[string]int{}, added: map[string]string{}} }

// name makes a name of a value, or a node, one of its own.
func (g *graph) name(wanted string) string {
	g.names[wanted]++
	if n := g.names[wanted]; n > 1 {
		return g.name(fmt.Sprintf("%s#%d", wanted, n))
	}
	return wanted
}

// attribute is a setting of a node: a number, a string, a list of either, or a graph.
type attribute struct {
	name  string
	value any
}

// The kinds of attributes.
const (
	ofFloat  = 1
	ofInt    = 2
	ofString = 3
	ofGraph  = 5
	ofInts   = 7
	ofTexts  = 8
)

func (a attribute) message() *message {
	m := &message{}
	m.text(1, a.name)
	switch v := a.value.(type) {
	case float32:
		m.float(2, v)
		m.number(20, ofFloat)
	case int:
		m.number(3, int64(v))
		m.number(20, ofInt)
	case string:
		m.text(4, v)
		m.number(20, ofString)
	case []int:
		for _, x := range v {
			m.number(8, int64(x))
		}
		m.number(20, ofInts)
	case *message:
		m.message(6, v)
		m.number(20, ofGraph)
	case []string:
		for _, x := range v {
			m.text(9, x)
		}
		m.number(20, ofTexts)
	}
	return m
}

// op adds a node and returns the name of its first output. Empty inputs are left out.
func (g *graph) op(kind, name string, inputs []string, attributes ...attribute) string {
	return g.ops(kind, name, inputs, 1, attributes...)[0]
}

// ops is op of several outputs.
func (g *graph) ops(kind, name string, inputs []string, outputs int, attributes ...attribute) []string {
	m := &message{}
	for _, x := range inputs {
		m.always(1, x)
	}
	own := g.name(name)
	list := []string{own}
	for i := 1; i < outputs; i++ {
		list = append(list, g.name(fmt.Sprintf("%s.%d", own, i)))
	}
	for _, y := range list {
		m.text(2, y)
	}
	m.text(3, own)
	m.text(4, kind)
	for _, a := range attributes {
		m.message(5, a.message())
	}
	g.nodes = append(g.nodes, m)
	return list
}

// floats adds a constant of float32 values under a name of its own, and returns the name.
func (g *graph) floats(wanted string, shape []int, values []float32) string {
	name := g.name(wanted)
	m := tensorHead(name, float32Type, shape)
	m.floats(9, values)
	g.initializers = append(g.initializers, m)
	return name
}

// bytes adds a constant of whole numbers, encoded, under a name of its own, and returns the name.
func (g *graph) bytes(wanted string, kind int, shape []int, raw []byte) string {
	name := g.name(wanted)
	m := tensorHead(name, kind, shape)
	m.always(9, string(raw))
	g.initializers = append(g.initializers, m)
	return name
}

// shared adds a constant once, however often it is asked for.
func (g *graph) shared(wanted string, shape []int, values func() []float32) string {
	if _, had := g.added[wanted]; !had {
		g.added[wanted] = g.floats(wanted, shape, values())
	}
	return g.added[wanted]
}

// number is a constant scalar.
func (g *graph) number(v float32) string {
	return g.shared(fmt.Sprintf("constant.%v", v), nil, func() []float32 { return []float32{v} })
}

// ints is a constant list of whole numbers.
func (g *graph) ints(values ...int) string { return g.whole([]int{len(values)}, values) }

// scalar is a constant whole number.
func (g *graph) scalar(v int) string { return g.whole(nil, []int{v}) }

func (g *graph) whole(shape, values []int) string {
	wanted := fmt.Sprintf("constant.%d.%v", len(shape), values)
	if _, had := g.added[wanted]; !had {
		var raw []byte
		for _, v := range values {
			raw = binary.LittleEndian.AppendUint64(raw, uint64(v))
		}
		g.added[wanted] = g.bytes(wanted, int64Type, shape, raw)
	}
	return g.added[wanted]
}

func tensorHead(name string, kind int, shape []int) *message {
	m := &message{}
	for _, n := range shape {
		m.number(1, int64(n))
	}
	m.number(2, int64(kind))
	m.text(8, name)
	return m
}

// info is a value of the graph's border. Dimensions are ints, or names of what may be of any size.
func info(name string, kind int, shape []any) *message {
	dims := &message{}
	for _, n := range shape {
		d := &message{}
		switch n := n.(type) {
		case int:
			d.number(1, int64(n))
		case string:
			d.text(2, n)
		}
		dims.message(1, d)
	}
	tensor, of, m := &message{}, &message{}, &message{}
	tensor.number(1, int64(kind))
	tensor.message(2, dims)
	of.message(1, tensor)
	m.text(1, name)
	m.message(2, of)
	return m
}

// message is the whole graph.
func (g *graph) message(name string) *message {
	m := &message{}
	for _, n := range g.nodes {
		m.message(1, n)
	}
	m.text(2, name)
	for _, t := range g.initializers {
		m.message(5, t)
	}
	for _, i := range g.inputs {
		m.message(11, i)
	}
	for _, o := range g.outputs {
		m.message(12, o)
	}
	return m
}
