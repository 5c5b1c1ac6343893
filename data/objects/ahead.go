package objects

import (
	"io"
	"sync"
)

// chunks is how many parts of an object an [Ahead] holds, the one that is read and those behind it.
const chunks = 4

// Ahead reads an object from front to back, some parts before they are asked for. Reading elsewhere begins anew there. It is
// safe for concurrent use.
type Ahead struct {
	object *Object
	mu     sync.Mutex
	parts  map[int64]*chunk
}

type chunk struct {
	ready chan struct{}
	bytes []byte
	err   error
}

// NewAhead reads an object.
func NewAhead(o *Object) *Ahead { return &Ahead{object: o, parts: map[int64]*chunk{}} }

// Size is how many bytes the object has.
func (a *Ahead) Size() int64 { return a.object.Size() }

// ReadAt reads a range, as [io.ReaderAt] has it.
func (a *Ahead) ReadAt(p []byte, off int64) (n int, err error) {
	for n < len(p) {
		if off >= a.Size() {
			return n, io.EOF
		}
		c := a.part(off / PartSize)
		<-c.ready
		if c.err != nil {
			a.forget(off / PartSize)
			return n, c.err
		}
		copied := copy(p[n:], c.bytes[off%PartSize:])
		n, off = n+copied, off+int64(copied)
	}
	return n, nil
}

// part is a part of the object, and has those behind it read.
func (a *Ahead) part(i int64) *chunk {
	a.mu.Lock()
	defer a.mu.Unlock()
	for k := range a.parts {
		if k < i || k >= i+chunks {
			delete(a.parts, k)
		}
	}
	for k := i; k < i+chunks && k*PartSize < a.Size(); k++ {
		if a.parts[k] == nil {
			c := &chunk{ready: make(chan struct{})}
			a.parts[k] = c
			go func() {
				defer close(c.ready)
				c.bytes = make([]byte, min(PartSize, a.Size()-k*PartSize))
				_, c.err = a.object.ReadAt(c.bytes, k*PartSize)
			}()
		}
	}
	return a.parts[i]
}

// forget has a part that could not be read tried again.
func (a *Ahead) forget(i int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.parts, i)
}
