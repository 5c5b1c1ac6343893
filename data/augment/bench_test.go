package augment

import (
	"fmt"
	"testing"
)

// BenchmarkImage times whole pipelines and single operations, normalization included.
func BenchmarkImage(b *testing.B) {
	n, _ := Normalize(ImageNetMean, ImageNetDeviation)
	type bench struct {
		text string
		side int // of the picture
		to   int
	}
	benches := []bench{
		{"crop 32 pad=4, flip", 32, 32},
		{"random-resized-crop 64 scale=0.25..1, flip, color 0.4 0.4 0.4 0.1", 80, 64},
		{"random-resized-crop 64, flip, randaugment 2 9, erase 0.25", 80, 64},
		{"random-resized-crop 224, flip", 256, 224},
	}
	for _, text := range []string{"", "random-resized-crop 64", "random-resized-crop 64 filter=bicubic", "crop 64 pad=4", "crop 64 pad=4 fill=reflect", "flip 1", "turn", "rotate 30",
		"color 0.4", "color 0 0.4", "color 0 0 0.4", "color 0 0 0 0.1", "lighting", "gray 1", "equalize 1", "randaugment 1 9", "trivialaugment", "erase 1", "erase 1 fill=noise"} {
		benches = append(benches, bench{text, 64, 64})
	}
	for _, c := range benches {
		b.Run(fmt.Sprintf("%s/%d", c.text, c.side), func(b *testing.B) {
			p, from := mustParse(b, c.text), pattern(c.side, c.side, 3)
			dst := make([]float32, c.to*c.to*3)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if err := p.Image(Key{Sample: i}, dst, c.to, c.to, from, n); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkMix times the mixing of eight rows of 64×64 colors.
func BenchmarkMix(b *testing.B) {
	for _, text := range []string{"mixup", "cutmix"} {
		b.Run(text, func(b *testing.B) {
			p := mustParse(b, text)
			keys, rows := lane(8, 64*64*3)
			for b.Loop() {
				p.Mix(keys, rows, 64, 64, 3, nil)
			}
		})
	}
}

// BenchmarkSound times operations on half a second at 16 kHz.
func BenchmarkSound(b *testing.B) {
	for _, text := range []string{"speed", "noise", "shift", "gain", "speed, noise, shift, gain, length 8000"} {
		b.Run(text, func(b *testing.B) {
			p := mustParse(b, text)
			x, dst := make([]float32, 8000), make([]float32, 10000)
			for i := 0; b.Loop(); i++ {
				if _, err := p.Sound(Key{Sample: i}, dst, x); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
