package runfile

import "strings"

// CheckLists returns an error when sets, of one command line, give a list twice: each might be meant as a part of it, and the last
// counts. Of a field that is no list everybody takes the last to count.
func (f *File) CheckLists(sets []string) error {
	before := map[string]string{}
	for _, s := range sets {
		path, text, _ := strings.Cut(s, "=")
		path = strings.TrimSpace(path)
		d := f.lookup(path)
		if d == nil || !d.isList(f) {
			continue
		}
		if first, twice := before[path]; twice && first != text {
			return flagPlace(s).blame(path, "a second --set of a list, behind "+quote(first), "the whole list in one --set")
		}
		before[path] = text
	}
	return nil
}

// isList says whether a field holds several things.
func (d *field) isList(f *File) bool {
	switch d.at(f).(type) {
	case *[]int, *[]float64:
		return true
	}
	return d.list
}
