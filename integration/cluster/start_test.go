package cluster

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/integration/cluster/binaries"
	"github.com/rondo-ml/rondo/integration/cluster/lab"
)

// Images that nodes have: rondoImage is what the overlays are made to ask for, etcdImage what they ask for by themselves.
const (
	rondoImage = "rondo:lab"
	etcdImage  = "gcr.io/etcd-development/etcd:v3.7.3"
)

// volumes are enough for all tests: one that was a claim's is not another's.
const volumes = 40

// theCluster is up for all tests, with one node.
var theCluster = sync.OnceValues(func() (*lab.Cluster, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	bins, err := set()
	if err != nil {
		return nil, err
	}
	c, err := lab.Start(ctx, os.Getenv(workDir), bins)
	if err != nil {
		return nil, err
	}
	if err := addNode(ctx, c); err != nil {
		return nil, err
	}
	return c, c.AddVolumes(ctx, volumes)
})

// addNode adds a node that has the images.
func addNode(ctx context.Context, c *lab.Cluster) error {
	n, err := c.AddNode(ctx)
	if err != nil {
		return err
	}
	for _, archive := range []string{"pause.tar", "rondo.tar", "etcd.tar"} {
		if err := n.Import(ctx, filepath.Join(c.Dir, archive)); err != nil {
			return err
		}
	}
	return nil
}

// start returns the cluster, and a context that ends a little before the test.
func start(t *testing.T) (context.Context, *lab.Cluster) {
	t.Helper()
	begun := time.Now()
	c, err := theCluster()
	if err != nil {
		t.Fatal(err)
	}
	if d := time.Since(begun); d > time.Second {
		t.Logf("the cluster is up after %.1f s", d.Seconds())
	}
	ctx := t.Context()
	if end, ok := t.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, end.Add(-10*time.Second))
		t.Cleanup(cancel)
	}
	return ctx, c
}

// TestCluster asks that the nodes are ready and of the version that was built.
func TestCluster(t *testing.T) {
	ctx, c := start(t)
	out, err := c.Kubectl(ctx, "get", "nodes")
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(out, " Ready "); n != len(c.Nodes) || strings.Count(out, binaries.Version) != n {
		t.Errorf("want %d nodes that are ready, of version %s:\n%s", len(c.Nodes), binaries.Version, out)
	}
}
