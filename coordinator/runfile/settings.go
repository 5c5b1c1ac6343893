package runfile

import (
	"fmt"
	"maps"
	"slices"
)

// Settings returns the fields that decide no bits, but in which all processes of a run must agree, path to
// canonical text: when to evaluate and to save, for one. Those of the coordinator's run file count for all.
func (f *File) Settings() map[string]string {
	m := map[string]string{}
	for i := range static {
		if d := &static[i]; d.role == ofCoordinator {
			m[d.path] = d.text(f)
		}
	}
	return m
}

// Fields returns all fields that the file's kinds read, path to canonical text, defaults filled in.
func (f *File) Fields() map[string]string {
	m := map[string]string{}
	for _, d := range f.all() {
		if d.misplaced(f) == "" {
			m[d.path] = d.text(f)
		}
	}
	return m
}

// WithSettings returns a copy of f that has the settings of another run file, and names the fields in which f
// differed, in order, each with both values: "checkpoint.every: 50 here, 100 there". A setting that is missing, that
// is none or that has an impossible value is an error.
func (f *File) WithSettings(settings map[string]string) (taken *File, changed []string, err error) {
	own := f.Settings()
	taken = new(*f)
	for _, path := range slices.Sorted(maps.Keys(own)) {
		d, text := f.lookup(path), settings[path]
		if _, there := settings[path]; !there {
			return nil, nil, fmt.Errorf("%s: missing among the settings", path)
		}
		if !d.set(taken, text) {
			return nil, nil, fmt.Errorf("%s: found %s, want %s", path, quote(text), d.wants(taken))
		}
		if want := d.impossible(taken); want != "" {
			return nil, nil, fmt.Errorf("%s: found %s, want %s", path, found(d, taken), want)
		}
		if text != own[path] {
			changed = append(changed, fmt.Sprintf("%s: %s here, %s there", path, shown(own[path], true), shown(text, true)))
		}
	}
	for path := range settings {
		if _, known := own[path]; !known {
			return nil, nil, fmt.Errorf("%s is none of the settings", quote(path))
		}
	}
	return taken, changed, nil
}
