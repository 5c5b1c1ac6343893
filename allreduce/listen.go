package allreduce

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/rondo-ml/rondo/allreduce/admission"
)

// Listener receives the connections of previous workers, over all generations
// of a process. A worker that has heard of a new view sooner than this one may
// connect before Accept is called for it; its connection is kept until then.
type Listener struct {
	options   linkOptions
	config    *tls.Config // of TCP
	listeners []net.Listener
	ctx       context.Context // ends with Close
	cancel    context.CancelFunc
	wg        sync.WaitGroup
	arrived   chan struct{} // holds a token when waiting has grown
	accepting sync.Mutex

	mu      sync.Mutex
	mine    Hello // of the latest Accept
	taken   bool  // and it has its connection
	waiting []*visitor
}

// visitor is a connection whose hello has been read.
type visitor struct {
	conn    net.Conn
	hello   Hello
	address string
}

const (
	maxUnproven = 128 // connections whose hello has not been read
	maxWaiting  = 64
)

// Listen opens all addresses, "unix:///path" or "tcp://host:port". config is
// for TCP alone and must require and verify the client's certificate; none of a
// peer's bytes are looked at before that is done. The directory of a socket is
// made with mode 0700, or must be closed to others already.
func Listen(ctx context.Context, config *tls.Config, addresses []string, opts ...LinkOption) (*Listener, error) {
	l := &Listener{options: linkOptionsOf(opts), config: config, arrived: make(chan struct{}, 1)}
	l.ctx, l.cancel = context.WithCancel(context.WithoutCancel(ctx))
	for _, a := range addresses {
		inner, err := listenOn(ctx, a, config)
		if err != nil {
			l.Close()
			return nil, err
		}
		l.listeners = append(l.listeners, inner)
	}
	if len(l.listeners) == 0 {
		return nil, errors.New("listen: no address")
	}
	for _, inner := range l.listeners {
		l.wg.Go(func() { l.serve(inner) })
	}
	return l, nil
}

// Addresses are those that Dial takes, with the port that the system chose for port 0.
func (l *Listener) Addresses() []string {
	var all []string
	for _, inner := range l.listeners {
		all = append(all, inner.Addr().Network()+"://"+inner.Addr().String())
	}
	return all
}

// serve accepts whatever strangers do: a gate bounds what they hold.
func (l *Listener) serve(inner net.Listener) {
	gate := admission.NewGate("ring", admission.Limits{Connections: maxUnproven, Bytes: admission.Handshake,
		Time: l.options.handshake}, l.options.log)
	for {
		conn, err := inner.Accept()
		if err != nil {
			if l.ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
				return
			}
			l.options.log.Warn("allreduce: accept failed", "address", inner.Addr().String(), "error", err)
			if !pause(l.ctx, 50*time.Millisecond) { // out of descriptors, most likely
				return
			}
			continue
		}
		stranger := gate.Admit(conn)
		l.wg.Go(func() { l.meet(stranger, inner.Addr()) })
	}
}

// meet reads a hello and puts the connection among those that wait.
func (l *Listener) meet(stranger *admission.Conn, at net.Addr) {
	raw := stranger.Conn
	stop := context.AfterFunc(l.ctx, func() { raw.Close() })
	address := raw.RemoteAddr().String()
	if at.Network() == "unix" {
		address = "unix://" + at.String()
	}
	conn, hello, err := l.identify(stranger)
	if !stop() {
		stranger.Close()
		return
	}
	if err != nil {
		stranger.Refuse(err)
		return
	}
	stranger.Proven()
	l.park(&visitor{conn: conn, hello: hello, address: address})
}

// identify reads a hello, through TLS where there is any. The connection that it
// returns has no gate beneath it any more.
func (l *Listener) identify(stranger *admission.Conn) (net.Conn, Hello, error) {
	raw := stranger.Conn
	if raw.LocalAddr().Network() == "unix" {
		hello, err := l.readHello(stranger)
		return raw, hello, err
	}
	burst := newBurst(stranger)
	secure := tls.Server(burst, l.config)
	if err := secure.HandshakeContext(l.ctx); err != nil {
		return nil, Hello{}, err
	}
	hello, err := l.readHello(secure)
	if err == nil {
		if err = l.options.verify(secure, hello); err != nil {
			refuse(secure, err)
		}
	}
	burst.onto(raw)
	return secure, hello, err
}

func (l *Listener) readHello(conn net.Conn) (Hello, error) {
	hello, err := readHello(conn)
	if err != nil {
		refuse(conn, err)
	}
	return hello, err
}

// park keeps a visitor for Accept. A second one from the same worker takes the
// place of the first, whose dialler must have given up.
func (l *Listener) park(v *visitor) {
	var turned []*visitor
	l.mu.Lock()
	kept := l.waiting[:0]
	for _, w := range l.waiting {
		if w.hello.From == v.hello.From && w.hello.Generation == v.hello.Generation {
			turned = append(turned, w)
			continue
		}
		kept = append(kept, w)
	}
	l.waiting = append(kept, v)
	if len(l.waiting) > maxWaiting {
		turned, l.waiting = append(turned, l.waiting[0]), l.waiting[1:]
	}
	closed, mine := l.ctx.Err() != nil, l.mine
	if !closed && l.taken && v.hello.Generation <= mine.Generation {
		// Nobody will call Accept for it any more.
		l.waiting = l.waiting[:len(l.waiting)-1]
		l.mu.Unlock()
		l.turnAway(v, v.hello.tooLate(mine))
		return
	}
	l.mu.Unlock()
	for _, w := range turned {
		rawConn(w.conn).Close()
	}
	if closed {
		rawConn(v.conn).Close()
		return
	}
	select {
	case l.arrived <- struct{}{}:
	default:
	}
}

// turnAway tells a visitor why and closes the connection.
func (l *Listener) turnAway(v *visitor, reason error) {
	l.options.log.Warn("allreduce: connection refused", "peer", v.address, "worker", v.hello.From, "reason", reason)
	_ = v.conn.SetDeadline(time.Now().Add(l.options.handshake))
	refuse(v.conn, reason)
	rawConn(v.conn).Close()
}

// Accept returns the link from the previous worker. hello is what this worker
// answers, with From this worker and To the previous one. Connections of the
// same or an older generation that do not match are refused with the field that
// differs, which their Dial returns; those of a newer one are kept.
func (l *Listener) Accept(ctx context.Context, hello Hello) (Link, error) {
	want := hello.reply()
	l.accepting.Lock()
	defer l.accepting.Unlock()
	l.mu.Lock()
	if latest := l.mine.Generation; want.Generation < latest {
		l.mu.Unlock()
		return nil, fmt.Errorf("accept: generation %d after generation %d", want.Generation, latest)
	}
	l.mine, l.taken = hello, false
	l.mu.Unlock()
	for {
		for v := l.next(want.Generation); v != nil; v = l.next(want.Generation) {
			if link := l.settle(v, hello); link != nil {
				l.take(hello)
				return link, nil
			}
		}
		select {
		case <-l.arrived:
		case <-ctx.Done():
			return nil, fmt.Errorf("accept worker %d's link of generation %d: %w", want.From, want.Generation, context.Cause(ctx))
		case <-l.ctx.Done():
			return nil, fmt.Errorf("accept: %w", net.ErrClosed)
		}
	}
}

// take notes that the generation has its link. Visitors for it that came in the
// meantime are told.
func (l *Listener) take(mine Hello) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.taken = true
	kept := l.waiting[:0]
	for _, v := range l.waiting {
		if v.hello.Generation > mine.Generation {
			kept = append(kept, v)
		} else {
			go l.turnAway(v, v.hello.tooLate(mine))
		}
	}
	l.waiting = kept
}

// next takes the first visitor whose generation is not newer.
func (l *Listener) next(generation uint64) *visitor {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, v := range l.waiting {
		if v.hello.Generation <= generation {
			l.waiting = append(l.waiting[:i], l.waiting[i+1:]...)
			return v
		}
	}
	return nil
}

// settle ends the handshake, with a link or without.
func (l *Listener) settle(v *visitor, mine Hello) Link {
	if err := v.hello.check(mine.reply()); err != nil {
		l.turnAway(v, err)
		return nil
	}
	_ = v.conn.SetDeadline(time.Now().Add(l.options.handshake))
	shared, err := l.options.answer(v.conn, mine)
	if err != nil {
		l.options.log.Warn("allreduce: handshake failed", "peer", v.address, "worker", v.hello.From, "error", err)
		rawConn(v.conn).Close()
		return nil
	}
	_ = v.conn.SetDeadline(time.Time{})
	link := l.options.link(v.conn, v.hello, v.address)
	link.in.shared = shared
	return link
}

// answer sends the listener's hello, and memory with it that payloads come in,
// where there is such a thing.
func (o linkOptions) answer(conn net.Conn, mine Hello) (*sharedIn, error) {
	socket, local := conn.(*net.UnixConn)
	if local && !o.alone {
		fd, r, err := makeRegion()
		if err == nil {
			defer closeDescriptor(fd)
			return &sharedIn{region: r}, answer(conn, mine, func(message []byte) error { return handOver(socket, message, fd) })
		}
		o.log.Info("allreduce: payloads take the socket", "reason", err)
	}
	return nil, answer(conn, mine, func(message []byte) error {
		_, err := conn.Write(message)
		return err
	})
}

// Close stops listening and drops the connections that wait. Links live on.
func (l *Listener) Close() error {
	l.cancel()
	var err error
	for _, inner := range l.listeners {
		err = errors.Join(err, inner.Close())
	}
	l.wg.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, v := range l.waiting {
		rawConn(v.conn).Close()
	}
	l.waiting = nil
	return err
}
