package generated

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"

	"github.com/rondo-ml/rondo/tensor"
)

// fields is how many fields a coat of arms has each way.
const fields = 8

// version is part of a set's hash: it changes when the same Spec gives other
// images.
const version = 1

// Set is a set of images of one size. It may be read by any number of
// goroutines at once.
type Set struct {
	Spec
	Classes                 int
	Height, Width, Channels int

	key  [2]uint32
	name uint32      // of the set, hashed
	arms [][]float32 // by class: [fields, fields, Channels]
}

// What a Philox counter is for: its last word.
const (
	useArms uint32 = iota
	useImage
	useNoise
)

// New makes the classes of a set. It panics when a size is not positive: they
// are the model's.
func New(spec Spec, classes, height, width, channels int) *Set {
	if classes < 1 || height < 1 || width < 1 || channels < 1 {
		panic(fmt.Sprintf("generated: %d classes of images of %dx%dx%d", classes, height, width, channels))
	}
	sum := sha256.Sum256([]byte(spec.Name))
	s := &Set{
		Spec: spec, Classes: classes, Height: height, Width: width, Channels: channels,
		key: [2]uint32{uint32(spec.Seed), uint32(spec.Seed >> 32)}, name: binary.LittleEndian.Uint32(sum[:]),
		arms: make([][]float32, classes),
	}
	for c := range s.arms {
		s.arms[c] = make([]float32, fields*fields*channels)
		for i := range s.arms[c] {
			bits := tensor.Philox(s.key, [4]uint32{uint32(i), uint32(c), 0, useArms})
			s.arms[c][i] = 2*tensor.UniformOf(bits[0]) - 1
		}
	}
	return s
}

// Hash is the SHA-256, in hexadecimal, of all that the images depend on.
func (s *Set) Hash() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "rondo generated images %d\n%q %d %v %d\n%d %d %d %d\n",
		version, s.Name, s.Count, s.Noise, s.Seed, s.Classes, s.Height, s.Width, s.Channels))
	return hex.EncodeToString(sum[:])
}

// Read makes image i in pixels, [Height, Width, Channels], and returns its
// class.
func (s *Set) Read(i int, pixels []float32) (class int) {
	if i < 0 || i >= s.Count || len(pixels) != s.Height*s.Width*s.Channels {
		panic(fmt.Sprintf("generated: image %d of %d into %d values for %dx%dx%d",
			i, s.Count, len(pixels), s.Height, s.Width, s.Channels))
	}
	bits := tensor.Philox(s.key, [4]uint32{uint32(i), s.name, 0, useImage})
	class = int(bits[0] % uint32(s.Classes))
	dy, dx := int(bits[1]%uint32(s.Height/fields+1)), int(bits[2]%uint32(s.Width/fields+1))
	s.noise(i, pixels)
	for y := range s.Height {
		field := (y + dy) % s.Height * fields / s.Height * fields * s.Channels
		s.paint(pixels[y*s.Width*s.Channels:][:s.Width*s.Channels], s.arms[class][field:], dx)
	}
	return class
}

// paint puts one row of a coat of arms, moved by dx, under the noise in pixels.
func (s *Set) paint(pixels, arms []float32, dx int) {
	part := 1 - s.Noise
	for x := 0; x < s.Width; {
		// From x on, this many pixels lie in one field.
		at := (x + dx) % s.Width
		field := at * fields / s.Width
		run := min((field+1)*s.Width+fields-1, s.Width*fields)/fields - at
		run = min(max(run, 1), s.Width-x)
		for c, colour := range arms[field*s.Channels:][:s.Channels] {
			v := float32(part * colour)
			row := pixels[x*s.Channels+c : (x+run-1)*s.Channels+c+1]
			for i := 0; i < len(row); i += s.Channels {
				row[i] += v
			}
		}
		x += run
	}
}

// noise fills pixels with uniform noise in 256 steps of [-Noise, Noise), sixteen
// values to a counter.
func (s *Set) noise(i int, pixels []float32) {
	step := s.Noise / 128
	for at := 0; at < len(pixels); at += 16 {
		bits := tensor.Philox(s.key, [4]uint32{uint32(i), s.name, uint32(at / 16), useNoise})
		block := pixels[at:min(at+16, len(pixels))]
		for _, word := range bits {
			for j := range block[:min(4, len(block))] {
				block[j] = float32(step * float32(int32(word&0xff)-128))
				word >>= 8
			}
			block = block[min(4, len(block)):]
		}
	}
}
