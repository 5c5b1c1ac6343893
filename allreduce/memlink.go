package allreduce

import (
	"io"
	"math/rand/v2"
	"net"
	"sync"
)

// MemNetwork joins workers of one process by links in memory, for tests.
//
// With a seed, nothing moves until Deliver is called, which moves one frame
// chosen by the seed: frames of different chunks overtake one another, frames
// of one chunk do not. Called whenever all goroutines are blocked (synctest.Wait),
// it plays the same order for the same seed, every time.
type MemNetwork struct {
	mu       sync.Mutex
	changed  sync.Cond
	capacity int
	rng      *rand.Rand // nil: frames arrive in order, at once
	queues   []*memQueue
}

// memQueue is one direction of a link.
type memQueue struct {
	flying  []Frame // sent, not delivered
	arrived []Frame
	closed  bool // by the sender
	refused bool // by the receiver
}

// NewMemNetwork returns a network that delivers at once and in order. A link
// holds at most capacity frames a direction before Send blocks; 0 is no bound.
func NewMemNetwork(capacity int) *MemNetwork {
	n := &MemNetwork{capacity: capacity}
	n.changed.L = &n.mu
	return n
}

// NewShuffledNetwork returns a network that moves frames in Deliver alone.
func NewShuffledNetwork(seed uint64, capacity int) *MemNetwork {
	n := NewMemNetwork(capacity)
	n.rng = rand.New(rand.NewPCG(seed, 0x52494e47))
	return n
}

// MemPair returns the two ends of one link in memory. a names the owner of the
// first end, b that of the second.
func MemPair(a, b string) (Link, Link) { return NewMemNetwork(0).Pair(a, b) }

// Pair returns the two ends of a new link.
func (n *MemNetwork) Pair(a, b string) (Link, Link) {
	ab, ba := &memQueue{}, &memQueue{}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.queues = append(n.queues, ab, ba)
	return &memLink{net: n, peer: b, out: ab, in: ba}, &memLink{net: n, peer: a, out: ba, in: ab}
}

// Ring returns for each of n workers the links to its next and from its
// previous worker.
func (n *MemNetwork) Ring(names []string) (next, prev []Link) {
	next, prev = make([]Link, len(names)), make([]Link, len(names))
	if len(names) < 2 {
		return next, prev
	}
	for w := range names {
		to := (w + 1) % len(names)
		next[w], prev[to] = n.Pair(names[w], names[to])
	}
	return next, prev
}

// Deliver moves one frame of a network with a seed, and says whether there was one.
func (n *MemNetwork) Deliver() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	total := 0
	for _, q := range n.queues {
		total += len(q.flying)
	}
	if total == 0 {
		return false
	}
	pick := n.rng.IntN(total)
	for _, q := range n.queues {
		if pick < len(q.flying) {
			i := q.movable(pick)
			q.arrived = append(q.arrived, q.flying[i])
			q.flying = append(q.flying[:i], q.flying[i+1:]...)
			break
		}
		pick -= len(q.flying)
	}
	n.changed.Broadcast()
	return true
}

// movable is the first frame that frame i must not overtake, or i.
func (q *memQueue) movable(i int) int {
	if q.flying[i].Kind == KindLeave {
		return 0
	}
	for j := range i {
		a, b := &q.flying[j], &q.flying[i]
		if a.Kind == KindLeave || a.Step == b.Step && a.Tag == b.Tag && a.Chunk == b.Chunk {
			return j
		}
	}
	return i
}

type memLink struct {
	net     *MemNetwork
	peer    string
	out, in *memQueue
}

func (l *memLink) Peer() string { return l.peer }

func (l *memLink) Send(f *Frame) error {
	cp := *f
	cp.alloc(len(f.Payload))
	copy(cp.Payload, f.Payload)
	n := l.net
	n.mu.Lock()
	defer n.mu.Unlock()
	for !l.out.closed && !l.out.refused && n.capacity > 0 && len(l.out.flying)+len(l.out.arrived) >= n.capacity {
		n.changed.Wait()
	}
	switch {
	case l.out.closed:
		return net.ErrClosed
	case l.out.refused:
		return io.ErrClosedPipe
	case n.rng != nil:
		l.out.flying = append(l.out.flying, cp)
	default:
		l.out.arrived = append(l.out.arrived, cp)
	}
	n.changed.Broadcast()
	return nil
}

func (l *memLink) Recv(f *Frame) error {
	n := l.net
	n.mu.Lock()
	defer n.mu.Unlock()
	for !l.in.refused && len(l.in.arrived) == 0 && (!l.in.closed || len(l.in.flying) > 0) {
		n.changed.Wait()
	}
	switch {
	case l.in.refused:
		return net.ErrClosed
	case len(l.in.arrived) == 0:
		return io.EOF
	}
	*f = l.in.arrived[0]
	l.in.arrived = append(l.in.arrived[:0], l.in.arrived[1:]...)
	n.changed.Broadcast()
	return nil
}

func (l *memLink) Close() error {
	l.net.mu.Lock()
	defer l.net.mu.Unlock()
	l.out.closed, l.in.refused = true, true
	l.net.changed.Broadcast()
	return nil
}
