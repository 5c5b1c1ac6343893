package cutting

import (
	"fmt"
	"maps"
	"slices"
	"unicode/utf8"
)

// byteOrderMark is what some editors put before a text. It is no part of the first class.
const byteOrderMark = "\ufeff"

// classes number the names of classes.
type classes struct {
	names  []string // by number, in natural order
	number map[string]int
}

// numberClasses numbers the classes of the training data. A held-out class that is not among them is an error: its
// number would be that of another class.
func numberClasses(train, held map[string]bool) (classes, error) {
	c := classes{names: slices.SortedFunc(maps.Keys(train), natural), number: map[string]int{}}
	for i, name := range c.names {
		if !utf8.ValidString(name) {
			return c, fmt.Errorf("the name of the class %q is not UTF-8", name)
		}
		c.number[name] = i
	}
	var alone []string
	for _, name := range slices.SortedFunc(maps.Keys(held), natural) {
		if !train[name] {
			alone = append(alone, name)
		}
	}
	if alone != nil {
		return c, fmt.Errorf("held-out data of the class %s, of which there are no training data", list(alone))
	}
	return c, nil
}

// numbers are those of classes that all have one.
func (c classes) numbers(names []string) (list []int32) {
	for _, name := range names {
		list = append(list, int32(c.number[name]))
	}
	return list
}
