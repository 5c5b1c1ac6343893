package augment

import (
	"strings"
	"testing"
)

func mustParse(t testing.TB, text string) *Pipeline {
	t.Helper()
	p, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		"":                         "",
		"flip":                     "flip p=0.5",
		" crop 32 pad=4,flip ":     "crop size=32x32 pad=4 fill=0, flip p=0.5",
		"crop 48x64 4 reflect":     "crop size=48x64 pad=4 fill=reflect",
		"speed 1, mixup":           "speed factor=1..1, mixup alpha=0.2 p=1",
		"color hue=0.1":            "color brightness=0 contrast=0 saturation=0 hue=0.1",
		"erase .5 fill=noise":      "erase p=0.5 scale=0.02..0.3333333333333333 ratio=0.3..3.3 fill=noise",
		"randaugment, cutmix 1":    "randaugment n=2 m=9 fill=0, cutmix alpha=1 p=1",
		"rotate -0, short 7":       "rotate degrees=0 fill=0, short side=7 filter=bilinear",
		"channels 3, turn":         "channels n=3, turn",
		"length 8000 place=start":  "length samples=8000 place=start",
		"noise 10..20 p=0.25":      "noise snr=10..20 p=0.25",
		"lighting values=1/2/-3e0": "lighting deviation=0.1 values=1/2/-3 vectors=-0.5675/0.7192/0.4009/-0.5808/-0.0045/-0.814/-0.5836/-0.6948/0.4203",
	} {
		p := mustParse(t, text)
		if got := p.String(); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"flip, sharpen":                          `operation 2: no operation is called "sharpen"; there are random-resized-crop`,
		"flip,,flip":                             "operation 2: nothing between two commas",
		"crop":                                   "crop: size is missing: write crop SIZE [pad=0] [fill=0]",
		"crop 0":                                 `crop: size is "0", want pixels such as 64`,
		"crop 32 33x":                            `crop: pad is "33x", want a whole number`,
		"crop 32 fill=256":                       `crop: fill is "256", want a value from 0 to 255`,
		"crop 32 fill=1.5":                       `fill is "1.5"`,
		"crop 99999":                             "from 1 to 8192",
		"flip 1.5":                               `flip: p is "1.5", want a number from 0 to 1`,
		"flip nan":                               `p is "nan"`,
		"flip p=1 p=0":                           "flip: p is there twice",
		"flip q=1":                               `flip: no parameter is called "q"`,
		"flip 1 2":                               `"2" is one value too many`,
		"crop size=4 3":                          `"3" stands after a parameter with a name`,
		"randaugment 2 31":                       `randaugment: m is "31", want a whole number from 0 to 30`,
		"speed 2..1":                             `speed: factor is "2..1", want a range`,
		"speed, flip":                            "operation 2: flip works on images, and operations before it on sounds",
		"mixup, erase":                           "operation 2: erase must stand before mixup",
		"erase, flip":                            "flip must stand before erase",
		"mixup, mixup":                           "mixup is there twice",
		"channels 2":                             `channels: n is "2", want 1 or 3`,
		"lighting vectors=1/2":                   "9 numbers such as 0.1/0.1",
		"resize 9 lanczos":                       `filter is "lanczos", want bilinear or nearest or bicubic`,
		strings.Repeat("flip,", maxOps) + "flip": "more than 64 operations",
	} {
		_, err := Parse(text)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "augment: ") {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

// Every operation has a name of its own, and defaults that it accepts.
func TestOps(t *testing.T) {
	seen := map[string]bool{}
	for _, o := range Ops() {
		if seen[o.Name] || o.Doc == "" {
			t.Errorf("%s: its name is taken or it says nothing", o.Name)
		}
		seen[o.Name] = true
		text := o.Name
		for _, p := range o.Params {
			if p.Doc == "" {
				t.Errorf("%s: %s says nothing", o.Name, p.Name)
			}
			if p.Default == "" {
				text += " 3"
			}
		}
		p := mustParse(t, text)
		if again := mustParse(t, p.String()); again.String() != p.String() {
			t.Errorf("%q reads back as %q", p, again)
		}
		if p.Evaluation().Random() {
			t.Errorf("%q in evaluation is %q", p, p.Evaluation())
		}
	}
}

func TestEvaluation(t *testing.T) {
	for text, want := range map[string]string{
		"random-resized-crop 224, flip, randaugment, erase, mixup": "short side=256 filter=bilinear, center-crop size=224x224 fill=0",
		"channels 3, crop 32 pad=4, flip, gray":                    "channels n=3, center-crop size=32x32 fill=0",
		"resize 20, turn, pad 24, color 1":                         "resize size=20x20 filter=bilinear, pad size=24x24 fill=0",
		"speed, noise, gain, shift, length 100":                    "length samples=100 place=center",
	} {
		p := mustParse(t, text)
		e := p.Evaluation()
		if e.String() != want || e.Random() || e.Mixes() || e.Kind() != p.Kind() {
			t.Errorf("%q is %q in evaluation, want %q", text, e, want)
		}
		if !p.Random() {
			t.Errorf("%q: not random", text)
		}
	}
}

func TestSize(t *testing.T) {
	for _, c := range []struct {
		text                           string
		height, width, becomes, across int
	}{
		{"", 0, 5, 0, 5},
		{"crop 4x6, flip", 0, 0, 4, 6},
		{"short 8", 16, 32, 8, 16},
		{"short 8", 0, 32, 0, 0},
		{"pad 20x4, turn", 10, 10, 0, 0},
		{"pad 20", 0, 30, 0, 30},
		{"turn", 9, 9, 9, 9},
		{"short 256, center-crop 224", 0, 0, 224, 224},
	} {
		if h, w := mustParse(t, c.text).Size(c.height, c.width); h != c.becomes || w != c.across {
			t.Errorf("%q makes %dx%d of %dx%d, want %dx%d", c.text, h, w, c.height, c.width, c.becomes, c.across)
		}
	}
}

func TestAt(t *testing.T) {
	p := mustParse(t, "resize 9, crop 32 pad=4, flip, mixup")
	q, err := p.At(16, 24)
	if want := "resize size=9x9 filter=bilinear, crop size=16x24 pad=4 fill=0, flip p=0.5, mixup alpha=0.2 p=1"; err != nil || q.String() != want || !q.Mixes() {
		t.Fatalf("%q, %v, want %q", q, err, want)
	}
	if h, w := q.Size(0, 0); h != 16 || w != 24 {
		t.Errorf("%dx%d", h, w)
	}
	if _, err := mustParse(t, "flip").At(3, 3); err == nil || !strings.Contains(err.Error(), "add crop") {
		t.Error(err)
	}
	if _, err := p.At(0, 3); err == nil {
		t.Error("0x3: accepted")
	}
}

// FuzzParse reads any text: what is accepted has one canonical form, and a form for evaluation.
func FuzzParse(f *testing.F) {
	for _, o := range Ops() {
		f.Add(o.Name + " 3")
		f.Add(o.Usage())
	}
	f.Add("crop 32 pad=4, flip, erase 0.25, mixup 0.2")
	f.Add("speed 0.9..1.1, length 1e3")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := Parse(text)
		if err != nil {
			return
		}
		if again, err := Parse(p.String()); err != nil || again.String() != p.String() {
			t.Fatalf("%q is %q and reads back as %v, %v", text, p, again, err)
		}
		if p.Evaluation().Random() {
			t.Fatalf("%q in evaluation is %q", text, p.Evaluation())
		}
	})
}
