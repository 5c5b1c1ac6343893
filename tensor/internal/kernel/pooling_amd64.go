//go:build !purego

package kernel

// Run computes the maxima of the windows, or with back their gradients, if the tier has assembly for it, and tells whether it
// did.
func (w *Windows) Run(back bool) bool {
	if !Active.HasVectors() {
		return false
	}
	if back {
		maxWindowsBackAVX2(w)
	} else {
		maxWindowsAVX2(w)
	}
	return true
}

// For every window i < w.N and channel j < w.Cols: the taps in order, each by MaxTap.
//
//go:noescape
func maxWindowsAVX2(w *Windows)

// For every window i < w.N and channel j < w.Cols: the taps in order, each by MaxTapBack.
//
//go:noescape
func maxWindowsBackAVX2(w *Windows)

// RunMean computes the means over the windows, or with back their gradients, if the tier has assembly for so many channels,
// and tells whether it did.
func (w *Windows) RunMean(back bool) bool {
	if !Active.MeansOfWindows(w.Cols) {
		return false
	}
	if back {
		meanWindowsBackAVX2(w)
	} else {
		meanWindowsAVX2(w)
	}
	return true
}

// For every window i < w.N and channel j < w.Cols, a multiple of 8: the first tap, plus the others in order, times w.Share.
//
//go:noescape
func meanWindowsAVX2(w *Windows)

// For every window i < w.N and channel j < w.Cols, a multiple of 8: the gradient times w.Share, added to the taps in order, or
// with w.Fill to zeros instead.
//
//go:noescape
func meanWindowsBackAVX2(w *Windows)

// MeansOfWindows tells whether RunMean takes windows of so many channels.
func (t Tier) MeansOfWindows(cols int) bool { return t.HasVectors() && cols > 0 && cols%8 == 0 }

// FillsWindows tells whether Run takes windows that have Fill set.
func (t Tier) FillsWindows() bool { return t.HasVectors() }
