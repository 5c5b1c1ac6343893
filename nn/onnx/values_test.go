package onnx

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/nn/zoo"
)

// TestValues holds every kind of the zoo, thin, and cells of language models against what their graphs compute by ONNX's
// definitions: what each operation gave, and what the network said when operations were joined.
func TestValues(t *testing.T) {
	kinds := map[string]int{}
	for i, c := range append(thin(t), notOfImages(t)...) {
		if testing.Short() && i%4 != 0 {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			c.n.Params().Allocate()
			shake(c.n.Params())
			a := ask(t, c, true)
			inputs := map[string]*value{}
			for name, g := range a.inputs {
				inputs[name] = g.value()
			}
			e := evaluateAll(t, a.file, inputs)
			if e.same(t, a) {
				differ(t, "joined, the output", e.values["output"], ask(t, c, false).output.value())
			}
			for kind, n := range e.kinds {
				kinds[kind] += n
			}
		})
	}
	for _, kind := range floatOperators {
		if kinds[kind] == 0 && !testing.Short() {
			t.Errorf("no network has %s", kind)
		}
	}
	for kind := range kinds {
		if !slices.Contains(floatOperators, kind) {
			t.Errorf("%s is not in the list of operators that are written", kind)
		}
	}
}

// floatOperators are the operators that are written without --int8.
var floatOperators = strings.Fields(`Add AveragePool BatchNormalization Cast Clip Concat ConstantOfShape Conv ConvTranspose Div Elu
	Erf Flatten GRU Gather GatherND Gemm GlobalAveragePool GlobalMaxPool HardSigmoid HardSwish Identity InstanceNormalization LRN LSTM
	LayerNormalization LeakyRelu Less LogSoftmax MatMul Max MaxPool Mul OneHot PRelu Pad RNN Range ReduceL2 ReduceMax ReduceMean
	ReduceSum Relu Reshape Resize ReverseSequence Scan Shape Sigmoid Slice Softmax Softplus Split Squeeze Sub Tanh Transpose Unsqueeze Where`)

// same compares what operations gave, up to the first that differs, and the output.
func (e *evaluation) same(t *testing.T, a asked) bool {
	t.Helper()
	for _, v := range a.inner {
		if differ(t, v.layer, e.values[v.name], v.value()) {
			return false
		}
	}
	return !differ(t, "the output", e.values["output"], a.output.value())
}

// differ says how two values differ by more than the roundings of float32.
func differ(t *testing.T, name string, got, want *value) bool {
	t.Helper()
	if !slices.Equal(got.shape, want.shape) {
		t.Errorf("%s is %v by its graph, want %v", name, got.shape, want.shape)
		return true
	}
	most, off := 1e-6, 0.0
	for i, v := range want.data {
		most, off = max(most, math.Abs(v)), max(off, math.Abs(v-got.data[i]))
		if math.IsNaN(v) || math.IsNaN(got.data[i]) {
			off = math.Inf(1)
		}
	}
	if off/most > 2e-5 {
		t.Errorf("%s is off by %.1e of its largest value", name, off/most)
		return true
	}
	return false
}

func (g given) value() *value {
	v := &value{shape: g.shape}
	switch list := g.data.(type) {
	case []float32:
		for _, x := range list {
			v.data = append(v.data, float64(x))
		}
	case []int64:
		for _, x := range list {
			v.data = append(v.data, float64(x))
		}
	case []int32:
		for _, x := range list {
			v.data = append(v.data, float64(x))
		}
	}
	return v
}

// thin is a narrow and shallow member of every kind of images.
func thin(t *testing.T) (list []network) {
	for _, info := range zoo.Kinds() {
		if info.Sample != "image" || refused[info.Kind] != "" {
			continue
		}
		n, err := thinned(info)
		if err != nil {
			t.Fatalf("%s: %v", info.Kind, err)
		}
		list = append(list, network{name: info.Kind, n: n, steps: 1})
	}
	return list
}

// thinned is the least of some sizes that a kind allows.
func thinned(info zoo.Info) (n *zoo.Network, err error) {
	for _, width := range []float64{1. / 16, 0.25, 0.5} {
		for _, side := range []int{32, 64, 80, 160, 224} {
			config := info.Config()
			for name, v := range map[string]float64{"width": width, "depth": 0.1, "backbone_width": width, "backbone_depth": 0.1} {
				if f := info.Field(name); f != nil {
					if at, is := f.At(config).(*float64); is {
						*at *= v
					}
				}
			}
			for name, v := range map[string]int{"image": side, "height": side, "width": side + 4, "blocks": 1, "filters": 1, "features": 6, "classes": 7} {
				if f := info.Field(name); f != nil {
					if at, is := f.At(config).(*int); is {
						*at = v
					}
				}
			}
			if f := info.Field("image"); f != nil && info.Field("width") != nil { // channels
				if at, is := info.Field("width").At(config).(*int); is {
					*at = 8
				}
			}
			info.Derive(config, func(string) bool { return false })
			if n, err = zoo.New(info.Kind, config); err == nil {
				return n, nil
			}
		}
	}
	return nil, err
}

// notOfImages are the kinds that are not of images, and networks of a test.
func notOfImages(t *testing.T) (list []network) {
	for _, c := range networks(t) {
		if info, _ := zoo.Lookup(c.n.Kind); info.Sample != "image" {
			list = append(list, c)
		}
	}
	return list
}
