package api

import "runtime/debug"

// release is the version of this source tree; a build may set another with
// -ldflags "-X github.com/rondo-ml/rondo/coordinator/api.release=…".
var release = "0.7.0"

// Version returns the program's version: the release and, when the binary was
// built from a checkout, the revision. Workers and coordinators of different
// versions refuse each other.
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
