package zoo

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/optim"
	"github.com/rondo-ml/rondo/tensor"
)

// The published sizes, and the entries of PyTorch's state_dict.
func TestImageModelSizes(t *testing.T) {
	for _, c := range []struct {
		config              Config
		parameters, entries int
	}{
		{Config{Kind: "lenet5", Classes: 10, Image: 28, Channels: 1}, 61_706, 10},
		{Config{Kind: "resnet18", Classes: 1000, Image: 224, Channels: 3}, 11_689_512, 122},
		{Config{Kind: "mobilenetv2", Classes: 1000, Image: 224, Channels: 3, Dropout: 0.2}, 3_504_872, 314},
	} {
		m, err := New(c.config)
		if err != nil {
			t.Fatal(err)
		}
		ps := m.Params()
		entries := len(ps.List) + len(ps.Statistics) + len(ps.Counters)
		if ps.Size() != c.parameters || entries != c.entries {
			t.Errorf("%s: %d parameters in %d entries, want %d in %d", c.config.Kind, ps.Size(), entries, c.parameters, c.entries)
		}
	}
}

func TestImageModelErrors(t *testing.T) {
	good := Config{Classes: 10, Image: 32, Channels: 3}
	for _, c := range []struct {
		kind   string
		change func(c *Config)
		want   string
	}{
		{"lenet5", func(c *Config) { c.Image = 11 }, "model.image: 11 is not allowed; 12 to 1024 are"},
		{"resnet18", func(c *Config) { c.Image = 15 }, "model.image: 15 is not allowed; 16 to 1024 are"},
		{"resnet18", func(c *Config) { c.Classes = 0 }, "model.classes: 0"},
		{"mobilenetv2", func(c *Config) { c.Channels = 0 }, "model.channels: 0"},
		{"mobilenetv2", func(c *Config) { c.Dropout = 1 }, "model.dropout: 1 "},
		{"mobilenetv2", func(c *Config) { c.Dropout = float32(math.NaN()) }, "model.dropout: NaN"},
	} {
		config := good
		config.Kind = c.kind
		c.change(&config)
		if _, err := New(config); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: error %v, want one with %q", config, err, c.want)
		}
	}
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
		m, err := New(Config{Kind: c.kind, Classes: 10, Image: 32, Channels: 3})
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
	m, err := New(Config{Kind: "resnet18", Classes: 10, Image: 32, Channels: 3})
	if err != nil {
		t.Fatal(err)
	}
	if err := Check(m, nn.Shape{Steps: 1, Lanes: 2, Rows: 2}); err != nil {
		t.Error(err)
	}
	if err := Check(m, nn.Shape{Steps: 1, Lanes: 2, Rows: 1}); err == nil || !strings.Contains(err.Error(), "layer4.0.downsample.1 has one value") {
		t.Errorf("one row of one pixel: error %v", err)
	}
}

// trainImages trains for some steps with one tape for every part of the lanes
// and returns all weights and the losses.
func trainImages(tb testing.TB, c Config, threads int, parts []int) ([]float32, []float64) {
	const lanes, rows = 4, 2
	m, err := New(c)
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
			r := Record(m, tape, nil)
			tape.Plan()
			size := len(r.Images.Image(0))
			for i := range r.Images.Target {
				row := lane*rows + i
				r.Images.Target[i] = int32(row % c.Classes)
				for j := range r.Images.Image(i) {
					r.Images.Image(i)[j] = formulaValue(uint32(step), row*size+j)
				}
			}
			r.Images.Count = lanes * rows
			tape.Begin(uint64(step), lane, lane)
			tape.Forward()
			tape.Backward(nil)
			losses = append(losses, r.Loss.LaneSum...)
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
	for _, c := range []Config{
		{Kind: "lenet5", Classes: 10, Image: 28, Channels: 1},
		{Kind: "resnet18", Classes: 10, Image: 16, Channels: 3},
		{Kind: "mobilenetv2", Classes: 10, Image: 32, Channels: 3, Dropout: 0.2},
	} {
		t.Run(c.Kind, func(t *testing.T) {
			want, wantLoss := trainImages(t, c, 1, []int{4})
			for _, s := range []struct {
				threads int
				parts   []int
			}{{2, []int{1, 3}}, {3, []int{2, 1, 1}}} {
				got, loss := trainImages(t, c, s.threads, s.parts)
				if !slices.Equal(got, want) || fmt.Sprint(loss) != fmt.Sprint(wantLoss) {
					t.Errorf("lanes %v on %d goroutines give other bits", s.parts, s.threads)
				}
			}
		})
	}
}
