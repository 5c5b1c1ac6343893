package coordinator

import (
	"net/url"
	"path/filepath"
	"testing"

	"go.etcd.io/etcd/server/v3/embed"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// A run whose record is an etcd of its own, reached through a socket.
func TestOpenEtcd(t *testing.T) {
	dir := t.TempDir()
	socket := url.URL{Scheme: "unix", Path: filepath.Join(dir, "client")}
	config := embed.NewConfig()
	config.Dir, config.ListenPeerUrls = filepath.Join(dir, "data"), nil
	config.ListenClientUrls, config.AdvertiseClientUrls = []url.URL{socket}, []url.URL{socket}
	runEtcd(t, config)

	cfg := testConfig(t, 1)
	cfg.Store, cfg.Etcd.Endpoints = nil, []string{socket.String()}
	c := start(t, cfg)
	f := joinAll(t, c, 1)[0]
	f.step(0)
	f.save(1, false)
	await(t, c, "a checkpoint", func(s api.Status) bool { return len(s.Checkpoints) == 1 })
	c.Stop("enough")
	if d := f.recv().GetDecision(); !d.GetStop() {
		t.Errorf("decision %v", d)
	}
}
