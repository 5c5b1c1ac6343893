package coordinator

import (
	"path/filepath"
	"testing"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/server/v3/embed"
	"go.etcd.io/etcd/server/v3/etcdserver/api/v3client"
)

// startEtcd starts an etcd inside this process that listens nowhere, and
// returns a client that reaches it by calls.
func startEtcd(t *testing.T) *clientv3.Client {
	t.Helper()
	config := embed.NewConfig()
	config.Dir = filepath.Join(t.TempDir(), "etcd")
	config.ListenPeerUrls, config.ListenClientUrls = nil, nil
	return v3client.New(runEtcd(t, config).Server)
}

// runEtcd runs an etcd until the test ends.
func runEtcd(t *testing.T, config *embed.Config) *embed.Etcd {
	t.Helper()
	config.InitialCluster = config.InitialClusterFromName(config.Name) // an address nobody dials
	config.TickMs, config.ElectionMs = 100, 1000
	config.ZapLoggerBuilder = embed.NewZapLoggerBuilder(zapTo(quiet))
	server, err := embed.StartEtcd(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	<-server.Server.ReadyNotify()
	return server
}
