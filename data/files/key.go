package files

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"path/filepath"
	"strings"
)

// relative is p as seen from base, slash-separated, wherever the program runs.
func relative(base, p string) (string, error) {
	base, err := filepath.Abs(base)
	if err == nil {
		p, err = filepath.Abs(p)
	}
	if err == nil {
		p, err = filepath.Rel(base, p)
	}
	if err != nil {
		return "", fmt.Errorf("cannot read the data: %w", err)
	}
	return filepath.ToSlash(p), nil
}

// absolute is the one spelling of a path that tells whether two paths are the same.
func absolute(p string) string {
	if abs, err := filepath.Abs(p); err == nil {
		return abs
	}
	return filepath.Clean(p)
}

// sharedDir is the deepest directory that all files are in, so that the files a/x and b/x have the keys a/x and b/x
// wherever they lie.
func sharedDir(files []string) (string, error) {
	dir := ""
	for i, f := range files {
		abs, err := filepath.Abs(f)
		if err != nil {
			return "", fmt.Errorf("cannot read the data: %w", err)
		}
		if i == 0 {
			dir = filepath.Dir(abs)
		}
		for !strings.HasPrefix(abs, strings.TrimSuffix(dir, string(filepath.Separator))+string(filepath.Separator)) {
			parent := filepath.Dir(dir)
			if parent == dir {
				break // two roots
			}
			dir = parent
		}
	}
	return dir, nil
}

// Draw is a number in [0, 1) that depends on the key alone: a file is held out if its draw is less than the fraction to
// hold out, so it stays where it is while others come and go.
func Draw(key string) float64 { return DrawOf(sha256.Sum256([]byte(key))) }

// DrawOf is [Draw] of a key by its SHA-256.
func DrawOf(sum [sha256.Size]byte) float64 {
	return float64(binary.BigEndian.Uint64(sum[:])>>11) / (1 << 53)
}
