package tensor

import (
	"math"

	"github.com/rondo-ml/rondo/tensor/internal/kernel"
)

// poolCall is the operands of a pooling layer's kernel.
type poolCall struct {
	s        *Pooling
	y, at, x Matrix // backward y is dy, and x is dx
	countPad bool
	fresh    bool // gradients start from zero, not from x
}

func poolUnits(k *call, lo, hi int) {
	s := k.pooling.s
	back := k.do == doMaxPoolBack || k.do == doAvgPoolBack
	if s.tiles() && s.covers() && k.pooling.atOnce(k.do) {
		if back {
			lo, hi = lo*s.OutH, hi*s.OutH
		}
		k.pooling.rows(k.do, lo, hi)
		return
	}
	if !back {
		for row := lo; row < hi; row++ {
			k.pooling.row(k.do, row)
		}
		return
	}
	for image := lo; image < hi; image++ {
		if k.pooling.fresh {
			k.pooling.x.Slice(image*s.InH*s.InW, (image+1)*s.InH*s.InW).set(nil)
		}
		for oy := range s.OutH {
			k.pooling.row(k.do, image*s.OutH+oy)
		}
	}
}

// row computes a row of outputs, or its gradients.
func (k *poolCall) row(do task, row int) {
	s := k.s
	// The outputs [x0, x1) whose windows lie on the image from side to side.
	x0, x1 := s.across.inside()
	for ox := 0; ox < s.OutW; ox++ {
		if ox == x0 && x0 < x1 && k.inside(do, row, x0, x1) {
			ox = x1 - 1
			continue
		}
		k.window(do, row, ox)
	}
}

// rowsAtOnce bounds the values of y that are computed in one call, during which nothing else can run.
const rowsAtOnce = 1 << 14

// RunMean goes through all taps of 32 channels before it goes on to the next 32. Where a pixel has more than someChannels, each
// of these taps lies in another page of memory; of more than fewTaps the mean is formed pixel by pixel, which reads memory as it
// lies.
const fewTaps, someChannels = 16, 1024

// atOnce tells whether the tier computes several windows that lie on the image in one call.
func (k *poolCall) atOnce(do task) bool {
	if do == doMaxPool || do == doMaxPoolBack {
		return kernel.Active.FillsWindows()
	}
	return kernel.Active.MeansOfWindows(k.y.Cols) && (k.y.Cols <= someChannels || k.s.KH*k.s.KW <= fewTaps)
}

// rows computes rows [lo, hi) of windows that cover the image side by side, or their gradients.
func (k *poolCall) rows(do task, lo, hi int) {
	s := k.s
	if k.y.Cols == 0 {
		return
	}
	for most := max(1, rowsAtOnce/(s.OutW*k.y.Cols)); lo < hi; lo += most {
		w := k.windows(do, lo, 0, s.OutW, 0, s.KH)
		w.N *= min(most, hi-lo)
		run(&w, do)
	}
}

// run computes windows, or their gradients, if the tier can, and tells whether it did.
func run(w *kernel.Windows, do task) bool {
	switch do {
	case doMaxPool, doMaxPoolBack:
		return w.Run(do == doMaxPoolBack)
	}
	return w.RunMean(do == doAvgPoolBack)
}

// inside computes outputs [x0, x1) of a row, or their gradients, at once where the tier can.
func (k *poolCall) inside(do task, row, x0, x1 int) bool {
	kh0, kh1, _ := k.s.down.taps(row % k.s.OutH)
	if kh0 >= kh1 || k.y.Cols == 0 || !k.atOnce(do) {
		return false
	}
	w := k.windows(do, row, x0, x1, kh0, kh1)
	return run(&w, do)
}

// windows are outputs [x0, x1) of a row, which meet rows [kh0, kh1) of taps.
func (k *poolCall) windows(do task, row, x0, x1, kh0, kh1 int) kernel.Windows {
	s := k.s
	iy := row%s.OutH*s.StrideH - s.PadH
	w := kernel.Windows{N: x1 - x0, Across: x1 - x0, Left: x1 - x0, Cols: k.y.Cols, Step: s.StrideW * k.x.Stride, YStep: k.y.Stride,
		AtStep: k.at.Stride, KH: kh1 - kh0, KW: s.KW, Row: s.DilationH * s.InW * k.x.Stride, Pixel: s.DilationW * k.x.Stride,
		First: float32(kh0 * s.KW)}
	w.Down = (s.KH - 1) * w.Row
	w.Square = w.KH == 2 && w.KW == 2
	w.Y = k.y.Data[(row*s.OutW+x0)*k.y.Stride:]
	if k.at.Rows > 0 {
		w.At = k.at.Data[(row*s.OutW+x0)*k.at.Stride:]
	}
	w.Share = k.share(row, x0)
	w.X = k.x.Data[((row/s.OutH*s.InH+iy+kh0*s.DilationH)*s.InW+x0*s.StrideW-s.PadW)*k.x.Stride:]
	w.Careful, w.Fill = math.MaxInt, k.fresh && s.tiles()
	if beside := -w.Cols & 7; w.YStep == w.Cols && w.AtStep == w.Cols && (do == doMaxPool || w.Pixel == w.Cols && w.Cols <= 8) {
		w.Careful = (beside + w.Cols - 1) / w.Cols
	}
	return w
}

// tiles tells whether windows lie side by side.
func (s *Pooling) tiles() bool {
	return s.StrideH == s.KH && s.StrideW == s.KW && s.PadH|s.PadW|s.MoreH|s.MoreW == 0 && s.DilationH*s.DilationW == 1
}

// covers tells whether every pixel is in a window of those.
func (s *Pooling) covers() bool { return s.InH == s.OutH*s.KH && s.InW == s.OutW*s.KW }

// share is what the sum over the window of output ox of a row is multiplied with to be a mean.
func (k *poolCall) share(row, ox int) float32 {
	kh0, kh1, padH := k.s.down.taps(row % k.s.OutH)
	kw0, kw1, padW := k.s.across.taps(ox)
	if k.countPad {
		return 1 / float32(padH*padW)
	}
	return 1 / float32((kh1-kh0)*(kw1-kw0))
}

// window computes output ox of a row, or its gradient.
func (k *poolCall) window(do task, row, ox int) {
	s := k.s
	iy, ix := row%s.OutH*s.StrideH-s.PadH, ox*s.StrideW-s.PadW
	kh0, kh1, _ := s.down.taps(row % s.OutH)
	kw0, kw1, _ := s.across.taps(ox)
	y, first := k.y.Row(row*s.OutW+ox), (row/s.OutH*s.InH+iy)*s.InW+ix
	var at []float32
	if k.at.Rows > 0 {
		at = k.at.Row(row*s.OutW + ox)
	}
	share := k.share(row, ox)
	for kh := kh0; kh < kh1; kh++ {
		for kw := kw0; kw < kw1; kw++ {
			x, tap, begins := k.x.Row(first+kh*s.DilationH*s.InW+kw*s.DilationW), float32(kh*s.KW+kw), kh == kh0 && kw == kw0
			switch {
			case do == doMaxPool && begins:
				copy(y, x)
				kernel.Fill(at, tap)
			case do == doMaxPool:
				kernel.MaxTap(y, at, x, tap)
			case do == doMaxPoolBack:
				kernel.MaxTapBack(x, y, at, tap)
			case do == doAvgPool && begins:
				copy(y, x)
			case do == doAvgPool:
				kernel.Add(y, y, x)
			default:
				kernel.Axpy(x, share, y)
			}
		}
	}
	if do == doAvgPool {
		kernel.Scale(y, y, share)
	}
}
