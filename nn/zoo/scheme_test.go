package zoo

import (
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
)

// Networks that schemes describe have the sizes that they should have.
func TestSchemes(t *testing.T) {
	lenet := "INPUT → conv 6 5x5 pad=2 → relu → pool → conv 16 5 pad=0 → relu → pool → fc 120 → relu → fc 84 → relu → fc"
	for _, c := range []struct {
		layers     string
		parameters int
		names      string
	}{
		{lenet, 61_706, "layers.0.weight layers.0.bias layers.3.weight"},
		{strings.ReplaceAll(lenet, "→", "->"), 61_706, "layers.0.weight"},
		{"[CONV 8 > RELU > POOL]*2 > [FC 20 > RELU]*1 > FC", 8*9 + 8 + 8*8*9 + 8 + 8*49*20 + 20 + 200 + 10, "layers.0.weight layers.0.bias layers.3.weight"},
		{"fc", 28*28*10 + 10, "layers.0.weight"},
		{"[[conv 4 > norm]*2 > silu > pool 3 stride=2 pad=1]*2 > mean > dropout 0.1 > fc", 36 + 4 + 8 + 3*(144+4+8) + 50, "layers.0.weight layers.0.bias layers.1.weight"},
		{"conv 4 1x7 > conv 4 7x1 groups=4 dilation=2 pad=same > avgpool 4 > fc 10", 4*7 + 4 + 4*7 + 4 + 4*49*10 + 10, "layers.0.weight"},
		{"[relu]*0 > fc", 7850, "layers.0.weight"},
		{"INPUT -> [CONV -> RELU -> POOL]*2 -> FC", 32*9 + 32 + 64*32*9 + 64 + 64*49*10 + 10, "layers.0.weight layers.0.bias layers.3.weight"},
		{"INPUT -> [CONV -> RELU -> POOL]*2 -> [FC -> RELU]*2 -> FC", 32*9 + 32 + 64*32*9 + 64 + 64*49*128 + 128 + 129*128 + 129*10, "layers.0.weight"},
		{"[conv > conv 5x5 > pool]*2 > mean > fc", 32*(9+32*25+2) + 64*(9*32+64*25+2) + 650, "layers.0.weight"},
		{"conv 300 1 > pool > conv 1 > conv > pool > pool > conv 600 1 > pool > conv 1x1 > mean > fc",
			300 + 300 + 300*9 + 1 + 9 + 1 + 600 + 600 + 600*600 + 600 + 6010, "layers.0.weight"}, // twice 600 is more than 512
		{"[relu]\n\t* 1 →\n fc\n→\r\n\u00a0", 7850, "layers.1.weight"},
	} {
		m, err := New("scheme", Scheme{Layers: c.layers, Classes: 10, Height: 28, Width: 28, Channels: 1})
		if err != nil {
			t.Errorf("%s: %v", c.layers, err)
			continue
		}
		var names []string
		for _, p := range m.Params().List {
			names = append(names, p.Name)
		}
		if got := m.Params().Size(); got != c.parameters || !strings.HasPrefix(strings.Join(names, " "), c.names) {
			t.Errorf("%s: %d parameters in %v, want %d", c.layers, got, names, c.parameters)
		}
		if err := Check(m, task.Default(task.Class), nn.Shape{Steps: 1, Lanes: 2, Rows: 2}); err != nil {
			t.Errorf("%s: %v", c.layers, err)
		}
	}
}

// The images need not be square.
func TestSchemeOfWideImages(t *testing.T) {
	m, err := New("scheme", Scheme{Layers: "conv 4 stride=2 > relu > pool 2 > fc", Classes: 3, Height: 20, Width: 32, Channels: 3})
	if err != nil {
		t.Fatal(err)
	}
	if n := m.Params().Size(); n != 4*27+4+4*5*8*3+3 {
		t.Errorf("%d parameters", n)
	}
	if err := Check(m, task.Default(task.Class), nn.Shape{Steps: 1, Lanes: 1, Rows: 2}); err != nil {
		t.Error(err)
	}
}

func TestSchemeErrors(t *testing.T) {
	for layers, want := range map[string]string{
		"":                           "there are no layers",
		"input":                      "there are no layers",
		"input > input > fc":         "input stands in front of all layers, and once",
		"conv > input > fc":          "input stands in front of all layers, and once",
		"input > [input]*2 > fc":     "input stands in front of all layers, and once",
		"[input > conv]*2 > fc":      "input stands in front of all layers, and once",
		"input 28x28x3 > fc":         "input takes no numbers",
		"input => conv > fc":         `behind input: found "="`,
		"conv 3 > lstm > fc":         `"lstm" is no layer; there are avgpool, conv,`,
		"conv 0 > fc":                `layer 0, conv 0: "0" is no number of filters, as conv 32`,
		"conv 5x5 5x5 > fc":          `"5x5" is no number of filters`,
		"conv axb > fc":              `"axb" is no window`,
		"conv groups=5 > fc":         "5 groups do not divide 1 channels and 32 filters",
		"fc -1 > fc":                 `"-1" is no number of outputs, as fc 120`,
		"conv 8 29 pad=0 > fc":       "layer 0, conv 8 29: ",
		"conv 8 axb > fc":            `"axb" is no window`,
		"conv 8 stride=0 > fc":       "conv: stride=0: want a whole number from 1 to 65536",
		"conv 8 depth=2 > fc":        `conv has no argument "depth"; it has stride, pad, groups, dilation`,
		"relu x=1 > fc":              `relu has no argument "x"; it has none`,
		"conv 9 groups=2 > fc":       "2 groups do not divide 1 channels and 9 filters",
		"fc 8 > conv 3 > fc":         "layer 1, conv 3: it takes images, and reads rows of 8 features",
		"conv 8":                     "the network ends in images of 28x28 with 8 channels, and 10 classes are wanted",
		"fc 7":                       "the network ends in rows of 7 features",
		"dropout 1 > fc":             "it needs its rate in [0, 1)",
		"[conv 3 > fc":               "a bracket [ is not closed",
		"conv 3 ] > fc":              "a bracket ] closes nothing",
		"[relu]*x > fc":              "want a whole number from 0 to 1000",
		"[relu]*1000 > relu > fc":    "more than 1000 layers",
		"[[[[[[[[relu]]]]]]]] > fc":  "at most 7 deep",
		"pool 2x3 > fc":              "need a stride",
		"pool 40 > fc":               "layer 0, pool 40: ",
		"fc 60000 > fc 60000 > fc":   "",
		"[fc 65536]*2 > fc":          "parameters; at most",
		"relu > > fc":                `no layer stands between two arrows, before "fc"`,
		"> fc":                       "no layer stands before the first arrow",
		"[> relu] > fc":              "no layer stands before the first arrow",
		"[relu >]*2 > fc":            "no layer stands behind the last arrow",
		"[] > fc":                    "brackets without a layer",
		"[relu]*1e9 > fc":            `found "1e9" behind ]*; want a whole number from 0 to 1000`,
		"[relu]*-1 > fc":             `found "-1" behind ]*; want a whole number from 0 to 1000`,
		"[relu]2 > fc":               `found "2" behind ]; want *2`,
		"conv stride=0 > fc":         "conv: stride=0: want a whole number from 1 to 65536",
		"conv pad=-1 > fc":           "conv: pad=-1: want a whole number from 0 to 65536, or same",
		"conv 0x3 > fc":              "want sides from 1 to 65536",
		strings.Repeat("relu>", 999): "",
	} {
		_, err := New("scheme", Scheme{Layers: layers, Classes: 10, Height: 28, Width: 28, Channels: 1})
		if want == "" && err == nil {
			continue
		}
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "model.layers: ") {
			t.Errorf("%.40s: error %v, want one with %q", layers, err, want)
		}
	}
}

// No text makes a scheme that panics.
func FuzzScheme(f *testing.F) {
	for _, seed := range []string{"[conv 3 > relu]*2 > fc", "]", "[", "conv 3 3x pad=same", "[[]]*0", "INPUT→pool 3 stride=1→mean→fc", "[relu]\n>fc>\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, layers string) {
		m, err := New("scheme", Scheme{Layers: layers, Classes: 3, Height: 6, Width: 5, Channels: 2})
		if err != nil {
			if !strings.HasPrefix(err.Error(), "model.layers: ") {
				t.Errorf("%q: %v", layers, err)
			}
			return
		}
		if err := Check(m, task.Default(task.Class), nn.Shape{Steps: 1, Lanes: 1, Rows: 2}); err != nil && strings.Contains(err.Error(), "panics") {
			t.Errorf("%q: %v", layers, err)
		}
	})
}
