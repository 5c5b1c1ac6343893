package worker

import (
	"fmt"
	"math"
	"slices"

	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/nn"
)

// bindImages takes bytes, 0 to 255 as numbers from -1 to 1.
func bindImages(p *nn.Images, have samples.Part) (filler, error) {
	shape := have.Shape
	switch {
	case have.Element != samples.Uint8 || len(shape) != 3:
		return nil, fmt.Errorf("has %s as %s, and the network reads images of bytes [height width channels]", have.Name, typeOf(have))
	case slices.Contains(shape, samples.Varies):
		return nil, fmt.Errorf("was cut without --square and holds images of any size, and the network reads one size; "+
			"cut them anew with --square %d", p.Height)
	case shape[0] != p.Height || shape[1] != p.Width || shape[2] != p.Channels:
		return nil, fmt.Errorf("holds images of %dx%d with %d channels, and the network reads %dx%d with %d; "+
			"change the model's fields (model.image, model.channels) or cut the set anew", shape[0], shape[1], shape[2], p.Height, p.Width, p.Channels)
	}
	var scale [256]float32
	for b := range scale {
		scale[b] = float32(b)/127.5 - 1
	}
	return func(holds any, row int, v samples.Value) error {
		pixels := holds.(*nn.Images).Image(row)
		if len(v.Data) != len(pixels) {
			return fmt.Errorf("%d bytes, want %d", len(v.Data), len(pixels))
		}
		for i, b := range v.Data {
			pixels[i] = scale[b]
		}
		return nil
	}, nil
}

// bindValues takes numbers: a vector to each row, or one to each time step of a row. What a row has beyond its own time
// steps, or a sound beyond its end, is zero; longer ones are cut.
func bindValues(p *nn.Values, have samples.Part) (filler, error) {
	sound := have.Element == samples.Int16 && len(have.Shape) == 1
	vector := have.Element == samples.Float32 && len(have.Shape) == 1 && (have.Shape[0] == p.Cols || have.Shape[0] == samples.Varies)
	frames := have.Element == samples.Float32 && len(have.Shape) == 2 && have.Shape[1] == p.Cols
	single := have.Element == samples.Float32 && len(have.Shape) == 0 && p.Cols == 1
	labels := have.Element == samples.Uint8 && len(have.Shape) == 1 && have.Shape[0] == p.Cols
	if !sound && !vector && !single && !labels && !(frames && p.Layout.Steps > 1) {
		return nil, fmt.Errorf("has %s as %s, and the network reads %d numbers for each of %v", have.Name, typeOf(have), p.Cols, p.Layout)
	}
	read := func(v samples.Value) []float32 {
		switch {
		case sound:
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
	return func(holds any, row int, v samples.Value) error {
		p := holds.(*nn.Values)
		numbers := read(v)
		for _, x := range numbers {
			if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
				return fmt.Errorf("a number is %v", x)
			}
		}
		for at := range rowsOf(p.Layout, row) {
			n := copy(p.Matrix().Row(at), numbers)
			clear(p.Matrix().Row(at)[n:])
			numbers = numbers[n:]
		}
		return nil
	}, nil
}

// bindTokens takes the bytes of a text, or numbers of symbols, one to each time step. What a row has beyond its end is
// symbol 0; a longer one is cut.
func bindTokens(p *nn.Tokens, have samples.Part) (filler, error) {
	bytes := len(have.Shape) == 1 && (have.Element == samples.UTF8 || have.Element == samples.Uint8)
	if !bytes && !(have.Element == samples.Int32 && len(have.Shape) == 1) {
		return nil, fmt.Errorf("has %s as %s, and the network reads symbols", have.Name, typeOf(have))
	}
	return func(holds any, row int, v samples.Value) error {
		p := holds.(*nn.Tokens)
		symbols := symbolsOf(v, bytes)
		for at := row; at < len(p.Input); at += p.Rows {
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
func bindLengths(have samples.Part) (filler, error) {
	if len(have.Shape) == 0 {
		return nil, fmt.Errorf("has %s as %s, which has no length", have.Name, typeOf(have))
	}
	return func(holds any, row int, v samples.Value) error {
		p := holds.(*nn.Lengths)
		p.Of[row] = int32(min(v.Shape[0], p.Steps))
		return nil
	}, nil
}
