// Package program knows what the running binary is called. A user's own binary, with models of its own, has another
// name than rondo, and messages that say what to type say that name.
package program

import (
	"path/filepath"
	"strings"
)

// Usual is the name of the binary that this module builds.
const Usual = "rondo"

var name = Usual

// Name is what users type to call this program.
func Name() string { return name }

// SetName takes the name from the path by which the program was called, os.Args[0]. It is called once, before
// anything else runs.
func SetName(path string) {
	base := strings.TrimSuffix(filepath.Base(path), ".exe")
	if path == "" || base == "" {
		base = Usual
	}
	name = base
}
