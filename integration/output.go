package integration

import (
	"bytes"
	"sync"
)

// output collects what a process prints and tells waiters of every change.
type output struct {
	mu      sync.Mutex
	changed chan struct{} // closed at the next change
	closed  bool
}

func (o *output) wait() <-chan struct{} {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.changed == nil {
		o.changed = make(chan struct{})
		if o.closed {
			close(o.changed)
		}
	}
	return o.changed
}

func (o *output) notify() {
	if o.changed != nil && !o.closed {
		close(o.changed)
		o.changed = nil
	}
}

func (o *output) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.notify()
	o.closed = true
}

func (o *output) writer(to *lockedBuffer) *outputWriter { return &outputWriter{o, to} }

type outputWriter struct {
	output *output
	to     *lockedBuffer
}

func (w *outputWriter) Write(p []byte) (int, error) {
	n, err := w.to.Write(p)
	w.output.mu.Lock()
	defer w.output.mu.Unlock()
	w.output.notify()
	return n, err
}

type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
