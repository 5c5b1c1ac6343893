package survey

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"strings"

	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"

	"github.com/rondo-ml/rondo/data/samples"
)

// Layout of a sheet in pixels.
const (
	cellHeight = 96
	gap        = 4
	letter     = 7 // width of a character
	line       = 13
	widestName = 24  // characters
	mostRows   = 200 // groups that are drawn
	mostPixels = 1 << 27
)

var (
	paper = color.RGBA{250, 250, 248, 255}
	ink   = color.RGBA{30, 30, 30, 255}
	shade = color.RGBA{228, 228, 224, 255}
)

// ErrNothingToDraw is the error of a sheet of samples without images, sounds or frames.
var ErrNothingToDraw = errors.New("nothing to draw: no image, sound or frames in the samples")

// Sheet draws the first samples of every group, as many as were remembered, a row a group with its name and how many
// samples it has: images with their masks beside them, sounds as waves from -1 to 1, frames as columns of grey. Of more
// than 200 groups it draws the first 200.
func (s *Survey) Sheet() (image.Image, error) {
	if s.Kind != samples.Kind {
		return nil, fmt.Errorf("%s: a set of %s has no pictures to draw", s.Dir, s.Kind)
	}
	set, err := samples.Open(s.Dir)
	if err != nil {
		return nil, err
	}
	d := drawer{schema: set.Schema()}
	if !d.find() {
		return nil, ErrNothingToDraw
	}
	groups := s.Groups[:min(len(s.Groups), mostRows)]
	cells := 1
	for _, g := range groups {
		cells = max(cells, len(g.First))
	}
	perRow := cells
	if len(s.Groups) == 1 { // one group fills a square
		perRow = max(1, min(cells, 8))
	}
	rows := 0
	for _, g := range groups {
		rows += max(1, (len(g.First)+perRow-1)/perRow)
	}
	side := d.nameWidth(groups)
	size := image.Rect(0, 0, side+perRow*(d.cellWidth()+gap)+gap, rows*(cellHeight+gap)+gap)
	if size.Dx()*size.Dy() > mostPixels {
		return nil, fmt.Errorf("a sheet of %d×%d pixels, more than %d; fewer examples of each class make a smaller one", size.Dx(), size.Dy(), mostPixels)
	}
	sheet := image.NewRGBA(size)
	draw.Draw(sheet, sheet.Rect, image.NewUniform(paper), image.Point{}, draw.Src)
	top := gap
	for _, g := range groups {
		write(sheet, gap, top+line, shortened(g.Name))
		write(sheet, gap, top+2*line+gap, fmt.Sprint(g.Count))
		for k, i := range g.First {
			sample, err := set.At(i)
			if err != nil {
				return nil, err
			}
			at := image.Pt(side+k%perRow*(d.cellWidth()+gap), top+k/perRow*(cellHeight+gap))
			d.cell(sheet, at, sample)
		}
		top += max(1, (len(g.First)+perRow-1)/perRow) * (cellHeight + gap)
	}
	return sheet, nil
}

// drawer draws samples of one schema.
type drawer struct {
	schema samples.Schema
	main   int // the part that is drawn
	mask   int // the part that is drawn beside it, or -1
}

// find finds the parts to draw, and says whether there are any.
func (d *drawer) find() bool {
	d.mask = -1
	for _, name := range []string{"image", "sound", "frames"} {
		d.main = d.schema.Part(name)
		if d.main >= 0 && d.fits(d.schema.Parts[d.main]) {
			break
		}
		d.main = -1
	}
	if d.main < 0 {
		return false
	}
	if i := d.schema.Part("mask"); i >= 0 && d.schema.Parts[d.main].Name == "image" {
		if p := d.schema.Parts[i]; p.Element == samples.Uint8 && len(p.Shape) == 2 {
			d.mask = i
		}
	}
	return true
}

// fits says whether a part has the form that its name promises.
func (d *drawer) fits(p samples.Part) bool {
	switch p.Name {
	case "image":
		return p.Element == samples.Uint8 && len(p.Shape) == 3 && (p.Shape[2] == 1 || p.Shape[2] == 3)
	case "sound":
		return (p.Element == samples.Int16 || p.Element == samples.Float32) && len(p.Shape) == 1
	}
	return p.Element == samples.Float32 && len(p.Shape) == 2
}

func (d *drawer) cellWidth() int {
	switch {
	case d.mask >= 0:
		return 2*cellHeight + 1
	case d.schema.Parts[d.main].Name == "image":
		return cellHeight
	}
	return 2 * cellHeight
}

// nameWidth is the room that names take at the left.
func (d *drawer) nameWidth(groups []Group) int {
	n := 0
	for _, g := range groups {
		n = max(n, len([]rune(shortened(g.Name))), len(fmt.Sprint(g.Count)))
	}
	return n*letter + 3*gap
}

// shortened is a name with room on the sheet, in the characters that it can write.
func shortened(name string) string {
	name = strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, name)
	if len(name) > widestName {
		return name[:widestName-1] + "~"
	}
	return name
}

func write(m draw.Image, x, baseline int, text string) {
	d := font.Drawer{Dst: m, Src: image.NewUniform(ink), Face: basicfont.Face7x13, Dot: fixed.P(x, baseline)}
	d.DrawString(text)
}
