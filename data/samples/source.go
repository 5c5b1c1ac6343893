package samples

import (
	"fmt"
	"strings"
)

// Source gives samples by number. A [Set] is one; a program may register others,
// which a run file then names in the place of a directory:
//
//	data: {train: "moons:train?count=1000"}
//
// It may be used by any number of goroutines at once.
type Source interface {
	// Len is the number of samples.
	Len() int

	// Schema says what a sample is made of. It must not be changed.
	Schema() Schema

	// At gives sample i, from 0 to Len()-1, as a pure function of i: its parts in
	// the order of the schema. Nobody changes them. An error ends the run.
	At(i int) (Sample, error)

	// Hash identifies the data: sources with one hash give the same samples, on any
	// machine. It need not read them all; what decides them, a version of the
	// formula included, is enough. Workers and checkpoints compare it.
	Hash() string
}

var schemes = map[string]func(source string) (Source, error){}

// Register adds a kind of source: open opens what a run file names as
// "scheme:anything". It is called from init functions or at the beginning of
// main, and panics when the scheme is taken or no word of small letters.
func Register(scheme string, open func(source string) (Source, error)) {
	if schemes[scheme] != nil || open == nil || len(scheme) < 2 || strings.Trim(scheme, "abcdefghijklmnopqrstuvwxyz") != "" || scheme == "generated" {
		panic(fmt.Sprintf("samples: the scheme %q is taken or no word of small letters", scheme))
	}
	schemes[scheme] = open
}

// Registered reports whether source begins with a registered scheme.
func Registered(source string) bool {
	scheme, _, ok := strings.Cut(source, ":")
	return ok && schemes[scheme] != nil
}

// OpenSource opens what source names: a registered kind, or the directory of a
// set. Of a registered one it is checked that it gives what its schema says, sample
// by sample, and its panics are errors.
func OpenSource(source string) (Source, error) {
	if Registered(source) {
		return openRegistered(source)
	}
	set, err := Open(source)
	if err != nil {
		return nil, err
	}
	return set, nil
}
