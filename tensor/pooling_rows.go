package tensor

import "math"

// poolCall is the operands of a pooling layer's kernel.
type poolCall struct {
	s        *Pooling
	y, at, x Matrix // backward y is dy, and x is dx
	countPad bool
	fresh    bool // gradients start from zero, not from x
}

func poolUnits(k *call, lo, hi int) {
	s := k.pooling.s
	if s.tiles() && s.covers() && (k.do == doMaxPool || k.do == doMaxPoolBack) && active.fillsWindows() {
		if k.do == doMaxPoolBack {
			lo, hi = lo*s.OutH, hi*s.OutH
		}
		k.pooling.rows(k.do, lo, hi)
		return
	}
	if k.do != doMaxPoolBack && k.do != doAvgPoolBack {
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

// windows are neighbours in a row whose taps are all on the image from side to side, or several such rows one below the
// other. Assembly reads the fields by the offsets in go_asm.h.
type windows struct {
	y, at, x      []float32 // from the first window's on; backward y is dy, and x is dx
	n, cols       int       // windows in all, and channels
	across, left  int       // windows in a row, and how many of this row are left
	down          int       // in x, from the end of a row of windows to the next one's first
	step          int       // in x, from one window to the next
	yStep, atStep int
	kh, kw        int // rows of taps on the image, and taps of a row
	row, pixel    int // in x, from one row of taps to the next, and from one tap
	first         float32

	// whole vectors may be stored while more windows than this are left, backward in the row: what is too much is
	// overwritten later.
	careful int
	fill    bool // the gradients of all taps are set, not added to
	square  bool // two rows of two taps
}

// row computes a row of outputs, or its gradients.
func (k *poolCall) row(do kernel, row int) {
	s := k.s
	// The outputs [x0, x1) whose windows lie on the image from side to side.
	x0 := (s.PadW + s.StrideW - 1) / s.StrideW
	x1 := min(s.OutW, (s.InW+s.PadW-s.KW)/s.StrideW+1)
	for ox := 0; ox < s.OutW; ox++ {
		if ox == x0 && x0 < x1 && (do == doMaxPool || do == doMaxPoolBack) && k.inside(do, row, x0, x1) {
			ox = x1 - 1
			continue
		}
		k.window(do, row, ox)
	}
}

// rowsAtOnce bounds the values of y that are computed in one call, during which nothing else can run.
const rowsAtOnce = 1 << 14

// rows computes rows [lo, hi) of maxima of windows that cover the image side by side, or their gradients.
func (k *poolCall) rows(do kernel, lo, hi int) {
	s := k.s
	if k.y.Cols == 0 {
		return
	}
	for most := max(1, rowsAtOnce/(s.OutW*k.y.Cols)); lo < hi; lo += most {
		w := k.windows(do, lo, 0, s.OutW, 0, s.KH)
		w.n *= min(most, hi-lo)
		w.run(do == doMaxPoolBack)
	}
}

// inside computes outputs [x0, x1) of a row of maxima, or their gradients, at once where the tier can.
func (k *poolCall) inside(do kernel, row, x0, x1 int) bool {
	s := k.s
	iy := row%s.OutH*s.StrideH - s.PadH
	kh0, kh1 := max(0, -iy), min(s.KH, s.InH-iy)
	if kh0 >= kh1 || k.y.Cols == 0 {
		return false
	}
	w := k.windows(do, row, x0, x1, kh0, kh1)
	return w.run(do == doMaxPoolBack)
}

// windows are outputs [x0, x1) of a row, which meet rows [kh0, kh1) of taps.
func (k *poolCall) windows(do kernel, row, x0, x1, kh0, kh1 int) windows {
	s := k.s
	iy := row%s.OutH*s.StrideH - s.PadH
	w := windows{n: x1 - x0, across: x1 - x0, left: x1 - x0, cols: k.y.Cols, step: s.StrideW * k.x.Stride, yStep: k.y.Stride,
		atStep: k.at.Stride, kh: kh1 - kh0, kw: s.KW, row: s.InW * k.x.Stride, pixel: k.x.Stride, first: float32(kh0 * s.KW)}
	w.down = (s.KH - 1) * w.row
	w.square = w.kh == 2 && w.kw == 2
	w.y, w.at = k.y.Data[(row*s.OutW+x0)*k.y.Stride:], k.at.Data[(row*s.OutW+x0)*k.at.Stride:]
	w.x = k.x.Data[((row/s.OutH*s.InH+iy+kh0)*s.InW+x0*s.StrideW-s.PadW)*k.x.Stride:]
	w.careful, w.fill = math.MaxInt, k.fresh && s.tiles()
	if beside := -w.cols & 7; w.yStep == w.cols && w.atStep == w.cols && (do == doMaxPool || w.pixel == w.cols && w.cols <= 8) {
		w.careful = (beside + w.cols - 1) / w.cols
	}
	return w
}

// tiles tells whether windows lie side by side.
func (s *Pooling) tiles() bool { return s.StrideH == s.KH && s.StrideW == s.KW && s.PadH+s.PadW == 0 }

// covers tells whether every pixel is in a window of those.
func (s *Pooling) covers() bool { return s.InH == s.OutH*s.KH && s.InW == s.OutW*s.KW }

// window computes output ox of a row, or its gradient.
func (k *poolCall) window(do kernel, row, ox int) {
	s := k.s
	iy, ix := row%s.OutH*s.StrideH-s.PadH, ox*s.StrideW-s.PadW
	kh0, kh1, kw0, kw1 := max(0, -iy), min(s.KH, s.InH-iy), max(0, -ix), min(s.KW, s.InW-ix)
	y, first := k.y.Row(row*s.OutW+ox), (row/s.OutH*s.InH+iy)*s.InW+ix
	var at []float32
	if k.at.Rows > 0 {
		at = k.at.Row(row*s.OutW + ox)
	}
	share := 1 / float32((kh1-kh0)*(kw1-kw0))
	if k.countPad {
		share = 1 / float32(s.KH*s.KW)
	}
	for kh := kh0; kh < kh1; kh++ {
		for kw := kw0; kw < kw1; kw++ {
			x, tap, begins := k.x.Row(first+kh*s.InW+kw), float32(kh*s.KW+kw), kh == kh0 && kw == kw0
			switch {
			case do == doMaxPool && begins:
				copy(y, x)
				Fill(at, tap)
			case do == doMaxPool:
				maxTap(y, at, x, tap)
			case do == doMaxPoolBack:
				maxTapBack(x, y, at, tap)
			case do == doAvgPool && begins:
				copy(y, x)
			case do == doAvgPool:
				Add(y, y, x)
			default:
				Axpy(x, share, y)
			}
		}
	}
	if do == doAvgPool {
		Scale(y, y, share)
	}
}

// maxTap takes in the values x of another tap.
func maxTap(best, at, x []float32, tap float32) {
	for i := vectorMaxTap(best, at, x, tap); i < len(best); i++ {
		if !(x[i] <= best[i]) && best[i] == best[i] {
			best[i], at[i] = x[i], tap
		}
	}
}

// maxTapBack adds the gradients of those windows whose maximum was this tap, and zero for the others.
func maxTapBack(dx, dy, at []float32, tap float32) {
	for i := vectorMaxTapBack(dx, dy, at, tap); i < len(dx); i++ {
		var g float32
		if at[i] == tap {
			g = dy[i]
		}
		dx[i] += g
	}
}
