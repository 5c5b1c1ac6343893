package worker

import (
	"errors"
	"io"
	"math/rand/v2"
	"sync"
	"time"
)

// simNet is a network in memory under a virtual clock: all that goes from one process to
// another goes through its queues, which delay, hold back, and break at a fault's wish.
type simNet struct {
	mu     sync.Mutex
	rng    *rand.Rand
	base   time.Duration // least delay from one process to another
	jitter time.Duration
	room   int // that a queue has before its sender waits
	procs  map[string]*simProc
	cut    map[[2]string]int // names of hosts, from and to: cuts in force
	slow   map[string]int    // name of a host: how many times its delays are longer
	queues map[*simQueue]bool
}

// simProc is a process. Its host's name stays when it is started again.
type simProc struct {
	host   string
	dead   bool
	end    chan struct{} // closed when it is killed
	frozen int           // freezes in force
}

var errSimDead = errors.New("simulation: this process was killed")

func newSimNet(rng *rand.Rand) *simNet {
	return &simNet{rng: rng, base: time.Duration(200+rng.IntN(4000)) * time.Microsecond, jitter: time.Duration(rng.IntN(3000)) * time.Microsecond,
		room: 1 << (10 + rng.IntN(9)), procs: map[string]*simProc{}, cut: map[[2]string]int{}, slow: map[string]int{}, queues: map[*simQueue]bool{}}
}

// simQueue is one direction of a connection. What was sent arrives in order.
type simQueue struct {
	net      *simNet
	from, to *simProc
	broken   error // what the other end reads when its sender is killed or the connection is reset

	items  []simItem
	size   int
	last   time.Time // when the last item arrives
	end    error     // that follows the items; nil: more may come
	closed error     // for the receiver, at once, and then for the sender
	wake   chan struct{}
	drawn  chan struct{}
}

type simItem struct {
	value any
	size  int
	due   time.Time
}

func (n *simNet) queue(from, to *simProc, broken error) *simQueue {
	q := &simQueue{net: n, from: from, to: to, broken: broken, wake: make(chan struct{}, 1), drawn: make(chan struct{}, 1)}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.queues[q] = true; from.dead || to.dead {
		q.reset(broken)
	}
	return q
}

// blocked says that nothing arrives now. The caller holds mu.
func (q *simQueue) blocked() bool {
	return q.from.frozen > 0 || q.to.frozen > 0 || q.net.cut[[2]string{q.from.host, q.to.host}] > 0
}

// arrival is when what is sent now arrives. The caller holds mu.
func (q *simQueue) arrival() time.Time {
	n := q.net
	d := n.base + time.Duration(n.rng.Int64N(int64(n.jitter)+1))
	d *= time.Duration(1 + n.slow[q.from.host] + n.slow[q.to.host])
	if due := time.Now().Add(d); due.After(q.last) {
		q.last = due
	}
	return q.last
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// put sends. It waits while the queue has no room.
func (q *simQueue) put(value any, size int) error {
	for {
		q.net.mu.Lock()
		switch {
		case q.closed != nil:
			q.net.mu.Unlock()
			return q.closed
		case q.end != nil:
			q.net.mu.Unlock()
			return q.end
		case q.size < q.net.room:
			q.items = append(q.items, simItem{value, size, q.arrival()})
			q.size += size
			q.net.mu.Unlock()
			signal(q.wake)
			return nil
		}
		q.net.mu.Unlock()
		<-q.drawn
	}
}

// take receives. It waits until something has arrived.
func (q *simQueue) take() (any, error) {
	for {
		q.net.mu.Lock()
		var patience <-chan time.Time
		switch wait := time.Until(q.due()); {
		case q.closed != nil:
			q.net.mu.Unlock()
			return nil, q.closed
		case q.blocked():
		case len(q.items) > 0 && wait <= 0:
			it := q.items[0]
			q.items = q.items[1:]
			q.size -= it.size
			q.net.mu.Unlock()
			signal(q.drawn)
			return it.value, nil
		case len(q.items) == 0 && q.end != nil && wait <= 0:
			q.net.mu.Unlock()
			return nil, q.end
		case len(q.items) > 0 || q.end != nil:
			t := time.NewTimer(wait)
			defer t.Stop()
			patience = t.C
		}
		q.net.mu.Unlock()
		select {
		case <-q.wake:
		case <-patience:
		}
	}
}

// due is when the next thing arrives. The caller holds mu.
func (q *simQueue) due() time.Time {
	if len(q.items) > 0 {
		return q.items[0].due
	}
	return q.last
}

// finish says that no more comes.
func (q *simQueue) finish(err error) {
	q.net.mu.Lock()
	defer q.net.mu.Unlock()
	if q.end == nil {
		q.end = err
		q.arrival()
	}
	q.kick()
}

// stop ends the receiving side: it reads no more, and the sender learns it.
func (q *simQueue) stop(err error) {
	q.net.mu.Lock()
	defer q.net.mu.Unlock()
	if q.closed == nil {
		q.closed, q.items, q.size = err, nil, 0
	}
	delete(q.net.queues, q)
	q.kick()
}

// reset breaks the queue: what is under way is lost. The caller holds mu.
func (q *simQueue) reset(err error) {
	if q.end == nil {
		q.end, q.items, q.size = err, nil, 0
		q.arrival()
	}
	q.kick()
}

func (q *simQueue) kick() {
	signal(q.wake)
	signal(q.drawn)
}

// start begins a process on a host.
func (n *simNet) start(host string) *simProc {
	n.mu.Lock()
	defer n.mu.Unlock()
	p := &simProc{host: host, end: make(chan struct{})}
	n.procs[host] = p
	return p
}

// kill ends a process: what it has sent still arrives, it does nothing more.
func (n *simNet) kill(p *simProc) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if p.dead {
		return
	}
	p.dead = true
	close(p.end)
	for q := range n.queues {
		switch {
		case q.from == p && q.end == nil:
			q.end = q.broken
			q.arrival()
		case q.to == p:
			q.closed = errSimDead
		}
		q.kick()
	}
}

// alter changes the network, and lets what it held back arrive.
func (n *simNet) alter(change func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	change()
	for q := range n.queues {
		q.kick()
	}
}

// breakLinks resets the connections between two hosts that which tells of.
func (n *simNet) breakLinks(which func(q *simQueue) bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for q := range n.queues {
		if which(q) {
			q.reset(q.broken)
		}
	}
}

// dead says whether a process was killed.
func (n *simNet) dead(p *simProc) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return p.dead
}

// errSimReset is what a ring's connection ends with.
var errSimReset = io.ErrUnexpectedEOF
