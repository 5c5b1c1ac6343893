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

// FillsWindows tells whether Run takes windows that have Fill set.
func (t Tier) FillsWindows() bool { return t.HasVectors() }
