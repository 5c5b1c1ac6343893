package samples

import (
	"fmt"
	"slices"
	"strconv"
)

// NumberedAs returns an error where a part of one of the names numbers its classes, symbols or words otherwise than the part of that
// name in another schema does: a network that learnt from the one would be asked about other classes by the other. One may have more
// classes than the other, behind those of both. Parts without classes, and those whose classes are called 0, 1, … where the other's have
// names, say nothing of it.
func (s Schema) NumberedAs(other Schema, names []string) error {
	for _, p := range s.Parts {
		at := other.Part(p.Name)
		if at < 0 || !slices.Contains(names, p.Name) {
			continue
		}
		own, others := p.Classes, other.Parts[at].Classes
		if nameless(own, others) || nameless(others, own) {
			continue
		}
		for n := range min(len(own), len(others)) {
			if own[n] != others[n] {
				return fmt.Errorf("number %d of the part %s is %.60q in the one and %.60q in the other", n, p.Name, own[n], others[n])
			}
		}
	}
	return nil
}

// nameless says whether classes are called 0, 1, … for want of names, and others have names that are no numbers.
func nameless(classes, others []string) bool {
	for n, name := range classes {
		if name != strconv.Itoa(n) {
			return false
		}
	}
	return !slices.ContainsFunc(others, func(name string) bool { _, err := strconv.Atoi(name); return err == nil })
}
