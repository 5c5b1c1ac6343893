//go:build !unix

package files

import (
	"io/fs"
	"path/filepath"
)

// identity tells files apart: by path with links resolved. Hard links are files of their own here.
type identity string

func identify(path string, _ fs.FileInfo) identity {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	return identity(path)
}
