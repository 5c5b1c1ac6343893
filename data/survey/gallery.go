package survey

import (
	"bytes"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"sync"

	"github.com/rondo-ml/rondo/data/samples"
)

// Gallery draws samples of a set that it opens when it is first asked. It may be used by several goroutines.
type Gallery struct {
	open func() (samples.Source, error)

	mu      sync.Mutex
	opening chan struct{} // closed when the set is open, or cannot be opened; nil: nobody has asked

	// What is known when it is closed.
	set samples.Source
	d   drawer
	err error // why there is nothing to draw

	drawing sync.Mutex // held while samples are read and drawn
}

// NewGallery is one of what open returns.
func NewGallery(open func() (samples.Source, error)) *Gallery { return &Gallery{open: open} }

// galleryCache is how much of the set stays in memory.
const galleryCache = 64 << 20

// Pictures draws samples beside one another in a row, as PNG.
func (g *Gallery) Pictures(list []int) ([]byte, error) {
	<-g.begin()
	if g.err != nil {
		return nil, g.err
	}
	g.drawing.Lock()
	defer g.drawing.Unlock()
	width := g.d.cellWidth() + gap
	sheet := image.NewRGBA(image.Rect(0, 0, max(1, len(list)*width-gap), cellHeight))
	draw.Draw(sheet, sheet.Rect, image.NewUniform(paper), image.Point{}, draw.Src)
	for k, i := range list {
		if i < 0 || i >= g.set.Len() {
			return nil, fmt.Errorf("sample %d of %d", i, g.set.Len())
		}
		sample, err := g.set.At(i)
		if err != nil {
			return nil, err
		}
		g.d.cell(sheet, image.Pt(k*width, 0), sample)
	}
	var out bytes.Buffer
	if err := png.Encode(&out, sheet); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// Draws says whether there is anything to draw. While another one has the set opened that is not known, and not waited for.
func (g *Gallery) Draws() bool {
	select {
	case <-g.begin():
		return g.err == nil
	default:
		return false
	}
}

// begin opens the set, unless another one does.
func (g *Gallery) begin() chan struct{} {
	g.mu.Lock()
	first := g.opening == nil
	if first {
		g.opening = make(chan struct{})
	}
	g.mu.Unlock()
	if first {
		defer close(g.opening)
		g.openSet()
	}
	return g.opening
}

// openSet opens the set. What cannot be opened is not tried again.
func (g *Gallery) openSet() {
	set, err := g.open()
	if err == nil && set == nil {
		err = ErrNothingToDraw
	}
	if err != nil {
		g.err = fmt.Errorf("the held-out set cannot be shown: %w", err)
		return
	}
	if stored, ok := set.(*samples.Set); ok {
		stored.Cache(galleryCache)
	}
	g.d = drawer{schema: set.Schema()}
	if !g.d.find() {
		g.err = ErrNothingToDraw
		return
	}
	g.set = set
}
