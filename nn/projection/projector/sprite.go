package projector

import (
	"bytes"
	"fmt"
	"image"
	_ "image/jpeg" // sprites of others
	"image/png"
	"math"
	"path/filepath"
)

// Sprite is one picture with a small one of each point, row by row.
type Sprite struct {
	Image  []byte `json:"-"` // PNG or JPEG
	Width  int    `json:"width"`
	Height int    `json:"height"` // of each small one
	Across int    `json:"across"` // small ones in a row
}

// mostSprite is the side of the largest sprite: TensorBoard's page takes no larger one.
const mostSprite = 8192

// Type is the kind of file that it is.
func (s *Sprite) Type() string {
	if bytes.HasPrefix(s.Image, []byte("\xff\xd8")) {
		return "image/jpeg"
	}
	return "image/png"
}

// check says whether the picture has room for n small ones.
func (s *Sprite) check(n int) error {
	c, _, err := image.DecodeConfig(bytes.NewReader(s.Image))
	if err != nil {
		return err
	}
	if c.Width > mostSprite || c.Height > mostSprite {
		return fmt.Errorf("%d×%d pixels; at most %d×%d", c.Width, c.Height, mostSprite, mostSprite)
	}
	if s.Width < 1 || s.Height < 1 || s.Width > c.Width || s.Height > c.Height {
		return fmt.Errorf("pictures of %d×%d in one of %d×%d", s.Width, s.Height, c.Width, c.Height)
	}
	if s.Across = c.Width / s.Width; s.Across*(c.Height/s.Height) < n {
		return fmt.Errorf("room for %d pictures of %d×%d, and there are %d points", s.Across*(c.Height/s.Height), s.Width, s.Height, n)
	}
	return nil
}

// readSprite reads what a config names.
func (s *Set) readSprite(dir string, c spriteConfig) error {
	path, err := in(dir, c.Path)
	if err != nil {
		return err
	}
	b, err := readFile(path, mostBytes)
	if err != nil {
		return err
	}
	if len(c.Size) != 2 {
		return fmt.Errorf("sprite: pictures of size %v; want width and height", c.Size)
	}
	p := &Sprite{Image: b, Width: c.Size[0], Height: c.Size[1]}
	if err := p.check(s.Points.Rows); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	s.Sprite = p
	return nil
}

func (s *Sprite) name() string {
	if s.Type() == "image/jpeg" {
		return "sprite.jpg"
	}
	return "sprite.png"
}

// SpriteMaker draws small pictures into one.
type SpriteMaker struct {
	sprite Sprite
	canvas *image.RGBA
	n      int
}

// NewSpriteMaker makes room for n pictures of a size, or smaller ones where these make one larger than side.
func NewSpriteMaker(n, width, height, side int) *SpriteMaker {
	across := max(1, int(math.Ceil(math.Sqrt(float64(n)))))
	scale := min(1, float64(min(side, mostSprite)/across)/float64(max(width, height)))
	m := &SpriteMaker{sprite: Sprite{Width: max(1, int(float64(width)*scale)), Height: max(1, int(float64(height)*scale)), Across: across}}
	m.canvas = image.NewRGBA(image.Rect(0, 0, across*m.sprite.Width, (n+across-1)/across*m.sprite.Height))
	return m
}

// Add draws the next picture: height × width pixels of 1, 3 or 4 bytes each, averaged where they are made smaller.
func (m *SpriteMaker) Add(pixels []byte, width, height, channels int) {
	left, top := m.n%m.sprite.Across*m.sprite.Width, m.n/m.sprite.Across*m.sprite.Height
	m.n++
	for y := range m.sprite.Height {
		for x := range m.sprite.Width {
			var c [4]byte
			for k := range min(channels, 3) {
				c[k] = average(pixels, width, channels, k, x*width/m.sprite.Width, (x+1)*width/m.sprite.Width,
					y*height/m.sprite.Height, (y+1)*height/m.sprite.Height)
			}
			if channels < 3 {
				c[1], c[2] = c[0], c[0]
			}
			c[3] = 255
			copy(m.canvas.Pix[m.canvas.PixOffset(left+x, top+y):], c[:])
		}
	}
}

// average is the mean of a channel over a box.
func average(pixels []byte, width, channels, k, left, right, top, bottom int) byte {
	sum, n := 0, 0
	for y := top; y < max(bottom, top+1); y++ {
		for x := left; x < max(right, left+1); x++ {
			sum += int(pixels[(y*width+x)*channels+k])
			n++
		}
	}
	return byte((sum + n/2) / n)
}

// Sprite is what was drawn.
func (m *SpriteMaker) Sprite() *Sprite {
	var b bytes.Buffer
	_ = png.Encode(&b, m.canvas) // to memory
	s := m.sprite
	s.Image = b.Bytes()
	return &s
}

// readBookmarks reads what a config names: states of TensorBoard's page, which that page alone understands.
func (s *Set) readBookmarks(dir, name string) error {
	path, err := in(dir, name)
	if err != nil {
		return err
	}
	b, err := readFile(path, mostBytes)
	if err != nil {
		return err
	}
	if err := checkBookmarks(b); err != nil {
		return fmt.Errorf("%s: %w", filepath.ToSlash(path), err)
	}
	s.Bookmarks = b
	return nil
}
