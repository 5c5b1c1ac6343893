package onnx

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/zoo"
	"github.com/rondo-ml/rondo/tensor"
)

// array is a tensor in a file of its own.
type array struct {
	Shape []int  `json:"shape"`
	Type  string `json:"type"`
	Data  string `json:"data"`
}

type runtimeCase struct {
	File   string           `json:"file"`
	Int8   bool             `json:"int8"` // rounded to eight bits: about the same
	Inputs map[string]array `json:"inputs"`
	Output array            `json:"output"`
}

// TestRuntime holds every kind of the zoo that can be exported against onnxruntime, on two rows, with random weights and
// statistics. It wants PYTHON_ONNX=/path/to/python with onnx and onnxruntime, as make onnx has it, and is for development. ONNX_ONLY is how the
// names of networks begin that alone are of interest.
func TestRuntime(t *testing.T) {
	python := os.Getenv("PYTHON_ONNX")
	if python == "" {
		t.Skip("PYTHON_ONNX names no Python with onnxruntime")
	}
	dir := t.TempDir()
	var cases []runtimeCase
	for _, c := range networks(t) {
		if only := os.Getenv("ONNX_ONLY"); only != "" && !strings.HasPrefix(c.name, only) {
			continue
		}
		c.n.Params().Allocate()
		shake(c.n.Params())
		cases = append(cases, exportCase(t, dir, c))
		if strings.Contains(inEightBits, " "+c.name+" ") {
			c.name += "-int8"
			c.int8, _ = NewCalibration(1)
			cases = append(cases, exportCase(t, dir, c))
		}
		c.n.Params().Values = nil
	}
	list, _ := json.Marshal(cases)
	if err := os.WriteFile(filepath.Join(dir, "cases.json"), list, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(python, "testdata/check.py", dir).CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Error(err)
	}
}

// inEightBits are networks that are exported with --int8, too: of images, of pixels and of sequences. Deep ones with random weights
// make the same of any input, beside which no rounding is small.
const inEightBits = " lenet5 fcn8s-narrow sequence-classifier tagger charlm-lstm "

// shake gives weights and statistics values of which none is what an operator could leave out.
func shake(ps *nn.Params) {
	ps.Initialize(1)
	for i, p := range ps.List {
		if len(p.Shape) < 2 {
			s := nn.Stream{Seed: 2, Site: uint32(i)}
			noise := make([]float32, p.Size())
			s.Uniform(noise, -0.2, 0.2)
			tensor.Add(p.Value().Data, p.Value().Data, noise)
		}
	}
	for i, p := range ps.Statistics {
		noise := make([]float32, p.Size)
		nn.Stream{Seed: 3, Site: uint32(i)}.Uniform(noise, 0, 0.3)
		tensor.Add(p.Value(), p.Value(), noise)
	}
	ps.Changed()
}

// exportCase writes a network, two rows of data and what they become here.
func exportCase(t *testing.T, dir string, c network) runtimeCase {
	t.Helper()
	asked := ask(t, c, false)
	made := runtimeCase{File: c.name + ".onnx", Inputs: map[string]array{}, Int8: c.int8 != nil}
	for name, g := range asked.inputs {
		made.Inputs[name] = putAny(t, dir, c.name+"."+name, g)
	}
	put(t, dir, made.File, asked.file)
	made.Output = putAny(t, dir, c.name+".output", asked.output)
	return made
}

// given is a tensor: its elements are []float32, []int64 or []int32.
type given struct {
	shape []int
	data  any
}

// asked is what a network was asked and what it said, and its file.
type asked struct {
	inputs map[string]given
	output given
	inner  []innerValue // what its operations gave, if these were kept
	file   []byte
}

// innerValue is what an operation gave, and what this is called in the file.
type innerValue struct {
	layer, name string
	given
}

// ask computes two rows of noise, and keeps what each operation gave if that is wanted: then none are joined.
func ask(t *testing.T, c network, keep bool) asked {
	t.Helper()
	a := asked{inputs: map[string]given{}}
	const rows = 2
	pool := tensor.NewPool(2)
	defer pool.Close()
	states := nn.NewStates(1, rows)
	tape := nn.NewTape(c.n.Params(), pool, nn.Shape{Steps: c.steps, Lanes: 1, Rows: rows}, nn.Inference, 0)
	batch := tape.NewBatch(states)
	out := c.n.Forward(tape, batch)
	if c.int8 != nil {
		if err := c.int8.Record(tape, out); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		c.int8.Rows(rows)
	}
	tape.Keep(out)
	var kept []nn.Operator
	if keep {
		kept = tape.Operators()
	}
	for _, o := range kept {
		for _, n := range o.Outputs {
			tape.Keep(n)
		}
	}
	tape.Plan()
	for site, p := range batch.Parts() {
		a.inputs[p.Name] = fillPart(t, c, p, nn.Stream{Seed: 4, Site: uint32(site)}, rows)
	}
	for i, s := range states.List {
		nn.Stream{Seed: 5, Site: uint32(i)}.Uniform(s.Current, -1, 1)
		a.inputs[s.Name] = given{[]int{1, rows, s.Width}, slices.Clone(s.Current)}
	}
	tape.Forward()
	a.output = valueOf(out, rows)
	names := c.names(t)
	for i, o := range kept {
		if len(o.Outputs) > 0 {
			a.inner = append(a.inner, innerValue{o.Name + " (" + o.Kind + ")", names[i], valueOf(o.Outputs[0], rows)})
		}
	}
	var file bytes.Buffer
	if err := c.write(&file); err != nil {
		t.Fatalf("%s: %v", c.name, err)
	}
	a.file = file.Bytes()
	return a
}

// valueOf is a value as ONNX has it.
func valueOf(n *nn.Node, rows int) given {
	return given{rowsShape(n, rows), slices.Clone(channelsFirst(n.Value().Data, n.Layout, n.Cols, rows))}
}

func rowsShape(n *nn.Node, rows int) []int {
	switch l := n.Layout; {
	case l.IsImage():
		return []int{rows, n.Cols, l.Height, l.Width}
	case l.Steps > 1:
		return []int{l.Steps, rows, n.Cols}
	}
	return []int{rows, n.Cols}
}

// channelsFirst puts images [rows, pixels, channels] in the order of other systems.
func channelsFirst(x []float32, l nn.Layout, channels, rows int) []float32 {
	if !l.IsImage() {
		return x
	}
	y, pixels := make([]float32, len(x)), l.Height*l.Width
	for r := range rows {
		for p := range pixels {
			for c := range channels {
				y[(r*channels+c)*pixels+p] = x[(r*pixels+p)*channels+c]
			}
		}
	}
	return y
}

func fillPart(t *testing.T, c network, p nn.Part, s nn.Stream, rows int) given {
	switch h := p.Holds.(type) {
	case *nn.Images:
		s.Uniform(h.Pixels, -1, 1)
		l := nn.Layout{Height: h.Height, Width: h.Width}
		return given{[]int{rows, h.Channels, h.Height, h.Width}, channelsFirst(h.Pixels, l, h.Channels, rows)}
	case *nn.Values:
		s.Uniform(h.Data, -1, 1)
		if h.Layout.Steps > 1 {
			return given{[]int{h.Layout.Steps, rows, h.Cols}, h.Data}
		}
		return given{[]int{rows, h.Cols}, h.Data}
	case *nn.Tokens:
		noise := make([]float32, len(h.Input))
		s.Uniform(noise, 0, 1)
		wide := make([]int64, len(h.Input))
		for i, v := range noise {
			h.Input[i] = int32(v * float32(h.Vocab) * 0.999)
			wide[i] = int64(h.Input[i])
		}
		shape := []int{c.steps, rows}
		if c.steps == 1 {
			shape = shape[1:]
		}
		return given{shape, wide}
	case *nn.Lengths:
		for i := range h.Of {
			h.Of[i] = int32(h.Steps - i*(h.Steps/3))
		}
		return given{[]int{rows}, h.Of}
	}
	t.Fatalf("%s: a part that is a %T", c.name, p.Holds)
	return given{}
}

// putAny writes a tensor to a file of its own.
func putAny(t *testing.T, dir, name string, g given) array {
	var b bytes.Buffer
	if err := binary.Write(&b, binary.LittleEndian, g.data); err != nil {
		t.Fatal(err)
	}
	put(t, dir, name+".bin", b.Bytes())
	return array{g.shape, strings.TrimPrefix(fmt.Sprintf("%T", g.data), "[]"), name + ".bin"}
}

func put(t *testing.T, dir, name string, b []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// network is one to export.
type network struct {
	name  string
	n     *zoo.Network
	steps int
	int8  *Calibration
}

func (c network) write(w *bytes.Buffer) error {
	tape := nn.NewTape(c.n.Params(), nil, nn.Shape{Steps: c.steps, Lanes: 1, Rows: 1}, nn.Inference, 0)
	batch := tape.NewBatch(nil)
	out := c.n.Forward(tape, batch)
	return Write(w, tape, batch, out, Options{Name: c.n.Kind, Producer: "test", Int8: c.int8})
}

// names are what the first outputs of the operations are called.
func (c network) names(t *testing.T) (list []string) {
	tape := nn.NewTape(c.n.Params(), nil, nn.Shape{Steps: c.steps, Lanes: 1, Rows: 1}, nn.Inference, 0)
	batch := tape.NewBatch(nil)
	out := c.n.Forward(tape, batch)
	ops := tape.Operators()
	e, err := record(tape, batch, out, Options{})
	if err != nil {
		t.Fatalf("%s: %v", c.name, err)
	}
	for _, o := range ops {
		name := ""
		if len(o.Outputs) > 0 {
			name = e.values[o.Outputs[0]]
		}
		list = append(list, name)
	}
	return list
}

// large is the parameters above which a kind is too large for these tests, but for its family's smaller ones.
const large = 30_000_000

// networks are all kinds of the zoo as their defaults have them, and the cells of language models, but for large ones and
// those that cannot be exported.
func networks(t *testing.T) (list []network) {
	t.Helper()
	add := func(name, kind string, config any, steps int) {
		n, err := zoo.New(kind, config)
		if err != nil {
			t.Fatal(err)
		}
		if n.Params().Size() <= large {
			list = append(list, network{name: name, n: n, steps: steps})
		}
	}
	for _, info := range zoo.Kinds() {
		if refused[info.Kind] != "" {
			continue
		}
		steps, config := 1, info.Config()
		if info.Sequences {
			steps = 9
		}
		info.Derive(config, func(string) bool { return false })
		add(info.Kind, info.Kind, config, steps)
	}
	for _, cell := range nn.Cells() {
		add(fmt.Sprintf("charlm-%s", cell), "charlm", zoo.CharLM{Cell: cell, Vocab: 40, Hidden: 12, Layers: 2, Embed: 8}, 6)
	}
	add("charlm-normed", "charlm", zoo.CharLM{Cell: "mlstm", Vocab: 40, Hidden: 12, Layers: 1, Embed: 8, WeightNorm: true}, 1)
	for _, pooling := range []string{"gru", "lstm"} {
		add("texts-"+pooling, "text-classifier", zoo.TextClassifier{Classes: 3, Symbols: "bytes", Vocab: 256, Embed: 6, Hidden: 10, Pooling: pooling, Bidirectional: true}, 8)
	}
	add("texts-one-hot", "text-classifier", zoo.TextClassifier{Classes: 3, Symbols: "bytes", Vocab: 256, Hidden: 10, Pooling: "gru"}, 8)
	for _, pooling := range []string{"mean", "max"} {
		add("sequences-"+pooling, "sequence-classifier", zoo.SequenceClassifier{Classes: 3, Features: 4, Pooled: zoo.Pooled{Pooling: pooling}, Recurrent: zoo.Recurrent{Cell: "lstm", Hidden: 6, Layers: 1}}, 8)
	}
	addNarrow(add)
	return append(list, written(t)...)
}

// addNarrow adds thin and shallow members of families whose published ones are too large, and of those that compute otherwise
// when their stages are cut.
func addNarrow(add func(name, kind string, config any, steps int)) {
	narrow := func(image int) zoo.Scaled {
		return zoo.Scaled{Classifier: zoo.Classifier{Classes: 10, Image: image, Channels: 3}, Width: 0.125, Depth: 0.34}
	}
	for kind, image := range map[string]int{"alexnet": 224, "alexnet-caffe": 227, "zfnet": 224, "vgg11": 224, "vgg11-bn": 224} {
		add(kind+"-narrow", kind, zoo.DenseHeaded{Scaled: narrow(image)}, 1)
	}
	add("inceptionv4-narrow", "inceptionv4", zoo.InceptionV4{Scaled: narrow(139)}, 1)
	add("inception-resnet-v2-narrow", "inception-resnet-v2", zoo.InceptionResNet{Scaled: narrow(139)}, 1)
	add("nasnet-mobile-narrow", "nasnet-mobile", zoo.NASNet{Scaled: narrow(96)}, 1)
	add("nasnet-large-narrow", "nasnet-large", zoo.NASNet{Scaled: narrow(107)}, 1)
	pixels := zoo.Segmenter{Classes: 5, Height: 50, Width: 66, Channels: 3}
	for _, kind := range []string{"fcn8s", "fcn16s", "fcn32s"} {
		add(kind+"-narrow", kind, zoo.FCNVGG{Segmenter: pixels, Filters: 4, Depth: 1}, 1)
	}
	add("fcn-resnet50-narrow", "fcn-resnet50", zoo.FCNHead{Segmenter: pixels, BackboneWidth: 0.125, BackboneDepth: 0.34}, 1)
}

// refused are the kinds that cannot be exported as their defaults have them, and why.
var refused = map[string]string{
	"cnn-lstm":         "mel",
	"sound-classifier": "mel",
	"text-classifier":  "bag",
}
