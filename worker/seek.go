package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// Times of looking for the coordinator that leads.
const (
	dialPatience = 3 * time.Second        // for one coordinator of several to welcome us
	onlyPatience = time.Minute            // for the only one there can be, of a worker that ends with it: the machine is busy
	dialStagger  = 500 * time.Millisecond // before the next is asked beside one that does not answer
	seekEvery    = 500 * time.Millisecond // between two rounds
	tellEvery    = 30 * time.Second       // that none was found
)

// seeker finds the coordinator that leads among those whose addresses a worker
// was given. A name may stand for several coordinators; one that does not lead
// names the one that does.
type seeker struct {
	addrs  []string // host:port
	call   caller
	lookup func(ctx context.Context, host string) ([]string, error)
	only   bool                                  // there is no other coordinator to turn to
	hello  func(addr string) (*api.Hello, error) // what to say to the coordinator at addr
	hint   func() string                         // the address that gossip names, or ""
	part   func()                                // leaves the ring, for which the worker comes too late
	log    *slog.Logger

	welcomed bool // once: what then fails for one coordinator may not for the next
}

// find looks until a coordinator welcomes the worker, and says why it waits: once,
// then seldom. An error is final: a refusal, the run's end, or ctx's.
func (s *seeker) find(ctx context.Context, least uint64, waits string) (*link, error) {
	var told time.Time
	for {
		l, err := s.round(ctx, least, "")
		if l != nil || s.isFinal(err) {
			return l, err
		}
		if now := time.Now(); told.IsZero() || now.Sub(told) >= tellEvery {
			told = now
			s.log.Info(waits, "reason", err)
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(seekEvery):
		}
	}
}

// answered is what became of asking one coordinator.
type answered struct {
	link *link
	err  error
}

// round asks each coordinator once but for the one at except, one after the
// other, and returns the first that leads in a term that is not before least.
func (s *seeker) round(ctx context.Context, least uint64, except string) (*link, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	queue, errs := s.candidates(ctx)
	asked := map[string]bool{except: true, "": true}
	answers := make(chan answered)
	pending := 0
	for len(queue) > 0 || pending > 0 {
		var patience <-chan time.Time
		if len(queue) > 0 {
			addr := queue[0]
			queue = queue[1:]
			if asked[addr] {
				continue
			}
			asked[addr] = true
			pending++
			go func() { s.ask(ctx, addr, least, answers) }()
			if len(queue) > 0 {
				patience = time.After(dialStagger)
			}
		}
		select {
		case a := <-answers:
			pending--
			if a.link != nil || s.isFinal(a.err) {
				return a.link, a.err
			}
			if other, ok := errors.AsType[*elsewhereError](a.err); ok && other.Leader != "" {
				queue = append([]string{other.Leader}, queue...)
			}
			errs = append(errs, a.err)
		case <-patience:
		case <-ctx.Done(): // those who were asked may not say so
			return nil, context.Cause(ctx)
		}
	}
	return nil, joinLine(errs)
}

// ask asks one coordinator. An answer that nobody waits for any more is let go.
func (s *seeker) ask(ctx context.Context, addr string, least uint64, answers chan<- answered) {
	hello, err := s.hello(addr)
	var l *link
	if err == nil {
		patience := dialPatience
		if s.only {
			patience = onlyPatience
		}
		l, err = dial(ctx, addr, s.call, hello, patience)
		if refused, ok := errors.AsType[*RefusedError](err); ok && refused.Part {
			s.part()
		}
	} else {
		err = &finalError{err}
	}
	if l != nil && l.welcome.Term < least {
		l.close()
		l, err = nil, fmt.Errorf("coordinator %s leads no more: it is of term %d, and a leader of term %d was heard", addr, l.welcome.Term, least)
	}
	select {
	case answers <- answered{l, err}:
	case <-ctx.Done():
		if l != nil {
			l.close()
		}
	}
}

// candidates are the addresses to ask, the likeliest first.
func (s *seeker) candidates(ctx context.Context) (addrs []string, errs []error) {
	if leader := s.hint(); leader != "" {
		addrs = append(addrs, leader)
	}
	for _, addr := range s.addrs {
		each, err := s.resolved(ctx, addr)
		addrs = append(addrs, each...)
		if err != nil {
			errs = append(errs, fmt.Errorf("coordinator %s: %w", addr, err))
		}
	}
	return addrs, errs
}

// resolved are the addresses that a host's name stands for; the name itself, if
// there is one.
func (s *seeker) resolved(ctx context.Context, addr string) ([]string, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, &finalError{err}
	}
	if _, err := netip.ParseAddr(host); err == nil || host == "" {
		return []string{addr}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, dialPatience)
	defer cancel()
	ips, err := s.lookup(ctx, host)
	if err != nil {
		return nil, err
	}
	if len(ips) == 1 {
		return []string{addr}, nil
	}
	all := make([]string, len(ips))
	for i, ip := range ips {
		all[i] = net.JoinHostPort(ip, port)
	}
	return all, nil
}

// joinLine joins errors to one on one line, each text once.
func joinLine(errs []error) error {
	var texts []string
	seen := map[string]bool{}
	for _, err := range errs {
		if text := err.Error(); !seen[text] {
			seen[text] = true
			texts = append(texts, text)
		}
	}
	return errors.New(strings.Join(texts, "; "))
}

// elsewhereError says that another coordinator leads.
type elsewhereError struct{ Coordinator, Leader string }

func (e *elsewhereError) Error() string {
	return fmt.Sprintf("coordinator %s does not lead; %s does", e.Coordinator, e.Leader)
}

// finalError is one that asking again does not mend.
type finalError struct{ Err error }

func (e *finalError) Error() string { return e.Err.Error() }

func (e *finalError) Unwrap() error { return e.Err }

// isFinal says that there is no use in going on looking.
func (s *seeker) isFinal(err error) bool {
	if refused, ok := errors.AsType[*RefusedError](err); ok {
		return !refused.Later
	}
	_, ended := errors.AsType[*EndError](err)
	_, final := errors.AsType[*finalError](err)
	return ended || final && !s.welcomed
}
