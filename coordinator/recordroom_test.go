package coordinator

import (
	"errors"
	"strings"
	"testing"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/server/v3/embed"
	"go.etcd.io/etcd/server/v3/etcdserver/api/v3client"
)

// TestRoom asks an etcd of little room whether it has some: before it is full, then, and when there is room again. Nothing is written.
func TestRoom(t *testing.T) {
	config := embed.NewConfig()
	config.Dir = t.TempDir() + "/etcd"
	config.ListenPeerUrls, config.ListenClientUrls, config.QuotaBackendBytes = nil, nil, 4<<20
	server := runEtcd(t, config)
	client := v3client.New(server.Server)
	s := &etcdStore{client: client, run: "r", tells: func(err error) error { return explainEmbedded("DIR", err) }}
	r := record{&watchedStore{Store: s, tell: func(bool) {}}}
	if err := r.room(t.Context()); err != nil {
		t.Errorf("an empty etcd: %v", err)
	}
	var err error
	for err == nil {
		_, err = client.Put(t.Context(), "another's", strings.Repeat("x", 1<<20))
	}
	if !errors.Is(err, rpctypes.ErrNoSpace) {
		t.Fatal(err)
	}
	if err := r.room(t.Context()); !errors.Is(err, errNoSpace) || !strings.Contains(err.Error(), "--embed-etcd DIR") {
		t.Errorf("a full one: %v", err)
	}
	reply, err := client.Get(t.Context(), "another's")
	if err == nil {
		_, err = client.Compact(t.Context(), reply.Header.Revision, clientv3.WithCompactPhysical())
	}
	if err == nil {
		err = server.Server.Backend().Defrag()
	}
	if err == nil {
		_, err = client.AlarmDisarm(t.Context(), &clientv3.AlarmMember{})
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := r.room(t.Context()); err != nil {
		t.Errorf("with room again: %v", err)
	}
	after, err := client.Get(t.Context(), "another's")
	if err != nil || after.Header.Revision != reply.Header.Revision {
		t.Errorf("asking for room wrote: revision %d, then %d, %v", reply.Header.Revision, after.Header.Revision, err)
	}
}
