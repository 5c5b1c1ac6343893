package coordinator

import (
	"sync"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// queued is how many messages may wait for one worker. A run sends a worker a
// handful for each checkpoint; one that lets this many wait does not read.
const queued = 64

// hub holds the streams of workers. Sending never blocks: every stream has a
// bounded queue and a goroutine that empties it, so a worker that does not
// read is dropped and delays nobody.
type hub struct {
	limit int // streams at once

	mu      sync.Mutex
	next    uint64
	streams map[uint64]*stream
	end     *api.End // set once the run is over: newcomers are told this
	empty   chan struct{}
}

func newHub(limit int) *hub {
	return &hub{limit: limit, streams: map[uint64]*stream{}, empty: make(chan struct{})}
}

// stream is the sending side of one worker's stream.
type stream struct {
	conn uint64
	out  chan *api.ToWorker // closed when no more will come
	gone chan struct{}      // closed when the stream must end at once

	mu     sync.Mutex
	closed bool // out is
	known  bool // Welcome was queued
	ended  bool // End was queued
	err    error
}

// open adds a stream. Once the run is over it returns the end instead.
func (h *hub) open() (*stream, *api.End, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.end != nil {
		return nil, h.end, nil
	}
	if len(h.streams) >= h.limit {
		return nil, nil, faultf(faultBusy, "%d streams are open, the most this coordinator serves", h.limit)
	}
	h.next++
	s := &stream{conn: h.next, out: make(chan *api.ToWorker, queued), gone: make(chan struct{})}
	h.streams[s.conn] = s
	return s, nil, nil
}

// drop forgets a stream that has ended.
func (h *hub) drop(s *stream) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.streams, s.conn)
	if h.end != nil && len(h.streams) == 0 {
		h.closeEmpty()
	}
}

func (h *hub) closeEmpty() {
	select {
	case <-h.empty:
	default:
		close(h.empty)
	}
}

func (h *hub) find(conn uint64) *stream {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.streams[conn]
}

// send queues a message. A stream that is gone is none of the caller's
// business: its reader reports it.
func (h *hub) send(conn uint64, m *api.ToWorker) {
	if s := h.find(conn); s != nil {
		s.send(m)
	}
}

// close ends a stream after what is queued has been sent.
func (h *hub) close(conn uint64) {
	if s := h.find(conn); s != nil {
		s.close()
	}
}

// fail ends a stream at once.
func (h *hub) fail(conn uint64, err error) {
	if s := h.find(conn); s != nil {
		s.fail(err)
	}
}

// spare gives a worker a message that it can do without: where many wait it is let go.
func (h *hub) spare(conn uint64, m *api.ToWorker) {
	if s := h.find(conn); s != nil {
		s.pulse(m)
	}
}

// pulse gives a message to all who were welcomed and have few waiting.
func (h *hub) pulse(m *api.ToWorker) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, s := range h.streams {
		s.pulse(m)
	}
}

func (s *stream) pulse(m *api.ToWorker) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.err != nil || !s.known || s.ended || len(s.out) > queued/2 {
		return
	}
	s.out <- m // there is room, and nobody else fills it
}

// finish tells every stream that was not told yet that the run is over, and
// lets all end in order. The channel is closed when none is left.
func (h *hub) finish(end *api.End) <-chan struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.end = end
	for _, s := range h.streams {
		s.sendEnd(end)
		s.close()
	}
	if len(h.streams) == 0 {
		h.closeEmpty()
	}
	return h.empty
}

// abort ends all streams at once with err.
func (h *hub) abort(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, s := range h.streams {
		s.fail(err)
	}
}

func (s *stream) send(m *api.ToWorker) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.err != nil {
		return
	}
	if m.GetEnd() != nil {
		s.ended = true
	}
	s.known = s.known || m.GetWelcome() != nil
	select {
	case s.out <- m:
	default:
		s.failLocked(faultf(faultBusy, "%d messages wait for this worker: it does not read", queued))
	}
}

func (s *stream) sendEnd(end *api.End) {
	s.mu.Lock()
	told := s.ended
	s.mu.Unlock()
	if !told {
		s.send(&api.ToWorker{Message: &api.ToWorker_End{End: end}})
	}
}

func (s *stream) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.closed = true
		close(s.out)
	}
}

// fail ends the stream at once.
func (s *stream) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failLocked(err)
}

func (s *stream) failLocked(err error) {
	if s.err == nil {
		s.err = err
		close(s.gone)
	}
}

// failure is the error that the stream was ended with, nil when it was not.
func (s *stream) failure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}
