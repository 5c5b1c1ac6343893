package generated

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

func TestParse(t *testing.T) {
	got, err := Parse("generated:train?count=500&noise=0.25&seed=7")
	if want := (Spec{Name: "train", Count: 500, Noise: 0.25, Seed: 7, Shift: 1}); err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	got, err = Parse("generated:a-1?count=1")
	if want := (Spec{Name: "a-1", Count: 1, Noise: 0.5, Seed: 1, Shift: 1}); err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	for source, want := range map[string]string{
		"shards/train":                         "not the name of a generated set",
		"generated:?count=5":                   "no name",
		"generated:a/b?count=5":                "no name",
		"generated:" + strings.Repeat("x", 65): "no name",
		"generated:train":                      `count "" is no number`,
		"generated:train?count=0":              `count "0" is no number from 1`,
		"generated:train?count=5&size=3":       `field "size" is not known`,
		"generated:train?count=5&count=6":      `field "count" is not known, or stands there twice`,
		"generated:train?count=5&noise=1":      `noise "1"`,
		"generated:train?count=5&noise=nan":    `noise "nan"`,
		"generated:train?count=5&seed=-1":      `seed "-1"`,
		"generated:train?count=5&shift=9":      `shift "9" is no number from 0 to 8`,
		"generated:train?count=%zz":            "invalid URL escape",
	} {
		if _, err := Parse(source); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), fmt.Sprintf("%q", source)) {
			t.Errorf("%s: error %v, want one with %q", source, err, want)
		}
	}
	if !Named("generated:x") || Named("shards/generated:x") {
		t.Error("Named")
	}
}

func small(source string) *Set {
	spec, err := Parse(source)
	if err != nil {
		panic(err)
	}
	return New(spec, 5, 12, 9, 3)
}

// An image depends on the set and its number alone, and on all of the set.
func TestRead(t *testing.T) {
	base := "generated:train?count=100"
	read := func(source string, i int) []float32 {
		x := make([]float32, 12*9*3)
		small(source).Read(i, x)
		return x
	}
	want := read(base, 7)
	if !slices.Equal(want, read(base, 7)) {
		t.Error("an image changes")
	}
	for _, v := range want {
		if !(v >= -1 && v < 1) {
			t.Fatalf("a pixel is %v", v)
		}
	}
	for _, other := range []string{"generated:valid?count=100", base + "&seed=2", base + "&noise=0.1", base + "&shift=5"} {
		if slices.Equal(want, read(other, 7)) {
			t.Errorf("%s has the same image", other)
		}
		if small(other).Hash() == small(base).Hash() {
			t.Errorf("%s has the same hash", other)
		}
	}
	if slices.Equal(want, read(base, 8)) {
		t.Error("two images are the same")
	}
}

// Without noise an image is its class's picture, moved; classes are drawn about
// equally often.
func TestClasses(t *testing.T) {
	s := small("generated:train?count=1000&noise=0")
	counts := make([]int, s.Classes)
	x := make([]float32, s.Height*s.Width*s.Channels)
	for i := range s.Count {
		class := s.Read(i, x)
		counts[class]++
		for _, v := range x {
			if !slices.Contains(s.arms[class], v) {
				t.Fatalf("image %d of class %d has a colour %v that the class lacks", i, class, v)
			}
		}
	}
	for c, n := range counts {
		if math.Abs(float64(n)-200) > 60 {
			t.Errorf("class %d has %d of 1000 images", c, n)
		}
	}
}

// The rows that are painted field by field are those of the definition.
func TestPaint(t *testing.T) {
	for k, width := range []int{1, 3, 8, 9, 12, 28, 64, 12, 12, 9} {
		shift := []int{1, 1, 1, 1, 1, 1, 1, 0, 8, 5}[k]
		spec, _ := Parse(fmt.Sprintf("generated:train?count=20&noise=0&shift=%d", shift))
		s := New(spec, 3, width, width, 2)
		x := make([]float32, width*width*2)
		for i := range spec.Count {
			bits := tensor.Philox(s.key, [4]uint32{uint32(i), s.name, 0, useImage})
			class := s.Read(i, x)
			for p := range width * width {
				row, column := (p/width+int(bits[1]%uint32(width*shift/fields+1)))%width, (p%width+int(bits[2]%uint32(width*shift/fields+1)))%width
				field := row*fields/width*fields + column*fields/width
				if !slices.Equal(x[2*p:2*p+2], s.arms[class][2*field:2*field+2]) {
					t.Fatalf("width %d, image %d, pixel %d", width, i, p)
				}
			}
		}
	}
}

func TestNoise(t *testing.T) {
	s := small("generated:train?count=1&noise=0.5")
	x := make([]float32, 12*9*3)
	s.noise(0, x)
	sum, square := 0.0, 0.0
	for _, v := range x {
		sum, square = sum+float64(v), square+float64(v)*float64(v)
	}
	n := float64(len(x))
	if mean, variance := sum/n, square/n; math.Abs(mean) > 0.05 || math.Abs(variance-0.25/3) > 0.02 {
		t.Errorf("mean %v, variance %v", mean, variance)
	}
}

func BenchmarkRead(b *testing.B) {
	spec, _ := Parse("generated:train?count=1000")
	s := New(spec, 10, 64, 64, 3)
	x := make([]float32, 64*64*3)
	for i := 0; b.Loop(); i++ {
		s.Read(i%1000, x)
	}
}

// The images are what they were when version was last raised.
func TestImagesForGood(t *testing.T) {
	const want = "7e30d4e9a2c428b0cdbcc69bf8578c0b1c68bb6300a6ffa9f9fe41225d8638dd"
	h := sha256.New()
	for _, size := range [][3]int{{12, 9, 3}, {28, 28, 1}, {1, 3, 2}, {64, 64, 3}, {7, 30, 1}} {
		for _, source := range []string{"generated:train?count=100", "generated:valid?count=100&noise=0&seed=5", "generated:train?count=100&noise=0.3"} {
			spec, _ := Parse(source)
			s := New(spec, 5, size[0], size[1], size[2])
			x := make([]float32, size[0]*size[1]*size[2])
			for i := range 20 {
				binary.Write(h, binary.LittleEndian, int32(s.Read(i, x)))
				binary.Write(h, binary.LittleEndian, x)
			}
		}
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != want {
		t.Errorf("the images are %s, not %s", got, want)
	}
}
