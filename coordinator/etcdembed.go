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

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	"go.etcd.io/etcd/client/pkg/v3/types"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/server/v3/config"
	"go.etcd.io/etcd/server/v3/etcdserver"
	"go.etcd.io/etcd/server/v3/etcdserver/api/v3client"
	"go.etcd.io/etcd/server/v3/features"
	"go.uber.org/zap"

	"github.com/rondo-ml/rondo/coordinator/dirlock"
)

// Bounds of an etcd in this process. A record is a few kilobytes a run, written at views, checkpoints and decisions.
const (
	embedQuota      = 256 << 20  // bytes of its file; beyond it etcd takes no more
	embedEntries    = 1000       // changes that it keeps in memory before it writes a snapshot
	embedRevisions  = 1000       // that are kept when it compacts, every five minutes
	embedOperations = 128        // of a transaction
	embedRequest    = 1536 << 10 // bytes of one
	embedFiles      = 2          // of snapshots and of the log, besides those in use
	embedPatience   = 30 * time.Second
)

// embedded is an etcd of this process. It listens nowhere: its one client calls it.
type embedded struct {
	server *etcdserver.EtcdServer
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
	if e.server, err = embedServer(dir, log); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("--embed-etcd %s: %w", dir, err), lock.Release())
	}
	ctx, cancel := context.WithTimeoutCause(ctx, embedPatience, fmt.Errorf("it does not answer within %v", embedPatience))
	defer cancel()
	select {
	case <-e.server.ReadyNotify():
	case <-ctx.Done():
		return nil, nil, errors.Join(fmt.Errorf("--embed-etcd %s: %w", dir, context.Cause(ctx)), e.Close())
	}
	e.client = v3client.New(e.server)
	if _, err := e.client.Delete(ctx, leaders, clientv3.WithPrefix()); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("--embed-etcd %s: %w", dir, err), e.Close())
	}
	return &etcdStore{client: e.client, run: run, tells: func(err error) error { return explainEmbedded(dir, err) }}, e, nil
}

// explainEmbedded says what an answer of the etcd in a directory means.
func explainEmbedded(dir string, err error) error {
	at := "the etcd of --embed-etcd " + dir
	if errors.Is(rpctypes.Error(err), rpctypes.ErrNoSpace) {
		return fmt.Errorf("%s: it has %w: more than %d MiB are in it; end the coordinator, remove the directory, and begin again with --resume", at, errNoSpace, embedQuota>>20)
	}
	return fmt.Errorf("%s: %w", at, err)
}

// embedServer is an etcd alone in its cluster. It is started without package embed, which brings a gateway, tracing and
// templates for requests from outside: there are none here, and they would be a part of every program in vain.
func embedServer(dir string, log *slog.Logger) (*etcdserver.EtcdServer, error) {
	const name = "default"
	// Addresses that nobody dials: what an etcd has in its records of members.
	client, peer := types.MustNewURLs([]string{"http://localhost:2379"}), types.MustNewURLs([]string{"http://localhost:2380"})
	c := config.ServerConfig{
		Name: name, DataDir: filepath.Join(dir, "etcd"), NewCluster: true,
		ClientURLs: client, PeerURLs: peer, InitialPeerURLsMap: types.URLsMap{name: peer}, InitialClusterToken: "etcd-cluster",
		SnapshotCount: embedEntries, SnapshotCatchUpEntries: embedEntries / 10,
		MaxSnapFiles: embedFiles, MaxWALFiles: embedFiles,
		AutoCompactionMode: "revision", AutoCompactionRetention: embedRevisions,
		QuotaBackendBytes: embedQuota, BackendFreelistType: "hashmap", MaxTxnOps: embedOperations, MaxRequestBytes: embedRequest,
		TickMs: 100, ElectionTicks: 10, InitialElectionTickAdvance: true, PreVote: true,
		StrictReconfigCheck: true, MaxLearners: 1, AuthToken: "simple", BcryptCost: 10, TokenTTL: 300,
		WarningApplyDuration: 100 * time.Millisecond, WarningUnaryRequestDuration: 300 * time.Millisecond,
		CompactHashCheckTime: time.Minute, DowngradeCheckTime: 5 * time.Second,
		Logger: zapEnding(log), ServerFeatureGate: features.NewDefaultServerFeatureGate(name, nil),
		V2Deprecation: config.V2DeprDefault, Metrics: "basic",
	}
	s, err := etcdserver.NewServer(c)
	if err != nil {
		return nil, err
	}
	s.Start()
	return s, nil
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
	e.server.Stop()
	return e.lock.Release()
}
