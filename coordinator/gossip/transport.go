package gossip

import (
	"context"
	"crypto/tls"
	"fmt"
	"log"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/hashicorp/memberlist"

	"github.com/rondo-ml/rondo/allreduce/admission"
)

// Limits on what strangers may hold of the gossip's TCP port.
const (
	maxUnproven       = 64
	handshakePatience = 5 * time.Second
)

// transport is memberlist's own with mutual TLS around its streams. memberlist
// reads all of a stream, up to megabytes, before it knows whether the sender has
// the key; behind TLS it reads from members of the run alone. A datagram, which
// has no TLS, is decrypted by itself or dropped.
type transport struct {
	*memberlist.NetTransport
	server, client *tls.Config
	gate           *admission.Gate
	streams        chan net.Conn

	ctx    context.Context // ends with Shutdown
	cancel context.CancelFunc
	wg     sync.WaitGroup
}

// newTransport listens on an address for TCP and UDP; port 0 takes a port that is
// free for both.
func newTransport(bind *net.TCPAddr, cfg Config) (*transport, error) {
	config := &memberlist.NetTransportConfig{BindAddrs: []string{""}, BindPort: bind.Port,
		Logger: log.New(debugLines{cfg.Log.With("part", "gossip")}, "", 0)}
	if bind.IP != nil {
		config.BindAddrs[0] = bind.IP.String()
	}
	inner, err := listen(config)
	if err != nil {
		return nil, fmt.Errorf("gossip: cannot listen on %s: %w; give another --gossip-listen", cfg.Bind, err)
	}
	t := &transport{NetTransport: inner, server: cfg.Server, client: cfg.Client, streams: make(chan net.Conn),
		gate: newGate(cfg.Log)}
	t.ctx, t.cancel = context.WithCancel(context.Background())
	t.wg.Go(t.accept)
	return t, nil
}

func newGate(log *slog.Logger) *admission.Gate {
	return admission.NewGate("gossip", admission.Limits{Connections: maxUnproven, Bytes: admission.Handshake, Time: handshakePatience}, log)
}

// listenTries is how many ports that are free for TCP are tried for UDP too.
const listenTries = 10

func listen(config *memberlist.NetTransportConfig) (t *memberlist.NetTransport, err error) {
	for range listenTries {
		if t, err = memberlist.NewNetTransport(config); err == nil || config.BindPort != 0 {
			break
		}
	}
	return t, err
}

// accept takes streams until Shutdown has closed the listener.
func (t *transport) accept() {
	for {
		select {
		case conn := <-t.NetTransport.StreamCh():
			stranger := t.gate.Admit(conn)
			t.wg.Go(func() { t.meet(stranger) })
		case <-t.ctx.Done():
			return
		}
	}
}

// meet hands a stream to memberlist when its sender has shown a certificate.
func (t *transport) meet(stranger *admission.Conn) {
	secure := tls.Server(stranger, t.server)
	if err := secure.HandshakeContext(t.ctx); err != nil {
		stranger.Refuse(err)
		return
	}
	stranger.Proven()
	select {
	case t.streams <- secure:
	case <-t.ctx.Done():
		stranger.Close()
	}
}

// StreamCh is where memberlist gets streams of members.
func (t *transport) StreamCh() <-chan net.Conn { return t.streams }

// DialTimeout opens a stream to a member.
func (t *transport) DialTimeout(addr string, timeout time.Duration) (net.Conn, error) {
	return t.DialAddressTimeout(memberlist.Address{Addr: addr}, timeout)
}

// DialAddressTimeout opens a stream to a member.
func (t *transport) DialAddressTimeout(a memberlist.Address, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(t.ctx, timeout)
	defer cancel()
	d := tls.Dialer{Config: t.client}
	return d.DialContext(ctx, "tcp", a.Addr)
}

// Shutdown closes the listeners, and waits for handshakes under way.
func (t *transport) Shutdown() error {
	err := t.NetTransport.Shutdown() // whose last streams accept takes
	t.cancel()
	t.wg.Wait()
	return err
}
