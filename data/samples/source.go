package samples

import (
	"fmt"
	"maps"
	"slices"
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

	// At gives sample i, from 0 to Len()-1, as a pure function of i. Its data must
	// not be changed.
	At(i int) (Sample, error)

	// Hash identifies the data: sources with one hash give the same samples. It
	// need not read them all.
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

// Schemes returns the registered schemes, in order.
func Schemes() []string { return slices.Sorted(maps.Keys(schemes)) }

// Registered reports whether source begins with a registered scheme.
func Registered(source string) bool {
	scheme, _, ok := strings.Cut(source, ":")
	return ok && schemes[scheme] != nil
}

// OpenSource opens what source names: a registered kind, or the directory of a
// set.
func OpenSource(source string) (Source, error) {
	if Registered(source) {
		scheme, _, _ := strings.Cut(source, ":")
		s, err := schemes[scheme](source)
		if err == nil && s == nil {
			err = fmt.Errorf("%s: opening %s gives neither a source nor an error", scheme, source)
		}
		if err != nil {
			return nil, err
		}
		return s, s.Schema().Check()
	}
	set, err := Open(source)
	if err != nil {
		return nil, err
	}
	return set, nil
}
