package zoo

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/tensor"
)

// schemeLayer is a kind of layer that a scheme may name.
type schemeLayer struct {
	images bool     // it takes images alone
	plain  int      // how many arguments without a name it may have
	named  []string // arguments with a name
	build  func(d *schemeBuilder, name string, s schemeStep, last bool) error
}

// schemeLayers are the layers by name. It is filled by init, as building refers to it.
var schemeLayers map[string]schemeLayer

func init() {
	schemeLayers = map[string]schemeLayer{
		"conv":    {true, 2, []string{"stride", "pad", "groups", "dilation"}, addConv},
		"norm":    {false, 0, nil, addNorm},
		"pool":    {true, 1, []string{"stride", "pad"}, addPool},
		"avgpool": {true, 1, []string{"stride", "pad"}, addPool},
		"mean":    {true, 0, nil, addMean},
		"dropout": {false, 1, nil, addDropout},
		"fc":      {false, 1, nil, addFC},
	}
	for name, f := range map[string]func(t *nn.Tape, name string, x *nn.Node) *nn.Node{
		"relu": (*nn.Tape).ReLU, "relu6": (*nn.Tape).ReLU6, "silu": (*nn.Tape).SiLU, "gelu": (*nn.Tape).GELU,
		"hardswish": (*nn.Tape).HardSwish, "tanh": (*nn.Tape).Tanh, "sigmoid": (*nn.Tape).Sigmoid,
	} {
		schemeLayers[name] = schemeLayer{build: func(d *schemeBuilder, name string, _ schemeStep, _ bool) error {
			d.record(func(t *nn.Tape, x *nn.Node) *nn.Node { return f(t, name, x) })
			return nil
		}}
	}
}

// schemeNames lists the layers.
func schemeNames() []string { return slices.Sorted(maps.Keys(schemeLayers)) }

// What layers have that say no number.
const (
	schemeFilters     = 32  // of the first convolution; a pool doubles them for those behind it
	schemeFiltersMost = 512 // that doubling comes to
	schemeHidden      = 128 // outputs of an fc before the last
)

// usualFilters are those of a convolution that does not say how many.
func (d *schemeBuilder) usualFilters() int {
	switch {
	case d.filters == 0:
		return schemeFilters
	case d.halved:
		return max(d.filters, min(2*d.filters, schemeFiltersMost))
	}
	return d.filters
}

// addConv adds "conv [N] [K|KxK] [stride pad groups dilation]": 3x3 and as many pixels as before unless it says otherwise.
func addConv(d *schemeBuilder, name string, s schemeStep, _ bool) error {
	if len(s.plain) == 1 && strings.Contains(s.plain[0], "x") { // a window alone
		s.plain = []string{strconv.Itoa(d.usualFilters()), s.plain[0]}
	}
	out, err := s.count(d.usualFilters(), "filters, as conv 32")
	if err != nil {
		return err
	}
	kh, kw, err := s.window(1, 3)
	if err != nil {
		return err
	}
	groups := s.number("groups", 1)
	if d.channels%groups != 0 || out%groups != 0 {
		return fmt.Errorf("%d groups do not divide %d channels and %d filters", groups, d.channels, out)
	}
	s.same = s.same || !s.has("pad")
	shape := tensor.ConvShape{Cin: d.channels, Cout: out, KH: kh, KW: kw, Groups: groups, Same: s.same}
	shape.StrideH, shape.DilationH = s.number("stride", 1), s.number("dilation", 1)
	shape.StrideW, shape.DilationW = shape.StrideH, shape.DilationH
	if !s.same {
		shape.PadH = s.number("pad", 0)
		shape.PadW = shape.PadH
	}
	if d.height, d.width, err = d.out(s, kh, kw, shape.StrideH); err != nil {
		return err
	}
	d.channels, d.filters, d.halved = out, out, false
	l := nn.NewConv2d(d.params, name, shape, true, nn.KaimingFanOut(out, kh, kw))
	d.record(l.Forward)
	return nil
}

func addNorm(d *schemeBuilder, name string, _ schemeStep, _ bool) error {
	d.record(nn.NewBatchNorm(d.params, name, d.channels, nn.BatchNormOptions{}).Forward)
	return nil
}

// addPool adds "pool [K] [stride pad]" or "avgpool": windows of 2x2 side by side unless it says otherwise.
func addPool(d *schemeBuilder, name string, s schemeStep, _ bool) error {
	kh, kw, err := s.window(0, 2)
	if err != nil {
		return err
	}
	if !s.has("stride") && kh != kw {
		return fmt.Errorf("windows that are not square need a stride")
	}
	stride, pad := s.number("stride", kh), s.number("pad", 0)
	shape := tensor.PoolShape{KH: kh, KW: kw, StrideH: stride, StrideW: stride, PadH: pad, PadW: pad}
	if d.height, d.width, err = d.out(s, kh, kw, stride); err != nil {
		return err
	}
	d.halved = true
	d.record(func(t *nn.Tape, x *nn.Node) *nn.Node {
		if s.name == "avgpool" {
			return t.AvgPool(name, x, shape, false)
		}
		return t.MaxPool(name, x, shape)
	})
	return nil
}

// addMean makes rows of images: the mean of every channel.
func addMean(d *schemeBuilder, name string, _ schemeStep, _ bool) error {
	d.height, d.width = 0, 0
	d.record(func(t *nn.Tape, x *nn.Node) *nn.Node { return t.GlobalAvgPool(name, x) })
	return nil
}

func addDropout(d *schemeBuilder, name string, s schemeStep, _ bool) error {
	rate, ok := s.fraction(0)
	if !ok {
		return fmt.Errorf("it needs its rate in [0, 1), as dropout 0.5")
	}
	drop := nn.NewDropout(name, rate, d.sites)
	d.sites++
	d.record(drop.Forward)
	return nil
}

// addFC adds "fc [N]"; the last one has as many outputs as there are classes.
func addFC(d *schemeBuilder, name string, s schemeStep, last bool) error {
	usual := schemeHidden
	if last {
		usual = d.Classes
	}
	out, err := s.count(usual, "outputs, as fc 120")
	if err != nil {
		return err
	}
	flatten := d.height > 0
	if flatten {
		d.channels *= d.height * d.width
		d.height, d.width = 0, 0
	}
	l := nn.NewLinear(d.params, name, d.channels, out, true)
	d.channels = out
	d.record(func(t *nn.Tape, x *nn.Node) *nn.Node {
		if flatten {
			x = t.Flatten(name+".flatten", x)
		}
		return l.Forward(t, x)
	})
	return nil
}
