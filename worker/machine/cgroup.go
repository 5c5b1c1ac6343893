package machine

import (
	"io/fs"
	"path"
	"slices"
	"strings"
)

// group is a control group and those above it, as directories below the root of a file system: the own first.
type group []string

// groupsOf returns the groups of this process that have a controller: one of version 1, one of version 2, or both.
func groupsOf(root fs.FS, controller string) []group {
	memberships, err := fs.ReadFile(root, "proc/self/cgroup")
	if err != nil {
		return nil
	}
	mounts, err := fs.ReadFile(root, "proc/self/mountinfo")
	if err != nil {
		return nil
	}
	var groups []group
	for line := range strings.Lines(string(memberships)) { // hierarchy:controllers:path
		fields := strings.SplitN(strings.TrimSuffix(line, "\n"), ":", 3)
		if len(fields) < 3 {
			continue
		}
		unified := fields[0] == "0" && fields[1] == ""
		if !unified && !slices.Contains(strings.Split(fields[1], ","), controller) {
			continue
		}
		if g := findMount(string(mounts), controller, unified, fields[2]); g != nil {
			groups = append(groups, g)
		}
	}
	return groups
}

// findMount finds where a group's tree is mounted, and returns the directories from the group up to that mount. A
// container may see only a part of the tree; a mount whose part holds the group is preferred.
func findMount(mounts, controller string, unified bool, own string) (g group) {
	for line := range strings.Lines(mounts) {
		m, ok := parseMount(line)
		if !ok || unified != (m.kind == "cgroup2") || !unified && !slices.Contains(m.options, controller) {
			continue
		}
		below, within := strings.CutPrefix(own, strings.TrimSuffix(m.root, "/"))
		within = within && (below == "" || below[0] == '/') && !strings.HasPrefix(own, "/..")
		if !within {
			below = "/"
		}
		if g == nil || within {
			g = upward(m.point, below)
		}
		if within {
			break
		}
	}
	return g
}

// upward lists the directories from point/below up to point.
func upward(point, below string) (g group) {
	top := strings.TrimPrefix(path.Clean("/"+point), "/")
	for below = path.Clean("/" + below); below != "/"; below = path.Dir(below) {
		g = append(g, path.Join(top, below))
	}
	if top == "" {
		top = "."
	}
	return append(g, top)
}

// mount is a line of /proc/self/mountinfo.
type mount struct {
	root, point, kind string
	options           []string // of the file system
}

// parseMount reads "36 35 0:31 ROOT POINT OPTIONS [TAGS…] - KIND SOURCE OPTIONS" (proc_pid_mountinfo(5)).
func parseMount(line string) (m mount, ok bool) {
	before, after, ok := strings.Cut(line, " - ")
	fields, rest := strings.Fields(before), strings.Fields(after)
	if !ok || len(fields) < 6 || len(rest) < 3 {
		return mount{}, false
	}
	return mount{root: unescape(fields[3]), point: unescape(fields[4]), kind: rest[0], options: strings.Split(rest[2], ",")}, true
}

// unescape undoes the octal escapes of spaces, tabs, line ends and backslashes.
var unescape = strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`).Replace
