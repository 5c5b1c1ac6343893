package worker

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// removeStale removes the sockets that killed workers of this name left in a
// directory: those on which nobody listens. One that cannot be removed is in
// nobody's way.
func removeStale(dir, worker string) {
	files, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, f := range files {
		middle, ours := strings.CutPrefix(f.Name(), worker+"-")
		suffix, socket := strings.CutSuffix(middle, ".sock")
		if !ours || !socket || len(suffix) != socketSuffix || f.Type()&os.ModeSocket == 0 {
			continue
		}
		path := filepath.Join(dir, f.Name())
		conn, err := net.Dial("unix", path)
		if err == nil {
			conn.Close()
		} else if errors.Is(err, syscall.ECONNREFUSED) {
			_ = os.Remove(path)
		}
	}
}
