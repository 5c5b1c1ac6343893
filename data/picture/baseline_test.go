package picture

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// planesOf are the pixels of a decoded image within its bounds, plane by plane.
func planesOf(t testing.TB, img image.Image) (planes [][]byte) {
	t.Helper()
	rows := func(pix []byte, stride, width, height int) (b []byte) {
		for y := range height {
			b = append(b, pix[y*stride:][:width]...)
		}
		return b
	}
	r := img.Bounds()
	switch m := img.(type) {
	case *image.Gray:
		return [][]byte{rows(m.Pix, m.Stride, r.Dx(), r.Dy())}
	case *image.YCbCr:
		w, h := r.Dx(), r.Dy()
		switch m.SubsampleRatio {
		case image.YCbCrSubsampleRatio420:
			w, h = (w+1)/2, (h+1)/2
		case image.YCbCrSubsampleRatio422:
			w = (w + 1) / 2
		case image.YCbCrSubsampleRatio440:
			h = (h + 1) / 2
		}
		return [][]byte{rows(m.Y, m.YStride, r.Dx(), r.Dy()), rows(m.Cb, m.CStride, w, h), rows(m.Cr, m.CStride, w, h)}
	}
	t.Fatalf("%T", img)
	return nil
}

// near says whether two decoders' planes are alike but for rounding, and the mean difference.
func near(a, b [][]byte, most int) bool {
	for p := range a {
		if len(a[p]) != len(b[p]) {
			return false
		}
		for i, v := range a[p] {
			if d := int(v) - int(b[p][i]); d < -most || d > most {
				return false
			}
		}
	}
	return len(a) == len(b)
}

// noisy is a picture with edges, noise and flat parts.
func noisy(width, height int, seed uint64) *image.YCbCr {
	r := rand.New(rand.NewPCG(seed, 1))
	m := image.NewYCbCr(image.Rect(0, 0, width, height), []image.YCbCrSubsampleRatio{
		image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio420}[seed%2])
	for _, plane := range [][]byte{m.Y, m.Cb, m.Cr} {
		for i := range plane {
			switch i / 97 % 4 {
			case 0:
				plane[i] = byte(r.IntN(256))
			case 1:
				plane[i] = byte(i)
			case 2:
				plane[i] = 200
			}
		}
	}
	return m
}

// The decoder of baseline JPEGs and the general one agree but for the rounding of the transform.
func TestBaselineAgrees(t *testing.T) {
	for i, size := range []image.Point{{1, 1}, {8, 8}, {16, 16}, {17, 9}, {33, 50}, {100, 75}, {127, 129}} {
		for _, quality := range []int{1, 30, 75, 100} {
			for _, grey := range []bool{false, true} {
				var m image.Image = noisy(size.X, size.Y, uint64(i))
				if grey {
					g := image.NewGray(m.Bounds())
					copy(g.Pix, m.(*image.YCbCr).Y)
					m = g
				}
				var b bytes.Buffer
				if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: quality}); err != nil {
					t.Fatal(err)
				}
				want, err := jpeg.Decode(bytes.NewReader(b.Bytes()))
				if err != nil {
					t.Fatal(err)
				}
				got, err := decodeBaseline(b.Bytes())
				if err != nil {
					t.Errorf("%v at quality %d: %v", size, quality, err)
					continue
				}
				if got.Bounds() != want.Bounds() || !near(planesOf(t, got), planesOf(t, want), 2) {
					t.Errorf("%v at quality %d, grey %v: other pixels", size, quality, grey)
				}
			}
		}
	}
}

// Where colour is not subsampled, pixels are libjpeg's, to the bit.
func TestBaselineEqualsLibjpeg(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(string(read(t, "baseline.txt"))), "\n")
	if len(lines) != 4 {
		t.Errorf("%d cases", len(lines))
	}
	for _, line := range lines {
		var name, text string
		var width, height, channels int
		if _, err := fmt.Sscan(line, &name, &width, &height, &channels, &text); err != nil {
			t.Fatal(err)
		}
		want, err := hex.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		b := read(t, "baseline-"+name+".jpg")
		if _, err := decodeBaseline(b); err != nil {
			t.Errorf("%s: left to the general decoder", name)
		}
		p, err := Decode(b, 0)
		if err != nil || p.Width != width || p.Height != height || p.Channels != channels || !bytes.Equal(p.Pixels, want) {
			t.Errorf("%s: other pixels, %v", name, err)
		}
	}
}

// What is no whole baseline JPEG is left to the general decoder, which says what is wrong with it.
func TestNotBaseline(t *testing.T) {
	for _, name := range []string{"red-progressive.jpg", "red-cmyk.jpg", "red-ycck.jpg"} {
		if _, err := decodeBaseline(read(t, name)); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	whole := read(t, "baseline-coarse.jpg")
	for n := range whole {
		if _, err := decodeBaseline(whole[:n]); err == nil {
			t.Fatalf("cut after %d of %d bytes: taken", n, len(whole))
		}
	}
	scan := bytes.Index(whole, []byte{0xff, jpegSOS})
	at := scan + bytes.Index(whole[scan:], []byte{0xff, 0xd1})
	other := bytes.Clone(whole)
	other[at+1] = 0xd2
	if _, err := decodeBaseline(other); err == nil {
		t.Error("a restart marker of another number: taken")
	}
	if _, err := decodeBaseline(slices.Concat(whole[:at], []byte{0, 0}, whole[at:])); err == nil {
		t.Error("bytes before a restart marker: taken")
	}
}

// FuzzBaseline feeds any bytes. What is taken the general decoder takes too, as a picture of the same size.
func FuzzBaseline(f *testing.F) {
	for _, name := range []string{"baseline-grey.jpg", "baseline-coarse.jpg", "red.jpg", "red-progressive.jpg"} {
		f.Add(read(f, name))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if size, err := jpeg.DecodeConfig(bytes.NewReader(b)); err != nil || size.Width*size.Height > 1<<16 {
			return
		}
		got, err := decodeBaseline(b)
		if err != nil {
			return
		}
		want, err := jpeg.Decode(bytes.NewReader(b))
		if err != nil || want.Bounds() != got.Bounds() {
			t.Fatalf("%v; the general decoder: %v", got.Bounds(), err)
		}
	})
}
