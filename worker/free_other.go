//go:build !linux

package worker

// freeBytes is what may still be written where a directory is; -1: the system does not tell.
func freeBytes(string) int64 { return -1 }
