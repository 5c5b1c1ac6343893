package zoo

import (
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
)

// The cells of testdata/reference/make_cells.py: between them every operation, with each kind of input and stride.
const (
	everyNormal = "sep5x5 h + identity h | conv3x3 1 + max3x3 p | sep3x3 2 + mean3x3 1 + conv1x1 p"
	everyReduce = "sep3x3 p + identity p | conv1x1 1 + identity 1 | max3x3 p + sep5x5 p | mean3x3 p + conv3x3 p | identity 2"
)

func TestParseCell(t *testing.T) {
	for _, text := range []string{everyNormal, everyReduce, "identity h"} {
		c, err := ParseCell("\n" + strings.ReplaceAll(text, " | ", "|") + " ")
		if err != nil || c.String() != text {
			t.Errorf("%s: %s, %v", text, c, err)
		}
		for _, name := range CellOperations() {
			if text == everyNormal && !strings.Contains(everyNormal+everyReduce, name+" ") {
				t.Errorf("no cell has %s", name)
			}
		}
	}
	for text, want := range map[string]string{
		"":                                `node 1, term 1: "": want an operation and its input`,
		"sep3x3 h |":                      `node 2, term 1: ""`,
		"sep3x3 h + sep3x3":               `node 1, term 2: "sep3x3": want an operation and its input`,
		"sep3x3 h p":                      `"sep3x3 h p"`,
		"sep4x4 h":                        `node 1, term 1: "sep4x4" is no operation; there are conv1x1, conv3x3, identity,`,
		"sep3x3 1":                        `node 1, term 1: "1" is no input; the first node reads h or p`,
		"sep3x3 h | max3x3 2":             `node 2, term 1: "2" is no input; there are h, p and 1`,
		"sep3x3 h | max3x3 1 | max3x3 01": `node 3, term 1: "01" is no input; there are h, p and 1 to 2`,
		strings.Repeat("identity h|", 17): "18 nodes; at most 16",
		strings.Repeat("identity h+", 9):  "node 1: 10 terms; at most 8",
		strings.Repeat("x", 5000):         "5000 bytes",
	} {
		if _, err := ParseCell(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: error %v, want one with %s", text, err, want)
		}
	}
}

func FuzzParseCell(f *testing.F) {
	f.Add(everyNormal)
	f.Add("identity h|")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ParseCell(text)
		if err != nil {
			return
		}
		again, err := ParseCell(c.String())
		if err != nil || again.String() != c.String() || len(c.Ends()) == 0 {
			t.Errorf("%q is %q, and that %q: %v", text, c, again, err)
		}
	})
}

func TestCellErrors(t *testing.T) {
	for want, change := range map[string]func(*Cells){
		`model.normal: node 1, term 1: "pool h max"`: func(c *Cells) { c.Normal = "pool h max" },
		"model.reduce: node 1, term 2":               func(c *Cells) { c.Reduce = "max3x3 h + max3x3 1" },
		"model.image: 3 is not allowed":              func(c *Cells) { c.Image = 3 },
		"model.cells: 0":                             func(c *Cells) { c.Cells = 0 },
		"model.width: the model has":                 func(c *Cells) { c.Width, c.Cells, c.Normal = 1024, 64, "conv3x3 h" },
	} {
		if _, err := New("cells", changed("cells", change)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %s", err, want)
		}
	}
}

// Whatever cells are drawn, every weight has a part in what the network says, and images of odd sizes will do.
func TestCellsUseAllWeights(t *testing.T) {
	for _, cells := range [][2]string{
		{everyNormal, everyReduce}, {"identity p", "identity p"}, {"identity h + identity h | identity h", "max3x3 h + max3x3 h | max3x3 h"},
		{"conv3x3 p | conv1x1 p", "sep3x3 h | identity 1"}, {"max3x3 p | mean3x3 1 + identity 1", "mean3x3 p"},
	} {
		for _, image := range []int{4, 7} {
			c := changed("cells", func(c *Cells) { c.Normal, c.Reduce, c.Cells, c.Width, c.Image = cells[0], cells[1], 2, 2, image })
			m, err := New("cells", c)
			if err != nil {
				t.Fatal(err)
			}
			ps := m.Params()
			ps.Allocate()
			ps.AllocateGrads(1)
			ps.Initialize(1)
			tape := nn.NewTape(ps, nil, nn.Shape{Steps: 1, Lanes: 1, Rows: 5}, nn.Training, 1)
			r := imageRecording(m, tape)
			tape.Plan()
			for i := range r.Pixels {
				r.Pixels[i] = formulaValue(pixelSite, i)
			}
			for i := range r.Target {
				r.Target[i] = int32(i % imageClasses)
			}
			r.Count = 5
			tape.Forward()
			tape.Backward(nil)
			for _, p := range ps.List {
				if !slices.ContainsFunc(p.Grad(0).Data, func(g float32) bool { return g != 0 }) {
					t.Errorf("%s, images of %d: %s has no gradient", cells, image, p.Name)
				}
			}
			if err := Check(m, task.Default(task.Class), nn.Shape{Steps: 1, Lanes: 1, Rows: 2}); err != nil {
				t.Errorf("%s, images of %d: %v", cells, image, err)
			}
		}
	}
}
