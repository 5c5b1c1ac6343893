package wav

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// Sound is a decoded file.
type Sound struct {
	Format
	Samples []float32 // of all channels in turn
}

// Format is how a file stores sound.
type Format struct {
	Rate     int  // samples a second, in Hz
	Channels int  // 1 or more
	Bits     int  // of a sample
	Float    bool // samples are floats, not integers
}

// maxRate bounds rates in Hz.
const maxRate = 1 << 24

// Codes of encodings.
const (
	pcm        = 1
	float      = 3
	extensible = 0xfffe
)

var encodings = map[uint16]string{2: "ADPCM", 6: "A-law", 7: "µ-law", 0x11: "IMA ADPCM", 0x55: "MP3"}

// Decode decodes a file. An error says what is wrong with it, and not its name.
func Decode(b []byte) (*Sound, error) {
	f, data, err := parse(b)
	if err != nil {
		return nil, err
	}
	size := f.Bits / 8
	if len(data)%(size*f.Channels) != 0 {
		return nil, fmt.Errorf("%d bytes of sound are no whole number of samples of %d channels and %d bits", len(data), f.Channels, f.Bits)
	}
	s := &Sound{Format: f, Samples: make([]float32, len(data)/size)}
	decode := decoder(f)
	for i := range s.Samples {
		v := decode(data[size*i:])
		if v-v != 0 { // not a number, or infinite
			return nil, fmt.Errorf("sample %d is %v", i/f.Channels, v)
		}
		s.Samples[i] = v
	}
	return s, nil
}

// parse finds the format of a file and its sound.
func parse(b []byte) (f Format, data []byte, err error) {
	if err := checkHead(b); err != nil {
		return f, nil, err
	}
	known := false
	for b = b[12:]; len(b) >= 8; {
		id, n := string(b[:4]), int64(binary.LittleEndian.Uint32(b[4:]))
		b = b[8:]
		if id == "data" && known {
			data, err := soundOf(b, n)
			return f, data, err
		}
		if n > int64(len(b)) {
			return f, nil, fmt.Errorf("cut short: the chunk %q has %d bytes by its header, and %d are there", id, n, len(b))
		}
		if id == "fmt " {
			if f, err = parseFormat(b[:n]); err != nil {
				return f, nil, err
			}
			known = true
		}
		b = b[min(int64(len(b)), n+n%2):]
	}
	if !known {
		return f, nil, errNoFormat
	}
	return f, nil, errors.New(`no chunk "data"`)
}

var errNoFormat = errors.New(`no chunk "fmt "`)

// checkHead says what is wrong with the first bytes of a file.
func checkHead(b []byte) error {
	switch {
	case len(b) == 0:
		return errors.New("not a WAV file: it is empty")
	case len(b) < 12 || string(b[:4]) != "RIFF" || string(b[8:12]) != "WAVE":
		return fmt.Errorf("not a WAV file: it begins with % x", b[:min(12, len(b))])
	}
	return nil
}

// soundOf is the n bytes of sound that a file says it has, of those that are there.
func soundOf(b []byte, n int64) ([]byte, error) {
	switch {
	case n == math.MaxUint32: // a program that wrote to a pipe did not know the length
		return b, nil
	case n > int64(len(b)):
		return nil, fmt.Errorf("cut short: %d bytes of sound by its header, and %d are there", n, len(b))
	case n == 0 && len(b) >= 8 && !isChunk(b):
		return nil, fmt.Errorf("no sound by its header, and %d bytes follow: was it recorded to its end? sox or ffmpeg write the header anew", len(b))
	}
	return b[:n], nil
}

// isChunk says whether bytes, 8 or more, begin with a whole chunk, whose name is four characters.
func isChunk(b []byte) bool {
	if int64(binary.LittleEndian.Uint32(b[4:])) > int64(len(b)-8) {
		return false
	}
	for _, c := range b[:4] {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return true
}

// ReadFormat reads how a file of so many bytes stores sound. It reads the heads of chunks alone, wherever the format stands.
func ReadFormat(r io.ReaderAt, size int64) (Format, error) {
	head := make([]byte, min(12, max(0, size)))
	if _, err := io.ReadFull(io.NewSectionReader(r, 0, size), head); err != nil {
		return Format{}, err
	}
	if err := checkHead(head); err != nil {
		return Format{}, err
	}
	const most = 1 << 10 // chunks before it
	at := int64(12)
	for range most {
		var chunk [8]byte
		if size-at < int64(len(chunk)) {
			break
		}
		if _, err := r.ReadAt(chunk[:], at); err != nil {
			return Format{}, err
		}
		at += int64(len(chunk))
		n := int64(binary.LittleEndian.Uint32(chunk[4:]))
		if string(chunk[:4]) != "fmt " {
			at += n + n%2
			continue
		}
		format := make([]byte, min(n, size-at, 64))
		if _, err := r.ReadAt(format, at); err != nil {
			return Format{}, err
		}
		return parseFormat(format)
	}
	return Format{}, errNoFormat
}

func parseFormat(b []byte) (Format, error) {
	if len(b) < 16 {
		return Format{}, fmt.Errorf(`the chunk "fmt " has %d bytes, at least 16 are wanted`, len(b))
	}
	code := binary.LittleEndian.Uint16(b)
	if code == extensible && len(b) >= 26 {
		code = binary.LittleEndian.Uint16(b[24:])
	}
	rate := binary.LittleEndian.Uint32(b[4:])
	f := Format{Rate: int(rate), Channels: int(binary.LittleEndian.Uint16(b[2:])), Bits: int(binary.LittleEndian.Uint16(b[14:])), Float: code == float}
	known := code == pcm && (f.Bits == 8 || f.Bits == 16 || f.Bits == 24 || f.Bits == 32) || code == float && (f.Bits == 32 || f.Bits == 64)
	switch name := encodings[code]; {
	case name != "":
		return f, fmt.Errorf("encoded by %s, want PCM or floats", name)
	case !known:
		return f, fmt.Errorf("encoding %d with %d bits, want PCM of 8, 16, 24 or 32 bits or floats of 32 or 64", code, f.Bits)
	case f.Channels == 0 || rate == 0 || rate > maxRate:
		return f, fmt.Errorf("%d channels at %d Hz", f.Channels, rate)
	}
	return f, nil
}

// decoder is how to read one sample.
func decoder(f Format) func(b []byte) float32 {
	le := binary.LittleEndian
	switch {
	case f.Float && f.Bits == 32:
		return func(b []byte) float32 { return math.Float32frombits(le.Uint32(b)) }
	case f.Float:
		return func(b []byte) float32 { return float32(math.Float64frombits(le.Uint64(b))) }
	case f.Bits == 8: // without sign
		return func(b []byte) float32 { return float32(int(b[0])-128) / (1 << 7) }
	case f.Bits == 16:
		return func(b []byte) float32 { return float32(int16(le.Uint16(b))) / (1 << 15) }
	case f.Bits == 24:
		return func(b []byte) float32 {
			v := int32(uint32(b[0])<<8|uint32(b[1])<<16|uint32(b[2])<<24) >> 8
			return float32(v) / (1 << 23)
		}
	}
	return func(b []byte) float32 { return float32(int32(le.Uint32(b))) / (1 << 31) }
}

// Mono is the mean of the channels.
func (s *Sound) Mono() []float32 {
	if s.Channels == 1 {
		return s.Samples
	}
	mono := make([]float32, len(s.Samples)/s.Channels)
	for i := range mono {
		sum := 0.0
		for _, v := range s.Samples[i*s.Channels:][:s.Channels] {
			sum += float64(v)
		}
		mono[i] = float32(sum / float64(s.Channels))
	}
	return mono
}
