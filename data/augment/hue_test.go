package augment

import (
	"math"
	"testing"
)

// pillowHSV is Pillow's conversion, in its floats.
func pillowHSV(r, g, b byte) (h, s, v byte) {
	most, least := max(r, g, b), min(r, g, b)
	if most == least {
		return 0, 0, most
	}
	wide := float32(most - least)
	away := func(c byte) float64 { return float64(float32(most-c) / wide) }
	var turn float32
	switch most {
	case r:
		turn = float32(away(b) - away(g))
	case g:
		turn = float32(2 + away(r) - away(b))
	default:
		turn = float32(4 + away(g) - away(r))
	}
	place := float32(math.Mod(float64(turn)/6+1, 1))
	return byte(float64(float64(place) * 255)), byte(float64(float64(wide/float32(most)) * 255)), most
}

// pillowRGB is Pillow's conversion, in its floats.
func pillowRGB(h, s, v byte) (byte, byte, byte) {
	if s == 0 {
		return v, v, v
	}
	six := float64(h) * 6 / 255
	sector := int(six)
	f, fs := float32(six-float64(sector)), float32(float64(s)/255)
	part := func(x float64) byte { return byte(math.Round(float64(float64(v) * (1 - x)))) }
	low, falling, rising := part(float64(fs)), part(float64(float32(fs*f))), part(float64(float64(fs)*(1-float64(f))))
	switch sector % 6 {
	case 0:
		return v, rising, low
	case 1:
		return falling, v, low
	case 2:
		return low, v, rising
	case 3:
		return low, falling, v
	case 4:
		return rising, low, v
	}
	return v, low, falling
}

// Whole numbers give what Pillow's floats give: for every color, when every is 1.
func TestHue(t *testing.T) {
	const every = 5
	for x := 0; x < 1<<24; x += every {
		r, g, b := byte(x>>16), byte(x>>8), byte(x)
		h, s, v := hsv(r, g, b)
		if wantH, wantS, wantV := pillowHSV(r, g, b); h != wantH || s != wantS || v != wantV {
			t.Fatalf("the hue, saturation, value of %d, %d, %d are %d, %d, %d, want %d, %d, %d", r, g, b, h, s, v, wantH, wantS, wantV)
		}
		h, s, v = r, g, b
		r, g, b = rgb(h, s, v)
		if wantR, wantG, wantB := pillowRGB(h, s, v); r != wantR || g != wantG || b != wantB {
			t.Fatalf("the color of %d, %d, %d is %d, %d, %d, want %d, %d, %d", h, s, v, r, g, b, wantR, wantG, wantB)
		}
	}
}
