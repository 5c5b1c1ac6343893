package worker

import (
	"fmt"
	"math"

	"github.com/rondo-ml/rondo/data/augment"
	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/nn"
)

// bindValues takes numbers: a vector to each row, or one to each time step of a row. What a row has beyond its own time
// steps, or a sound beyond its end, is zero; longer ones are cut.
func (d *Dataset) bindValues(p *nn.Values, have samples.Part) (valueFiller, error) {
	sound := len(have.Shape) == 1 && (have.Element == samples.Int16 || have.Element == samples.Float32 && have.Rate > 0)
	vector := have.Element == samples.Float32 && len(have.Shape) == 1 && (have.Shape[0] == p.Cols || have.Shape[0] == samples.Varies)
	frames := have.Element == samples.Float32 && len(have.Shape) == 2 && have.Shape[1] == p.Cols
	single := have.Element == samples.Float32 && len(have.Shape) == 0 && p.Cols == 1
	labels := have.Element == samples.Uint8 && len(have.Shape) == 1 && have.Shape[0] == p.Cols
	if !sound && !vector && !single && !labels && !(frames && p.Layout.Steps > 1) {
		return nil, fmt.Errorf("has %s as %s, and the network reads %d numbers for each of %v", have.Name, typeOf(have), p.Cols, p.Layout)
	}
	if sound && d.hears > 0 && have.Rate > 0 && have.Rate != d.hears {
		return nil, fmt.Errorf("has sounds of %d samples a second, and the network hears such of %d; set model.rate to %[1]d, or cut the sounds anew with --rate %[2]d", have.Rate, d.hears)
	}
	read := func(v samples.Value) []float32 {
		switch {
		case have.Element == samples.Int16:
			numbers := make([]float32, len(v.Data)/2)
			for i, n := range v.Int16s() {
				numbers[i] = float32(n) / (1 << 15)
			}
			return numbers
		case labels:
			numbers := make([]float32, len(v.Data))
			for i, n := range v.Data {
				numbers[i] = float32(n)
			}
			return numbers
		}
		return v.Float32s()
	}
	if sound && p.Layout.Steps == 1 && d.changes != nil {
		if k := d.changes.Kind(); k == augment.Images {
			return nil, fmt.Errorf("holds sounds, and data.augment is for %s", k)
		}
		d.changed = true
		return func(holds any, to *rowOf, v samples.Value) error {
			numbers := read(v)
			if err := finite(numbers); err != nil {
				return err
			}
			n, err := d.changesFor(to.training).Sound(to.key, holds.(*nn.Values).Matrix().Row(to.row), numbers)
			to.sound = n
			return err
		}, nil
	}
	return func(holds any, to *rowOf, v samples.Value) error {
		p := holds.(*nn.Values)
		numbers := read(v)
		if err := finite(numbers); err != nil {
			return err
		}
		for at := range rowsOf(p.Layout, to.row) {
			n := copy(p.Matrix().Row(at), numbers)
			clear(p.Matrix().Row(at)[n:])
			numbers = numbers[n:]
		}
		return nil
	}, nil
}

// finite returns an error that has the first number that is none.
func finite(numbers []float32) error {
	for _, x := range numbers {
		if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
			return fmt.Errorf("a number is %v", x)
		}
	}
	return nil
}

// bindTokens takes the bytes of a text, or numbers of symbols, one to each time step. What a row has beyond its end is
// symbol 0; a longer one is cut.
func bindTokens(p *nn.Tokens, have samples.Part) (valueFiller, error) {
	bytes := len(have.Shape) == 1 && (have.Element == samples.UTF8 || have.Element == samples.Uint8)
	if !bytes && !(have.Element == samples.Int32 && len(have.Shape) == 1) {
		return nil, fmt.Errorf("has %s as %s, and the network reads symbols", have.Name, typeOf(have))
	}
	if n := len(have.Classes); n > p.Vocab {
		return nil, fmt.Errorf("has %d symbols in %s, and the network reads %d; raise model.vocab to %d", n, have.Name, p.Vocab, n)
	}
	return func(holds any, to *rowOf, v samples.Value) error {
		p := holds.(*nn.Tokens)
		symbols := symbolsOf(v, bytes)
		for at := to.row; at < len(p.Input); at += p.Rows {
			p.Input[at] = 0
			if len(symbols) == 0 {
				continue
			}
			if s := symbols[0]; s < 0 || int(s) >= p.Vocab {
				return fmt.Errorf("symbol %d, and the network reads %d (model.vocab)", s, p.Vocab)
			}
			p.Input[at], symbols = symbols[0], symbols[1:]
		}
		return nil
	}, nil
}

func symbolsOf(v samples.Value, bytes bool) []int32 {
	if !bytes {
		return v.Int32s()
	}
	symbols := make([]int32, len(v.Data))
	for i, b := range v.Data {
		symbols[i] = int32(b)
	}
	return symbols
}

// bindLengths takes how long a text, a sound or a sequence is, at most what the batch has room for.
func bindLengths(have samples.Part) (valueFiller, error) {
	if len(have.Shape) == 0 {
		return nil, fmt.Errorf("has %s as %s, which has no length", have.Name, typeOf(have))
	}
	return func(holds any, to *rowOf, v samples.Value) error {
		p := holds.(*nn.Lengths)
		n := v.Shape[0]
		if to.sound >= 0 {
			n = to.sound // as it was changed
		}
		p.Of[to.row] = int32(min(n, p.Steps))
		return nil
	}, nil
}

// bindBegins takes whether a row begins a new sequence.
func bindBegins(have samples.Part) (valueFiller, error) {
	if have.Element != samples.Uint8 || len(have.Shape) != 0 {
		return nil, fmt.Errorf("has %s as %s, and the network asks which rows begin: a uint8[] that is not 0", have.Name, typeOf(have))
	}
	return func(holds any, to *rowOf, v samples.Value) error {
		holds.(*nn.Begins).Of[to.row] = v.Data[0] != 0
		return nil
	}, nil
}
