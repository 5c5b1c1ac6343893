package picture

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
)

// Interpolated colour is libjpeg's, to the bit, with every way of subsampling, at odd sides, and in images too small for it. What
// is repeated is something else.
func TestSmoothEqualsLibjpeg(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(string(read(t, "smooth.txt"))), "\n")
	if len(lines) != 6 {
		t.Errorf("%d cases", len(lines))
	}
	for _, line := range lines {
		var file, pixels string
		var width, height int
		if _, err := fmt.Sscan(line, &file, &width, &height, &pixels); err != nil {
			t.Fatal(err)
		}
		b, errB := hex.DecodeString(file)
		want, errW := hex.DecodeString(pixels)
		if errB != nil || errW != nil {
			t.Fatal(errB, errW)
		}
		p, err := DecodeSmooth(b, 0)
		if err != nil || p.Width != width || p.Height != height || p.Channels != 3 || !bytes.Equal(p.Pixels, want) {
			t.Errorf("%d×%d: other pixels, %v", width, height, err)
		}
		repeated, err := Decode(b, 0)
		if small := width <= 4; err != nil || bytes.Equal(repeated.Pixels, want) != small {
			t.Errorf("%d×%d: what is repeated is interpolated, or the other way round, %v", width, height, err)
		}
	}
	for _, name := range []string{"baseline-colour.jpg", "red-progressive.jpg", "red-cmyk.jpg", "grey-16.png", "red.webp", "upright-6.jpg"} {
		p, err := DecodeSmooth(read(t, name), 0)
		if q := decode(t, name); err != nil || !strings.HasPrefix(name, "red-prog") && !bytes.Equal(p.Pixels, q.Pixels) || p.Height != q.Height {
			t.Errorf("%s: other pixels than those of Decode, %v", name, err)
		}
	}
}
