//go:build !amd64 || purego

package kernel

// Run computes nothing without assembly.
func (s *Stencil) Run(_ []float32, _ int, _ []float32, _, _ int, _ bool) bool { return false }
