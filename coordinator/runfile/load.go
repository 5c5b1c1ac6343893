package runfile

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// maxText bounds what is read. Run files are a page long, and the time to parse YAML grows with the square.
const maxText = 16 << 10

// Load reads the run file at path, applies sets (each "field=value", from --set), fills in the defaults,
// checks the whole and reads what decides bits beside it (HashWeights). An error of the file's text or of a flag is an *Error.
func Load(path string, sets []string) (*File, error) {
	r, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("run file: %w", err)
	}
	defer r.Close()
	text, err := io.ReadAll(io.LimitReader(r, maxText+1))
	if err != nil {
		return nil, fmt.Errorf("run file: %w", err)
	}
	f, locate, err := parse(path, text, sets)
	if err != nil {
		return nil, err
	}
	if err := f.HashWeights(); err != nil {
		return nil, locate(weightsPath).blame(weightsPath, quote(f.Model.Weights), "a file that can be read: "+err.Error())
	}
	return f, nil
}

// Parse is Load of a text that is at hand; name stands for the file in errors, and its last element without
// extension is the run's default name. It reads no other file: see HashWeights.
func Parse(name string, text []byte, sets []string) (*File, error) {
	f, _, err := parse(name, text, sets)
	return f, err
}

// parse also returns where a field was given.
func parse(name string, text []byte, sets []string) (*File, func(path string) place, error) {
	if len(text) > maxText {
		return nil, nil, &Error{File: name, Want: fmt.Sprintf("a run file has at most %d bytes; is this one?", maxText)}
	}
	plain, err := decodeText(name, text)
	if err != nil {
		return nil, nil, err
	}
	f := &File{Name: nameOf(name)}
	setDefaults(f)
	given := map[string]place{}
	if err := decode(f, name, plain, sets, given); err != nil {
		return nil, nil, err
	}
	for _, s := range sets {
		if err := override(f, s, given); err != nil {
			return nil, nil, err
		}
	}
	isGiven := func(path string) bool { _, ok := given[path]; return ok }
	fillDerived(f, isGiven)
	locate := func(path string) place {
		if at, ok := given[path]; ok {
			return at
		}
		return place{file: name}
	}
	if err := check(f, locate, isGiven); err != nil {
		return nil, nil, err
	}
	return f, locate, nil
}

// nameOf makes a run's name of a file's.
func nameOf(path string) string {
	base := filepath.Base(path)
	base = strings.TrimSuffix(base, filepath.Ext(base))
	clean := strings.Map(func(r rune) rune {
		if nameRune(r) {
			return r
		}
		return '-'
	}, base)
	if len(clean) > maxName {
		clean = clean[:maxName]
	}
	if wantName(clean) != "" {
		return "run"
	}
	return clean
}

// override applies one --set.
func override(f *File, set string, given map[string]place) error {
	at := flagPlace(set)
	path, text, ok := strings.Cut(set, "=")
	if !ok {
		return at.blame("", "", "want field=value, as in --set batch.lanes=4")
	}
	path = strings.TrimSpace(path)
	d := f.lookup(path)
	if d == nil {
		if want := misnamed(f, path); want != "" {
			return at.blame(path, shownText(text), want)
		}
		return at.blame("", "unknown field "+quote(path), unknown(path, pathsNear(f, path)))
	}
	if !d.set(f, text) {
		return at.blame(path, quote(text), d.wants(f))
	}
	given[path] = at
	return nil
}

// pathsNear is the fields of path's section, or all fields where it names none.
func pathsNear(f *File, path string) []string {
	all := f.paths()
	section, _, dotted := strings.Cut(path, ".")
	if !dotted {
		return all
	}
	var near []string
	for _, p := range all {
		if strings.HasPrefix(p, section+".") {
			near = append(near, p)
		}
	}
	if near == nil {
		return all
	}
	return near
}

func (f *File) paths() []string {
	var paths []string
	for _, d := range f.all() {
		paths = append(paths, d.path)
	}
	return paths
}
