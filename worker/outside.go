package worker

import (
	"context"
	"io"
	"net"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"github.com/rondo-ml/rondo/allreduce"
	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/identity"
	"github.com/rondo-ml/rondo/worker/checkpoint"
)

// outside is what a worker reaches beyond its process. Where a field is nil that is
// the real thing; a simulation has others.
type outside struct {
	call   caller                                                   // coordinators
	lookup func(ctx context.Context, host string) ([]string, error) // addresses that a name stands for
	ring   func(ctx context.Context, v *api.View, view allreduce.View, linked func(generation uint64, next bool)) (next, prev allreduce.Link, err error)
	fs     checkpoint.FS // where checkpoints are

	ceiling func(threads int) float64 // floating-point operations a second that so many threads can do
}

// caller finds the way to the coordinator at an address. Nothing is sent yet.
type caller func(addr string) (connection, error)

// connection is a way to a coordinator.
type connection interface {
	grpc.ClientConnInterface
	io.Closer
}

// caller is gRPC with TLS.
func (c *Config) caller() caller {
	if c.outside.call != nil {
		return c.outside.call
	}
	return func(addr string) (connection, error) {
		return grpc.NewClient(addr, grpc.WithTransportCredentials(credentials.NewTLS(c.Credentials.Client(identity.MayCoordinate))))
	}
}

// lookup is the system's name server.
func (c *Config) lookup() func(ctx context.Context, host string) ([]string, error) {
	if c.outside.lookup != nil {
		return c.outside.lookup
	}
	return net.DefaultResolver.LookupHost
}

// files is where checkpoints are.
func (c *Config) files() checkpoint.FS {
	if c.outside.fs != nil {
		return c.outside.fs
	}
	return checkpoint.Files{}
}

// closeRing makes the links to the next worker of a view and from the one before.
func (w *worker) closeRing(ctx context.Context, v *api.View, view allreduce.View) (next, prev allreduce.Link, err error) {
	if ring := w.cfg.outside.ring; ring != nil {
		return ring(ctx, v, view, w.activity.linked)
	}
	return w.ring.connect(ctx, w.cfg, v, view, w.cfg.File.Hash(), w.activity.linked)
}
