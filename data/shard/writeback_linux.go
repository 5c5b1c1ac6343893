//go:build amd64 || arm64

package shard

import (
	"os"
	"syscall"
)

// startWriting asks the system to begin to write these bytes of f to the disk, so that the sync at the end of a shard has
// little to wait for. Whether it does so is its affair.
func startWriting(f *os.File, from, n int64) {
	const write = 2 // SYNC_FILE_RANGE_WRITE
	_ = syscall.SyncFileRange(int(f.Fd()), from, n, write)
}
