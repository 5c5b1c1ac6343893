package coordinator

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/server/v3/embed"
	"go.etcd.io/etcd/server/v3/etcdserver/api/v3client"
	"go.uber.org/zap"

	"github.com/rondo-ml/rondo/coordinator/dirlock"
)

// Bounds of an etcd in this process. A record is a few kilobytes a run, written at views, checkpoints and decisions.
const (
	embedQuota     = 256 << 20 // bytes of its file; beyond it etcd takes no more
	embedEntries   = 1000      // changes that it keeps in memory before it writes a snapshot
	embedRevisions = "1000"    // that are kept when it compacts, every five minutes
	embedFiles     = 2         // of snapshots and of the log, besides those in use
	embedPatience  = 30 * time.Second
)

// embedded is an etcd of this process. It listens nowhere: its one client calls it.
type embedded struct {
	server *embed.Etcd
	client *clientv3.Client
	lock   *dirlock.Lock
}

// openEmbedded runs an etcd whose data is in dir, which is made (mode 0700) if need be, and opens the record of a run
// in it. What an earlier process left of its candidacy is removed: only one process at a time can have the directory.
func openEmbedded(ctx context.Context, dir, run, name string, log *slog.Logger) (Store, *embedded, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, nil, fmt.Errorf("the directory of --embed-etcd: %w", err)
	}
	lock, err := dirlock.Acquire(dir, dirlock.Self(run, rand.Text(), name))
	if held, ok := errors.AsType[*dirlock.HeldError](err); ok {
		return nil, nil, fmt.Errorf("--embed-etcd: %w; end that coordinator first, or give this one a directory of its own", held)
	} else if err != nil {
		return nil, nil, fmt.Errorf("--embed-etcd: %w", err)
	}
	e := &embedded{lock: lock}
	if e.server, err = embed.StartEtcd(embedConfig(dir, log)); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("--embed-etcd %s: %w", dir, err), lock.Release())
	}
	ctx, cancel := context.WithTimeoutCause(ctx, embedPatience, fmt.Errorf("it does not answer within %v", embedPatience))
	defer cancel()
	select {
	case <-e.server.Server.ReadyNotify():
	case <-ctx.Done():
		return nil, nil, errors.Join(fmt.Errorf("--embed-etcd %s: %w", dir, context.Cause(ctx)), e.Close())
	}
	e.client = v3client.New(e.server.Server)
	if _, err := e.client.Delete(ctx, leaders, clientv3.WithPrefix()); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("--embed-etcd %s: %w", dir, err), e.Close())
	}
	return &etcdStore{client: e.client, run: run}, e, nil
}

func embedConfig(dir string, log *slog.Logger) *embed.Config {
	c := embed.NewConfig()
	c.Dir = filepath.Join(dir, "etcd")
	c.ListenPeerUrls, c.ListenClientUrls = nil, nil
	c.InitialCluster = c.InitialClusterFromName(c.Name) // an address that nobody dials
	c.QuotaBackendBytes = embedQuota
	c.SnapshotCount, c.SnapshotCatchUpEntries = embedEntries, embedEntries/10
	c.MaxSnapFiles, c.MaxWalFiles = embedFiles, embedFiles
	c.AutoCompactionMode, c.AutoCompactionRetention = "revision", embedRevisions
	c.ZapLoggerBuilder = embed.NewZapLoggerBuilder(zapEnding(log))
	return c
}

// zapEnding gives an etcd of this process its logger. After a fatal line, as that its log could not be written, the
// record is no longer what it says, so the process ends; another one takes the run up from what is on the disk.
func zapEnding(log *slog.Logger) *zap.Logger {
	return zap.New(zapCore{log.With("part", "etcd")})
}

// Close stops the etcd and lets go of its directory. The store is closed before.
func (e *embedded) Close() error {
	if e.client != nil {
		_ = e.client.Close() // says that it was closed
	}
	e.server.Close()
	return e.lock.Release()
}
