package kernel

// Windows are N windows of a pooling, neighbours in a row whose taps are all on the image from side to side, or several such
// rows of Across windows, one below the other. Values are [pixel, channel], Cols channels each. Backward Y is dy and X is dx.
// Assembly reads the fields by the offsets in go_asm.h.
type Windows struct {
	Y, At, X      []float32 // from the first window on: the maxima, the numbers of their taps, and the input
	N, Cols       int
	Across, Left  int // windows in a row, and how many of the row at hand are left
	Down          int // in X, from the end of a row of windows to the first window of the next
	Step          int // in X, from one window to the next
	YStep, AtStep int
	KH, KW        int     // rows of taps on the image, and taps of a row
	Row, Pixel    int     // in X, from one row of taps to the next, and from one tap to the next
	First         float32 // the number of the first tap
	Skip          float32 // what lies between the numbers of the last tap of a row and the first of the next
	Share         float32 // what RunMean multiplies with

	// While more than Careful windows are left (backward: in the row), whole vectors are stored: what these write too much is
	// overwritten by the windows that follow. The last ones are stored value by value.
	Careful int
	Fill    bool // backward: the gradients of all taps are set, not added to
	Square  bool // two rows of two taps
}

// MaxTap compares the values x of one more tap with the maxima best so far, whose taps at has.
func MaxTap(best, at, x []float32, tap float32) {
	for i := vectorMaxTap(best, at, x, tap); i < len(best); i++ {
		if !(x[i] <= best[i]) && best[i] == best[i] {
			best[i], at[i] = x[i], tap
		}
	}
}

// MaxTapBack adds dy where the maximum was this tap, and zero elsewhere.
func MaxTapBack(dx, dy, at []float32, tap float32) {
	for i := vectorMaxTapBack(dx, dy, at, tap); i < len(dx); i++ {
		var g float32
		if at[i] == tap {
			g = dy[i]
		}
		dx[i] += g
	}
}
