package nn

import (
	"fmt"
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

// The receptive field of every layer is what a walk back through all operations finds, also where branches of several strides meet,
// where maps are resized or grow, and beside a gate, which sees all; whether layers are asked in order or not.
func TestReceptive(t *testing.T) {
	ps := NewParams()
	tape := NewTape(ps, nil, Shape{Steps: 1, Lanes: 1, Rows: 1}, Inference, 0)
	n := 0
	conv := func(x *Node, k, stride, pad int) *Node {
		n++
		return NewConv2d(ps, fmt.Sprint("conv", n), tensor.ConvShape{Cin: x.Cols, Cout: 2, KH: k, KW: k + 2, StrideH: stride, StrideW: stride, PadH: pad, PadW: pad + 1}, false, nil).Forward(tape, x)
	}
	x := tape.NewBatch(nil).Images("image", 64, 64, 2)
	a := conv(x, 3, 1, 1)
	b := conv(a, 5, 2, 2)
	c := tape.MaxPool("pool", NewBatchNorm(ps, "norm", 2, BatchNormOptions{}).Forward(tape, b), tensor.PoolShape{KH: 2, KW: 2})
	d := tape.Add("sum", c, conv(x, 1, 4, 0)) // both of stride 4
	e := tape.Concat("join", conv(d, 3, 1, 1), d)
	f := tape.ScaleChannels("scale", e, tape.Sigmoid("gate", tape.AdaptiveAvgPool("mean", e, 1, 1)))
	g := NewGroupNorm(ps, "groups", 2, f.Cols, true).Forward(tape, f)
	h := tape.Crop("crop", tape.ZeroPad2d("pad", g, Margins{3, 0, 1, 2}), 1, 1, 16, 16)
	i := tape.Resize("up", h, ResizeOptions{Height: 32, Width: 32, By: Bilinear})
	j := tape.Concat("finer", i, b)
	k := conv(j, 3, 1, 1)
	l := NewConvTranspose2d(ps, "grow", tensor.ConvShape{Cin: 2, Cout: 2, KH: 4, KW: 4, StrideH: 2, StrideW: 2, PadH: 1, PadW: 1}, [2]int{}, false, nil).Forward(tape, k)
	m := tape.Add("behind", l, a)
	want := map[*Node]Rect{}
	for _, o := range tape.Outputs() { // before the first call of Receptive
		y := o.Layout
		for _, of := range tape.walk(o.Node, Rect{y.Height / 2, y.Width / 2, y.Height/2 + 1, y.Width/2 + 1}, false, false) {
			want[o.Node] = of
		}
	}
	if got := tape.Receptive(m); got != want[m] {
		t.Errorf("the last layer, first of all: %v, want %v", got, want[m])
	}
	for _, o := range tape.Outputs() {
		if got := tape.Receptive(o.Node); got != want[o.Node] || got == (Rect{}) {
			t.Errorf("%s: %v, want %v", o.Name, got, want[o.Node])
		}
	}
	windows := 0
	for _, s := range tape.sights {
		if s.input != nil {
			windows++
		}
	}
	if all := len(tape.Outputs()); windows < 14 || windows == all {
		t.Errorf("%d of %d layers see by windows alone", windows, all)
	}
	for y, side := range map[*Node][2]int{a: {3, 5}, b: {7, 11}, c: {9, 13}, e: {17, 29}} { // by hand
		if r := want[y]; r.Height() != side[0] || r.Width() != side[1] {
			t.Errorf("%v, want %v", r, side)
		}
	}
}
