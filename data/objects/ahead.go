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
	users int // of bytes: the Ahead that holds it, who fetches it, who copies from it; guarded by its mu
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
		c := a.take(off / PartSize)
		<-c.ready
		if c.err != nil {
			a.forget(off/PartSize, c)
			a.leave(c)
			return n, c.err
		}
		copied := copy(p[n:], c.bytes[off%PartSize:])
		a.leave(c)
		n, off = n+copied, off+int64(copied)
	}
	return n, nil
}

// Close gives back the memory of what was read. What is read after it begins anew.
func (a *Ahead) Close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i := range a.parts {
		a.drop(i)
	}
	return nil
}

// take gives a part of the object, until leave, and has those behind it read.
func (a *Ahead) take(i int64) *chunk {
	a.mu.Lock()
	defer a.mu.Unlock()
	for k := range a.parts {
		if k < i || k >= i+chunks {
			a.drop(k)
		}
	}
	for k := i; k < i+chunks && k*PartSize < a.Size(); k++ {
		if a.parts[k] == nil {
			c := &chunk{ready: make(chan struct{}), users: 2}
			a.parts[k] = c
			go a.fetch(c, k)
		}
	}
	c := a.parts[i]
	c.users++
	return c
}

// fetch reads part k of the object.
func (a *Ahead) fetch(c *chunk, k int64) {
	c.bytes = takePart(int(min(PartSize, a.Size()-k*PartSize)))
	_, c.err = a.object.ReadAt(c.bytes, k*PartSize)
	close(c.ready)
	a.leave(c)
}

// forget has a part that could not be read tried again.
func (a *Ahead) forget(i int64, c *chunk) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.parts[i] == c {
		a.drop(i)
	}
}

// drop lets go of a part. It is called under mu.
func (a *Ahead) drop(i int64) {
	c := a.parts[i]
	delete(a.parts, i)
	a.release(c)
}

func (a *Ahead) leave(c *chunk) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.release(c)
}

// release is called under mu, by each who used a part.
func (a *Ahead) release(c *chunk) {
	if c.users--; c.users == 0 {
		givePart(c.bytes)
		c.bytes = nil
	}
}
