package kernel

// Windows are neighbours in a row whose taps are all on the image from side to side, or several such rows one below the
// other. Assembly reads the fields by the offsets in go_asm.h.
type Windows struct {
	Y, At, X      []float32 // from the first window's on; backward y is dy, and x is dx
	N, Cols       int       // windows in all, and channels
	Across, Left  int       // windows in a row, and how many of this row are left
	Down          int       // in x, from the end of a row of windows to the next one's first
	Step          int       // in x, from one window to the next
	YStep, AtStep int
	KH, KW        int // rows of taps on the image, and taps of a row
	Row, Pixel    int // in x, from one row of taps to the next, and from one tap
	First         float32

	// whole vectors may be stored while more windows than this are left, backward in the row: what is too much is
	// overwritten later.
	Careful int
	Fill    bool // the gradients of all taps are set, not added to
	Square  bool // two rows of two taps
}

// MaxTap takes in the values x of another tap.
func MaxTap(best, at, x []float32, tap float32) {
	for i := vectorMaxTap(best, at, x, tap); i < len(best); i++ {
		if !(x[i] <= best[i]) && best[i] == best[i] {
			best[i], at[i] = x[i], tap
		}
	}
}

// MaxTapBack adds the gradients of those windows whose maximum was this tap, and zero for the others.
func MaxTapBack(dx, dy, at []float32, tap float32) {
	for i := vectorMaxTapBack(dx, dy, at, tap); i < len(dx); i++ {
		var g float32
		if at[i] == tap {
			g = dy[i]
		}
		dx[i] += g
	}
}
