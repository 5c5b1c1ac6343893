//go:build !amd64 || purego

package tensor

func (w *windows) run(bool) bool { return false }

func (t tier) fillsWindows() bool { return false }
