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
// there, or the other end closes before it has answered, it tries again until
// ctx ends; a refusal is final. config is for TCP alone. It blocks until the
// other worker has called Accept for the generation.
func Dial(ctx context.Context, address string, config *tls.Config, hello Hello, opts ...LinkOption) (Link, error) {
	network, rest, err := parseAddress(address)
	if err != nil {
		return nil, err
	}
	if network == "tcp" && config == nil {
		return nil, fmt.Errorf("address %q: TCP needs a TLS configuration", address)
	}
	if network == "unix" {
		config = nil
	}
	o := linkOptionsOf(opts)
	for wait := 10 * time.Millisecond; ; wait = min(2*wait, time.Second) {
		link, err := dialOnce(ctx, network, rest, address, config, hello, o)
		if err == nil {
			return link, nil
		}
		if !worthAnother(err) || !pause(ctx, wait) {
			return nil, peerError(hello.To, address, "dial", err)
		}
	}
}

func dialOnce(ctx context.Context, network, rest, address string, config *tls.Config, hello Hello, o linkOptions) (Link, error) {
	var d net.Dialer
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
	if !local {
		theirs, err := greet(conn, hello)
		return theirs, nil, err
	}
	r := &receiver{UnixConn: socket, fd: -1}
	defer r.drop()
	theirs, err := greet(r, hello)
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

// worthAnother says whether an error may pass: the other worker has not begun to
// listen, or has just begun anew.
func worthAnother(err error) bool {
	return errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) ||
		errors.Is(err, fs.ErrNotExist) || errors.Is(err, io.EOF)
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
