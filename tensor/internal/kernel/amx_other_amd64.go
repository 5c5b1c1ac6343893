//go:build !linux && !purego

package kernel

func hasAMX() bool { return false }
