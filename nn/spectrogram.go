package nn

import (
	"fmt"
	"math"

	"github.com/rondo-ml/rondo/nn/portable"
	"github.com/rondo-ml/rondo/tensor"
)

// MelSpectrogram makes sequences of mel bands of waveforms. It is the first layer
// of a network that hears: it has no parameters, and sends no gradient to its
// input.
type MelSpectrogram struct {
	Name    string
	Options MelOptions // with all that is 0 filled in
}

// NewMelSpectrogram returns the layer, or an error with a [*MelError] in its chain.
func NewMelSpectrogram(name string, o MelOptions) (*MelSpectrogram, error) {
	o.fill()
	if err := o.check(); err != nil {
		return nil, fmt.Errorf("nn: %s: %w", name, err)
	}
	return &MelSpectrogram{Name: name, Options: o}, nil
}

// Frames returns how many time steps a sound of so many samples has.
func (m *MelSpectrogram) Frames(samples int) int {
	o := &m.Options
	switch {
	case samples < 1:
		return 0
	case !o.Cut:
		return 1 + samples/o.Hop
	case samples < o.FFT:
		return 0
	}
	return 1 + (samples-o.FFT)/o.Hop
}

// Forward records y [T*L*R, Bands] for the waveforms x [L*R, samples], and
// returns with it the frames of each row, nil for nil. The samples of a row
// beyond its length do not matter, and its frames beyond the end are 0.
func (m *MelSpectrogram) Forward(t *Tape, x *Node, samples *Lengths) (*Node, *Lengths) {
	l := x.Layout
	frames := m.Frames(x.Cols)
	switch {
	case l.Steps != 1 || l.IsImage() || frames == 0:
		panic(fmt.Sprintf("nn: %s takes waveforms, a row of at least %s each, got %v", m.Name, count(m.least(), "sample"), x))
	case samples != nil && (samples.Steps != x.Cols || samples.lanes != l.Lanes || len(samples.Of) != x.Rows):
		panic(fmt.Sprintf("nn: %s takes a number of samples, up to %d, for each of %s, got %d lengths of at most %d",
			m.Name, x.Cols, count(x.Rows, "row"), len(samples.Of), samples.Steps))
	case x.NeedsGrad() && x.producer != given: // on a tape that looks inside, what comes from outside has one: zero
		panic(fmt.Sprintf("nn: %s has no gradient; its input is what the network hears, and no layer's output", m.Name))
	}
	l.Steps = frames
	op := &melOp{MelSpectrogram: m, tape: t, x: x, y: t.Node(l, m.Options.Bands), samples: samples}
	op.prepare()
	t.Record(op, Use{Name: m.Name, Inputs: []*Node{x}, Outputs: []*Node{op.y}, Scratch: []*Buffer{op.frames, op.whole, op.spectrum, op.power}})
	return op.y, t.MapLengths(m.Name+".lengths", samples, frames, m.Frames)
}

// least is the shortest waveform.
func (m *MelSpectrogram) least() int {
	if m.Options.Cut {
		return m.Options.FFT
	}
	return 1
}

// melBlock is the frames that are computed at once.
const melBlock = 512

type melOp struct {
	*MelSpectrogram
	tape    *Tape
	x, y    *Node
	samples *Lengths

	fourier  transform
	filters  tensor.Panels
	window   []float32 // [N]
	frames   *Buffer   // [melBlock, N], folded
	whole    *Buffer   // [melBlock, N], under the window
	spectrum *Buffer   // [melBlock, 2(N/2+1)]: real parts, then imaginary ones
	power    *Buffer   // [melBlock, N/2+1]

	first                  int              // row of y that the block begins with
	cut, square, logarithm func(lo, hi int) // over rows of the block
}

func (o *melOp) prepare() {
	opt := &o.Options
	o.frames, o.whole = o.tape.Buffer(melBlock*opt.FFT), o.tape.Buffer(melBlock*opt.FFT)
	o.spectrum, o.power = o.tape.Buffer(melBlock*2*opt.bins()), o.tape.Buffer(melBlock*opt.bins())
	o.cut, o.square, o.logarithm = o.cutRows, o.squareRows, o.logRows
}

func (o *melOp) Forward() {
	pool, y, opt := o.tape.pool, o.y.Value(), &o.Options
	if o.window == nil { // the first replay
		o.window = opt.hann()
		o.fourier.pack(pool, opt.FFT)
		o.filters.Pack(pool, opt.melFilters())
	}
	for o.first = 0; o.first < y.Rows; o.first += melBlock {
		n := min(melBlock, y.Rows-o.first)
		frames, spectrum := tensor.Of(o.frames.Data[:n*opt.FFT], n, opt.FFT), tensor.Of(o.spectrum.Data[:n*2*opt.bins()], n, 2*opt.bins())
		pool.For(n, 16, o.cut)
		o.fourier.apply(pool, spectrum, frames)
		pool.For(n, 16, o.square)
		pool.MatMulBias(y.Slice(o.first, o.first+n), tensor.Of(o.power.Data[:n*opt.bins()], n, opt.bins()), &o.filters, nil)
		pool.For(n, 16, o.logarithm)
	}
}

// frame returns the time step of frame i of the block, and its row's
// samples.
func (o *melOp) frame(i int) (t int, wave []float32) {
	rows := o.x.Rows
	row := (o.first + i) % rows
	return (o.first + i) / rows, o.x.Value().Row(row)[:o.samples.of(row, o.x.Cols)]
}

func (o *melOp) cutRows(lo, hi int) {
	n := o.Options.FFT
	for i := lo; i < hi; i++ {
		t, wave := o.frame(i)
		dst, whole := o.frames.Data[i*n:(i+1)*n], o.whole.Data[i*n:(i+1)*n]
		if t >= o.Frames(len(wave)) {
			clear(dst)
			continue
		}
		at := t * o.Options.Hop
		if !o.Options.Cut {
			at -= n / 2
		}
		reflected(whole, wave, at)
		tensor.Mul(whole, whole, o.window)
		foldFrame(dst, whole)
	}
}

// reflected copies to dst samples at, at+1, … of a wave that is reflected at its
// ends: … w₂ w₁ w₀ w₁ w₂ …
func reflected(dst, wave []float32, at int) {
	if at >= 0 && at+len(dst) <= len(wave) {
		copy(dst, wave[at:])
		return
	}
	period := 2 * max(len(wave)-1, 1)
	for i := range dst {
		from := at + i
		if from = max(from, -from) % period; from >= len(wave) {
			from = period - from
		}
		dst[i] = wave[min(from, len(wave)-1)]
	}
}

// hann is Hann's window of W samples, periodic, in the middle of a frame:
//
//	h[n] = (1 - cos(2πn/W))/2
func (o *MelOptions) hann() []float32 {
	w := make([]float32, o.FFT)
	for i := range o.Window {
		w[(o.FFT-o.Window)/2+i] = float32(0.5 - float64(0.5*cosTurn(i, o.Window)))
	}
	return w
}

func (o *melOp) squareRows(lo, hi int) {
	bins := o.Options.bins()
	for i := lo; i < hi; i++ {
		re, im := o.spectrum.Data[2*i*bins:(2*i+1)*bins], o.spectrum.Data[(2*i+1)*bins:(2*i+2)*bins]
		power := o.power.Data[i*bins : (i+1)*bins]
		for k, a := range re {
			power[k] = float32(a*a) + float32(im[k]*im[k])
		}
		if o.Options.Amplitude {
			for k, p := range power {
				power[k] = sqrt(p)
			}
		}
	}
}

func (o *melOp) logRows(lo, hi int) {
	factor := 0.0
	switch {
	case o.Options.Log == MelNatural:
		factor = 1
	case o.Options.Log == MelDecibel && o.Options.Amplitude:
		factor = 20 / math.Ln10
	case o.Options.Log == MelDecibel:
		factor = 10 / math.Ln10
	}
	for i := lo; i < hi; i++ {
		y := o.y.Value().Row(o.first + i)
		if t, wave := o.frame(i); t >= o.Frames(len(wave)) {
			clear(y)
			continue
		}
		if factor == 0 {
			continue
		}
		for j, v := range y {
			if v <= math.MaxFloat32 { // what is neither infinite nor NaN
				y[j] = float32(factor * portable.LogSingle(max(float64(v), o.Options.Floor)))
			}
		}
	}
}

func (o *melOp) Backward() {}
