package zoo

import (
	"errors"
	"fmt"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/tensor"
)

// Sampler feeds a model one byte at a time and looks at what it expects
// next. Its hidden state starts as zero; States may be read, or overwritten,
// between bytes.
type Sampler struct {
	States *nn.States

	pool   *tensor.Pool
	tape   *nn.Tape
	tokens *nn.Tokens
	logits *nn.Node
}

// NewSampler records the model for one byte. Close frees its goroutines. A model
// that reads more than a text, or none, is an error.
func NewSampler(model Model) (*Sampler, error) {
	shape := nn.Shape{Steps: 1, Lanes: 1, Rows: 1}
	s := &Sampler{States: nn.NewStates(1, 1), pool: tensor.NewPool(1)}
	s.tape = nn.NewTape(model.Params(), s.pool, shape, nn.Inference, 0)
	b := s.tape.NewBatch(s.States)
	s.logits = model.Forward(s.tape, b)
	var err error
	if s.tokens, err = textOf(b); err != nil {
		s.Close()
		return nil, err
	}
	s.tape.Keep(s.logits)
	s.tape.Plan()
	return s, nil
}

// Close frees what the sampler computes on.
func (s *Sampler) Close() { s.pool.Close() }

// Feed reads one byte and returns the logits of the next, [Vocab], which
// hold until the next call. It returns an error when the model's vocabulary
// lacks the byte.
func (s *Sampler) Feed(c byte) ([]float32, error) {
	if int(c) >= s.tokens.Vocab {
		return nil, fmt.Errorf("byte %d is not one of the model's %d symbols", c, s.tokens.Vocab)
	}
	s.tokens.Input[0] = int32(c)
	s.tape.Forward()
	s.States.Commit()
	return s.logits.Value().Data, nil
}

// Sample reads prime, a byte at least, and then writes n bytes, each
// drawn from softmax(logits/temperature) and fed back. Temperature 0 takes the
// likeliest, the first among equals. Byte i is drawn with number i of a
// stream that depends on seed alone, so a sample is a pure function of the
// weights and the arguments. Units of the state that are held are so from the first
// byte of prime on. It returns the n new bytes.
func Sample(model *Network, prime []byte, n int, temperature float64, seed uint64, hold ...Hold) (text []byte, err error) {
	return SampleUnless(func() bool { return false }, model, prime, n, temperature, seed, hold...)
}

// ErrStopped is what a sample ends with that was not wanted any more.
var ErrStopped = errors.New("stopped")

// SampleUnless is [Sample] that ends with [ErrStopped] once stop, which is asked before each byte, says so.
func SampleUnless(stop func() bool, model *Network, prime []byte, n int, temperature float64, seed uint64, hold ...Hold) (text []byte, err error) {
	err = SampleEach(func(c byte) { text = append(text, c) }, stop, model, prime, n, temperature, seed, hold...)
	if err != nil {
		return nil, err
	}
	return text, nil
}

// SampleEach is [SampleUnless] that hands each byte to write as soon as it is drawn.
func SampleEach(write func(byte), stop func() bool, model *Network, prime []byte, n int, temperature float64, seed uint64, hold ...Hold) (err error) {
	defer Recover(model.Kind, &err)
	if !(temperature >= 0) {
		return fmt.Errorf("temperature is %v; it must be at least 0", temperature)
	}
	if n < 0 {
		return fmt.Errorf("%d bytes were asked for; it must be at least 0", n)
	}
	if len(prime) == 0 {
		return errors.New("an empty text to go on from; one byte at least is wanted, as a newline")
	}
	s, err := NewSampler(model)
	if err != nil {
		return fmt.Errorf("model.kind: %s: %w", model.Kind, err)
	}
	defer s.Close()
	if err := s.hold(hold); err != nil {
		return err
	}
	var logits []float32
	feed := func(c byte) error {
		if stop() {
			return ErrStopped
		}
		logits, err = s.Feed(c)
		return err
	}
	for _, c := range prime {
		if err := feed(c); err != nil {
			return err
		}
	}
	for i := range n {
		u := nn.Stream{Seed: seed, Use: nn.UseSample, Step: uint64(i)}.Float(0)
		c := Draw(logits, temperature, u)
		write(c)
		if err := feed(c); err != nil {
			return err
		}
	}
	return nil
}

// Draw picks a byte from softmax(logits/temperature) with u, a number of
// [0, 1): the first whose cumulative probability exceeds u. Temperature 0 picks
// the likeliest. Symbols beyond 255 are left out.
func Draw(logits []float32, temperature float64, u float32) byte {
	logits = logits[:min(len(logits), 256)]
	best := 0
	for i, x := range logits {
		if x > logits[best] {
			best = i
		}
	}
	if temperature == 0 {
		return byte(best)
	}
	weight := func(x float32) float64 {
		return float64(tensor.ExpOf(float32(float64(x-logits[best]) / temperature)))
	}
	total := 0.0
	for _, x := range logits {
		total += weight(x)
	}
	mark, sum := float64(u)*total, 0.0
	for i, x := range logits {
		if sum += weight(x); sum > mark {
			return byte(i)
		}
	}
	return byte(best)
}
