package machine

import (
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"
)

// Throttle tells how long this process's control group stood still because its quota was used up.
type Throttle struct {
	root   fs.FS
	groups []group
}

// ThrottleHere is that of this process.
func ThrottleHere() *Throttle { return ThrottleOf(os.DirFS("/")) }

// ThrottleOf finds the groups below the root of a file system.
func ThrottleOf(root fs.FS) *Throttle { return &Throttle{root, groupsOf(root, "cpu")} }

// Total is the time since the group was made; false: no group tells. Groups stand still with those above, so the
// longest of them counts. Times of all processors are added up.
func (t *Throttle) Total() (longest time.Duration, told bool) {
	for _, g := range t.groups {
		for _, dir := range g {
			if d, ok := throttled(t.root, dir); ok {
				longest, told = max(longest, d), true
			}
		}
	}
	return longest, told
}

// throttled reads a group's cpu.stat: "throttled_usec" of version 2, "throttled_time" of version 1, in nanoseconds.
func throttled(root fs.FS, dir string) (time.Duration, bool) {
	text, err := fs.ReadFile(root, dir+"/cpu.stat")
	if err != nil {
		return 0, false
	}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		unit := map[string]time.Duration{"throttled_usec": time.Microsecond, "throttled_time": time.Nanosecond}[name]
		if n, err := strconv.ParseInt(value, 10, 64); unit > 0 && err == nil && n >= 0 && n < 1<<53 {
			return time.Duration(n) * unit, true
		}
	}
	return 0, false
}
