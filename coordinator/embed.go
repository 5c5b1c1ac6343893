package coordinator

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"go.etcd.io/etcd/client/pkg/v3/fileutil"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/server/v3/embed"
	"go.etcd.io/etcd/server/v3/etcdserver/api/v3client"
)

// Embedded is an etcd inside this process, the record of a run on one machine.
// It listens nowhere: coordinators of the process reach it by calls.
type Embedded struct {
	server *embed.Etcd
	client *clientv3.Client
	lock   *fileutil.LockedFile
	close  sync.Once
}

// StartEmbedded starts an etcd that keeps its data in dir, which it makes (mode
// 0700) if need be. One process at a time can use a directory.
func StartEmbedded(ctx context.Context, dir string, log *slog.Logger) (*Embedded, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("the record's directory: %w", err)
	}
	// etcd itself would wait for the other process without a word.
	lock, err := fileutil.TryLockFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("the record in %s: %w; is another coordinator using it?", dir, err)
	}
	e := &Embedded{lock: lock}
	if err := e.start(ctx, filepath.Join(dir, "etcd"), log); err != nil {
		lock.Close()
		return nil, fmt.Errorf("the record in %s: %w", dir, err)
	}
	return e, nil
}

func (e *Embedded) start(ctx context.Context, dir string, log *slog.Logger) error {
	config := embed.NewConfig()
	config.Name = "rondo"
	config.Dir = dir
	config.ListenPeerUrls, config.ListenClientUrls = nil, nil
	config.InitialCluster = config.InitialClusterFromName(config.Name) // an address nobody dials
	config.TickMs, config.ElectionMs = 100, 1000
	config.AutoCompactionMode, config.AutoCompactionRetention = embed.CompactorModeRevision, "1000"
	config.ZapLoggerBuilder = embed.NewZapLoggerBuilder(zapTo(log))
	server, err := embed.StartEtcd(config)
	if err != nil {
		return err
	}
	select {
	case <-server.Server.ReadyNotify():
		e.server, e.client = server, v3client.New(server.Server)
		// Whoever led before is gone, for the directory is ours; its lease is not.
		if _, err = e.client.Delete(ctx, leaders, clientv3.WithPrefix()); err == nil {
			return nil
		}
	case err = <-server.Err():
	case <-server.Server.StopNotify():
		err = errors.New("it stopped while starting")
	case <-time.After(startPatience):
		err = fmt.Errorf("not ready after %v", startPatience)
	case <-ctx.Done():
		err = ctx.Err()
	}
	server.Close()
	return err
}

// startPatience is how long an embedded etcd may take to start. It takes a
// fraction of a second; a slow disk more.
const startPatience = 30 * time.Second

// Store returns a coordinator's access to a run's record.
func (e *Embedded) Store(run string) Store {
	return &etcdStore{client: e.client, run: run, lease: leaseEmbedded}
}

// Close stops the server and waits until it has let go of its directory.
func (e *Embedded) Close() error {
	var err error
	e.close.Do(func() {
		err = e.client.Close()
		e.server.Close()
		err = errors.Join(err, e.lock.Close())
	})
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}
