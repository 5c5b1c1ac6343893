//go:build unix

package files

import (
	"io/fs"
	"syscall"
)

// identity tells files apart: by device and inode, so that links are one file with what they lead to.
type identity struct{ device, inode uint64 }

func identify(_ string, info fs.FileInfo) identity {
	st := info.Sys().(*syscall.Stat_t) // os.Stat gives no other
	return identity{uint64(st.Dev), uint64(st.Ino)}
}
