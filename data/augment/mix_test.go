package augment

import (
	"math"
	"slices"
	"testing"
)

// lane is rows of one value each: row i is i+1 everywhere.
func lane(n, size int) (keys []Key, rows []float32) {
	for i := range n {
		keys = append(keys, Key{Seed: 2, Sample: 10 * i})
		rows = append(rows, slices.Repeat([]float32{float32(i + 1)}, size)...)
	}
	return keys, rows
}

// Mixup gives what its shares say.
func TestMixup(t *testing.T) {
	keys, rows := lane(5, 12)
	mixed := make([]Mixed, 5)
	mustParse(t, "mixup 1").Mix(keys, rows, 2, 2, 3, mixed)
	for i, m := range mixed {
		if m.Other != (i+1)%5 || !(m.Share > 0 && m.Share < 1) {
			t.Fatalf("row %d: %+v", i, m)
		}
		want := float64(m.Share)*float64(i+1) + float64(1-m.Share)*float64(m.Other+1)
		for _, v := range rows[12*i:][:12] {
			near(t, "value", float64(v), want, 1e-6)
		}
	}
}

// The share of CutMix is the part of the pixels that stayed, and what came is one rectangle.
func TestCutmix(t *testing.T) {
	sum := 0.0
	for epoch := range 200 {
		keys, rows := lane(3, 9*11*2)
		for i := range keys {
			keys[i].Epoch = epoch
		}
		mixed := make([]Mixed, 3)
		mustParse(t, "cutmix 1").Mix(keys, rows, 9, 11, 2, mixed)
		for i, m := range mixed {
			own, top, bottom, left, right := 0, 9, 0, 11, 0
			for at := range 99 {
				switch rows[(99*i+at)*2] {
				case float32(i + 1):
					own++
				case float32(m.Other + 1):
					top, bottom = min(top, at/11), max(bottom, at/11+1)
					left, right = min(left, at%11), max(right, at%11+1)
				default:
					t.Fatal("a value of neither row")
				}
			}
			near(t, "share", float64(m.Share), float64(own)/99, 1e-6)
			if own < 99 && (bottom-top)*(right-left) != 99-own {
				t.Fatal("not a rectangle")
			}
			sum += float64(m.Share)
		}
	}
	if mean := sum / 600; mean < 0.5 || mean > 0.85 { // 1/2, and what parts beyond the border leave
		t.Errorf("mean share %v", mean)
	}
}

// Whether and how a row is mixed depends on its key and on the row after it.
func TestMixIsKeyed(t *testing.T) {
	p := mustParse(t, "mixup 0.4 p=0.5, cutmix 1 p=0.5")
	keys, rows := lane(6, 48)
	p.Mix(keys, rows, 4, 4, 3, nil)
	_, part := lane(6, 48)
	p.Mix(keys[:3], part[:3*48], 4, 4, 3, nil)
	if !slices.Equal(part[:2*48], rows[:2*48]) {
		t.Error("rows 0 and 1 depend on more than the rows after them")
	}
	same, mixes := 0, make([]Mixed, 6)
	for epoch := range 100 {
		for i := range keys {
			keys[i].Epoch = epoch
		}
		_, rows := lane(6, 48)
		p.Mix(keys, rows, 4, 4, 3, mixes)
		for i, m := range mixes {
			if m.Other == i {
				same++
			}
		}
	}
	near(t, "rows left alone", float64(same)/600, 0.5, 0.08)
	_, one := lane(1, 48)
	p.Mix(keys[:1], one, 4, 4, 3, mixes[:1])
	if one[7] != 1 || mixes[0] != (Mixed{0, 1}) {
		t.Errorf("a lane of one row: %v, %+v", one[7], mixes[0])
	}
	p.Mix(nil, nil, 4, 4, 3, nil)
}

// A sound played faster by a factor is its own with another frequency.
func TestResample(t *testing.T) {
	for _, factor := range []float64{0.25, 0.5, 0.9, 1.1, 1.5, 2.3, 4} {
		x := make([]float32, 4000)
		for i := range x {
			x[i] = float32(math.Sin(0.1 * float64(i)))
		}
		dst := make([]float32, int(4000/factor))
		resample(dst, x, factor)
		for i := range dst {
			at := float64(i) * factor
			if at < 40 || at > 3960 { // the filter reaches beyond the ends
				continue
			}
			near(t, "value", float64(dst[i]), math.Sin(0.1*at), 2e-3)
			if t.Failed() {
				t.Fatalf("factor %v, value %d", factor, i)
			}
		}
	}
	// What is above the new rate's half goes.
	x, dst := make([]float32, 4000), make([]float32, 2000)
	for i := range x {
		x[i] = float32(math.Sin(2.6 * float64(i)))
	}
	resample(dst, x, 2)
	for i, v := range dst[20:1980] {
		near(t, "alias", float64(v), 0, 0.01)
		if t.Failed() {
			t.Fatal(i)
		}
	}
}

// Noise has the level that it was asked for, and no mean.
func TestNoiseLevel(t *testing.T) {
	x := make([]float32, 20000)
	for i := range x {
		x[i] = float32(math.Sin(0.1 * float64(i)))
	}
	dst := make([]float32, len(x))
	if _, err := mustParse(t, "noise 20").Sound(Key{}, dst, x); err != nil {
		t.Fatal(err)
	}
	sum, square := 0.0, 0.0
	for i, v := range dst {
		d := float64(v) - float64(x[i])
		sum += d
		square += d * d
	}
	near(t, "mean", sum/20000, 0, 0.002)
	near(t, "deviation", math.Sqrt(square/20000), math.Sqrt(0.5)/10, 0.001)
}

func TestShiftGainLength(t *testing.T) {
	x := []float32{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
	hear := func(text string, sample int) []float32 {
		p := mustParse(t, text)
		dst := make([]float32, p.Length(len(x)))
		n, err := p.Sound(Key{Sample: sample}, dst, x)
		if err != nil {
			t.Fatal(err)
		}
		return dst[:n]
	}
	for text, want := range map[string][]float32{
		"length 4 place=center":  {4, 5, 6, 7},
		"length 4 place=start":   {1, 2, 3, 4},
		"length 14 place=center": {0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0, 0},
		"length 12 place=start":  {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0, 0},
		"gain 0":                 x,
		"speed 1":                x,
	} {
		if got := hear(text, 0); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
	shifts := map[float32]bool{}
	for i := range 200 {
		got := hear("shift 0.2", i)
		shifts[got[4]] = true // of 3, 4, 5, 6, 7
		if got := hear("length 8", i); got[7] != got[0]+7 {
			t.Fatalf("a part %v", got)
		}
	}
	if len(shifts) != 5 {
		t.Errorf("shifts to %v", shifts)
	}
	if got := hear("gain 20", 3)[9]; got < 1 || got > 100 || got == 10 {
		t.Errorf("gain makes 10 %v", got)
	}
	y := make([]float32, 2)
	FromInt16(y, []int16{-32768, 16384})
	if y[0] != -1 || y[1] != 0.5 {
		t.Error(y)
	}
}
