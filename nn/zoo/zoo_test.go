package zoo

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/tensor"
)

func small(cell string) Config {
	return Config{Kind: "charlm", Cell: cell, Vocab: 20, Hidden: 6, Layers: 1, Embed: 4}
}

// built returns a model with its first weights.
func built(tb testing.TB, c Config) SequenceModel {
	tb.Helper()
	m, err := New(c)
	if err != nil {
		tb.Fatal(err)
	}
	m.Params().Allocate()
	m.Params().Initialize(1)
	return m.(SequenceModel)
}

func TestNewErrors(t *testing.T) {
	change := func(f func(c *Config)) Config {
		c := small("lstm")
		f(&c)
		return c
	}
	for _, c := range []struct {
		config Config
		want   string
	}{
		{change(func(c *Config) { c.Kind = "gpt" }), `model.kind: "gpt" is not known; the zoo has charlm`},
		{change(func(c *Config) { c.Cell = "elman" }), `model.cell: "elman" is not known; use one of gru`},
		{change(func(c *Config) { c.Vocab = 0 }), "model.vocab: 0 is not allowed; 1 to 65536 are"},
		{change(func(c *Config) { c.Hidden = -1 }), "model.hidden: -1"},
		{change(func(c *Config) { c.Layers = 65 }), "model.layers: 65 is not allowed; 1 to 64 are"},
		{change(func(c *Config) { c.Embed = 1 << 20 }), "model.embed: 1048576"},
		{change(func(c *Config) { c.Dropout = 1 }), "model.dropout: 1 "},
		{change(func(c *Config) { c.Dropout = float32(math.NaN()) }), "model.dropout: NaN"},
		{change(func(c *Config) { c.WeightNorm = true }), "model.weight_norm: the cell lstm"},
		{change(func(c *Config) { c.Hidden, c.Layers = 1<<16, 64 }), "model.hidden: 65536 units in 64 layers make"},
	} {
		if _, err := New(c.config); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: error %v, want one with %q", c.config, err, c.want)
		}
	}
}

func TestKinds(t *testing.T) {
	for _, k := range Kinds() {
		if k.Kind == "" || k.About == "" || len(k.Fields) == 0 {
			t.Errorf("kind %+v is not described", k)
		}
	}
	if !slices.IsSortedFunc(Kinds(), func(a, b Info) int { return strings.Compare(a.Kind, b.Kind) }) || len(Names()) != len(Kinds()) {
		t.Errorf("the kinds are %v", Names())
	}
}

func TestRegisterPanics(t *testing.T) {
	for want, register := range map[string]func(){
		`kind "charlm" registered twice`:    func() { Register("charlm", Info{Reads: Text}, newCharLM) },
		`kind "" registered twice or empty`: func() { Register("", Info{Reads: Text}, newCharLM) },
		`kind "new" reads ""`:               func() { Register("new", Info{}, newCharLM) },
		`kind "new" has no constructor`:     func() { Register("new", Info{Reads: Text}, nil) },
		`kind "new" has the field "depth"; a run file has cell, hidden,`: func() {
			Register("new", Info{Reads: Text, Fields: []Field{{Name: "depth"}}}, newCharLM)
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
	c := Config{Kind: "misfit", Vocab: 20}
	for want, m := range map[string]Model{
		"neither a model nor an error":       nil,
		"is no zoo.SequenceModel":            &leNet{config: c, params: nn.NewParams()},
		"its Params returns nil":             &charLM{config: c},
		"but its Config returns {Kind: Cell": &charLM{params: nn.NewParams()},
	} {
		k := entry{Info{Kind: "misfit", Reads: Text}, func(Config) (Model, error) { return m, nil }}
		kinds["misfit"] = k
		_, err := New(c)
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
	m, err := New(Config{Kind: "charlm", Cell: "mlstm", Vocab: 256, Hidden: 4096, Layers: 1, Embed: 64, WeightNorm: true})
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
	m, err := New(Config{Kind: "resnet18", Image: 64, Channels: 3, Classes: 10})
	if err != nil {
		t.Fatal(err)
	}
	shape := nn.Shape{Steps: 1, Lanes: 1, Rows: 2}
	direct := MemoryOf(m, nil, shape)
	// All channels but those of images fill whole panels; of conv1 nobody needs the gradient of the input.
	if least := 2 * direct.Weights * 99 / 100; direct.Packed < least || direct.Packed > 2*direct.Weights {
		t.Errorf("%d bytes packed of %d", direct.Packed, direct.Weights)
	}
	pool := tensor.NewPool(1)
	defer pool.Close()
	pool.SetConvMethod(tensor.Winograd)
	got := MemoryOf(m, pool, shape)
	more := 0
	for _, c := range []struct{ convs, channels int }{{4, 64}, {3, 128}, {3, 256}} { // maps of 2x2 are not for it
		more += 2 * c.convs * ((16-9)*c.channels*c.channels + 16*16)
	}
	if got.Packed-direct.Packed != int64(4*more) || got.Activations != direct.Activations {
		t.Errorf("%+v, directly %+v, want %d bytes more", got, direct, 4*more)
	}
}

func TestMemoryOf(t *testing.T) {
	c := small("lstm")
	m := built(t, c)
	one := MemoryOf(m, nil, nn.Shape{Steps: 8, Lanes: 1, Rows: 4})
	two := MemoryOf(m, nil, nn.Shape{Steps: 8, Lanes: 2, Rows: 4})
	if one.Weights != 4*int64(m.Params().Size()) || one.Gradients != 2*one.Weights || two.Gradients != 3*one.Weights {
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
