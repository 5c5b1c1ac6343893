package objects

import (
	"fmt"
	"path"
	"path/filepath"
	"regexp"
	"strings"
)

var addresses = regexp.MustCompile(`^([a-z][a-z0-9]{1,15})://([^/?#@\s]{1,255})(?:/([^?#]*))?$`)

// Named reports whether text is an address in an object store that this program can open, or would be: its scheme is
// registered.
func Named(text string) bool {
	scheme, _, ok := strings.Cut(text, "://")
	return ok && registered(scheme)
}

// Shown is a text for a message that refuses it. Where an address in it may hold a secret, before an @ or behind a ? or #, only
// its scheme is left.
func Shown(text string) string {
	scheme, rest, ok := strings.Cut(text, ":/")
	if !ok || !strings.ContainsAny(rest, "@?#") {
		return text
	}
	return scheme + "://…"
}

// Split takes an address apart. The key has no slash at either end.
func Split(address string) (scheme, bucket, key string, err error) {
	m := addresses.FindStringSubmatch(address)
	if m == nil {
		return "", "", "", fmt.Errorf("%q is no address of an object store: want SCHEME://BUCKET/PREFIX, without secrets in it", Shown(address))
	}
	key = m[3]
	if key != "" {
		key = strings.TrimPrefix(path.Clean("/"+key), "/")
	}
	for _, part := range strings.Split(m[3], "/") {
		if part == ".." || part == "." {
			return "", "", "", fmt.Errorf("%q: %q in an address means nothing to an object store", address, part)
		}
	}
	return m[1], m[2], key, nil
}

// Join is filepath.Join for paths, and for addresses what that is for paths.
func Join(base string, names ...string) string {
	scheme, rest, ok := strings.Cut(base, "://")
	if !ok || !Named(base) {
		return filepath.Join(append([]string{base}, names...)...)
	}
	return scheme + "://" + path.Join(append([]string{rest}, names...)...)
}

// Dir is all but the last element of a path or an address.
func Dir(name string) string {
	scheme, rest, ok := strings.Cut(name, "://")
	if !ok || !Named(name) {
		return filepath.Dir(name)
	}
	return scheme + "://" + path.Dir(rest)
}
