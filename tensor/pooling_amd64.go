//go:build !purego

package tensor

// run computes the windows' maxima, or with back their gradients, and tells whether it did.
func (w *windows) run(back bool) bool {
	if !active.vectors() {
		return false
	}
	if back {
		maxWindowsBackAVX2(w)
	} else {
		maxWindowsAVX2(w)
	}
	return true
}

// For every window i < w.n and channel j < w.cols: the taps in order, each as maxTap takes it in.
//
//go:noescape
func maxWindowsAVX2(w *windows)

// For every window i < w.n and channel j < w.cols: the taps in order, each as maxTapBack does it.
//
//go:noescape
func maxWindowsBackAVX2(w *windows)

// fillsWindows tells whether run takes windows with fill.
func (t tier) fillsWindows() bool { return t.vectors() }
