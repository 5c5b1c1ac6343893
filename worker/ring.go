package worker

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/rondo-ml/rondo/allreduce"
	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/runfile"
)

// ringListener is where the worker before this one in the ring connects.
type ringListener struct {
	listener          *allreduce.Listener
	unixAddr, tcpAddr string // as peers dial them; empty when there is none
}

// listenRing opens the sockets that cfg names.
func listenRing(cfg Config) (*ringListener, error) {
	var addresses []string
	if cfg.SocketDir != "" {
		dir, err := filepath.Abs(cfg.SocketDir)
		if err != nil {
			return nil, fmt.Errorf("--socket-dir: %w", err)
		}
		addresses = append(addresses, "unix://"+filepath.Join(dir, cfg.Name+".sock"))
	}
	if cfg.RingListen != "" {
		addresses = append(addresses, "tcp://"+cfg.RingListen)
	}
	l, err := allreduce.Listen(context.Background(), cfg.Credentials.Server(), addresses, allreduce.WithLogger(cfg.Log))
	if err != nil {
		return nil, fmt.Errorf("the ring's listener: %w; give another --ring-listen or --socket-dir", err)
	}
	r := &ringListener{listener: l}
	for _, a := range l.Addresses() {
		if path, ok := strings.CutPrefix(a, "unix://"); ok {
			r.unixAddr = path
			continue
		}
		r.tcpAddr = strings.TrimPrefix(a, "tcp://")
		if cfg.RingAdvertise != "" {
			r.tcpAddr = cfg.RingAdvertise
		}
	}
	return r, nil
}

func (r *ringListener) close() { r.listener.Close() }

// connect makes the links to the next worker of the view and from the one
// before. Both are nil for a worker alone.
func (r *ringListener) connect(ctx context.Context, cfg Config, v *api.View, view allreduce.View, config string) (next, prev allreduce.Link, err error) {
	self := int(v.Self)
	if view.Workers() == 1 {
		return nil, nil, nil
	}
	to := v.Peers[view.Next(self)]
	address, err := dialAddress(v.Peers[self], to)
	if err != nil {
		return nil, nil, err
	}
	hello := allreduce.Hello{Run: v.RunId, Config: config, Name: cfg.Name}
	next, prev, err = allreduce.Connect(ctx, view, self, r.listener, address, cfg.Credentials.Client(), hello, allreduce.WithLogger(cfg.Log))
	if err != nil {
		return nil, nil, fmt.Errorf("closing the ring of generation %d from %s to %s: %w", v.Generation, cfg.Name, to.Name, err)
	}
	return next, prev, nil
}

// newGroup makes a worker a member of the ring, with sums in the form that the run file asks for. While it computes,
// a neighbour may send it all of a gradient of so many numbers, in parts that have not begun here.
func newGroup(f *runfile.File, view allreduce.View, self int, next, prev allreduce.Link, numbers int) (*allreduce.Group, error) {
	wire, err := allreduce.ParseWire(f.Ring.Wire)
	if err != nil {
		return nil, fmt.Errorf("ring.wire: %w", err)
	}
	return allreduce.NewGroup(view, self, next, prev, allreduce.WithWire(wire), allreduce.WithHoldLimit(1<<30+4*int64(numbers)))
}

// dialAddress chooses how a worker reaches the next one: a unix socket when
// both are on one host and it is there, TLS otherwise.
func dialAddress(self, next *api.Peer) (string, error) {
	if next.RingUnix != "" && next.Host == self.Host {
		if _, err := os.Stat(next.RingUnix); err == nil {
			return "unix://" + next.RingUnix, nil
		}
	}
	if next.RingTcp != "" {
		return "tcp://" + next.RingTcp, nil
	}
	return "", fmt.Errorf("%s on host %s cannot be reached from %s on host %s: start it with --ring-listen",
		next.Name, next.Host, self.Name, self.Host)
}
