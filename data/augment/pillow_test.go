package augment

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"github.com/rondo-ml/rondo/data/picture"
)

// pattern is a picture with smooth parts and rough ones. testdata/pillow.py has the same.
func pattern(height, width, channels int) *picture.Picture {
	p := &picture.Picture{Height: height, Width: width, Channels: channels, Pixels: make([]byte, height*width*channels)}
	for i := range p.Pixels {
		y, x, c := i/channels/width, i/channels%width, i%channels
		p.Pixels[i] = byte((y*9+x*11+c*71+y*x*(c+3)%61*2)%230 + 13)
	}
	return p
}

// onPicture does something with a runner that has a picture.
func onPicture(from *picture.Picture, do func(r *runner)) *picture.Picture {
	r := &runner{}
	r.start(from, nil, 0)
	do(r)
	q := r.image.now
	return &q
}

// deed does what torchvision calls name.
func deed(r *runner, name string, v []float64) bool {
	names := map[string]string{"ShearX": "shear-x", "ShearY": "shear-y", "TranslateX": "translate-x", "TranslateY": "translate-y", "Rotate": "rotate",
		"Brightness": "brightness", "Color": "color", "Contrast": "contrast", "Sharpness": "sharpness", "Posterize": "posterize", "Solarize": "solarize",
		"AutoContrast": "autocontrast", "Equalize": "equalize"}
	for _, d := range deeds {
		if d.name == names[name] {
			d.do(r, v[0], 0)
			return true
		}
	}
	box := func() picture.Box {
		return picture.Box{Top: int(v[0]), Left: int(v[1]), Height: int(v[2]), Width: int(v[3])}
	}
	pad := func(b border) {
		n := int(v[0])
		r.window(-n, -n, r.image.now.Height+2*n, r.image.now.Width+2*n, b)
	}
	switch name {
	case "Invert":
		r.invert()
	case "Gray":
		r.gray()
	case "ResizedCrop bilinear", "ResizedCrop bicubic", "ResizedCrop nearest":
		r.resize(box(), size{int(v[4]), int(v[5])}, picture.Filter(name[len("ResizedCrop "):]))
	case "CenterCrop":
		middle{to: size{int(v[0]), int(v[1])}}.run(r, nil)
	case "Short":
		short{int(v[0]), picture.Bilinear}.run(r, nil)
	case "Flip":
		r.image.flip(v[0] == 1)
	case "Pad reflect":
		pad(border{reflect: true})
	case "Pad edge":
		pad(border{edge: true})
	case "Pad constant":
		pad(border{})
	case "Hue":
		r.hue(byte(int32(v[0] * 255)))
	default:
		return false
	}
	return true
}

// TestPillow compares operations with torchvision's on Pillow's images, to the bit.
func TestPillow(t *testing.T) {
	text, err := os.ReadFile("testdata/pillow.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Op                      string
		Args                    []float64
		Channels, Height, Width int
		Pixels                  []byte
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(fmt.Sprint(c.Op, c.Args, c.Channels), func(t *testing.T) {
			from := pattern(13, 17, c.Channels)
			if c.Op == "Equalize big" {
				from = pattern(64, 80, c.Channels)
			}
			got := onPicture(from, func(r *runner) {
				if c.Op == "Equalize big" {
					r.equalize()
					r.window(0, 0, 10, 20, border{})
				} else if !deed(r, c.Op, c.Args) {
					t.Fatal("not known")
				}
			})
			if got.Height != c.Height || got.Width != c.Width || got.Channels != c.Channels {
				t.Fatalf("%dx%dx%d, want %dx%dx%d", got.Height, got.Width, got.Channels, c.Height, c.Width, c.Channels)
			}
			differ, most := 0, 0
			for i, v := range c.Pixels {
				if d := int(got.Pixels[i]) - int(v); d != 0 {
					differ, most = differ+1, max(most, d, -d)
				}
			}
			if differ > 0 {
				t.Errorf("%d of %d values differ, by up to %d", differ, len(c.Pixels), most)
			}
		})
	}
}
