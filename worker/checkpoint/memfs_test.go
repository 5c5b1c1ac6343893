package checkpoint

import (
	"bytes"
	"errors"
	iofs "io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"syscall"
)

// memFS is a file system in memory that forgets, fails and crashes like the worst that POSIX allows. What a
// file holds is durable once it was synced; a name (made, renamed, removed) is durable once its directory
// was. Of what is not, a crash keeps any part.
type memFS struct {
	root *node
	ops  []string             // what was done, in order
	plan func(op int) outcome // of the operation of that number; nil: all go well
	dead bool
}

// outcome is how an operation ends.
type outcome int

const (
	fine      outcome = iota
	crash             // it does not happen, and nothing after it
	failing           // it does not happen: input/output error
	full              // a write is cut in half, others do not happen: no space
	misjudged         // it happens, but the answer is an error
)

var errCrashed = errors.New("crashed")

// node is a file or a directory.
type node struct {
	data, synced []byte           // of a file
	names        map[string]*node // of a directory, nil for a file
	stable       map[string]*node // names after the last sync
	pending      []change         // since then
}

// change is one change of the names of a directory.
type change func(map[string]*node)

func newMemFS() *memFS { return &memFS{root: newDir()} }

func newDir() *node { return &node{names: map[string]*node{}, stable: map[string]*node{}} }

// step counts an operation and says how it ends.
func (m *memFS) step(op, name string) (happens bool, err error) {
	if m.dead {
		return false, errCrashed
	}
	m.ops = append(m.ops, op+" "+name)
	if m.plan == nil {
		return true, nil
	}
	switch m.plan(len(m.ops) - 1) {
	case crash:
		m.dead = true
		return false, errCrashed
	case failing:
		return false, &iofs.PathError{Op: op, Path: name, Err: syscall.EIO}
	case full:
		return false, &iofs.PathError{Op: op, Path: name, Err: syscall.ENOSPC}
	case misjudged:
		return true, &iofs.PathError{Op: op, Path: name, Err: syscall.EIO}
	}
	return true, nil
}

// find walks to a node; the root is "/".
func (m *memFS) find(name string) (*node, error) {
	n := m.root
	for part := range strings.SplitSeq(strings.Trim(name, "/"), "/") {
		if part == "" {
			continue
		}
		next, ok := n.names[part]
		if !ok {
			return nil, &iofs.PathError{Op: "find", Path: name, Err: iofs.ErrNotExist}
		}
		n = next
	}
	return n, nil
}

// alter applies a change to the names of the directory that holds name.
func (m *memFS) alter(name string, c change) error {
	dir, err := m.find(path.Dir(name))
	if err != nil {
		return err
	}
	c(dir.names)
	dir.pending = append(dir.pending, c)
	return nil
}

func (m *memFS) Mkdir(name string) error {
	happens, err := m.step("mkdir", name)
	if !happens {
		return err
	}
	if _, missing := m.find(name); missing == nil {
		return &iofs.PathError{Op: "mkdir", Path: name, Err: iofs.ErrExist}
	}
	n := newDir()
	return errors.Join(m.alter(name, func(names map[string]*node) { names[path.Base(name)] = n }), err)
}

func (m *memFS) ReadDir(name string) ([]string, error) {
	if _, err := m.step("readdir", name); err != nil {
		return nil, err
	}
	dir, err := m.find(name)
	if err != nil {
		return nil, err
	}
	return slices.Sorted(maps.Keys(dir.names)), nil
}

func (m *memFS) Create(name string) (Writer, error) {
	happens, err := m.step("create", name)
	if !happens {
		return nil, err
	}
	n, missing := m.find(name)
	if missing != nil {
		n = &node{}
		if err := m.alter(name, func(names map[string]*node) { names[path.Base(name)] = n }); err != nil {
			return nil, err
		}
	}
	n.data = nil
	return &memWriter{m, n, name}, err
}

func (m *memFS) Open(name string) (Reader, error) {
	if _, err := m.step("open", name); err != nil {
		return nil, err
	}
	n, err := m.find(name)
	if err != nil {
		return nil, err
	}
	return &memReader{m, bytes.NewReader(n.data), name}, nil
}

func (m *memFS) Rename(from, to string) error {
	happens, err := m.step("rename", to)
	if !happens {
		return err
	}
	n, missing := m.find(from)
	if missing != nil {
		return missing
	}
	return errors.Join(err, m.alter(to, func(names map[string]*node) {
		delete(names, path.Base(from))
		names[path.Base(to)] = n
	}))
}

func (m *memFS) Remove(name string) error {
	happens, err := m.step("remove", name)
	if !happens {
		return err
	}
	n, missing := m.find(name)
	if missing != nil {
		return missing
	}
	if len(n.names) > 0 {
		return &iofs.PathError{Op: "remove", Path: name, Err: syscall.ENOTEMPTY}
	}
	return errors.Join(err, m.alter(name, func(names map[string]*node) { delete(names, path.Base(name)) }))
}

func (m *memFS) SyncDir(name string) error {
	happens, err := m.step("syncdir", name)
	if !happens {
		return err
	}
	dir, missing := m.find(name)
	if missing != nil {
		return missing
	}
	dir.stable, dir.pending = maps.Clone(dir.names), nil
	return err
}

type memWriter struct {
	m    *memFS
	n    *node
	name string
}

func (w *memWriter) Write(p []byte) (int, error) {
	happens, err := w.m.step("write", w.name)
	if !happens && !errors.Is(err, syscall.ENOSPC) {
		return 0, err
	}
	n := len(p)
	if !happens {
		n /= 2
	}
	w.n.data = append(slices.Clip(w.n.data), p[:n]...)
	return n, err
}

func (w *memWriter) Sync() error {
	happens, err := w.m.step("sync", w.name)
	if happens {
		w.n.synced = bytes.Clone(w.n.data)
	}
	return err
}

func (w *memWriter) Close() error {
	_, err := w.m.step("close", w.name)
	return err
}

type memReader struct {
	m    *memFS
	r    *bytes.Reader
	name string
}

func (r *memReader) ReadAt(p []byte, off int64) (int, error) {
	if _, err := r.m.step("read", r.name); err != nil {
		return 0, err
	}
	return r.r.ReadAt(p, off)
}

func (r *memReader) Size() (int64, error) { return r.r.Size(), nil }
func (r *memReader) Close() error         { return nil }
