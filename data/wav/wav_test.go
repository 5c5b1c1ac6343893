package wav

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"
	"strings"
	"testing"
)

// chunk is one chunk, padded to an even length.
func chunk(id string, data []byte) []byte {
	b := binary.LittleEndian.AppendUint32([]byte(id), uint32(len(data)))
	b = append(b, data...)
	return append(b, make([]byte, len(data)%2)...)
}

func format(code, channels, bits uint16, rate uint32) []byte {
	le := binary.LittleEndian
	b := le.AppendUint16(le.AppendUint16(nil, code), channels)
	b = le.AppendUint32(le.AppendUint32(b, rate), rate*uint32(channels)*uint32(bits)/8)
	return le.AppendUint16(le.AppendUint16(b, channels*bits/8), bits)
}

// file is a WAV file of these chunks.
func file(chunks ...[]byte) []byte {
	body := append([]byte("WAVE"), slices.Concat(chunks...)...)
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
}

func floats32(v ...float32) (b []byte) {
	for _, x := range v {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	return b
}

func TestDecode(t *testing.T) {
	wide := append(format(extensible, 1, 16, 8000), make([]byte, 24)...)
	wide[16], wide[24] = 22, pcm
	for _, c := range []struct {
		name string
		file []byte
		want []float32
		mono []float32
	}{
		{"8 bits", file(chunk("fmt ", format(pcm, 1, 8, 8000)), chunk("data", []byte{0, 128, 255})), []float32{-1, 0, 127.0 / 128}, nil},
		{"16 bits", file(chunk("fmt ", format(pcm, 1, 16, 8000)), chunk("data", []byte{0, 0x80, 1, 0, 0xff, 0x7f})), []float32{-1, 1.0 / 32768, 32767.0 / 32768}, nil},
		{"24 bits", file(chunk("fmt ", format(pcm, 1, 24, 8000)), chunk("data", []byte{0, 0, 0x80, 1, 0, 0, 0xff, 0xff, 0xff})), []float32{-1, 1.0 / (1 << 23), -1.0 / (1 << 23)}, nil},
		{"32 bits", file(chunk("fmt ", format(pcm, 1, 32, 8000)), chunk("data", []byte{0, 0, 0, 0x80, 0, 0, 0, 0x40})), []float32{-1, 0.5}, nil},
		{"floats", file(chunk("fmt ", format(float, 1, 32, 8000)), chunk("data", floats32(0.25, -1.5))), []float32{0.25, -1.5}, nil},
		{"64-bit floats", file(chunk("fmt ", format(float, 1, 64, 8000)), chunk("data", binary.LittleEndian.AppendUint64(nil, math.Float64bits(0.1)))), []float32{0.1}, nil},
		{"stereo", file(chunk("fmt ", format(pcm, 2, 16, 8000)), chunk("data", []byte{0, 0x40, 0, 0, 1, 0, 2, 0})), []float32{0.5, 0, 1.0 / 32768, 2.0 / 32768}, []float32{0.25, 1.5 / 32768}},
		{"extensible", file(chunk("fmt ", wide), chunk("data", []byte{0, 0x40})), []float32{0.5}, nil},
		{"other chunks", file(chunk("LIST", []byte("odd")), chunk("fmt ", format(pcm, 1, 16, 8000)), chunk("fact", []byte{1}), chunk("data", []byte{0, 0x40}), chunk("x", nil)), []float32{0.5}, nil},
		{"of unknown length", append(file(chunk("fmt ", format(pcm, 1, 16, 8000))), "data\xff\xff\xff\xff\x00\x40"...), []float32{0.5}, nil},
		{"silence", file(chunk("fmt ", format(pcm, 1, 16, 8000)), chunk("data", nil)), []float32{}, nil},
	} {
		s, err := Decode(c.file)
		if err != nil || !slices.Equal(s.Samples, c.want) || s.Rate != 8000 {
			t.Errorf("%s: %+v, %v, want %v", c.name, s, err, c.want)
			continue
		}
		if c.mono == nil {
			c.mono = c.want
		}
		if got := s.Mono(); !slices.Equal(got, c.mono) {
			t.Errorf("%s: mono %v, want %v", c.name, got, c.mono)
		}
		if f, err := ReadFormat(bytes.NewReader(c.file), int64(len(c.file))); err != nil || f != s.Format {
			t.Errorf("%s: format %+v, %v", c.name, f, err)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	whole := file(chunk("fmt ", format(pcm, 2, 16, 8000)), chunk("data", make([]byte, 8)))
	data := chunk("data", make([]byte, 8))
	for _, c := range []struct {
		name string
		file []byte
		want string
	}{
		{"empty", nil, "it is empty"},
		{"another file", []byte("\xff\xfbMP3 and so on"), "it begins with ff fb 4d"},
		{"cut", whole[:len(whole)-1], "cut short: 8 bytes of sound by its header, and 7 are there"},
		{"cut in the format", whole[:30], `cut short: the chunk "fmt "`},
		{"no format", file(data), `no chunk "fmt "`},
		{"no data", file(chunk("fmt ", format(pcm, 2, 16, 8000))), `no chunk "data"`},
		{"short format", file(chunk("fmt ", make([]byte, 8)), data), "has 8 bytes"},
		{"part of a sample", file(chunk("fmt ", format(pcm, 2, 16, 8000)), chunk("data", make([]byte, 6))), "no whole number of samples"},
		{"A-law", file(chunk("fmt ", format(6, 1, 8, 8000)), data), "encoded by A-law"},
		{"12 bits", file(chunk("fmt ", format(pcm, 1, 12, 8000)), data), "encoding 1 with 12 bits"},
		{"no channels", file(chunk("fmt ", format(pcm, 0, 16, 8000)), data), "0 channels"},
		{"not ended", append(file(chunk("fmt ", format(pcm, 1, 16, 8000)), chunk("data", nil)), make([]byte, 100)...), "no sound by its header, and 100 bytes follow"},
		{"no rate", file(chunk("fmt ", format(pcm, 1, 16, 0)), data), "at 0 Hz"},
		{"NaN", file(chunk("fmt ", format(float, 1, 32, 8000)), chunk("data", floats32(0, float32(math.NaN())))), "sample 1 is NaN"},
		{"infinite", file(chunk("fmt ", format(float, 1, 32, 8000)), chunk("data", floats32(float32(math.Inf(1))))), "sample 0 is +Inf"},
	} {
		if _, err := Decode(c.file); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

// FuzzDecode feeds any bytes: an error, or no more samples than the bytes can hold.
func FuzzDecode(f *testing.F) {
	f.Add(file(chunk("fmt ", format(pcm, 2, 16, 8000)), chunk("data", make([]byte, 8))))
	f.Add(file(chunk("fmt ", format(float, 1, 32, 8000)), chunk("data", floats32(1, 2))))
	f.Add([]byte("RIFF\xff\xff\xff\xffWAVEfmt \xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := Decode(bytes.Clone(b))
		if err != nil {
			return
		}
		if len(s.Samples) > len(b) || len(s.Samples)%s.Channels != 0 || len(s.Mono()) != len(s.Samples)/s.Channels {
			t.Fatalf("%d samples of %d channels from %d bytes", len(s.Samples), s.Channels, len(b))
		}
	})
}

func TestReadFormatRefuses(t *testing.T) {
	for _, c := range []struct {
		file []byte
		want string
	}{
		{nil, "it is empty"},
		{[]byte("RIFF"), "it begins with 52 49 46 46"},
		{file(chunk("LIST", make([]byte, 9))), `no chunk "fmt "`},
		{file([]byte("LIST\xff\xff\xff\xff")), `no chunk "fmt "`},
		{file([]byte("fmt \xff\xff\xff\xff\x01")), "has 1 bytes"},
	} {
		if _, err := ReadFormat(bytes.NewReader(c.file), int64(len(c.file))); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %q", c.file, err, c.want)
		}
	}
}
