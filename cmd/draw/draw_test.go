package draw

import (
	"bytes"
	"encoding/xml"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/image/vector"
)

// spiked is a flat curve of a million points with one peak.
func spiked(log bool) *Chart {
	s := Series{Name: "loss <&>"}
	for i := range 100000 {
		s.X, s.Y = append(s.X, float64(i)), append(s.Y, 1)
	}
	s.Y[77777] = 100
	s.Y[5] = math.NaN()
	return &Chart{Title: "a run", X: "step", Y: "loss", LogY: log, Series: []Series{s, {Name: "other", X: []float64{1, 2}, Y: []float64{3, 4}, Dots: true}}}
}

// TestChart draws charts whose axes are as wide as can be, and finds the one peak.
func TestChart(t *testing.T) {
	for _, log := range []bool{false, true} {
		c := spiked(log)
		m, err := c.Scene().Image()
		if err != nil {
			t.Fatal(err)
		}
		highest := m.Rect.Max.Y
		for y := range 200 { // above the middle there is the peak alone
			for x := range m.Rect.Max.X {
				if m.NRGBAAt(x, y) == Colors[0] {
					highest = min(highest, y)
				}
			}
		}
		if highest > 60 {
			t.Errorf("log %v: the peak is not drawn: the highest point is at %d", log, highest)
		}
		if text := c.Terminal(80, 20, false); !strings.Contains(text, "a run") || strings.Count(text, "\n") < 20 || strings.Contains(text, "\x1b") {
			t.Errorf("in a terminal:\n%s", text)
		}
	}
	for _, values := range [][]float64{nil, {0}, {5}, {-1, -1}, {math.Inf(1), math.NaN()}, {1e-300, 1e300}, {0, 1e9}} {
		for _, log := range []bool{false, true} {
			c := &Chart{LogX: log, LogY: log, Series: []Series{{X: values, Y: values}}}
			if _, err := c.Scene().Image(); err != nil {
				t.Errorf("%v: %v", values, err)
			}
			c.Terminal(40, 10, true)
		}
	}
}

// TestSVG holds that what is written is well-formed, whatever names say.
func TestSVG(t *testing.T) {
	sheet := &Sheet{Title: "a & b", Tiles: []Tile{{Image: Gray([]float32{0, 1, 0.5, 2}, 2, 2, 1, 0, 1), Name: "<1>", Mark: image.Rect(0, 0, 1, 2)}, {Image: image.NewNRGBA(image.Rect(0, 0, 3, 1))}}}
	matrix := Matrix("which", []string{"<a>", "b"}, [][]int64{{3, 1}, {0, 20000}})
	for name, s := range map[string]*Scene{"chart": spiked(false).Scene(), "sheet": sheet.Scene(), "stack": Stack(sheet.Scene(), matrix)} {
		var b bytes.Buffer
		if err := s.SVG(&b); err != nil {
			t.Fatal(err)
		}
		for d := xml.NewDecoder(&b); ; {
			_, err := d.Token()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		if err := s.PNG(&b); err != nil {
			t.Fatal(err)
		}
		if m, err := png.Decode(&b); err != nil || m.Bounds().Dx() != int(math.Ceil(s.Width)) {
			t.Errorf("%s: %v, error %v", name, m.Bounds(), err)
		}
	}
	for _, w := range []float64{0, math.NaN(), 1e9} {
		if _, err := (&Scene{Width: w, Height: 5}).Image(); err == nil {
			t.Errorf("a picture %v wide", w)
		}
	}
}

func TestGray(t *testing.T) {
	nan := float32(math.NaN())
	m := Gray([]float32{-1, 0, 1, nan}, 2, 2, 1, -1, 1)
	for i, want := range []uint8{0, 128, 255, 128} {
		if got := m.NRGBAAt(i%2, i/2); got != (color.NRGBA{want, want, want, 255}) {
			t.Errorf("pixel %d: %v, want %d", i, got, want)
		}
	}
	if got := Gray([]float32{0, 0.5, 1}, 1, 1, 3, 0, 1).NRGBAAt(0, 0); got != (color.NRGBA{0, 128, 255, 255}) {
		t.Errorf("a pixel of three channels: %v", got)
	}
	if low, high := Span([]float32{nan, 3, -2}); low != -2 || high != 3 {
		t.Errorf("from %v to %v", low, high)
	}
}

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		a    axis
		n    int
		want []float64
	}{
		{axis{low: 0, high: 10}, 5, []float64{0, 2, 4, 6, 8, 10}},
		{axis{low: 0.9, high: 3.1}, 5, []float64{1, 1.5, 2, 2.5, 3}},
		{axis{low: 0.009, high: 110, log: true}, 5, []float64{0.01, 0.1, 1, 10, 100}},
	} {
		if got := c.a.round(c.n); !slices.EqualFunc(got, c.want, func(a, b float64) bool { return math.Abs(a-b) < 1e-9 }) {
			t.Errorf("%v: %v, want %v", c.a, got, c.want)
		}
	}
	for v, want := range map[float64]string{0: "0", 1234: "1234", 20000: "20k", 1e6: "1M", 0.25: "0.25", 1e-5: "1e-05"} {
		if got := tickText(v, 4); got != want {
			t.Errorf("%v is %q, want %q", v, got, want)
		}
	}
}

// Steps of a part of a long run have names of their own.
func TestTickNames(t *testing.T) {
	var names []string
	for _, tick := range (axis{low: 1234500, high: 1234520}).ticks(4) {
		names = append(names, tick.name)
	}
	if want := []string{"1.2345M", "1.234505M", "1.23451M", "1.234515M", "1.23452M"}; !slices.Equal(names, want) {
		t.Errorf("%v, want %v", names, want)
	}
}

// Points without a line between them leave what is between them empty.
func TestDots(t *testing.T) {
	c := &Chart{Series: []Series{{X: []float64{0, 1, 2}, Y: []float64{0, 1, 0}, Dots: true}}}
	if got := strings.Count(c.Terminal(60, 12, false), "⣿"); got != 3 {
		t.Errorf("%d points in a terminal, want 3", got)
	}
	m, err := c.Scene().Image()
	if err != nil {
		t.Fatal(err)
	}
	painted := 0
	for y := range m.Rect.Max.Y {
		for x := range m.Rect.Max.X {
			if m.NRGBAAt(x, y) == Colors[0] {
				painted++
			}
		}
	}
	if painted == 0 || painted > 3*25 {
		t.Errorf("%d pixels are painted for three points", painted)
	}
}

// TestAround wants a line of a tall picture to take no more than the pixels around it, and its color where it is.
func TestAround(t *testing.T) {
	r := &raster{to: image.NewNRGBA(image.Rect(0, 0, 100, 4000)), lines: &vector.Rasterizer{}}
	line{points: []Point{{10, 3000}, {30, 3004}, {-5, 3008}}, width: 3, color: Ink}.raster(r)
	if size := r.lines.Size(); size.X > 33 || size.Y > 15 {
		t.Errorf("a line of 35x8 pixels takes %v", size)
	}
	if got := r.to.NRGBAAt(20, 3002); got != Ink {
		t.Errorf("on the line is %v", got)
	}
	if got := r.to.NRGBAAt(20, 2990); got.A != 0 {
		t.Errorf("above the line is %v", got)
	}
}

func TestSave(t *testing.T) {
	dir := t.TempDir()
	if err := Save(filepath.Join(dir, "a.svg"), spiked(false).Scene()); err != nil {
		t.Error(err)
	}
	old := filepath.Join(dir, "old.png")
	if err := os.WriteFile(old, []byte("picture"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := Save(old, &Scene{Width: 10, Height: largest + 1})
	if text, _ := os.ReadFile(old); err == nil || !strings.Contains(err.Error(), "old.png: a picture of") || string(text) != "picture" {
		t.Errorf("what is too tall: %v; the file holds %q", err, text)
	}
	link := filepath.Join(dir, "link.png")
	if err := os.Symlink("old.png", link); err != nil {
		t.Fatal(err)
	}
	err = Save(link, spiked(false).Scene())
	info, statErr := os.Lstat(link)
	text, _ := os.ReadFile(old)
	if err != nil || statErr != nil || info.Mode()&os.ModeSymlink == 0 || !bytes.HasPrefix(text, []byte("\x89PNG")) {
		t.Errorf("by a link: %v; the link: %v, %v; what it leads to begins with %q", err, info, statErr, text[:min(8, len(text))])
	}
	if err := Save(filepath.Join(dir, "a.jpg"), spiked(false).Scene()); err == nil || !strings.Contains(err.Error(), ".png or .svg") {
		t.Errorf("a name that is neither: %v", err)
	}
	if text := Blocks(Gray([]float32{0, 1, 0, 1}, 2, 2, 1, 0, 1), 80); strings.Count(text, "▀") != 2 {
		t.Errorf("blocks %q", text)
	}
}
