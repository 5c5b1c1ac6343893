package task_test

import (
	"math"
	"testing"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/nn/zoo"
	"github.com/rondo-ml/rondo/tensor"
)

// outputs is a network whose output is a bias alone: the same for every row.
func outputs(read func(b *nn.Batch) *nn.Node) (*zoo.Network, *nn.Params) {
	ps := nn.NewParams()
	fc := nn.NewLinear(ps, "fc", width, classes, true)
	return &zoo.Network{Model: &biased{ps, fc, read}, Kind: "biased"}, ps
}

type biased struct {
	params *nn.Params
	l      *nn.Linear
	read   func(b *nn.Batch) *nn.Node
}

func (m *biased) Params() *nn.Params                       { return m.params }
func (m *biased) Forward(t *nn.Tape, b *nn.Batch) *nn.Node { return m.l.Forward(t, m.read(b)) }

// withFields is a task of a kind, with some of its fields set.
func withFields(t *testing.T, kind string, set map[string]string) task.Task {
	t.Helper()
	i, _ := task.Lookup(kind)
	config := i.Config()
	for name, text := range set {
		done := false
		for k := range i.Fields {
			done = done || i.Fields[k].Name == name && i.Fields[k].Set(config, text)
		}
		if !done {
			t.Fatalf("%s has no field %s that may be %s", kind, name, text)
		}
	}
	return i.New(config)
}

// With the final bias the loss is what FinalBias says, and lies at its lowest: over the very targets that were counted, the
// gradient of each logit is nothing but rounding, whatever the loss has of weights and smoothing.
func TestFinalBias(t *testing.T) {
	of := []int32{0, 1, 1, 3, 2, 3, 3, 1, 1, 0, 3, 3} // 2, 4, 1 and 5 of 12
	for _, c := range []struct {
		kind string
		set  map[string]string
		want []float64 // logits, where they are plain
	}{
		{task.Class, nil, []float64{math.Log(2. / 12), math.Log(4. / 12), math.Log(1. / 12), math.Log(5. / 12)}},
		{task.Class, map[string]string{"class_weights": "3, 1.5, 2, 1"}, nil},
		{task.Class, map[string]string{"smoothing": "0.2"}, nil},
		{task.Class, map[string]string{"smoothing": "0.3", "class_weights": "3, 1.5, 2, 1"}, nil},
		{task.Pixels, map[string]string{"class_weights": "0.5, 1, 1, 3", "ignore": "255"}, nil},
		{task.Labels, nil, []float64{math.Log(2. / 10), math.Log(4. / 8), math.Log(1. / 11), math.Log(5. / 7)}},
		{task.Labels, map[string]string{"positive_weights": "1, 2, 3, 4"}, nil},
	} {
		learns := withFields(t, c.kind, c.set)
		counts, all := []float64{2, 4, 1, 5}, 12.0
		logits, loss := learns.(task.Counted).FinalBias(counts, all)
		read := vectors
		shape := nn.Shape{Steps: 1, Lanes: 1, Rows: 12}
		if c.kind == task.Pixels {
			read, shape.Rows = images, 2 // of 6 pixels
		}
		net, ps := outputs(read)
		ps.Allocate()
		ps.AllocateGrads(1)
		copy(ps.Get("fc.bias").Value().Data, logits)
		ps.Changed()
		tape := nn.NewTape(ps, tensor.NewPool(1), shape, nn.Training, 0)
		r := zoo.Record(net, learns, tape, nil)
		tape.Plan()
		for _, p := range r.Parts() {
			switch k := p.Holds.(type) {
			case *nn.Targets:
				copy(k.Target, of)
				k.Count = len(of)
			case *nn.TargetValues:
				for row, class := range of {
					k.Row(row)[class] = 1
				}
				k.Count = len(of)
			}
		}
		weight := []float64{0}
		if r.Losses[0].TotalFromData() {
			r.Losses[0].Weigh(weight)
			r.Losses[0].Total = weight[0]
		}
		tape.Begin(0, 0, 0)
		tape.Forward()
		tape.Backward(nil)
		got := r.Losses[0].LaneSum[0] / r.Losses[0].Divisor()
		if !(math.Abs(got-loss) <= 1e-6*loss) {
			t.Errorf("%s %v: the loss is %v, and FinalBias says %v", c.kind, c.set, got, loss)
		}
		for i, d := range ps.Get("fc.bias").Grad(0).Data {
			if !(math.Abs(float64(d)) <= 1e-7) {
				t.Errorf("%s %v: the gradient of logit %d is %v", c.kind, c.set, i, d)
			}
			if c.want != nil && !(math.Abs(float64(logits[i])-c.want[i]) <= 1e-6) {
				t.Errorf("%s %v: logits %v, want %v", c.kind, c.set, logits, c.want)
			}
		}
	}
}

// What is never counted stands for one target, and all logits are numbers, also where nothing counts.
func TestFinalBiasOfNone(t *testing.T) {
	for _, c := range []struct {
		kind           string
		counts, like   []float64
		all, likeThose float64
	}{
		{task.Class, []float64{2, 4, 0, 6}, []float64{2, 4, 1, 6}, 12, 13},
		{task.Pixels, []float64{0, 9}, []float64{1, 9}, 9, 10},
		{task.Labels, []float64{0, 5}, []float64{1, 5}, 6, 7}, // 1 to 6, and 5 to 1
	} {
		learns := task.Default(c.kind).(task.Counted)
		got, loss := learns.FinalBias(c.counts, c.all)
		want, _ := learns.FinalBias(c.like, c.likeThose)
		if c.kind == task.Labels {
			want[1] = float32(math.Log(5))
		}
		for i, v := range got {
			if !(math.Abs(float64(v-want[i])) <= 1e-6) || loss-loss != 0 {
				t.Errorf("%s of %v: %v, want %v; the loss is %v", c.kind, c.counts, got, want, loss)
			}
		}
	}
}

// Where all weight lies on classes that never are, and where there are no targets at all, the logits are even.
func TestFinalBiasWithoutWeight(t *testing.T) {
	for _, c := range []struct {
		learns task.Task
		counts []float64
		all    float64
	}{
		{withFields(t, task.Class, map[string]string{"class_weights": "0, 0, 0, 1"}), []float64{2, 4, 6, 0}, 12},
		{task.Default(task.Class), []float64{0, 0, 0}, 0},
	} {
		logits, loss := c.learns.(task.Counted).FinalBias(c.counts, c.all)
		for _, v := range logits {
			if want := -math.Log(float64(len(logits))); !(math.Abs(float64(v)-want) <= 1e-6) {
				t.Errorf("%v of %v: logits %v, want %v", c.counts, c.all, logits, want)
			}
		}
		if loss-loss != 0 {
			t.Errorf("%v: the loss is %v", c.counts, loss)
		}
	}
}
