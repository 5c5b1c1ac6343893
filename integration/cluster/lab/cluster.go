package lab

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/rondo-ml/rondo/integration/cluster/binaries"
)

// Cluster is a control plane and its nodes.
type Cluster struct {
	API
	Dir   string // of everything it writes
	Nodes []*Node

	bins binaries.Set
}

// Start brings a control plane up and waits until it answers. Call it once, inside
// (Main).
func Start(ctx context.Context, dir string, bins binaries.Set) (*Cluster, error) {
	if !Inside() {
		return nil, errors.New("a cluster is started inside namespaces of its own: by Main")
	}
	c := &Cluster{Dir: dir, bins: bins}
	for _, d := range []string{"logs", "keys", "etcd"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o700); err != nil {
			return nil, err
		}
	}
	if err := errors.Join(hide(dir), network()); err != nil {
		return nil, err
	}
	if err := c.writeKeys(); err != nil {
		return nil, err
	}
	if err := c.startControl(ctx); err != nil {
		return nil, err
	}
	return c, nil
}

// until calls ready every now and then until it has no error, p has ended or ctx
// has.
func until(ctx context.Context, p *process, ready func() error) error {
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for {
		err := ready()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s is not ready: %w; see %s", p.name, err, p.log)
		case <-p.ended:
			return p.died()
		case <-tick.C:
		}
	}
}
