package picture

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"fmt"
	"os"
	"slices"
	"testing"
)

// pattern is the picture that testdata/make.py makes too.
func pattern(width, height, channels int) *Picture {
	p := newPicture(height, width, channels)
	for y := range height {
		for x := range width {
			for c := range channels {
				v := uint64(x*37+y*91+c*53+x*y*7) * 2654435761
				p.row(y)[x*channels+c] = byte(v >> 7)
			}
		}
	}
	return p
}

// Every size, filter and number of channels gives Pillow's pixels, to the bit.
func TestResizeEqualsPillow(t *testing.T) {
	f, err := os.Open("testdata/resize.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	cases := 0
	for lines := bufio.NewScanner(f); lines.Scan(); cases++ {
		var filter Filter
		var channels, width, height, toWidth, toHeight int
		var text string
		if _, err := fmt.Sscan(lines.Text(), &filter, &channels, &width, &height, &toWidth, &toHeight, &text); err != nil {
			t.Fatal(err)
		}
		want, err := hex.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		p := pattern(width, height, channels)
		source := bytes.Clone(p.Pixels)
		got := p.Resize(toHeight, toWidth, filter)
		if got.Height != toHeight || got.Width != toWidth || !bytes.Equal(got.Pixels, want) {
			t.Errorf("%s of %d×%d×%d to %d×%d:\n%v\nwant\n%v", filter, width, height, channels, toWidth, toHeight, got.Pixels, want)
		}
		if !bytes.Equal(p.Pixels, source) {
			t.Error("the source was changed")
		}
	}
	if cases != 42 {
		t.Errorf("%d cases", cases)
	}
}

func TestShortSide(t *testing.T) {
	for _, c := range []struct{ width, height, n, toWidth, toHeight int }{
		{500, 375, 224, 298, 224}, {375, 500, 224, 224, 298}, {10, 10, 7, 7, 7}, {1000, 1, 3, 3000, 3}, {3, 4, 3, 3, 4},
	} {
		p := newPicture(c.height, c.width, 1).ShortSide(c.n, Bilinear)
		if p.Width != c.toWidth || p.Height != c.toHeight {
			t.Errorf("%d×%d: %d×%d, want %d×%d", c.width, c.height, p.Width, p.Height, c.toWidth, c.toHeight)
		}
	}
}

func TestChannels(t *testing.T) {
	p := &Picture{Height: 1, Width: 2, Channels: 3, Pixels: []byte{255, 0, 0, 10, 20, 30}}
	if g := p.Grey(); g.Channels != 1 || !slices.Equal(g.Pixels, []byte{76, 18}) {
		t.Errorf("grey: %v", g.Pixels)
	} else if c := g.RGB(); c.Channels != 3 || !slices.Equal(c.Pixels, []byte{76, 76, 76, 18, 18, 18}) {
		t.Errorf("three channels: %v", c.Pixels)
	}
	if p.RGB() != p || p.Grey().Grey().Channels != 1 {
		t.Error("a picture that has the channels already is not itself")
	}
}

func TestCentre(t *testing.T) {
	p := pattern(5, 4, 3)
	q := p.Centre(2, 3)
	if q.Height != 2 || q.Width != 3 || !slices.Equal(q.Pixels, slices.Concat(p.row(1)[3:12], p.row(2)[3:12])) {
		t.Errorf("%+v", q)
	}
	if q := p.Centre(9, 9); q.Height != 4 || q.Width != 5 || !slices.Equal(q.Pixels, p.Pixels) {
		t.Errorf("%+v", q)
	}
}

func TestFilters(t *testing.T) {
	for _, f := range []Filter{Nearest, Bilinear, Bicubic} {
		if err := f.Check(); err != nil {
			t.Error(err)
		}
	}
	if Filter("lanczos").Check() == nil {
		t.Error("lanczos is accepted")
	}
}
