package nn

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

// convolutionRow is a row of testdata/convolutions/convolutions.json: a layer, and what PyTorch makes of it.
type convolutionRow struct {
	Kind     string
	Size, Y  [3]int // height, width, channels
	Out      int
	Kernel   [2]int
	Stride   [2]int
	Pads     [4]int // above, below, left, right
	Dilation [2]int
	Extra    [2]int // output padding
	Groups   int
	Same     bool
	Ceil     bool
	Align    bool
	To       [2]int
	Factor   float64
	Sums     map[string][2]float64 // of the output and of every gradient
}

// The values that make_convolutions.py gives inputs and factors.
const (
	seedX = iota + 1
	seedWeight
	seedBias
	seedY
	seedFactors = 10
	seedPyramid = 20
)

func madeValue(i int, seed uint32) float64 {
	h := uint32(i)*2654435761 + seed*2246822519
	h = (h ^ h>>15) * 2654435761
	return (float64(h>>24) - 128) / 128
}

func made(dst []float32, seed uint32) {
	for i := range dst {
		dst[i] = float32(madeValue(i, seed))
	}
}

// Convolutions, poolings and resizing have PyTorch's sizes, values and gradients, with their options crossed.
func TestConvolutionsAgainstPyTorch(t *testing.T) {
	text, err := os.ReadFile("testdata/convolutions/convolutions.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Error map[string]float64
		Rows  []convolutionRow
	}
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	pool := tensor.NewPool(2)
	defer pool.Close()
	count := map[string]int{}
	for i := range file.Rows {
		row := &file.Rows[i]
		count[row.Kind]++
		for _, lanes := range []int{1, 2} {
			if err := row.compare(pool, lanes, 8*file.Error[row.Kind]+1e-9); err != nil {
				sums := row.Sums
				row.Sums = nil
				t.Errorf("%+v, %d lanes: %v", *row, lanes, err)
				row.Sums = sums
			}
		}
	}
	for _, kind := range []string{"conv2d", "conv1d", "transposed2d", "transposed1d", "max", "average", "average counting",
		"adaptive max", "adaptive average", "unpool", "nearest", "bilinear", "bicubic", "pyramid"} {
		if count[kind] < 3 {
			t.Errorf("%d rows of %s", count[kind], kind)
		}
	}
}

// compare returns an error unless outputs and gradients are the row's, up to the tolerance relative to the magnitudes
// that are added.
func (row *convolutionRow) compare(pool *tensor.Pool, lanes int, tolerance float64) error {
	shape := Shape{Steps: 1, Lanes: lanes, Rows: layerImages / lanes}
	ps := NewParams()
	x := newImageSource(ps, "x", shape, row.Size[0], row.Size[1], row.Size[2])
	forward := row.build(ps)
	ps.Allocate()
	ps.AllocateGrads(lanes)
	made(x.p.Value().Data, seedX)
	for name, seed := range map[string]uint32{"weight": seedWeight, "bias": seedBias} {
		if p := ps.Get("op." + name); p != nil {
			made(p.Value().Data, seed)
		}
	}
	if row.Kind == "pyramid" {
		for i, p := range ps.List[1:] {
			made(p.Value().Data, seedPyramid+uint32(i))
		}
	}
	ps.Changed()
	tape := NewTape(ps, pool, shape, Training, 0)
	y := forward(tape, x.Forward(tape))
	if got := [3]int{y.Layout.Height, y.Layout.Width, y.Cols}; got != row.Y {
		return fmt.Errorf("the output is %v", got)
	}
	dy := make([]float32, y.Rows*y.Cols)
	made(dy, seedY)
	newSeed(tape, y, dy)
	tape.Keep(y)
	tape.Plan()
	tape.Forward()
	tape.Backward(nil)
	got := map[string][]float32{"y": y.Value().Data, "x": laneSum(ps, x.p)}
	for _, p := range ps.List[1:] {
		got[strings.TrimPrefix(p.Name, "op.")] = laneSum(ps, p)
	}
	if len(got) != len(row.Sums) {
		return fmt.Errorf("%d sums for %d results", len(row.Sums), len(got))
	}
	for name, want := range row.Sums {
		for k, want := range want {
			sum, size := 0.0, 0.0
			for i, v := range got[name] {
				p := float64(v) * madeValue(i, uint32(seedFactors+k))
				sum += p
				size += math.Abs(p)
			}
			if off := math.Abs(sum - want); !(off <= tolerance*size) {
				return fmt.Errorf("%s: sum %d is %v, want %v: off by %.2g of the magnitudes", name, k, sum, want, off/size)
			}
		}
	}
	return nil
}

// build registers the layer's parameters and returns what records it.
func (row *convolutionRow) build(ps *Params) func(t *Tape, x *Node) *Node {
	s := tensor.ConvShape{
		Cin: row.Size[2], Cout: row.Out, KH: row.Kernel[0], KW: row.Kernel[1], StrideH: row.Stride[0], StrideW: row.Stride[1],
		PadH: row.Pads[0], MoreH: row.Pads[1] - row.Pads[0], PadW: row.Pads[2], MoreW: row.Pads[3] - row.Pads[2],
		DilationH: row.Dilation[0], DilationW: row.Dilation[1], Groups: row.Groups, Same: row.Same,
	}
	_, bias := row.Sums["bias"]
	p := tensor.PoolShape{KH: max(1, s.KH), KW: max(1, s.KW), StrideH: max(1, s.StrideH), StrideW: max(1, s.StrideW), PadH: s.PadH, PadW: s.PadW,
		MoreH: s.MoreH, MoreW: s.MoreW, DilationH: s.DilationH, DilationW: s.DilationW, Ceil: row.Ceil, Same: row.Same}
	to := [2]int{max(1, row.To[0]), max(1, row.To[1])}
	resize := func(by Interpolation) func(t *Tape, x *Node) *Node {
		return func(t *Tape, x *Node) *Node {
			return t.Resize("op", x, ResizeOptions{Height: row.To[0], Width: row.To[1], Factor: row.Factor, By: by, AlignCorners: row.Align})
		}
	}
	s.KH, s.KW = p.KH, p.KW
	switch row.Kind {
	case "conv2d":
		return NewConv2d(ps, "op", s, bias, nil).Forward
	case "conv1d":
		return NewConv1d(ps, "op", s, bias, nil).Forward
	case "transposed2d":
		return NewConvTranspose2d(ps, "op", s, row.Extra, bias, nil).Forward
	case "transposed1d":
		return NewConvTranspose1d(ps, "op", s, row.Extra[1], bias, nil).Forward
	case "max":
		return func(t *Tape, x *Node) *Node { return t.MaxPool("op", x, p) }
	case "average", "average counting":
		return func(t *Tape, x *Node) *Node { return t.AvgPool("op", x, p, row.Kind != "average") }
	case "adaptive max":
		return func(t *Tape, x *Node) *Node { return t.AdaptiveMaxPool("op", x, to[0], to[1]) }
	case "adaptive average":
		return func(t *Tape, x *Node) *Node { return t.AdaptiveAvgPool("op", x, to[0], to[1]) }
	case "unpool":
		return func(t *Tape, x *Node) *Node {
			y, maxima := t.MaxPoolMaxima("op", x, p)
			return t.MaxUnpool("op", t.square(y), maxima)
		}
	case "pyramid":
		fpn := NewFPN(ps, "op", []int{s.Cin, s.Cin}, s.Cout)
		return func(t *Tape, x *Node) *Node {
			maps := fpn.Forward(t, []*Node{x, t.MaxPool("op.pool", x, tensor.PoolShape{KH: 2, KW: 2, Ceil: true})})
			return t.Add("op.sum", maps[0], t.Resize("op.up", maps[1], ResizeOptions{Height: row.Size[0], Width: row.Size[1]}))
		}
	case "nearest":
		return resize(Nearest)
	case "bilinear":
		return resize(Bilinear)
	}
	return resize(Bicubic)
}

// square records y = x·x.
func (t *Tape) square(x *Node) *Node {
	op := &square{x: x, y: t.like(x)}
	t.Record(op, Use{Name: "square", Inputs: []*Node{x}, Outputs: []*Node{op.y}, Keep: []*Node{x}})
	return op.y
}

type square struct{ x, y *Node }

func (o *square) Forward() {
	for i, v := range o.x.Value().Data {
		o.y.Value().Data[i] = v * v
	}
}

func (o *square) Backward() {
	for i, v := range o.x.Value().Data {
		o.x.Grad().Data[i] += 2 * v * o.y.Grad().Data[i]
	}
}
