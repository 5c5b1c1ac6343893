package onnx

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/zoo"
)

var rewrite = flag.Bool("rewrite", false, "write testdata/tiny.onnx anew")

// fields are the values of a message by number: bytes, or a number as bytes of its varint.
func fields(t *testing.T, b []byte) map[protowire.Number][][]byte {
	t.Helper()
	out := map[protowire.Number][][]byte{}
	for len(b) > 0 {
		number, wire, n := protowire.ConsumeTag(b)
		if n < 0 {
			t.Fatal(protowire.ParseError(n))
		}
		b = b[n:]
		size := protowire.ConsumeFieldValue(number, wire, b)
		if size < 0 {
			t.Fatal(protowire.ParseError(size))
		}
		value := b[:size]
		if wire == protowire.BytesType {
			value, _ = protowire.ConsumeBytes(b)
		}
		out[number] = append(out[number], value)
		b = b[size:]
	}
	return out
}

func texts(list [][]byte) (out []string) {
	for _, b := range list {
		out = append(out, string(b))
	}
	return out
}

// TestGraphs wants every exported graph to be one: what a node reads is there before, names are of one value each,
// tensors have as many values as their shapes say.
func TestGraphs(t *testing.T) {
	for _, c := range networks(t) {
		if c.n.Params().Size() > 4_000_000 { // its layers are those of smaller ones
			continue
		}
		c.n.Params().Allocate()
		var b bytes.Buffer
		if err := c.write(&b); err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		c.n.Params().Values = nil
		checkGraph(t, c, fields(t, fields(t, b.Bytes())[7][0]))
	}
}

func checkGraph(t *testing.T, c network, graph map[protowire.Number][][]byte) {
	known := map[string]bool{"": true}
	add := func(name string) {
		if known[name] {
			t.Errorf("%s: %q names two values", c.name, name)
		}
		known[name] = true
	}
	values := 0
	for _, b := range graph[5] {
		m, elements := fields(t, b), 1
		for _, dim := range m[1] {
			n, _ := protowire.ConsumeVarint(dim)
			elements *= int(n)
		}
		kind, _ := protowire.ConsumeVarint(m[2][0])
		width := map[uint64]int{float32Type: 4, int64Type: 8}[kind]
		if len(m[9][0]) != elements*width {
			t.Errorf("%s: %s has %d bytes for %d values", c.name, m[8][0], len(m[9][0]), elements)
		}
		if kind == float32Type {
			values += elements
		}
		add(string(m[8][0]))
	}
	if size := c.n.Params().Size(); values < size {
		t.Errorf("%s: %d values of %d parameters", c.name, values, size)
	}
	for _, b := range graph[11] {
		add(string(fields(t, b)[1][0]))
	}
	for _, b := range graph[1] {
		m := fields(t, b)
		for _, x := range texts(m[1]) {
			if !known[x] {
				t.Errorf("%s: %s reads %q, which is not there yet", c.name, m[3][0], x)
			}
		}
		for _, y := range texts(m[2]) {
			add(y)
		}
	}
	for i, b := range graph[12] {
		name := string(fields(t, b)[1][0])
		if !known[name] || i == 0 && name != "output" {
			t.Errorf("%s: output %d is %q", c.name, i, name)
		}
	}
}

// TestTiny holds the bytes of a small file against those that onnxruntime has read and computed the same from
// (testdata/check.py).
func TestTiny(t *testing.T) {
	n, err := zoo.New("scheme", zoo.Scheme{Layers: "conv 2 → norm → relu → pool → fc", Classes: 3, Height: 4, Width: 6, Channels: 1})
	if err != nil {
		t.Fatal(err)
	}
	n.Params().Allocate()
	n.Params().Initialize(1)
	for i := range n.Params().Values {
		n.Params().Values[i] = float32(i%5) / 4
	}
	var b bytes.Buffer
	if err := (network{name: "tiny", n: n, steps: 1}).write(&b); err != nil {
		t.Fatal(err)
	}
	const path = "testdata/tiny.onnx"
	if *rewrite {
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(want, b.Bytes()) {
		t.Errorf("%v; the %d bytes are not the %d of %s", err, b.Len(), len(want), path)
	}
	m := fields(t, b.Bytes())
	var ops []string
	for _, node := range fields(t, m[7][0])[1] {
		ops = append(ops, string(fields(t, node)[4][0]))
	}
	if want := []string{"Conv", "BatchNormalization", "Relu", "MaxPool", "Flatten", "Gemm", "Identity"}; !slices.Equal(ops, want) {
		t.Errorf("operators %v, want %v", ops, want)
	}
}

// TestRefused wants what has no counterpart named by its layer.
func TestRefused(t *testing.T) {
	cases := map[string]network{}
	for kind := range refused {
		info, _ := zoo.Lookup(kind)
		config := info.Config()
		info.Derive(config, func(string) bool { return false })
		n, err := zoo.New(kind, config)
		if err != nil {
			t.Fatal(err)
		}
		steps := 1
		if info.Sequences {
			steps = 8
		}
		cases[refused[kind]+" "] = network{name: kind, n: n, steps: steps}
	}
	for want, c := range cases {
		c.n.Params().Allocate()
		err := c.write(&bytes.Buffer{})
		refusal, ok := errors.AsType[*Unsupported](err)
		if !ok || !strings.Contains(refusal.Kind+" "+refusal.Layer, strings.TrimSpace(want)) {
			t.Errorf("%s: %v, want one that names %s", c.name, err, want)
		}
	}
}

// TestTurned wants the steps that an image's columns become in the shape of the output: the data has none.
func TestTurned(t *testing.T) {
	tape := nn.NewTape(nn.NewParams(), nil, nn.Shape{Steps: 1, Lanes: 1, Rows: 1}, nn.Inference, 0)
	batch := tape.NewBatch(nil)
	var b bytes.Buffer
	if err := Write(&b, tape, batch, tape.WidthToTime("time", batch.Images("image", 4, 6, 2)), Options{}); err != nil {
		t.Fatal(err)
	}
	output := fields(t, fields(t, fields(t, b.Bytes())[7][0])[12][0])
	var dims []string
	for _, d := range fields(t, fields(t, fields(t, output[2][0])[1][0])[2][0])[1] {
		for number, values := range fields(t, d) {
			if number == 2 {
				dims = append(dims, string(values[0]))
			} else {
				n, _ := protowire.ConsumeVarint(values[0])
				dims = append(dims, fmt.Sprint(n))
			}
		}
	}
	if want := []string{"6", "batch", "8"}; !slices.Equal(dims, want) {
		t.Errorf("the output is %v, want %v", dims, want)
	}
}

// TestPads holds padding against sizes: as much at the end as the last window needs.
func TestPads(t *testing.T) {
	for _, c := range []struct {
		in, out, kernel, stride, dilation, before int
		want                                      int
	}{
		{7, 4, 3, 2, 1, 1, 1}, {8, 4, 3, 2, 1, 0, 1}, {8, 4, 3, 2, 1, 1, 0}, {6, 3, 3, 2, 1, 0, 1}, {5, 5, 3, 1, 2, 2, 2}, {9, 1, 3, 4, 1, 0, 0},
	} {
		two := func(n int) [2]int { return [2]int{n, n} }
		got := pads(c.in, c.in, c.out, c.out, two(c.kernel), two(c.stride), two(c.dilation), two(c.before))
		if want := []int{c.before, c.before, c.want, c.want}; !slices.Equal(got, want) {
			t.Errorf("%+v: %v, want %v", c, got, want)
		}
	}
}
