package allreduce

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"syscall"
	"time"
)

// Dial connects with the next worker and returns the link once both ends have
// agreed on hello, with From this worker and To the next. While nobody listens
// there, or the other end closes before it has answered, it tries again, for a
// minute (see [WithDialPatience]) or until ctx ends; a refusal is final. config is
// for TCP alone. It blocks until the other worker has called Accept for the
// generation.
func Dial(ctx context.Context, address string, config *tls.Config, hello Hello, opts ...LinkOption) (Link, error) {
	o := linkOptionsOf(opts)
	began := time.Now()
	warn := began.Add(dialWarning)
	for wait := 10 * time.Millisecond; ; wait = min(2*wait, time.Second) {
		link, err := o.dial(ctx, address, config, hello)
		if err == nil {
			return link, nil
		}
		if o.fallback != "" && isNobody(err) {
			o.log.Info("allreduce: nobody listens on the socket here; dialling", "socket", address, "address", o.fallback)
			address, o.fallback = o.fallback, ""
			continue
		}
		tried := time.Since(began)
		if again := worthAnother(err); again && tried > o.patience {
			err = fmt.Errorf("nobody answers within %v: %w", o.patience, err)
		} else if again && pause(ctx, wait) {
			if time.Now().After(warn) {
				warn = time.Now().Add(dialEach)
				o.log.Warn("allreduce: the next worker does not answer", "worker", hello.To, "address", address,
					"for", tried.Round(time.Second), "error", err)
			}
			continue
		}
		return nil, peerError(hello.To, address, "dial", err)
	}
}

// Times of dialling. Listeners are open before the view is known, so one that is
// late is a sign of a wrong address.
const (
	dialWarning = 3 * time.Second
	dialEach    = 15 * time.Second // after the first warning
)

// dial tries an address once.
func (o linkOptions) dial(ctx context.Context, address string, config *tls.Config, hello Hello) (Link, error) {
	network, rest, err := parseAddress(address)
	switch {
	case err != nil:
		return nil, err
	case network == "unix":
		config = nil
	case config == nil:
		return nil, fmt.Errorf("address %q: TCP needs a TLS configuration", address)
	}
	return dialOnce(ctx, network, rest, address, config, hello, o)
}

func dialOnce(ctx context.Context, network, rest, address string, config *tls.Config, hello Hello, o linkOptions) (Link, error) {
	d := net.Dialer{Timeout: o.handshake}
	conn, err := d.DialContext(ctx, network, rest)
	if err != nil {
		return nil, err
	}
	raw := conn
	stop := context.AfterFunc(ctx, func() { raw.Close() })
	if config != nil {
		conn, err = secure(ctx, conn, rest, config, o)
	}
	var theirs Hello
	var shared *sharedOut
	if err == nil {
		theirs, shared, err = o.greet(conn, hello)
	}
	if !stop() && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		raw.Close()
		return nil, err
	}
	link := o.link(conn, theirs, address)
	link.shared = shared
	return link, nil
}

// greet is the dialler's half of the handshake, and the mapping of the memory
// that the listener passed, if it did.
func (o linkOptions) greet(conn net.Conn, hello Hello) (Hello, *sharedOut, error) {
	socket, local := conn.(*net.UnixConn)
	verify := func(theirs Hello) error { return o.verify(conn, theirs) }
	if !local {
		theirs, err := greet(conn, hello, verify)
		return theirs, nil, err
	}
	r := &receiver{UnixConn: socket, fd: -1}
	defer r.drop()
	theirs, err := greet(r, hello, verify)
	if err != nil || r.fd < 0 || o.alone {
		return theirs, nil, err
	}
	memory, err := openRegion(r.fd)
	if err != nil {
		o.log.Info("allreduce: payloads take the socket", "reason", err)
		return theirs, nil, nil
	}
	return theirs, &sharedOut{region: memory}, nil
}

// secure puts TLS over a connection. The server's name is the dialled host
// unless the configuration names another.
func secure(ctx context.Context, conn net.Conn, rest string, config *tls.Config, o linkOptions) (net.Conn, error) {
	if config.ServerName == "" && !config.InsecureSkipVerify {
		host, _, err := net.SplitHostPort(rest)
		if err != nil {
			return nil, err
		}
		config = config.Clone()
		config.ServerName = host
	}
	ctx, cancel := context.WithTimeout(ctx, o.handshake)
	defer cancel()
	t := tls.Client(newBurst(conn), config)
	if err := t.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	return t, nil
}

// verify asks the check of certificates whether a peer may have the name of its
// hello. A unix socket, which has none, is this user's own.
func (o linkOptions) verify(conn net.Conn, theirs Hello) error {
	secure, ok := conn.(*tls.Conn)
	if !ok || o.check == nil {
		return nil
	}
	if err := o.check(secure.ConnectionState(), theirs.Name); err != nil {
		return fieldError("certificate", "%v", err)
	}
	return nil
}

// worthAnother says whether an error may pass: the other worker has not begun to
// listen, has just begun anew, or was too busy to take a connection.
func worthAnother(err error) bool {
	late, ok := errors.AsType[net.Error](err)
	return ok && late.Timeout() || isNobody(err) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || errors.Is(err, io.EOF)
}

// isNobody says whether nobody listens at an address.
func isNobody(err error) bool {
	return errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, fs.ErrNotExist)
}

// pause waits, and says whether ctx still lives.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
