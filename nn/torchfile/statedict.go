package torchfile

import (
	"fmt"
	"strings"
)

// usualEntries are the names under which training scripts save a state_dict beside other
// things.
var usualEntries = []string{"state_dict", "model_state_dict", "model"}

// stateDict finds the dictionary of tensors: root itself or one of its entries, whose name
// is within.
func stateDict(root any) (d *dict, within string, err error) {
	top, ok := root.(*dict)
	if !ok {
		return nil, "", fmt.Errorf("it holds %s; a state_dict is wanted: torch.save(model.state_dict(), path)", describe(root))
	}
	// Tensors that are not read count only where no others are.
	for _, unread := range []bool{false, true} {
		d, found := choose(top, unread)
		switch {
		case d != nil:
			return d, found[0], nil
		case len(found) > 1:
			return nil, "", fmt.Errorf("it holds several dictionaries of tensors (%s); save the one that is wanted alone", names(found))
		}
	}
	switch {
	case len(top.keys) == 0 && top.others == 0:
		return top, "", nil
	case top.hasArrays():
		return nil, "", errArrays
	}
	return nil, "", fmt.Errorf("it holds no tensors; its entries are %s", names(top.keys))
}

// choose returns the dictionary of tensors and the name of its entry, "" for top itself, or the names of several.
func choose(top *dict, unread bool) (d *dict, found []string) {
	for _, name := range usualEntries {
		if d, ok := top.values[name].(*dict); ok && d.hasTensors(unread) {
			return d, []string{name}
		}
	}
	if top.hasTensors(unread) {
		return top, []string{""}
	}
	for _, name := range top.keys {
		if d, ok := top.values[name].(*dict); ok && d.hasTensors(unread) {
			found = append(found, name)
		}
	}
	if len(found) != 1 {
		return nil, found
	}
	return top.values[found[0]].(*dict), found
}

// hasTensors says whether an entry is a tensor, where unread one that is not read, too.
func (d *dict) hasTensors(unread bool) bool {
	for _, v := range d.values {
		switch v := v.(type) {
		case *view:
			return true
		case *opaque:
			if unread && v.tensor {
				return true
			}
		}
	}
	return false
}

// hasArrays says whether entries, or those of an entry, are arrays of NumPy.
func (d *dict) hasArrays() bool {
	for _, v := range d.values {
		switch v := v.(type) {
		case *dict:
			for _, v := range v.values {
				if o, ok := v.(*opaque); ok && makesArray(strings.TrimPrefix(o.what, objectOf)) {
					return true
				}
			}
		case *opaque:
			if makesArray(strings.TrimPrefix(v.what, objectOf)) {
				return true
			}
		}
	}
	return false
}

// names lists a few names from outside.
func names(list []string) string {
	const most = 8
	var shown []string
	for i, name := range list {
		if i == most {
			shown = append(shown, fmt.Sprintf("and %d others", len(list)-most))
			break
		}
		shown = append(shown, quote(name))
	}
	return strings.Join(shown, ", ")
}
