package advertise

import (
	"os"
	"strings"
)

// Network identifies this process's loopback: processes that reach each other at
// 127.0.0.1 get the same text. Hosts may share a name, and the containers of a
// host have loopbacks of their own.
func Network() string {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return hostname()
	}
	space, err := os.Readlink("/proc/self/ns/net")
	if err != nil {
		return hostname()
	}
	return strings.TrimSpace(string(boot)) + " " + space
}
