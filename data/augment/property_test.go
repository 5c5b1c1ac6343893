package augment

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/rondo-ml/rondo/data/picture"
)

// every operation's defaults, with 24 where a value is needed.
func everyOp(kind Kind) (texts []string) {
	for _, o := range Ops() {
		if o.Kind != Either && o.Kind != kind {
			continue
		}
		text := o.Name
		for _, p := range o.Params {
			if p.Default == "" && o.Name == "channels" {
				text += " 3"
			} else if p.Default == "" {
				text += " 24"
			}
		}
		texts = append(texts, text)
	}
	return texts
}

// Pictures of any size become values in range, and what Size says; what the caller gave is not written.
func TestAnySize(t *testing.T) {
	texts := append(everyOp(Images), "crop 5x60 pad=3 fill=reflect", "crop 30 fill=edge", "rotate 180", "randaugment 16 30", "color 10 10 10 0.5",
		"random-resized-crop 7x3 ratio=0.01..100", "random-resized-crop 9 scale=0.0001..0.0001", "center-crop 9 fill=reflect", "erase 1 scale=1..1",
		"erase 1 scale=0.0001..0.0001", "channels 1, equalize 1, color 1 1 1 0.5, lighting, gray 1, autocontrast 1")
	unit, _ := Normalize([]float64{0}, []float64{1})
	for _, text := range texts {
		p := mustParse(t, text)
		for _, s := range []size{{1, 1}, {1, 2}, {3, 1}, {2, 2}, {1, 97}, {97, 1}, {24, 24}, {5, 64}, {40, 31}} {
			for channels := 1; channels <= 3; channels += 2 {
				from := pattern(s.height, s.width, channels)
				before := slices.Clone(from.Pixels)
				for sample := range 8 {
					k := Key{Seed: 3, Epoch: sample, Sample: sample}
					q, err := p.Picture(k, from)
					if err != nil {
						t.Fatal(err)
					}
					if h, w := p.Size(s.height, s.width); h != 0 && h != q.Height || w != 0 && w != q.Width {
						t.Fatalf("%q makes %dx%d of %v, Size says %dx%d", text, q.Height, q.Width, s, h, w)
					}
					values := make([]float32, q.Height*q.Width*q.Channels)
					if err := p.Image(k, values, q.Height, q.Width, from, unit); err != nil {
						t.Fatalf("%q of %v: %v", text, s, err)
					}
					for i, v := range values {
						if !(v >= 0 && v <= 1) {
							t.Fatalf("%q makes value %d of %v %v", text, i, s, v)
						}
					}
				}
				if !slices.Equal(from.Pixels, before) {
					t.Fatalf("%q wrote into the caller's picture", text)
				}
			}
		}
	}
}

// Sounds of any length stay finite and no longer than Length says.
func TestAnyLength(t *testing.T) {
	for _, text := range append(everyOp(Sounds), "speed 4", "speed 0.25", "shift 1", "noise -100..200", "speed, noise, gain, shift, length 30") {
		p := mustParse(t, text)
		for _, n := range []int{0, 1, 2, 3, 5, 64, 1000} {
			for sample := range 8 {
				for i, v := range sound(t, p, Key{Sample: sample}, n) {
					if math.IsNaN(float64(v)) || math.Abs(float64(v)) > 1e6 {
						t.Fatalf("%q makes value %d of %d %v", text, i, n, v)
					}
				}
			}
		}
	}
}

// The same key gives the same values in any order on any goroutine; another seed, epoch or sample gives others.
func TestKeyed(t *testing.T) {
	p := mustParse(t, "random-resized-crop 16, flip, color 0.4 0.4 0.4 0.1, randaugment 2 9, erase 1 fill=noise")
	keys := []Key{{}, {Seed: 1}, {Seed: 1 << 32}, {Epoch: 1}, {Sample: 1}, {Sample: 1 << 32}, {Epoch: 1 << 32}}
	want := make([][]float32, len(keys))
	n := Symmetric()
	make1 := func(k Key) []float32 {
		x := make([]float32, 16*16*3)
		if err := p.Image(k, x, 16, 16, pattern(33, 40, 3), n); err != nil {
			t.Error(err)
		}
		return x
	}
	for i, k := range keys {
		want[i] = make1(k)
		for other := range i {
			if slices.Equal(want[i], want[other]) {
				t.Errorf("%+v and %+v give the same", keys[i], keys[other])
			}
		}
	}
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for round := range 20 {
				i := (round*3 + g) % len(keys)
				if !slices.Equal(make1(keys[i]), want[i]) {
					t.Errorf("%+v gives other values the next time", keys[i])
				}
			}
		})
	}
	wg.Wait()
}

// A mask follows its picture: where a picture's values are 10 times its mask's, they still are after any geometry.
func TestMaskFollows(t *testing.T) {
	from := &picture.Picture{Height: 30, Width: 40, Channels: 1, Pixels: make([]byte, 1200)}
	mask := &picture.Picture{Height: 30, Width: 40, Channels: 1, Pixels: make([]byte, 1200)}
	for i := range mask.Pixels {
		mask.Pixels[i] = byte(i*7%23 + 2)
		from.Pixels[i] = 10 * mask.Pixels[i]
	}
	bytes, _ := Normalize([]float64{0}, []float64{1.0 / 255})
	for _, text := range []string{"random-resized-crop 24 filter=nearest", "crop 24", "crop 50x45", "center-crop 44", "pad 50", "flip 1", "flip-vertical 1", "turn",
		"rotate 90", "resize 17 filter=nearest", "short 41 filter=nearest", "crop 50 fill=reflect", "color 0 0 1 0.5, lighting"} {
		p := mustParse(t, text)
		for sample := range 10 {
			k := Key{Sample: sample}
			q, err := p.Picture(k, from)
			if err != nil {
				t.Fatal(err)
			}
			values, labels := make([]float32, len(q.Pixels)), make([]byte, len(q.Pixels))
			if err := p.Pair(k, values, labels, q.Height, q.Width, from, mask, 255, bytes); err != nil {
				t.Fatal(err)
			}
			for i, l := range labels {
				if v := int(values[i] + 0.5); v != 10*int(l) && !(l == 255 && v == 0) {
					t.Fatalf("%q: pixel %d is %d, its label %d", text, i, v, l)
				}
			}
		}
	}
}

func TestRefuses(t *testing.T) {
	good := pattern(4, 4, 3)
	n := Symmetric()
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"size":     {mustParse(t, "").Image(Key{Sample: 7}, make([]float32, 75), 5, 5, good, n), "sample 7 became 4x4 with 3 channels"},
		"kind":     {mustParse(t, "speed").Image(Key{}, nil, 4, 4, good, n), "works on sounds"},
		"picture":  {mustParse(t, "").Image(Key{}, nil, 0, 0, &picture.Picture{}, n), "0x0"},
		"bytes":    {mustParse(t, "").Image(Key{}, nil, 4, 4, &picture.Picture{Height: 4, Width: 4, Channels: 3}, n), "0 bytes"},
		"mask":     {mustParse(t, "").Pair(Key{}, nil, nil, 4, 4, good, good, 0, n), "a mask of 4x4 with 3 channels"},
		"labels":   {mustParse(t, "").Pair(Key{}, nil, nil, 4, 4, good, pattern(4, 4, 1), 0, n), "0 labels"},
		"sound":    {second(mustParse(t, "flip").Sound(Key{}, nil, nil)), "works on images"},
		"normal":   {second(Normalize([]float64{0}, []float64{0})), "deviation 0"},
		"channels": {second(Normalize([]float64{0, 0}, []float64{1, 1})), "2 means"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, c.err, c.want)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// A steady state allocates nothing.
func TestSteady(t *testing.T) {
	p := mustParse(t, "random-resized-crop 24, flip, color 0.4 0.4 0.4 0.1, randaugment 2 9, trivialaugment, crop 24 pad=4, lighting, erase 0.5, mixup, cutmix")
	from, n, values := pattern(40, 48, 3), Symmetric(), make([]float32, 2*24*24*3)
	keys := make([]Key, 2)
	i := 0
	do := func() {
		for row := range keys {
			keys[row] = Key{Sample: i % 50}
			i++
			if err := p.Image(keys[row], values[row*24*24*3:][:24*24*3], 24, 24, from, n); err != nil {
				t.Fatal(err)
			}
		}
		p.Mix(keys, values, 24, 24, 3, nil)
	}
	for range 50 {
		do()
	}
	if got := testing.AllocsPerRun(50, do); got != 0 {
		t.Errorf("%v allocations", got)
	}
	s := mustParse(t, "speed 0.9..1.1, noise, gain, shift, length 500")
	x, dst := make([]float32, 600), make([]float32, 500)
	hear := func() {
		i++
		if _, err := s.Sound(Key{Sample: i % 50}, dst, x); err != nil {
			t.Fatal(err)
		}
	}
	for range 100 {
		hear()
	}
	if got := testing.AllocsPerRun(50, hear); got != 0 {
		t.Errorf("%v allocations for a sound", got)
	}
}

func ExamplePipeline() {
	p, err := Parse("random-resized-crop 64 scale=0.2..1, flip, erase 0.25")
	fmt.Println(p, err)
	fmt.Println(p.Evaluation())
	_, err = Parse("random-resized-crop 64, flip 2")
	fmt.Println(err)
	// Output:
	// random-resized-crop size=64x64 scale=0.2..1 ratio=0.75..1.3333333333333333 filter=bilinear, flip p=0.5, erase p=0.25 scale=0.02..0.3333333333333333 ratio=0.3..3.3 fill=zero <nil>
	// short side=73 filter=bilinear, center-crop size=64x64 fill=0
	// augment: operation 2: flip: p is "2", want a number from 0 to 1
}
