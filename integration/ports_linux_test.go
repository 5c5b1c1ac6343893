package integration

import (
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// listening returns the addresses of the TCP ports on which a process listens,
// as the kernel lists them.
func (l *Lab) listening(pid int) []string {
	l.t.Helper()
	inodes := map[string]bool{}
	fds, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	if err != nil || len(fds) == 0 {
		l.t.Fatalf("process %d has no open files (%v)", pid, err)
	}
	for _, fd := range fds {
		if target, err := os.Readlink(fd); err == nil { // it may have been closed since
			if inode, ok := strings.CutPrefix(target, "socket:["); ok {
				inodes[strings.TrimSuffix(inode, "]")] = true
			}
		}
	}
	var addrs []string
	for _, table := range []string{"tcp", "tcp6"} {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/net/%s", pid, table))
		if err != nil {
			continue // no such protocol here
		}
		for line := range strings.SplitSeq(string(text), "\n") {
			f := strings.Fields(line)
			const listen = "0A"
			if len(f) > 9 && f[3] == listen && inodes[f[9]] {
				addrs = append(addrs, l.kernelAddr(f[1]))
			}
		}
	}
	slices.Sort(addrs)
	return addrs
}

// kernelAddr turns 0100007F:1F90 into 127.0.0.1:8080.
func (l *Lab) kernelAddr(text string) string {
	l.t.Helper()
	host, port, _ := strings.Cut(text, ":")
	n, err := strconv.ParseUint(port, 16, 16)
	b, err2 := hex.DecodeString(host)
	if err != nil || err2 != nil {
		l.t.Fatalf("address %q of the kernel's table", text)
	}
	if len(b) != 4 {
		return fmt.Sprintf("[%s]:%d", host, n)
	}
	return fmt.Sprintf("%d.%d.%d.%d:%d", b[3], b[2], b[1], b[0], n)
}
