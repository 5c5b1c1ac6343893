package api

import (
	"runtime/debug"
	"strings"
)

// A cluster may be upgraded one process at a time where two numbers stay the same. Each is raised by the change that
// makes it necessary.
const (
	// Protocol is the version of the wire contract: api.proto, and the ring's frames.
	Protocol = 2
	// Bits is the version of the arithmetic: the order of every sum that decides what a run computes. What a
	// release changes for some run files alone is dated in them instead (runfile.Rounding).
	Bits = 1
)

// release is the version of this source tree; a build may set another with
// -ldflags "-X github.com/rondo-ml/rondo/coordinator/api.release=…".
var release = "0.15.0"

// Version returns the program's version: the release and, when the binary was
// built from a checkout, the revision.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return release
	}
	revision, dirty := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision" && len(s.Value) >= 12:
			revision = "+" + s.Value[:12]
		case s.Key == "vcs.modified" && s.Value == "true":
			dirty = ".dirty"
		}
	}
	if revision == "" {
		return release
	}
	return release + revision + dirty
}

// Line is what the releases of a version have in common that may work together: "0.7" of 0.7.0 and of 0.7.3+0123456789ab.
func Line(version string) string {
	major, rest, _ := strings.Cut(version, ".")
	minor, _, _ := strings.Cut(rest, ".")
	return major + "." + minor
}
