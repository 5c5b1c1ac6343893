package nn

import "github.com/rondo-ml/rondo/tensor"

// What a random stream is for. Streams of different uses never meet.
const (
	UseInit uint32 = iota + 1
	UseDropout
	UseSample
)

// Stream names an endless sequence of random numbers. It has no state: number
// i of a stream is a pure function of its fields and i (Philox, Salmon et al.
// 2011), so any worker can compute any part of it.
type Stream struct {
	Seed uint64
	Use  uint32
	Site uint32 // parameter index, dropout layer, …
	Step uint64 // optimizer step; 0 where there is none
	Lane uint32
}

// Block returns numbers 4i … 4i+3 of the stream as 32 random bits each.
func (s Stream) Block(i uint32) [4]uint32 {
	// One round keys the stream by what does not fit the second key.
	k := tensor.Philox([2]uint32{uint32(s.Seed), uint32(s.Seed >> 32)},
		[4]uint32{s.Use, s.Site, uint32(s.Step), uint32(s.Step >> 32)})
	return tensor.Philox([2]uint32{k[0], k[1]}, [4]uint32{i, s.Lane, k[2], k[3]})
}

// Uniform fills dst with numbers of [lo, hi).
func (s Stream) Uniform(dst []float32, lo, hi float32) {
	for i := range dst {
		dst[i] = lo + float32((hi-lo)*s.Float(uint32(i)))
	}
}

// Float returns number i of the stream in [0, 1), in steps of 2^-24.
func (s Stream) Float(i uint32) float32 {
	return float32(s.Block(i / 4)[i%4]>>8) * (1.0 / (1 << 24))
}
