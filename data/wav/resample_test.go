package wav

import (
	"crypto/sha256"
	"fmt"
	"math"
	"testing"
)

// tone is a sine of so many Hz.
func tone(hz float64, rate, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(math.Sin(2 * math.Pi * hz * float64(i) / float64(rate)))
	}
	return x
}

func resample(t *testing.T, from, to int, x []float32) []float32 {
	t.Helper()
	r, err := NewResampler(from, to)
	if err != nil {
		t.Fatal(err)
	}
	y := r.Resample(x)
	if want := (len(x)*to + from - 1) / from; len(y) != want || r.Length(len(x)) != int64(want) {
		t.Fatalf("%d samples of %d Hz become %d of %d Hz, want %d", len(x), from, len(y), to, want)
	}
	return y
}

// Tones below the slope are the same tones at the new rate; those above half of it are gone.
func TestResampleTones(t *testing.T) {
	for _, c := range []struct {
		from, to int
		hz       float64
		passes   bool
	}{
		{8000, 16000, 440, true}, {8000, 16000, 3200, true}, {44100, 16000, 440, true}, {44100, 16000, 6300, true}, {48000, 8000, 3200, true},
		{16000, 11025, 4400, true}, {44100, 16000, 9000, false}, {48000, 8000, 4600, false}, {22050, 8000, 10000, false},
	} {
		y := resample(t, c.from, c.to, tone(c.hz, c.from, c.from/4))
		want := tone(c.hz, c.to, len(y))
		edge := len(y) / 10 // where the silence around the sound is heard
		worst := 0.0
		for i := edge; i < len(y)-edge; i++ {
			if !c.passes {
				want[i] = 0
			}
			worst = max(worst, math.Abs(float64(y[i]-want[i])))
		}
		if worst > 2e-3 {
			t.Errorf("%v Hz from %d to %d: off by %v", c.hz, c.from, c.to, worst)
		}
	}
}

func TestResampleEdges(t *testing.T) {
	one := make([]float32, 500)
	for i := range one {
		one[i] = 0.5
	}
	y := resample(t, 3, 2, one)
	for i := 50; i < len(y)-50; i++ {
		if math.Abs(float64(y[i])-0.5) > 1e-7 {
			t.Fatalf("a constant becomes %v", y[i])
		}
	}
	resample(t, 8000, 16000, nil)
	resample(t, 1, 100, []float32{1})
	for _, c := range [][2]int{{0, 1}, {1, 0}, {maxRate + 1, 1}, {maxRate, maxRate - 1}} {
		if _, err := NewResampler(c[0], c[1]); err == nil {
			t.Errorf("%v: accepted", c)
		}
	}
}

// The bits are the same on every processor.
func TestResampleBits(t *testing.T) {
	x := make([]float32, 1000)
	for i := range x {
		x[i] = float32(i*i%2001-1000) / 1000
	}
	h := sha256.New()
	for _, to := range []int{16000, 11025, 8000} {
		for _, v := range resample(t, 22050, to, x) {
			fmt.Fprintf(h, "%08x", math.Float32bits(v))
		}
	}
	const want = "03f7af3a6093255db66de5b0b4127757fc9e9818b169e066a14f0c812b184485"
	if got := fmt.Sprintf("%x", h.Sum(nil)); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
