package zoo

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/tensor"
)

func small(cell string) CharLM {
	return CharLM{Cell: cell, Vocab: 20, Hidden: 6, Layers: 1, Embed: 4}
}

// built returns a model with its first weights.
func built(tb testing.TB, c CharLM) *Network {
	tb.Helper()
	m, err := New("charlm", c)
	if err != nil {
		tb.Fatal(err)
	}
	m.Params().Allocate()
	m.Params().Initialize(1)
	return m
}

func TestNewErrors(t *testing.T) {
	change := func(f func(c *CharLM)) CharLM {
		c := small("lstm")
		f(&c)
		return c
	}
	for _, c := range []struct {
		kind   string
		config any
		want   string
	}{
		{"gpt", small("lstm"), `model.kind: "gpt" is not known; the zoo has fpn (did you mean fpn?), alexnet, `},
		{"resnet5", small("lstm"), `the zoo has resnet50 (did you mean resnet50?), alexnet, `},
		{"charlm", Classifier{}, "model.kind: charlm is described by a zoo.CharLM, not by a zoo.Classifier"},
		{"charlm", (*CharLM)(nil), "model.kind: charlm is described by a zoo.CharLM, not by a *zoo.CharLM"},
		{"charlm", nil, "model.kind: charlm is described by a zoo.CharLM, not by a <nil>"},
		{"charlm", change(func(c *CharLM) { c.Cell = "elman" }), "model.cell: elman is not allowed; want one of gru"},
		{"charlm", change(func(c *CharLM) { c.Vocab = 0 }), "model.vocab: 0 is not allowed; want a whole number from 1 to 65536"},
		{"charlm", change(func(c *CharLM) { c.Hidden = -1 }), "model.hidden: -1"},
		{"charlm", change(func(c *CharLM) { c.Layers = 65 }), "model.layers: 65 is not allowed; want a whole number from 1 to 64"},
		{"charlm", change(func(c *CharLM) { c.Embed = 1 << 20 }), "model.embed: 1048576"},
		{"charlm", change(func(c *CharLM) { c.Dropout = 1 }), "model.dropout: 1 "},
		{"charlm", change(func(c *CharLM) { c.Dropout = math.NaN() }), "model.dropout: NaN"},
		{"charlm", change(func(c *CharLM) { c.WeightNorm = true }), "model.weight_norm: the cell lstm"},
		{"charlm", change(func(c *CharLM) { c.Hidden, c.Layers = 1<<16, 64 }), "model.hidden: the model has 2"},
	} {
		if _, err := New(c.kind, c.config); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %+v: error %v, want one with %q", c.kind, c.config, err, c.want)
		}
	}
	if m, err := New("charlm", &CharLM{Cell: "rnn", Vocab: 9, Hidden: 2, Layers: 1, Embed: 2}); err != nil || m.Kind != "charlm" {
		t.Errorf("a pointer to the fields: %v", err)
	}
}

func TestKinds(t *testing.T) {
	for _, k := range Kinds() {
		if k.Kind == "" || k.About == "" || len(k.Fields) == 0 || k.Task == "" {
			t.Errorf("kind %+v is not described", k)
		}
		for _, f := range k.Fields {
			if f.About == "" || k.Field(f.Name) == nil {
				t.Errorf("%s: field %+v is not described", k.Kind, f)
			}
		}
		if _, err := New(k.Kind, k.Config()); err != nil {
			t.Errorf("%s with its defaults: %v", k.Kind, err)
		}
	}
	if !slices.IsSortedFunc(Kinds(), func(a, b Info) int { return strings.Compare(a.Kind, b.Kind) }) || len(Names()) != len(Kinds()) {
		t.Errorf("the kinds are %v", Names())
	}
	charlm, _ := Lookup("charlm")
	if !slices.Equal(charlm.Field("cell").Words(), nn.Cells()) {
		t.Errorf("model.cell may be one of %v, the cells are %v", charlm.Field("cell").Words(), nn.Cells())
	}
}

func TestRegisterPanics(t *testing.T) {
	type odd struct {
		Depth int `field:"depth"`
	}
	type twice struct {
		A bool `field:"a"`
		B bool `field:"a"`
	}
	type general struct {
		Freeze string `field:"freeze"`
	}
	for want, register := range map[string]func(){
		`kind "new" has a field "freeze", which the run file has for all kinds`: func() {
			Register("new", Kind[general]{Task: task.Next, New: func(general) (Model, error) { return nil, nil }})
		},
		`kind "charlm" registered twice`:    func() { Register("charlm", Kind[CharLM]{Task: task.Next, New: newCharLM}) },
		`kind "" registered twice or empty`: func() { Register("", Kind[CharLM]{Task: task.Next, New: newCharLM}) },
		`kind "new" learns ""`:              func() { Register("new", Kind[CharLM]{New: newCharLM}) },
		`kind "new" has no constructor`:     func() { Register("new", Kind[CharLM]{Task: task.Next}) },
		`odd.Depth: allowed: "" is no interval`: func() {
			Register("new", Kind[odd]{Task: task.Next, New: func(odd) (Model, error) { return nil, nil }})
		},
		`twice.B: the name "a" stands twice`: func() {
			Register("new", Kind[twice]{Task: task.Next, New: func(twice) (Model, error) { return nil, nil }})
		},
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.Contains(got, want) {
					t.Errorf("panics with %s, want %s", got, want)
				}
			}()
			register()
		}()
	}
	if _, there := Lookup("new"); there {
		t.Error("a kind was registered in spite of a panic")
	}
}

// A model that is not what its kind promises is an error of New, not a panic later.
func TestNewMisfits(t *testing.T) {
	for want, m := range map[string]Model{
		"neither a model nor an error": nil,
		"its Params returns nil":       &charLM{},
	} {
		Register("misfit", Kind[CharLM]{Task: task.Next, New: func(CharLM) (Model, error) { return m, nil }})
		_, err := New("misfit", small("lstm"))
		delete(kinds, "misfit")
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "model.kind: ") {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}

// The names and shapes are those of a PyTorch module.
func TestParameterNames(t *testing.T) {
	c := small("lstm")
	c.Layers = 2
	var got []string
	for _, p := range built(t, c).Params().List {
		got = append(got, p.Name)
	}
	want := strings.Fields(`encoder.weight
		rnn.weight_ih_l0 rnn.weight_hh_l0 rnn.bias_ih_l0 rnn.bias_hh_l0
		rnn.weight_ih_l1 rnn.weight_hh_l1 rnn.bias_ih_l1 rnn.bias_hh_l1
		decoder.weight decoder.bias`)
	if !slices.Equal(got, want) {
		t.Errorf("parameters %v, want %v", got, want)
	}
}

// Radford et al. (2017) have 86,319,360 numbers in their weights; g of the
// weight norm included.
func TestSentimentModelSize(t *testing.T) {
	m, err := New("charlm", CharLM{Cell: "mlstm", Vocab: 256, Hidden: 4096, Layers: 1, Embed: 64, WeightNorm: true})
	if err != nil {
		t.Fatal(err)
	}
	if n := m.Params().Size(); n != 86_319_360 {
		t.Errorf("%d parameters, want 86319360", n)
	}
}

func TestFirstWeights(t *testing.T) {
	m := built(t, small("gru"))
	for _, c := range []struct {
		name   string
		lo, hi float64 // of the largest absolute value
	}{
		{"encoder.weight", 0.08, 0.1},
		{"rnn.weight_hh_l0", 0.35, 0.4083},
		{"decoder.weight", 0.35, 0.4083},
		{"decoder.bias", 0, 0},
	} {
		largest := 0.0
		for _, v := range m.Params().Get(c.name).Value().Data {
			largest = max(largest, math.Abs(float64(v)))
		}
		if largest < c.lo || largest > c.hi {
			t.Errorf("%s: largest value %v, want %v to %v", c.name, largest, c.lo, c.hi)
		}
	}
}

// Weights transformed by Winograd's method are sixteen for nine, each sixteenth of them 16 values from the next.
func TestMemoryOfWinograd(t *testing.T) {
	m, err := New("resnet18", resNet(10, 64, 3))
	if err != nil {
		t.Fatal(err)
	}
	shape := nn.Shape{Steps: 1, Lanes: 1, Rows: 2}
	direct := MemoryOf(m, task.Default(task.Class), nil, shape)
	// All channels but those of images fill whole panels. They take turns in room for the largest; norms and biases count as if they were packed.
	const largest, conv = 4 * 9 * 512 * 512, 4 * 9 * 64 * 64
	if direct.Packed < largest || direct.Packed > largest+direct.Weights/100 {
		t.Errorf("%d bytes packed, and the largest weights are %d", direct.Packed, largest)
	}
	if direct.Evaluation < direct.Weights*99/100 || direct.Evaluation > direct.Weights+conv {
		t.Errorf("%d bytes packed for evaluations of %d", direct.Evaluation, direct.Weights)
	}
	pool := tensor.NewPool(1)
	defer pool.Close()
	pool.SetConvMethod(tensor.Winograd)
	got := MemoryOf(m, task.Default(task.Class), pool, shape)
	more := 0
	for _, c := range []struct{ convs, channels int }{{4, 64}, {3, 128}, {3, 256}} { // maps of 2x2 are not for it
		more += c.convs * ((16-9)*c.channels*c.channels + 16*16)
	}
	if got.Evaluation-direct.Evaluation != int64(4*more) || got.Packed != direct.Packed || got.Activations != direct.Activations {
		t.Errorf("%+v, directly %+v, want %d bytes more for evaluations", got, direct, 4*more)
	}
}

func TestMemoryOf(t *testing.T) {
	c := small("lstm")
	m := built(t, c)
	one := MemoryOf(m, task.Default(task.Next), nil, nn.Shape{Steps: 8, Lanes: 1, Rows: 4})
	two := MemoryOf(m, task.Default(task.Next), nil, nn.Shape{Steps: 8, Lanes: 2, Rows: 4})
	if one.Weights != 4*int64(m.Params().Size()) || one.Gradients != one.Weights || two.Gradients != 3*one.Weights {
		t.Errorf("one lane %+v, two lanes %+v, %d parameters", one, two, m.Params().Size())
	}
	if one.States != 2*4*2*4*6 || two.States != 2*one.States {
		t.Errorf("states of %d and %d bytes", one.States, two.States)
	}
	// The gates alone are T·N·4H numbers.
	if one.Activations < 8*4*4*6*4 || two.Activations < one.Activations*3/2 || two.Total() < one.Total() {
		t.Errorf("activations of %d and %d bytes", one.Activations, two.Activations)
	}
}
