package tensor

import "github.com/rondo-ml/rondo/tensor/internal/kernel"

// plane is the distance from the panels of one element of a patch to those of the next, in values. A gap keeps them off
// one another's cache lines.
func (w *ConvPanels) plane() int { return w.panels()*w.panelSize() + rowGap }

// packTransformed packs a panel into s.x and transforms its taps into a panel for each element of a patch: the first of
// them at dst, the others plane values apart.
func (w *ConvPanels) packTransformed(dst, src []float32, s *imageScratch, first, width int) {
	r := w.floatRoute()
	_, nr := w.on.Shape()
	tap := r.cin * nr
	s.x = sized(s.x, r.kh*r.kw*tap)
	if width < nr {
		clear(s.x)
	}
	for q := 0; q < r.cin; q += channelsAtOnce {
		w.packChannels(s.x, src, s.line, q, min(q+channelsAtOnce, r.cin), first, width)
	}
	kernel.WinogradKernels(dst, s.x, w.plane(), tap, tap)
}
