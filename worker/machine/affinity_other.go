//go:build !linux

package machine

// Allowed are the processors on which this process may run; nil: the system does not tell.
func Allowed() []int { return nil }

// On calls f; processes are bound to processors on Linux alone.
func On(_ []int, f func() error) error { return f() }
