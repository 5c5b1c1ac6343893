package zoo

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/optim"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/tensor"
)

// The published sizes, and the entries of PyTorch's state_dict.
func TestImageModelSizes(t *testing.T) {
	for _, c := range []struct {
		kind                string
		parameters, entries int
	}{
		{"lenet5", 61_706, 10}, {"lenet5-1998", 60_000, 16}, {"resnet18", 11_689_512, 122}, {"mobilenetv2", 3_504_872, 314},
		{"resnet-small", 272_474, 128},
	} {
		info, _ := Lookup(c.kind)
		m, err := New(c.kind, info.Config())
		if err != nil {
			t.Fatal(err)
		}
		ps := m.Params()
		entries := len(ps.List) + len(ps.Statistics) + len(ps.Counters)
		if ps.Size() != c.parameters || entries != c.entries {
			t.Errorf("%s: %d parameters in %d entries, want %d in %d", c.kind, ps.Size(), entries, c.parameters, c.entries)
		}
	}
}

func TestImageModelErrors(t *testing.T) {
	for _, c := range []struct {
		kind   string
		config any
		want   string
	}{
		{"lenet5", Classifier{10, 11, 3}, "model.image: 11 is not allowed; the network takes images of 12 pixels or more"},
		{"lenet5-1998", Classifier{10, 15, 1}, "model.image: 15 is not allowed; the network takes images of 16 pixels or more"},
		{"lenet5-1998", Classifier{129, 32, 1}, "model.classes: 129 is not allowed; lenet5-1998 has centres of 128 classes"},
		{"resnet18", resNet(10, 15, 3), "model.image: 15 is not allowed; the network takes images of 16"},
		{"resnet18", resNet(10, 1025, 3), "model.image: 1025 is not allowed; want a whole number from 1 to 1024"},
		{"resnet18", resNet(0, 32, 3), "model.classes: 0"},
		{"mobilenetv2", changed("mobilenetv2", func(c *MobileNetV2) { c.Channels = 0 }), "model.channels: 0"},
		{"mobilenetv2", changed("mobilenetv2", func(c *MobileNetV2) { c.Dropout = 1 }), "model.dropout: 1 "},
		{"mobilenetv2", changed("mobilenetv2", func(c *MobileNetV2) { c.Dropout = math.NaN() }), "model.dropout: NaN"},
		{"resnet-small", ResNetSmall{Classifier{10, 3, 3}, 1, 8, 0, 0}, "model.image: 3 is not allowed; the network takes images of 4"},
		{"resnet-small", ResNetSmall{Classifier{10, 32, 3}, 0, 8, 0, 0}, "model.blocks: 0"},
		{"resnet-small", ResNetSmall{Classifier{10, 32, 3}, 1, 8, 0, 1}, "model.stochastic_depth: 1 "},
		{"resnet-small", ResNetSmall{Classifier{10, 32, 3}, 64, 1024, 0, 0}, "model.width: the model has 25"},
		{"fcn", changed("fcn", func(c *FCN) { c.Width = 7 }), "model.halvings: 3 of images of 128x7 is not allowed; they need 8 pixels"},
		{"fcn", changed("fcn", func(c *FCN) { c.Up = "bicubic" }), "model.up: bicubic is not allowed; want one of bilinear, transposed"},
		{"fcn", changed("fcn", func(c *FCN) { c.Classes = 257 }), "model.classes: 257"},
		{"fcn", changed("fcn", func(c *FCN) { c.Filters, c.Halvings = 1024, 6 }), "model.filters: the model has"},
	} {
		if _, err := New(c.kind, c.config); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: error %v, want one with %q", c.config, err, c.want)
		}
	}
}

func resNet(classes, image, channels int) ResNet {
	return ResNet{Scaled{Classifier{classes, image, channels}, 1, 1}, Dilated{32}}
}

// small is a kind's own fields, for small images.
func smallImages(kind string, image, channels int) any {
	info, _ := Lookup(kind)
	c := info.Config()
	for name, n := range map[string]int{"classes": 10, "image": image, "channels": channels} {
		*info.Field(name).At(c).(*int) = n
	}
	if r, ok := c.(*ResNetSmall); ok {
		r.Blocks, r.Width = 2, 8
	}
	if r, ok := c.(*Cells); ok {
		r.Width, r.Normal, r.Reduce = 4, everyNormal, everyReduce
	}
	return c
}

// Weights start with the deviations of torchvision's.
func TestFirstImageWeights(t *testing.T) {
	for _, c := range []struct {
		kind, name string
		deviation  float64
	}{
		{"lenet5", "conv2.weight", 1 / math.Sqrt(3*150)},
		{"resnet18", "conv1.weight", math.Sqrt(2.0 / (64 * 49))},
		{"resnet18", "layer4.1.conv2.weight", math.Sqrt(2.0 / (512 * 9))},
		{"resnet18", "fc.weight", 1 / math.Sqrt(3*512)},
		{"mobilenetv2", "features.2.conv.1.0.weight", math.Sqrt(2.0 / (96 * 9))},
		{"mobilenetv2", "classifier.1.weight", 0.01},
	} {
		m, err := New(c.kind, smallImages(c.kind, 32, 3))
		if err != nil {
			t.Fatal(err)
		}
		m.Params().Allocate()
		m.Params().Initialize(1)
		w := m.Params().Get(c.name).Value().Data
		got := math.Sqrt(tensor.SumSquares(w) / float64(len(w)))
		if math.Abs(got/c.deviation-1) > 0.08 {
			t.Errorf("%s %s: deviation %v, want %v", c.kind, c.name, got, c.deviation)
		}
	}
}

// Too few rows in a lane are told before anything is computed.
func TestCheck(t *testing.T) {
	m, err := New("resnet18", resNet(10, 32, 3))
	if err != nil {
		t.Fatal(err)
	}
	if err := Check(m, task.Default(task.Class), nn.Shape{Steps: 1, Lanes: 2, Rows: 2}); err != nil {
		t.Error(err)
	}
	if err := Check(m, task.Default(task.Class), nn.Shape{Steps: 1, Lanes: 2, Rows: 1}); err == nil || !strings.Contains(err.Error(), "layer4.0.downsample.1 has one value") {
		t.Errorf("one row of one pixel: error %v", err)
	}
}

// trainImages trains for some steps with one tape for every part of the lanes
// and returns all weights and the losses.
func trainImages(tb testing.TB, kind string, config any, threads int, parts []int) ([]float32, []float64) {
	const lanes, rows = 4, 2
	m, err := New(kind, config)
	if err != nil {
		tb.Fatal(err)
	}
	ps, pool := m.Params(), tensor.NewPool(threads)
	defer pool.Close()
	ps.Allocate()
	ps.AllocateGrads(lanes)
	ps.Initialize(1)
	sgd := optim.NewSGD(optim.Whole(ps.Size()), optim.SGDConfig{Momentum: 0.9})
	reduced, measured := make([]float32, ps.Size()), make([]float32, ps.StatisticsSize())
	var losses []float64
	for step := range 2 {
		ps.ZeroGrads()
		lane := 0
		for _, n := range parts {
			tape := nn.NewTape(ps, pool, nn.Shape{Steps: 1, Lanes: n, Rows: rows}, nn.Training, 5)
			r := imageRecording(m, tape)
			tape.Plan()
			size := len(r.Image(0))
			for i := range r.Target {
				row := lane*rows + i
				r.Target[i] = int32(row % 10)
				for j := range r.Image(i) {
					r.Image(i)[j] = formulaValue(uint32(step), row*size+j)
				}
			}
			r.Count = lanes * rows
			tape.Begin(uint64(step), lane, lane)
			tape.Forward()
			tape.Backward(nil)
			losses = append(losses, r.Losses[0].LaneSum...)
			lane += n
		}
		clear(reduced)
		clear(measured)
		for l := range lanes {
			tensor.Add(reduced, reduced, ps.LaneGrads(l))
			tensor.Add(measured, measured, ps.LaneMeasured(l))
		}
		optim.ClipGlobalNorm(pool, reduced, 1) // two values to a norm make for steep gradients
		sgd.Step(pool, ps.Values, reduced, 0.01, uint64(step))
		ps.Track(measured, lanes)
		ps.Changed()
	}
	if tensor.HasNonFinite(ps.Values) || tensor.HasNonFinite(ps.Running) {
		tb.Error("weights are no longer finite")
	}
	return slices.Concat(ps.Values, ps.Running), losses
}

// Whoever computes which lanes, on however many goroutines, weights and
// statistics come out the same.
func TestImageTrainingDoesNotDependOnTheSplit(t *testing.T) {
	for _, c := range []struct {
		kind            string
		image, channels int
	}{{"lenet5", 28, 1}, {"lenet5-1998", 32, 1}, {"resnet18", 16, 3}, {"mobilenetv2", 32, 3}, {"resnet-small", 12, 3}} {
		t.Run(c.kind, func(t *testing.T) {
			config := smallImages(c.kind, c.image, c.channels)
			if r, ok := config.(*ResNetSmall); ok {
				r.Dropout, r.StochasticDepth = 0.2, 0.5
			}
			want, wantLoss := trainImages(t, c.kind, config, 1, []int{4})
			for _, s := range []struct {
				threads int
				parts   []int
			}{{2, []int{1, 3}}, {3, []int{2, 1, 1}}} {
				got, loss := trainImages(t, c.kind, config, s.threads, s.parts)
				if !slices.Equal(got, want) || fmt.Sprint(loss) != fmt.Sprint(wantLoss) {
					t.Errorf("lanes %v on %d goroutines give other bits", s.parts, s.threads)
				}
			}
		})
	}
}

// images is a recording of a model of images with its two parts at hand.
type images struct {
	*Recording
	*nn.Images
	*nn.Targets
}

func imageRecording(m Model, tape *nn.Tape) images {
	r := Record(m, task.Default(task.Class), tape, nil)
	return images{r, r.Part("image").(*nn.Images), r.Part(task.Class).(*nn.Targets)}
}
