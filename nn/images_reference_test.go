package nn

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

// layerReference is an entry of testdata/images/layers.json.
type layerReference struct {
	Kind                    string
	Height, Width, Channels int
	Options                 struct {
		Out, Groups                   int
		Kernel, Stride, Pad, Dilation []int
		CountPad                      bool `json:"count_pad"`
		Rectifier                     string
		Training                      bool
	}
	Weights map[string]struct{ Value, Grad []float32 }
	Running map[string][]float32
	X, Y    []float32
	XGrad   []float32 `json:"x_grad"`
	YGrad   []float32 `json:"y_grad"`
}

const layerImages = 2

var rectifiers = map[string]func(t *Tape, x *Node) *Node{
	"none":  func(_ *Tape, x *Node) *Node { return x },
	"relu":  func(t *Tape, x *Node) *Node { return t.ReLU("relu", x) },
	"relu6": func(t *Tape, x *Node) *Node { return t.ReLU6("relu6", x) },
}

// build registers the layer's parameters and returns what records it.
func (ref *layerReference) build(ps *Params) func(t *Tape, x *Node) *Node {
	o := &ref.Options
	switch ref.Kind {
	case "conv":
		return NewConv2d(ps, "op", tensor.ConvShape{
			Cin: ref.Channels, Cout: o.Out, KH: o.Kernel[0], KW: o.Kernel[1], StrideH: o.Stride[0], StrideW: o.Stride[1],
			PadH: o.Pad[0], PadW: o.Pad[1], DilationH: o.Dilation[0], DilationW: o.Dilation[1], Groups: o.Groups,
		}, ref.Weights["bias"].Value != nil, nil).Forward
	case "norm":
		norm := NewBatchNorm(ps, "op", ref.Channels, BatchNormOptions{})
		return func(t *Tape, x *Node) *Node { return rectifiers[o.Rectifier](t, norm.Forward(t, x)) }
	case "flatten":
		return func(t *Tape, x *Node) *Node { return t.Flatten("op", x) }
	case "global":
		return func(t *Tape, x *Node) *Node { return t.GlobalAvgPool("op", x) }
	}
	pool := tensor.PoolShape{KH: o.Kernel[0], KW: o.Kernel[1], StrideH: o.Stride[0], StrideW: o.Stride[1], PadH: o.Pad[0], PadW: o.Pad[1]}
	if ref.Kind == "max" {
		return func(t *Tape, x *Node) *Node { return t.MaxPool("op", x, pool) }
	}
	return func(t *Tape, x *Node) *Node { return t.AvgPool("op", x, pool, o.CountPad) }
}

// Values and gradients of the layers for images are PyTorch's.
func TestImageLayersAgainstPyTorch(t *testing.T) {
	text, err := os.ReadFile("testdata/images/layers.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Layers []layerReference }
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Layers) != 19 {
		t.Fatalf("%d layers, want 19", len(file.Layers))
	}
	for i := range file.Layers {
		ref := &file.Layers[i]
		for _, lanes := range []int{1, 2} {
			if ref.Kind == "norm" && lanes != 1 {
				continue // a lane is what PyTorch calls a batch
			}
			t.Run(fmt.Sprintf("%d-%s-%d", i, ref.Kind, lanes), func(t *testing.T) { ref.compare(t, lanes) })
		}
	}
}

func (ref *layerReference) compare(t *testing.T, lanes int) {
	pool := tensor.NewPool(2)
	defer pool.Close()
	shape := Shape{Steps: 1, Lanes: lanes, Rows: layerImages / lanes}
	ps := NewParams()
	x := newImageSource(ps, "x", shape, ref.Height, ref.Width, ref.Channels)
	forward := ref.build(ps)
	ps.Allocate()
	ps.AllocateGrads(lanes)
	ps.Initialize(1)
	copy(x.p.Value().Data, ref.X)
	for name, w := range ref.Weights {
		copy(ps.Get("op."+name).Value().Data, w.Value)
	}
	if ref.Kind == "norm" {
		copy(ps.Statistics[0].Value(), ref.Running["mean_before"])
		copy(ps.Statistics[1].Value(), ref.Running["var_before"])
	}
	ps.Changed()
	mode := Training
	if ref.Kind == "norm" && !ref.Options.Training {
		mode = Inference // has no gradient
	}
	tape := NewTape(ps, pool, shape, mode, 0)
	y := forward(tape, x.Forward(tape))
	if mode == Training {
		newSeed(tape, y, ref.YGrad)
	}
	tape.Keep(y)
	tape.Plan()
	tape.Forward()
	near(t, "y", y.Value().Data, ref.Y)
	if mode == Training {
		tape.Backward(nil)
		near(t, "gradient of x", laneSum(ps, x.p), ref.XGrad)
		for name, w := range ref.Weights {
			near(t, "gradient of "+name, laneSum(ps, ps.Get("op."+name)), w.Grad)
		}
	}
	if ref.Kind == "norm" && mode == Training {
		ps.Track(ps.LaneMeasured(0), 1)
		near(t, "running mean", ps.Statistics[0].Value(), ref.Running["mean"])
		near(t, "running variance", ps.Statistics[1].Value(), ref.Running["var"])
	}
}
