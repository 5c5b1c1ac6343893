//go:build !linux

package advertise

// Network identifies this process's loopback: processes that reach each other at
// 127.0.0.1 get the same text.
func Network() string { return hostname() }
