package zoo

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/safetensors"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/tensor"
)

// listing is how many tensors a model has, and the SHA-256 of their names, types
// and shapes, as make_families.py lists a state_dict.
func listing(ps *nn.Params) (entries int, sha string) {
	var lines []string
	add := func(name string, d safetensors.DType, shape []int) {
		lines = append(lines, fmt.Sprintf("%s %s %s\n", name, d, strings.ReplaceAll(fmt.Sprint(shape), " ", ", ")))
	}
	for _, p := range ps.List {
		add(p.Name, safetensors.F32, p.Shape)
	}
	for _, s := range ps.Statistics {
		add(s.Name, safetensors.F32, []int{s.Size})
	}
	for _, c := range ps.Counters {
		add(c.Name, safetensors.I64, []int{})
	}
	slices.SortFunc(lines, func(a, b string) int { return strings.Compare(strings.Fields(a)[0], strings.Fields(b)[0]) })
	sum := sha256.Sum256([]byte(strings.Join(lines, "")))
	return len(lines), hex.EncodeToString(sum[:])
}

// Every kind as published has PyTorch's parameters, names and shapes, and as many
// multiply-adds.
func TestPublishedFamilies(t *testing.T) {
	var want map[string]struct {
		Parameters, Entries, Macs int
		Listing                   string
	}
	readReference(t, "state_dicts.json", &want)
	for kind, w := range want {
		info, ok := Lookup(kind)
		if !ok {
			t.Errorf("there is no kind %s", kind)
			continue
		}
		m, err := New(kind, info.Config())
		if err != nil {
			t.Fatal(err)
		}
		if n := m.Params().Size(); n != w.Parameters {
			t.Errorf("%s: %d parameters, want %d", kind, n, w.Parameters)
		}
		if n, sha := listing(m.Params()); n != w.Entries || sha != w.Listing {
			t.Errorf("%s: %d tensors of SHA-256 %s, want %d of %s", kind, n, sha, w.Entries, w.Listing)
		}
		tape := nn.NewTape(m.Params(), nil, nn.Shape{Steps: 1, Lanes: 1, Rows: 1}, nn.Inference, 0)
		Record(m, task.Default(info.Task), tape, nil)
		if n := tape.Operations() / 2; n != w.Macs {
			t.Errorf("%s: %d multiply-adds, want %d", kind, n, w.Macs)
		}
	}
}

// familyReference is a step of PyTorch, and how far its own float32 strays from
// its float64.
type familyReference struct {
	Image, Channels, Entries int
	Listing                  string
	Shifts                   map[string]string // of biases in front of rectifiers, as make_backbones.py has them
	Float32                  struct {
		Logits, Inference, Loss float64
		Gradients, Running      [2]float64
	}
	Loss              float64
	Logits, Inference []float64
	Grads, Running    map[string]summary
}

// smallFamilies are what make_families.py runs.
var smallFamilies = map[string]any{
	"efficientnet-b0":   EfficientNet{Scaled{Classifier{10, 64, 3}, 0.25, 0.5}, 0, 0},
	"efficientnet-b5":   EfficientNet{Scaled{Classifier{10, 64, 3}, 0.25, 0.25}, 0, 0},
	"efficientnet-v2-s": EfficientNet{Scaled{Classifier{10, 64, 3}, 0.25, 0.25}, 0, 0},
	"fcn8s":             FCNVGG{Segmenter{10, 32, 32, 3}, 4, 0},
	"fcn-resnet50":      FCNHead{Segmenter{10, 32, 32, 3}, 1, 0.1, 0, 0.5},
	"fpn":               FPN{Segmenter{10, 64, 64, 3}, "resnet50", 1, 0.1, 16},
	"convnext-tiny":     ConvNeXt{Scaled{Classifier{10, 64, 3}, 1.0 / 12, 0.2}, 0},
}

// TestFamiliesAgainstPyTorch compares a step of a small member of each family, and
// the running statistics and the inference that it leads to, with PyTorch's
// float64: nothing may be off by more than a few times what PyTorch's own float32 is.
func TestFamiliesAgainstPyTorch(t *testing.T) {
	const times = 8
	for kind := range smallFamilies {
		t.Run(kind, func(t *testing.T) {
			var ref familyReference
			readReference(t, kind+".json", &ref)
			stray := ref.Float32
			m, tape, r := familyRun(t, kind, imageLanes, nn.Training)
			ps := m.Params()
			shiftBiases(t, ps, ref.Shifts)
			if n, sha := listing(ps); n != ref.Entries || sha != ref.Listing {
				t.Errorf("%d tensors of SHA-256 %s, want %d of %s", n, sha, ref.Entries, ref.Listing)
			}
			tape.Forward()
			closeTo(t, "logits", r.some(), ref.Logits, times*max(stray.Logits, 1e-6))
			if loss := r.loss(); math.Abs(loss/ref.Loss-1) > times*max(stray.Loss, 1e-6) {
				t.Errorf("loss %v, PyTorch has %v", loss, ref.Loss)
			}
			tape.Backward(nil)
			if len(ref.Grads) != len(ps.List) {
				t.Fatalf("%d gradients, PyTorch has %d", len(ps.List), len(ref.Grads))
			}
			for name, want := range ref.Grads {
				p := ps.Get(name)
				sum := make([]float32, p.Size())
				tensor.Add(sum, p.Grad(0).Data, p.Grad(1).Data)
				want.compare(t, "gradient of "+name, sum, wider(stray.Gradients, times))
			}
			sum := make([]float32, ps.StatisticsSize())
			if len(sum) > 0 {
				tensor.Add(sum, ps.LaneMeasured(0), ps.LaneMeasured(1))
			}
			ps.Track(sum, imageLanes)
			for _, s := range ps.Statistics {
				ref.Running[s.Name].compare(t, s.Name, s.Value(), wider(stray.Running, times))
			}
			m, tape, r = familyRun(t, kind, 1, nn.Inference)
			shiftBiases(t, m.Params(), ref.Shifts)
			tape.Forward()
			closeTo(t, "logits of inference", r.some(), ref.Inference, times*max(stray.Inference, 1e-6))
		})
	}
}

// wider is so many times PyTorch's own error, or float32's.
func wider(stray [2]float64, times float64) [2]float64 {
	return [2]float64{times * max(stray[0], 1e-6), times * max(stray[1], 1e-5)}
}

// familyRecording is a recording of a model of images that learns classes of
// images or of pixels.
type familyRecording struct {
	*Recording
	targets *nn.Targets
}

// loss is the mean over all targets, with those of auxiliary heads.
func (r familyRecording) loss() (sum float64) {
	for _, l := range r.Losses {
		for _, lane := range l.LaneSum {
			sum += l.Weight * lane / float64(r.targets.Count)
		}
	}
	return sum
}

// some are the logits that make_families.py writes: all of an image's, or those of
// pixels of every eleventh line and every 13th column.
func (r familyRecording) some() (list []float32) {
	y := r.Out.Value()
	for row := range y.Rows {
		l := r.Out.Layout
		if l.IsImage() && (row/l.Width%l.Height%11 != 0 || row%l.Width%13 != 0) {
			continue
		}
		list = append(list, y.Row(row)...)
	}
	return list
}

// familyRun records the small member for so many lanes, with the weights, pixels
// and targets of make_families.py.
func familyRun(tb testing.TB, kind string, lanes int, mode nn.Mode) (Model, *nn.Tape, familyRecording) {
	m, err := New(kind, smallFamilies[kind])
	if err != nil {
		tb.Fatal(err)
	}
	ps, pool := m.Params(), tensor.NewPool(2)
	tb.Cleanup(pool.Close)
	ps.Allocate()
	ps.AllocateGrads(lanes)
	formulaWeights(ps)
	tape := nn.NewTape(ps, pool, nn.Shape{Steps: 1, Lanes: lanes, Rows: imageRows * imageLanes / lanes}, mode, 1)
	info, _ := Lookup(kind)
	r := familyRecording{Recording: Record(m, task.Default(info.Task), tape, nil)}
	name := task.Class
	if info.Task == task.Pixels {
		name = "mask"
	}
	r.targets = r.Part(name).(*nn.Targets)
	tape.Keep(r.Out)
	tape.Plan()
	pixels := r.Part("image").(*nn.Images).Pixels
	for i := range pixels {
		pixels[i] = formulaValue(pixelSite, i)
	}
	for i := range r.targets.Target {
		r.targets.Target[i] = int32(i * 3 % imageClasses)
	}
	r.targets.Count = len(r.targets.Target)
	return m, tape, r
}
