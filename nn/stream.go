package nn

import "github.com/rondo-ml/rondo/tensor"

// What a random stream is for. Streams of different uses never meet. A program
// with streams of its own gives them other numbers, or a Seed that no run has.
const (
	UseInit uint32 = iota + 1
	UseDropout
	UseSample
)

// Stream names a long sequence of random numbers. It has no state: number i of
// a stream is a pure function of its fields and i (Philox, Salmon et al. 2011),
// so any worker can compute any part of it.
type Stream struct {
	Seed uint64
	Use  uint32
	Site uint32 // parameter index, dropout layer, …
	Step uint64 // optimizer step; 0 where there is none
	Lane uint32
}

// key folds what does not fit the key of one Philox into a second one's: half
// of the result is that key, half goes into its counter.
func (s Stream) key() [4]uint32 {
	return tensor.Philox([2]uint32{uint32(s.Seed), uint32(s.Seed >> 32)},
		[4]uint32{s.Use, s.Site, uint32(s.Step), uint32(s.Step >> 32)})
}

// block returns numbers 4i … 4i+3 as 32 random bits each.
func (s Stream) block(k [4]uint32, i uint32) [4]uint32 {
	return tensor.Philox([2]uint32{k[0], k[1]}, [4]uint32{i, s.Lane, k[2], k[3]})
}

// From fills dst with numbers at, at+1, … of the stream, in [0, 1) in steps of
// 2^-24. A stream has 2^34 numbers.
func (s Stream) From(dst []float32, at uint64) {
	k := s.key()
	if rest := at % 4; rest > 0 {
		bits := s.block(k, uint32(at/4))
		for _, b := range bits[rest:min(4, rest+uint64(len(dst)))] {
			dst[0] = unit(b)
			dst, at = dst[1:], at+1
		}
	}
	tensor.Uniforms(dst, [2]uint32{k[0], k[1]}, [4]uint32{uint32(at / 4), s.Lane, k[2], k[3]})
}

// Float returns number i of the stream in [0, 1), in steps of 2^-24.
func (s Stream) Float(i uint32) float32 {
	return unit(s.block(s.key(), i/4)[i%4])
}

// Uniform fills dst with numbers of [lo, hi).
func (s Stream) Uniform(dst []float32, lo, hi float32) {
	s.From(dst, 0)
	for i, u := range dst {
		dst[i] = lo + float32((hi-lo)*u)
	}
}

// Normal fills dst with numbers of mean 0 and the given standard deviation:
// numbers 2i and 2i+1 are made of the stream's words 2i and 2i+1.
func (s Stream) Normal(dst []float32, deviation float32) {
	k := s.key()
	for i := 0; i < len(dst); i += 2 {
		bits := s.block(k, uint32(i/4))
		a, b := tensor.NormalsOf(bits[i%4], bits[i%4+1])
		dst[i] = float32(deviation * a)
		if i+1 < len(dst) {
			dst[i+1] = float32(deviation * b)
		}
	}
}

// unit turns random bits into a number of [0, 1).
func unit(bits uint32) float32 { return float32(bits>>8) * (1.0 / (1 << 24)) }
