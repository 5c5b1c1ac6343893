//go:build !linux || !(amd64 || arm64)

package shard

import "os"

func startWriting(*os.File, int64, int64) {}
