package draw

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Point is a place in a scene, in pixels from its left upper corner.
type Point struct{ X, Y float64 }

// Anchor says which end of a text is at its place.
type Anchor uint8

// The ends.
const (
	Start Anchor = iota
	Middle
	End
)

// Scene is what is drawn, from back to front.
type Scene struct {
	Width, Height float64
	items         []item
}

// item is one of line, box, text and picture.
type item interface {
	svg(w *strings.Builder)
	raster(r *raster)
}

type (
	line struct {
		points []Point
		width  float64
		color  color.NRGBA
	}
	box struct {
		at            Point
		width, height float64
		color         color.NRGBA
	}
	text struct {
		at     Point
		text   string
		anchor Anchor
		turned bool // read from below upwards
		bold   bool
		color  color.NRGBA
	}
	picture struct {
		at            Point
		width, height float64
		image         image.Image
	}
)

// What a page is drawn in.
var (
	Paper = color.NRGBA{255, 255, 255, 255}
	Ink   = color.NRGBA{27, 31, 39, 255}
	Soft  = color.NRGBA{92, 100, 112, 255}
	Faint = color.NRGBA{228, 231, 236, 255}
)

// Colors tell series apart, for people who see few colors too.
var Colors = []color.NRGBA{
	{51, 88, 196, 255}, {217, 72, 15, 255}, {23, 140, 125, 255}, {154, 106, 201, 255},
	{178, 122, 0, 255}, {195, 95, 146, 255}, {71, 156, 77, 255}, {92, 100, 112, 255},
}

// Line draws a line through points. It ends at one that is not finite and begins again behind it.
func (s *Scene) Line(points []Point, width float64, c color.NRGBA) {
	var run []Point
	for _, p := range points {
		if p.X-p.X != 0 || p.Y-p.Y != 0 {
			s.run(run, width, c)
			run = nil
			continue
		}
		run = append(run, p)
	}
	s.run(run, width, c)
}

func (s *Scene) run(points []Point, width float64, c color.NRGBA) {
	switch len(points) {
	case 0:
	case 1: // a dot
		s.Box(Point{points[0].X - width, points[0].Y - width}, 2*width, 2*width, c)
	default:
		s.items = append(s.items, line{points, width, c})
	}
}

// Box fills a rectangle.
func (s *Scene) Box(at Point, width, height float64, c color.NRGBA) {
	s.items = append(s.items, box{at, width, height, c})
}

// Text writes a line of text whose baseline is at a place.
func (s *Scene) Text(at Point, t string, a Anchor, c color.NRGBA) {
	s.items = append(s.items, text{at: at, text: t, anchor: a, color: c})
}

// Title is a text in bold.
func (s *Scene) Title(at Point, t string) {
	s.items = append(s.items, text{at: at, text: t, bold: true, color: Ink})
}

// Turned is a text that is read from below upwards.
func (s *Scene) Turned(at Point, t string, a Anchor, c color.NRGBA) {
	s.items = append(s.items, text{at: at, text: t, anchor: a, turned: true, color: c})
}

// Picture draws an image so large; each of its pixels stays a square.
func (s *Scene) Picture(at Point, width, height float64, m image.Image) {
	s.items = append(s.items, picture{at, width, height, m})
}

// The size of letters, which are of one width.
const (
	letterWidth  = 7
	letterHeight = 13
)

// textWidth is the width of a text.
func textWidth(t string) float64 { return float64(letterWidth * len([]rune(t))) }

// Check returns an error when a path is no name of a picture that can be written.
func Check(path string) error {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".png", ".svg":
		return nil
	}
	return fmt.Errorf("%s: pictures are written as .png or .svg", path)
}

// Save writes the scene to a file, as its name says: .png or .svg. A scene that cannot be drawn leaves the file as it was.
func Save(path string, s *Scene) error {
	if err := Check(path); err != nil {
		return err
	}
	var write func(io.Writer) error = s.PNG
	if strings.EqualFold(filepath.Ext(path), ".svg") {
		write = s.SVG
	}
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return replace(path, b.Bytes())
}

// replace puts a file in the place of another once it is whole. Who may read it is as for any new file.
func replace(path string, text []byte) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return os.WriteFile(path, text, 0o666) // a pipe, or /dev/stdout
	}
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target // a link stays, and what it leads to is replaced
	}
	f, err := os.OpenFile(fmt.Sprintf("%s.%d.part", path, os.Getpid()), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s: there is no directory %s; make it first", path, filepath.Dir(path))
	case err != nil:
		return fmt.Errorf("%s: %w", path, errors.Unwrap(err)) // without the name for the time of writing
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("%s: %w", path, err), os.Remove(f.Name()))
	}
	return nil
}

// placed is a scene in another.
type placed struct {
	at    Point
	scene *Scene
}

// Stack puts scenes below one another.
func Stack(scenes ...*Scene) *Scene {
	all := &Scene{}
	for _, s := range scenes {
		all.items = append(all.items, placed{Point{0, all.Height}, s})
		all.Width, all.Height = max(all.Width, s.Width), all.Height+s.Height
	}
	return all
}
