package generated

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// prefix is what tells the name of a generated set from a path.
const prefix = "generated:"

// Named reports whether source names a generated set.
func Named(source string) bool { return strings.HasPrefix(source, prefix) }

// Spec is what a name says.
type Spec struct {
	Name  string  // keys the images: "train"
	Count int     // images
	Noise float32 // in [0, 1)
	Seed  uint64
	Shift int // how far a picture is moved at most, in fields: from 0 to 8
}

// maxCount keeps the number of an image within a Philox counter.
const maxCount = 1 << 30

// Parse reads "generated:NAME?count=N&noise=X&seed=S". Its errors say what is
// wrong with source and what is wanted.
func Parse(source string) (Spec, error) {
	s := Spec{Noise: 0.5, Seed: 1, Shift: 1}
	wrong := func(format string, args ...any) (Spec, error) {
		return Spec{}, fmt.Errorf("%q: %s; want %sNAME?count=N, and noise=X, seed=S or shift=F if need be, joined by &",
			source, fmt.Sprintf(format, args...), prefix)
	}
	rest, ok := strings.CutPrefix(source, prefix)
	if !ok {
		return wrong("this is not the name of a generated set")
	}
	name, query, _ := strings.Cut(rest, "?")
	s.Name = name
	if !word(name) {
		return wrong("the set has no name of letters, digits and -")
	}
	fields, err := url.ParseQuery(query)
	if err != nil {
		return wrong("%v", err)
	}
	for field, values := range fields {
		if !slices.Contains([]string{"count", "noise", "seed", "shift"}, field) || len(values) != 1 {
			return wrong("field %q is not known, or stands there twice", field)
		}
	}
	if s.Count, err = strconv.Atoi(fields.Get("count")); err != nil || s.Count < 1 || s.Count > maxCount {
		return wrong("count %q is no number from 1 to %d", fields.Get("count"), maxCount)
	}
	if text := fields.Get("noise"); fields.Has("noise") {
		noise, err := strconv.ParseFloat(text, 32)
		if err != nil || !(noise >= 0 && noise < 1) {
			return wrong("noise %q is no number from 0 to below 1", text)
		}
		s.Noise = float32(noise)
	}
	if text := fields.Get("seed"); fields.Has("seed") {
		if s.Seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			return wrong("seed %q is no whole number", text)
		}
	}
	if text := fields.Get("shift"); fields.Has("shift") {
		if s.Shift, err = strconv.Atoi(text); err != nil || s.Shift < 0 || s.Shift > maxShift {
			return wrong("shift %q is no number from 0 to %d", text, maxShift)
		}
	}
	return s, nil
}

// maxShift is all fields of a coat of arms: a picture may lie anywhere.
const maxShift = 8

// word reports a name of 1 to 64 letters, digits and hyphens.
func word(s string) bool {
	return s != "" && len(s) <= 64 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == ""
}
