package gunzip

import (
	"bytes"
	"compress/gzip"
	"io"
	"testing"
)

// BenchmarkUnpack is this package beside the standard library.
func BenchmarkUnpack(b *testing.B) {
	for _, name := range []string{"digits", "letters", "noise", "skewed"} {
		text := texts()[name]
		if name == "digits" {
			text = digits()
		}
		file := packed(b, text, gzip.DefaultCompression)
		run := func(b *testing.B, open func() (io.Reader, error)) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				r, err := open()
				if err == nil {
					_, err = io.Copy(io.Discard, r)
				}
				if err != nil {
					b.Fatal(err)
				}
			}
		}
		b.Run(name+"/ours", func(b *testing.B) {
			run(b, func() (io.Reader, error) { return NewReader(bytes.NewReader(file)) })
		})
		b.Run(name+"/library", func(b *testing.B) {
			run(b, func() (io.Reader, error) { return gzip.NewReader(bytes.NewReader(file)) })
		})
	}
}

// digits are bytes as those of drawn digits: four fifths are zero, the others lie side by side in rows of 28.
func digits() []byte {
	noise := texts()["noise"]
	text := make([]byte, 1_000_000)
	for row := 0; row+28 <= len(text); row += 28 {
		if first := row/28%28 - 4; first >= 0 && first < 20 {
			from := int(noise[row%len(noise)]) % 16
			copy(text[row+8+from/2:][:8], noise[(row*7)%(len(noise)-8):])
		}
	}
	return text
}
