//go:build !purego

package kernel

// Run computes the windows' maxima, or with back their gradients, and tells whether it did.
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

// For every window i < w.n and channel j < w.cols: the taps in order, each as maxTap takes it in.
//
//go:noescape
func maxWindowsAVX2(w *Windows)

// For every window i < w.n and channel j < w.cols: the taps in order, each as maxTapBack does it.
//
//go:noescape
func maxWindowsBackAVX2(w *Windows)

// FillsWindows tells whether run takes windows with fill.
func (t Tier) FillsWindows() bool { return t.HasVectors() }
