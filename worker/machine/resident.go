package machine

import (
	"io/fs"
	"os"
	"strconv"
)

// Resident is the memory that this process holds, in bytes; 0: the system does not tell.
func Resident() int64 { return resident(os.DirFS("/"), os.Getpagesize()) }

// resident reads the second number of /proc/self/statm: pages.
func resident(root fs.FS, page int) int64 {
	f := fieldsOf(root, "proc/self", "statm")
	if len(f) < 2 {
		return 0
	}
	pages, err := strconv.ParseInt(f[1], 10, 64)
	if err != nil || pages < 0 || pages > 1<<40 {
		return 0
	}
	return pages * int64(page)
}
