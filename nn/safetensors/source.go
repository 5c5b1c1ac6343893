package safetensors

import (
	"fmt"
	"slices"
)

// Source gives named tensors, of which one at a time need be in memory. A [File] is a
// source, and so is a [List].
type Source interface {
	// Names are the names of the tensors, sorted.
	Names() []string

	// Info says of what shape and type a tensor is, and whether there is such a one.
	Info(name string) (Info, bool)

	// Read reads a whole tensor. Its memory may be shared: the caller does not write to it.
	Read(name string) (Tensor, error)
}

// Unread is what a source tells of a tensor that it has and cannot give.
type Unread struct {
	What string // "a sparse tensor"
	Do   string // what to save in its place: "tensor.to_dense()"
}

// String says it for people.
func (u Unread) String() string { return u.What + " (" + u.Hint() + ")" }

// Hint is what to do.
func (u Unread) Hint() string {
	if u.Do == "" {
		return "not read"
	}
	return "not read; save " + u.Do + " in its place"
}

// UnreadOf are the tensors that a source has and cannot give, by their names.
func UnreadOf(s Source) map[string]Unread {
	if s, ok := s.(interface{ Unread() map[string]Unread }); ok {
		return s.Unread()
	}
	return nil
}

// List is tensors in memory. Of two with one name the first counts.
type List []Tensor

// Names are the names of the tensors, sorted.
func (l List) Names() []string {
	names := make([]string, len(l))
	for i, t := range l {
		names[i] = t.Name
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (l List) find(name string) (Tensor, bool) {
	i := slices.IndexFunc(l, func(t Tensor) bool { return t.Name == name })
	if i < 0 {
		return Tensor{}, false
	}
	return l[i], true
}

// Info says of what shape and type a tensor is; its Offset is 0.
func (l List) Info(name string) (Info, bool) {
	t, ok := l.find(name)
	return t.info(), ok
}

// Read returns a tensor. It is an error for its shape not to fit its data.
func (l List) Read(name string) (Tensor, error) {
	t, ok := l.find(name)
	if !ok {
		return t, fmt.Errorf("safetensors: tensor %s: not in the list", quote(name))
	}
	return t, t.Check()
}
