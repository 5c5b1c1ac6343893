//go:build !purego

package kernel

import "unsafe"

// Run computes all outputs of the stencil, each by Weigh, if the tier has assembly for so many channels, and tells whether it
// did. Pixels of cols channels are yStep apart in y and xStep in x; with add, y has the sums added to it.
func (s *Stencil) Run(y []float32, yStep int, x []float32, xStep, cols int, add bool) bool {
	if !Active.HasVectors() || len(s.First) == 0 || cols == 0 || cols%8 != 0 {
		return false
	}
	stencilAVX2(s, unsafe.SliceData(y), unsafe.SliceData(x), yStep, xStep, cols, add)
	return true
}

// For every output: Weigh of cols channels, a multiple of 8, into y, or with add added to it.
//
//go:noescape
func stencilAVX2(s *Stencil, y, x *float32, yStep, xStep, cols int, add bool)
