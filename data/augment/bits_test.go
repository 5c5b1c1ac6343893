package augment

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"flag"
	"fmt"
	"hash"
	"math"
	"os"
	"strings"
	"testing"
)

var rewrite = flag.Bool("rewrite", false, "write testdata/bits.txt anew")

// all are pipelines with every operation.
var all = []string{
	"random-resized-crop 24", "random-resized-crop 31x9 scale=0.5..1 ratio=1..1 filter=bicubic", "random-resized-crop 24 filter=nearest",
	"crop 24 pad=4", "crop 40x20 pad=9 fill=reflect", "crop 64 fill=edge", "crop 20 fill=7", "center-crop 24", "center-crop 50x11 fill=edge",
	"resize 24", "resize 13x40 filter=bicubic", "resize 24 filter=nearest", "short 24", "short 60 filter=bicubic", "pad 64 fill=reflect",
	"flip", "flip-vertical", "turn", "rotate 180 fill=3", "color 0.4 0.4 0.4 0.1", "color 3 3 3 0.5", "lighting 0.5", "gray 0.5",
	"equalize", "autocontrast", "invert", "randaugment 2 9", "randaugment 5 30 fill=9", "trivialaugment", "channels 1", "channels 3",
	"erase 0.5", "erase 1 fill=noise", "mixup", "mixup 5 p=0.5", "cutmix", "cutmix 0.3", "mixup, cutmix",
	"random-resized-crop 24 scale=0.2..1, flip, color 0.4 0.4 0.4 0.1, randaugment 2 9, erase 0.25, mixup, cutmix",
	"speed", "speed 0.25..4", "noise", "noise -5..5 p=0.5", "gain 10", "shift", "shift 1", "length 300", "length 300 place=start", "length 600 place=center",
	"speed, noise, gain, shift, length 400, mixup, cutmix",
}

// hashOf hashes what a pipeline makes of three samples in three epochs.
func hashOf(t *testing.T, p *Pipeline) string {
	h := sha256.New()
	for epoch := range 3 {
		keys := make([]Key, 3)
		var rows []float32
		height, width, channels := 0, 1, 1
		for i := range keys {
			keys[i] = Key{Seed: 1 << 40, Epoch: epoch, Sample: i * 1000}
			var values []float32
			if p.Kind() == Sounds {
				values = sound(t, p, keys[i], 500+37*i)
				height = len(values)
			} else {
				values, height, width, channels = image(t, p, keys[i], i)
			}
			feed(h, values)
			rows = append(rows, values...)
		}
		if p.Mixes() {
			mixed := make([]Mixed, 3)
			p.Mix(keys, rows, height, width, channels, mixed)
			feed(h, rows)
			for _, m := range mixed {
				feed(h, []float32{m.Share, float32(m.Other)})
			}
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

func feed(h hash.Hash, x []float32) {
	var b [4]byte
	for _, v := range x {
		binary.LittleEndian.PutUint32(b[:], math.Float32bits(v))
		h.Write(b[:])
	}
}

// sound is a sound after a pipeline.
func sound(t testing.TB, p *Pipeline, k Key, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32((i*i)%97-48) / 64
	}
	dst := make([]float32, p.Length(n))
	got, err := p.Sound(k, dst, x)
	if err != nil {
		t.Fatal(err)
	}
	return dst[:got]
}

// image is a picture's values after a pipeline, of a size that depends on the pipeline.
func image(t testing.TB, p *Pipeline, k Key, i int) (values []float32, height, width, channels int) {
	from := pattern(32, 40+4*(i%2), 3)
	if p.Mixes() {
		from = pattern(32, 40, 3)
		for at := range from.Pixels {
			from.Pixels[at] += byte(i * 50)
		}
	}
	q, err := p.Picture(k, from)
	if err != nil {
		t.Fatal(err)
	}
	n, err := Normalize(ImageNetMean, ImageNetDeviation)
	if err != nil {
		t.Fatal(err)
	}
	values = make([]float32, q.Height*q.Width*3)
	if err := p.Image(k, values, q.Height, q.Width, from, n); err != nil {
		t.Fatal(err)
	}
	return values, q.Height, q.Width, 3
}

// TestBits pins what every operation makes. Run with -args -rewrite only where a change of bits is meant. The same file
// holds on every processor.
func TestBits(t *testing.T) {
	var lines strings.Builder
	for _, text := range all {
		fmt.Fprintf(&lines, "%s  %s\n", hashOf(t, mustParse(t, text)), text)
	}
	const file = "testdata/bits.txt"
	if *rewrite {
		if err := os.WriteFile(file, []byte(lines.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	wanted := strings.Split(string(want), "\n")
	for i, line := range strings.Split(lines.String(), "\n") {
		if i >= len(wanted) || line != wanted[i] {
			t.Errorf("line %d is now\n%s", i+1, line)
		}
	}
}

// Every operation is in the list.
func TestAllOps(t *testing.T) {
	for _, o := range Ops() {
		if !strings.Contains("\n"+strings.ReplaceAll(strings.Join(all, "\n"), ", ", "\n")+" ", "\n"+o.Name) {
			t.Errorf("%s has no pinned bits", o.Name)
		}
	}
}
