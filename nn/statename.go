package nn

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// PickState returns the place of the state that is meant among names, which are those of a network's states in their order:
// the one of that name; for "c" the memory and for "h" the output of the last layer that has one; for an empty name the memory of
// the last layer, or the last state where there is no memory.
func PickState(names []string, name string) (int, error) {
	last := func(part string) (at int) {
		for at = len(names) - 1; at >= 0 && !strings.Contains(names[at], part); at-- {
		}
		return at
	}
	at := slices.Index(names, name)
	switch {
	case len(names) == 0:
		return 0, errors.New("the network carries no state from one byte to the next; a recurrent cell is wanted, as mlstm")
	case name == "":
		if at = last(".c_"); at < 0 {
			at = len(names) - 1
		}
	case at < 0 && (name == "c" || name == "h"):
		at = last("." + name + "_")
	}
	if at < 0 {
		return 0, fmt.Errorf("the network has no state %q; its states are %s", name, strings.Join(names, ", "))
	}
	return at, nil
}
