package generated

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"sync"

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

	rows    sync.Pool // of *[]float32, a row of pixels each
	columns [][]int   // by how far an image is moved: of every column, where in a row of arms its field begins
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
	s.columns = make([][]int, s.reach(width)+1)
	for dx := range s.columns {
		s.columns[dx] = make([]int, width)
		for x := range width {
			s.columns[dx][x] = (x + dx) % width * fields / width * channels
		}
	}
	return s
}

// Hash is the SHA-256, in hexadecimal, of all that the images depend on.
func (s *Set) Hash() string {
	text := fmt.Appendf(nil, "rondo generated images %d\n%q %d %v %d\n%d %d %d %d\n",
		version, s.Name, s.Count, s.Noise, s.Seed, s.Classes, s.Height, s.Width, s.Channels)
	if s.Shift != 1 {
		text = fmt.Appendf(text, "shift %d\n", s.Shift)
	}
	sum := sha256.Sum256(text)
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
	dy, dx := int(bits[1]%uint32(s.reach(s.Height)+1)), int(bits[2]%uint32(s.reach(s.Width)+1))
	s.noise(i, pixels)
	// Rows of pixels that lie in one row of fields are under the same picture.
	row := s.Width * s.Channels
	picture := s.takeRow()
	defer s.rows.Put(picture)
	painted := -1
	for y := range s.Height {
		field := (y + dy) % s.Height * fields / s.Height
		if field != painted {
			s.paint(*picture, s.arms[class][field*fields*s.Channels:], dx)
			painted = field
		}
		tensor.Add(pixels[y*row:(y+1)*row], pixels[y*row:(y+1)*row], *picture)
	}
	return class
}

// reach is how many pixels of a size a picture is moved at most.
func (s *Set) reach(size int) int { return size * s.Shift / fields }

// takeRow returns room for one row of pixels.
func (s *Set) takeRow() *[]float32 {
	if r, ok := s.rows.Get().(*[]float32); ok {
		return r
	}
	r := make([]float32, s.Width*s.Channels)
	return &r
}

// paint fills one row of pixels with a row of a coat of arms, moved by dx.
func (s *Set) paint(row, arms []float32, dx int) {
	part := 1 - s.Noise
	for x, field := range s.columns[dx] {
		for c, colour := range arms[field:][:s.Channels] {
			row[x*s.Channels+c] = float32(part * colour)
		}
	}
}

// noise fills pixels with uniform noise in 256 steps of [-Noise, Noise), sixteen
// values to a counter, a byte for each.
func (s *Set) noise(i int, pixels []float32) {
	tensor.ByteNoise(pixels, s.Noise/128, s.key, [4]uint32{uint32(i), s.name, 0, useNoise})
}
