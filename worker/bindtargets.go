package worker

import (
	"fmt"
	"slices"

	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/nn"
)

// bindTargets takes a class from one number, those of the time steps from a list, or those of pixels from a mask.
func bindTargets(p *nn.Targets, have samples.Part) (valueFiller, error) {
	if n := len(have.Classes); p.Classes > 0 && n > p.Classes {
		return nil, fmt.Errorf("has %d classes, and the network tells %d apart; raise model.classes", n, p.Classes)
	}
	l := p.Layout
	switch {
	case have.Element == samples.Int32 && len(have.Shape) == 0 && l.Steps == 1 && !l.IsImage():
		return fillClasses, nil
	case have.Element == samples.Int32 && len(have.Shape) == 1 && l.Steps > 1 && !l.IsImage():
		return fillClasses, nil
	case have.Element == samples.Uint8 && len(have.Shape) == 2 && l.IsImage():
		return fillMask, nil
	}
	return nil, fmt.Errorf("has %s as %s, and the network gives classes for %v", have.Name, typeOf(have), l)
}

// fillClasses takes a class, or one for each time step; steps beyond the last have none.
func fillClasses(holds any, to *rowOf, v samples.Value) error {
	p := holds.(*nn.Targets)
	classes := v.Int32s()
	for at := range rowsOf(p.Layout, to.row) {
		p.Target[at] = -1
		if len(classes) == 0 {
			continue
		}
		if c := classes[0]; c < 0 || int(c) >= p.Classes {
			return fmt.Errorf("class %d, and the network tells %d apart (model.classes)", c, p.Classes)
		}
		p.Target[at], classes = classes[0], classes[1:]
	}
	return nil
}

// fillMask takes the class of each pixel.
func fillMask(holds any, to *rowOf, v samples.Value) error {
	p := holds.(*nn.Targets)
	pixels := p.Layout.Pixels()
	mask := v.Data
	if to.mask != nil {
		mask = to.mask // as the image was changed
	}
	if len(mask) != pixels {
		return fmt.Errorf("a mask of %d pixels, want %d", len(mask), pixels)
	}
	for i, class := range mask {
		if int(class) >= p.Classes && !p.Ignores(int32(class)) {
			return fmt.Errorf("the mask has class %d, and the network tells %d apart; raise model.classes, or name it in task.ignore", class, p.Classes)
		}
		p.Target[to.row*pixels+i] = int32(class)
	}
	return nil
}

// bindTargetValues takes numbers, or labels that are 0 or 1.
func bindTargetValues(p *nn.TargetValues, have samples.Part) (valueFiller, error) {
	bytes := have.Element == samples.Uint8
	many := len(have.Shape) == 1 && have.Shape[0] == p.Cols
	if !bytes && have.Element != samples.Float32 || !many && !(len(have.Shape) == 0 && p.Cols == 1) || p.Layout.Steps > 1 || p.Layout.IsImage() {
		return nil, fmt.Errorf("has %s as %s, and the network gives %d numbers for each of %v", have.Name, typeOf(have), p.Cols, p.Layout)
	}
	return func(holds any, to *rowOf, v samples.Value) error {
		p := holds.(*nn.TargetValues)
		numbers := p.Row(to.row)
		p.Absent[to.row] = false
		if bytes {
			for i, b := range v.Data {
				numbers[i] = float32(b)
			}
		} else {
			copy(numbers, v.Float32s())
		}
		for _, x := range numbers {
			if x-x != 0 {
				return fmt.Errorf("a number is %v", x)
			}
			if p.Low != p.High && (x < p.Low || x > p.High) {
				return fmt.Errorf("the number %v, want one from %v to %v", x, p.Low, p.High)
			}
		}
		return nil
	}, nil
}

// bindTranscripts takes symbols from 0 on, which are those from 1 on to the network: 0 is its blank.
func bindTranscripts(p *nn.Transcripts, have samples.Part) (valueFiller, error) {
	bytes := len(have.Shape) == 1 && (have.Element == samples.UTF8 || have.Element == samples.Uint8)
	if !bytes && !(have.Element == samples.Int32 && len(have.Shape) == 1) {
		return nil, fmt.Errorf("has %s as %s, and the network gives symbols", have.Name, typeOf(have))
	}
	if n := len(have.Classes); p.Symbols > 0 && n+1 > p.Symbols {
		return nil, fmt.Errorf("has %d symbols in %s, and the network tells %d and a blank apart; raise model.classes to %d", n, have.Name, p.Symbols-1, n+1)
	}
	return func(holds any, to *rowOf, v samples.Value) error {
		p := holds.(*nn.Transcripts)
		symbols := slices.Clone(symbolsOf(v, bytes))
		for i, s := range symbols {
			if s < 0 || int(s) >= p.Symbols-1 {
				return fmt.Errorf("symbol %d, and the network tells %d and a blank apart (model.classes)", s, p.Symbols-1)
			}
			symbols[i]++
		}
		if err := p.Set(to.row, symbols); err != nil {
			return fmt.Errorf("%w, as many as the network gives time steps; leave the sample out, or set task.zero_infinity", err)
		}
		return nil
	}, nil
}
