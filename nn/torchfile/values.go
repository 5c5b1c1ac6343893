package torchfile

import "fmt"

// What a pickle builds: nil, bool, int64, float64, string, []byte and the types below.

// long is an integer of more than 64 bits, as its little-endian bytes.
type long string

// tuple is a tuple of Python.
type tuple []any

// list is a list of Python.
type list struct{ items []any }

// dict is a dict or OrderedDict of Python, in its own order. Entries with a key that is no
// text are only counted.
type dict struct {
	keys   []string
	values map[string]any
	others int
}

func (d *dict) set(key, value any) {
	k, ok := key.(string)
	if !ok {
		d.others++
		return
	}
	if d.values == nil {
		d.values = map[string]any{}
	}
	if _, there := d.values[k]; !there {
		d.keys = append(d.keys, k)
	}
	d.values[k] = value
}

// global is a function or class of Python by its name.
type global struct{ module, name string }

func (g global) String() string { return g.module + "." + g.name }

// opaque is an object that is not built: what would make it.
type opaque struct {
	what   string
	tensor bool   // of a kind that is not read
	do     string // what to save in place of the tensor
}

// describe says for people what a value is.
func describe(v any) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case bool:
		return "a truth value"
	case int64, long, float64:
		return "a number"
	case string:
		return "a text"
	case []byte:
		return "bytes"
	case tuple:
		return fmt.Sprintf("a tuple of %d", len(v))
	case *list:
		return fmt.Sprintf("a list of %d", len(v.items))
	case *dict:
		return fmt.Sprintf("a dictionary of %d", len(v.keys)+v.others)
	case global:
		return "the class or function " + clip(v.String())
	case *opaque:
		if v.tensor {
			return v.unread().String()
		}
		return clip(v.what)
	case *storage:
		return "a storage"
	case *view:
		return "a tensor"
	}
	return fmt.Sprintf("%T", v)
}

// clip shows a name from outside, of bounded length.
func clip(name string) string {
	const most = 100
	if len(name) > most {
		name = name[:most] + "…"
	}
	return name
}

// quote shows a name from outside: printable, on one line, of bounded length.
func quote(name string) string { return fmt.Sprintf("%q", clip(name)) }
