package worker

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// silentAfter is how long a coordinator that leads says nothing at most.
const silentAfter = 2 * time.Second

// session is a worker's talk with whoever leads the run. It outlives
// coordinators: while none is there the worker trains on, and the next one is
// told where it stands and what it must know. A leader of an earlier term than
// one that was heard is not obeyed.
type session struct {
	seek     *seeker
	outlives bool // a coordinator that is lost is not the worker's end
	lost     func(addr string, err error) error
	handle   func(*api.ToWorker)
	end      context.CancelCauseFunc // ends the worker
	log      *slog.Logger
	out      *outbox

	mu     sync.Mutex
	link   *link        // nil: none now
	newest *api.Welcome // of the last link
	term   uint64

	hand sync.Mutex // held while a message is handled
}

// open finds the coordinator that leads and begins to talk. ctx bounds the
// search, life all that follows; answer sees the first welcome.
func (s *session) open(ctx, life context.Context, answer func(*link) error) error {
	var l *link
	var err error
	if s.outlives {
		l, err = s.seek.find(ctx, 0, "waiting for a coordinator that leads")
	} else {
		l, err = s.seek.round(ctx, 0, "")
	}
	if err != nil {
		return err
	}
	s.seek.welcomed = true
	if err := answer(l); err != nil {
		l.close()
		return err
	}
	s.adopt(l)
	go s.run(life, l)
	return nil
}

// adopt makes a link the one that counts.
func (s *session) adopt(l *link) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.link = l
	if l != nil {
		s.newest = l.welcome
		s.term = max(s.term, l.welcome.Term)
	}
}

// welcomed is the newest welcome.
func (s *session) welcomed() *api.Welcome {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.newest
}

// heard is the latest term that was heard.
func (s *session) heard() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.term
}

// run talks by one link after the other until life ends.
func (s *session) run(life context.Context, l *link) {
	for life.Err() == nil {
		next, err := s.serve(life, l)
		s.adopt(next)
		if life.Err() != nil {
			return
		}
		if !s.outlives {
			s.end(s.lost(l.addr, err))
			return
		}
		if next == nil {
			s.log.Warn("the coordinator was lost; training goes on without it", "coordinator", l.addr, "reason", err)
			if next, err = s.seek.find(life, s.heard(), "no coordinator leads; training goes on without it"); err != nil {
				s.end(err)
				return
			}
			s.adopt(next)
		}
		s.log.Info("follows the coordinator that leads", "coordinator", next.addr, "term", next.welcome.Term)
		l = next
	}
}

// serve talks by a link until it breaks, or until another coordinator is found
// to lead while this one is silent or in doubt.
func (s *session) serve(life context.Context, l *link) (next *link, err error) {
	s.out.begin()
	defer s.out.end()
	var writing sync.WaitGroup
	defer writing.Wait() // or it would take what is for the next link
	defer l.close()
	ctx, cancel := context.WithCancel(life)
	defer cancel()
	broken := make(chan error, 1)
	pulses := make(chan *api.Pulse, 1)
	writing.Go(func() { s.write(ctx, l) })
	go func() { broken <- s.read(l, pulses) }()
	looking, found := false, make(chan *link)
	search := time.NewTimer(silentAfter)
	defer search.Stop()
	for {
		select {
		case <-life.Done():
			return nil, life.Err()
		case err := <-broken:
			return nil, err
		case p := <-pulses:
			s.mu.Lock()
			s.term = max(s.term, p.GetTerm())
			s.mu.Unlock()
			if search.Stop(); p.GetDoubt() {
				search.Reset(0)
			} else {
				search.Reset(silentAfter)
			}
		case <-search.C:
			if !looking {
				looking = true
				go s.look(ctx, l, found)
			}
		case other := <-found:
			looking = false
			if other != nil {
				return other, fmt.Errorf("coordinator %s leads now", other.addr)
			}
			search.Reset(seekEvery)
		}
	}
}

// look asks the other coordinators once whether one leads in a later term.
func (s *session) look(ctx context.Context, than *link, found chan<- *link) {
	other, _ := s.seek.round(ctx, s.heard()+1, than.addr)
	select {
	case found <- other:
	case <-ctx.Done():
		if other != nil {
			other.close()
		}
	}
}

// read handles messages until the link breaks.
func (s *session) read(l *link, pulses chan<- *api.Pulse) error {
	for {
		m, err := l.stream.Recv()
		if err != nil {
			return l.wrap(err)
		}
		select {
		case pulses <- m.GetPulse(): // nil is a sign of life too
		default:
		}
		if m.GetPulse() == nil {
			s.obey(l, m)
		}
	}
}

// obey handles a message, unless another coordinator leads by now.
func (s *session) obey(l *link, m *api.ToWorker) {
	s.hand.Lock()
	defer s.hand.Unlock()
	s.mu.Lock()
	current := s.link == l
	s.mu.Unlock()
	if current {
		s.handle(m)
	}
}

// write empties the outbox into the link.
func (s *session) write(ctx context.Context, l *link) {
	for {
		select {
		case <-s.out.wake:
		case <-ctx.Done():
			return
		}
		for _, m := range s.out.take() {
			if l.stream.Send(m) != nil {
				return // the reader says why
			}
		}
	}
}

// maxUnsettled is how many checkpoints may wait on disk for a coordinator that commits them.
const maxUnsettled = 2

// orphaned says that no coordinator leads, and that as many checkpoints wait for one as may.
func (s *session) orphaned() bool {
	s.mu.Lock()
	none := s.link == nil
	s.mu.Unlock()
	return none && s.out.unsettled() >= maxUnsettled
}
