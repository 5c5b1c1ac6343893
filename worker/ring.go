package worker

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/rondo-ml/rondo/allreduce"
	"github.com/rondo-ml/rondo/coordinator/advertise"
	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/identity"
	"github.com/rondo-ml/rondo/coordinator/runfile"
)

// ringListener is where the worker before this one in the ring connects.
type ringListener struct {
	listener *allreduce.Listener
	unixAddr string          // path, or empty
	tcp      *advertise.Port // nil: none
}

// listenRing opens the sockets that cfg names.
func listenRing(cfg Config) (*ringListener, error) {
	var addresses []string
	var socketDir string
	if cfg.SocketDir != "" {
		var err error
		if socketDir, err = filepath.Abs(cfg.SocketDir); err != nil {
			return nil, fmt.Errorf("--socket-dir: %w", err)
		}
		addresses = append(addresses, "unix://"+filepath.Join(socketDir, socketName(cfg.Name)))
	}
	if cfg.RingListen != "" {
		addresses = append(addresses, "tcp://"+cfg.RingListen)
	}
	l, err := allreduce.Listen(context.Background(), cfg.Credentials.Server(), addresses,
		allreduce.WithLogger(cfg.Log), allreduce.WithCertificateCheck(mayBe))
	if err != nil {
		return nil, fmt.Errorf("the ring's listener: %w; give another --ring-listen or --socket-dir", err)
	}
	r := &ringListener{listener: l}
	for _, a := range l.Addresses() {
		if path, ok := strings.CutPrefix(a, "unix://"); ok {
			r.unixAddr = path
			removeStale(socketDir, cfg.Name)
			continue
		}
		r.tcp = &advertise.Port{Flag: "--ring-advertise", Listening: strings.TrimPrefix(a, "tcp://"), Given: cfg.RingAdvertise}
	}
	return r, nil
}

// tell puts the addresses at which neighbours reach this worker into a hello for
// the coordinator at addr, one of all.
func (r *ringListener) tell(ctx context.Context, hello *api.Hello, addr string, all []string) error {
	hello.RingUnix = r.unixAddr
	if r.tcp == nil {
		return nil
	}
	p := *r.tcp
	p.Toward = append([]string{addr}, all...)
	var err error
	if hello.RingTcp, err = p.Address(ctx); err != nil {
		return fmt.Errorf("--ring-listen: %w", err)
	}
	return nil
}

func (r *ringListener) close() { r.listener.Close() }

// connect makes the links to the next worker of the view and from the one
// before, and tells linked of each. Both are nil for a worker alone.
func (r *ringListener) connect(ctx context.Context, cfg Config, v *api.View, view allreduce.View, config string, linked func(generation uint64, next bool)) (next, prev allreduce.Link, err error) {
	self := int(v.Self)
	if view.Workers() == 1 {
		return nil, nil, nil
	}
	hello := allreduce.Hello{Run: v.RunId, Config: config, Name: cfg.Name}
	for _, p := range v.Peers {
		hello.Names = append(hello.Names, p.Name)
	}
	to := v.Peers[view.Next(self)]
	address, fallback, err := dialAddress(v.Peers[self], to)
	if err != nil {
		return nil, nil, err
	}
	next, prev, err = allreduce.Connect(ctx, view, self, r.listener, address, cfg.Credentials.Client(), hello,
		allreduce.WithLogger(cfg.Log), allreduce.WithCertificateCheck(mayBe), allreduce.WithFallback(fallback),
		allreduce.WithLinked(func(next bool) { linked(v.Generation, next) }))
	if err != nil {
		return nil, nil, fmt.Errorf("closing the ring of generation %d from %s to %s: %w%s", v.Generation, cfg.Name, to.Name, err, addressAdvice(err, to))
	}
	return next, prev, nil
}

// mayBe says what a neighbour's certificate lacks for being the worker of a name.
func mayBe(s tls.ConnectionState, name string) error {
	return identity.PeerMay(s, identity.MayWork(name))
}

// addressAdvice says what to look at when a worker's address led nowhere.
func addressAdvice(err error, to *api.Peer) string {
	peer, ok := errors.AsType[*allreduce.PeerError](err)
	if !ok || peer.Op != "dial" || peer.Field != "" || to.RingTcp == "" {
		return ""
	}
	return fmt.Sprintf("; can %s be reached at %s from here? Its --ring-advertise says what others dial", to.Name, to.RingTcp)
}

// newGroup makes a worker a member of the ring, with sums in the form that the run file asks for. While it computes,
// a neighbour may send it all of a gradient of so many numbers, in parts that have not begun here; and when a view begins,
// the weights and what an optimizer keeps beside them.
func newGroup(f *runfile.File, view allreduce.View, self int, next, prev allreduce.Link, numbers int) (*allreduce.Group, error) {
	wire, err := allreduce.ParseWire(f.Ring.Wire)
	if err != nil {
		return nil, fmt.Errorf("ring.wire: %w", err)
	}
	return allreduce.NewGroup(view, self, next, prev, allreduce.WithWire(wire), allreduce.WithHoldLimit(1<<30+16*int64(numbers)))
}

// dialAddress chooses how a worker reaches the next one: by its unix socket when
// that is here, else by TLS. Names of hosts do not count, for hosts may share one;
// the socket's name is its worker's alone. TLS is the fallback, too, where a
// directory is shared with another host.
func dialAddress(self, next *api.Peer) (address, fallback string, err error) {
	if next.RingTcp != "" {
		address = "tcp://" + next.RingTcp
	}
	if next.RingUnix != "" {
		if _, err := os.Lstat(next.RingUnix); err == nil {
			return "unix://" + next.RingUnix, address, nil
		}
	}
	if address == "" {
		return "", "", fmt.Errorf("%s on host %s cannot be reached from %s on host %s: start it with --ring-listen",
			next.Name, next.Host, self.Name, self.Host)
	}
	return address, "", nil
}

// socketSuffix is how long the part of a socket's name is that no other socket has.
const socketSuffix = 8

// socketName is new for every start of a worker: what a killed one has left
// behind, here or on a host of the same name, cannot be taken for it.
func socketName(worker string) string { return worker + "-" + rand.Text()[:socketSuffix] + ".sock" }
