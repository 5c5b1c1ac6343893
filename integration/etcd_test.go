package integration

import (
	"context"
	"io"
	"net"
	"net/url"
	"path/filepath"
	"sync"
	"testing"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/server/v3/embed"
	"go.etcd.io/etcd/server/v3/etcdserver/api/v3client"
)

// etcdServer is an etcd in the test's process, in plain text, behind a door.
type etcdServer struct {
	t      *testing.T
	dir    string
	client url.URL
	server *embed.Etcd
	door   *door // of the first coordinator
	other  *door // of the second
}

func startEtcdServer(t *testing.T) *etcdServer {
	t.Helper()
	e := &etcdServer{t: t, dir: filepath.Join(t.TempDir(), "etcd"), client: url.URL{Scheme: "http", Host: freeAddr(t)}}
	e.start()
	t.Cleanup(func() { e.server.Close() })
	e.door, e.other = openDoor(t, e.client.Host), openDoor(t, e.client.Host)
	return e
}

func (e *etcdServer) start() {
	e.t.Helper()
	config := embed.NewConfig()
	config.Dir, config.ListenPeerUrls = e.dir, nil
	config.ListenClientUrls, config.AdvertiseClientUrls = []url.URL{e.client}, []url.URL{e.client}
	config.InitialCluster = config.InitialClusterFromName(config.Name) // an address nobody dials
	config.QuotaBackendBytes = 16 << 20                                // little, for tests that fill it
	config.LogLevel, config.LogOutputs = "fatal", []string{filepath.Join(e.t.TempDir(), "etcd.log")}
	server, err := embed.StartEtcd(config)
	if err != nil {
		e.t.Fatal(err)
	}
	<-server.Server.ReadyNotify()
	e.server = server
}

// awaitNobody waits until the leases of all coordinators have ended.
func (e *etcdServer) awaitNobody() {
	e.t.Helper()
	client := v3client.New(e.server.Server)
	for {
		reply, err := client.Get(e.t.Context(), "/rondo/leader/", clientv3.WithPrefix(), clientv3.WithKeysOnly())
		if err != nil {
			e.t.Fatal(err)
		}
		if len(reply.Kvs) == 0 {
			return
		}
		watching, cancel := context.WithTimeout(e.t.Context(), time.Second)
		<-client.Watch(watching, "/rondo/leader/", clientv3.WithPrefix(), clientv3.WithRev(reply.Header.Revision+1))
		cancel()
	}
}

// wantFewWrites bounds the revisions that were made: each takes room in etcd until it is compacted.
func (e *etcdServer) wantFewWrites(most int64) {
	e.t.Helper()
	reply, err := v3client.New(e.server.Server).Get(e.t.Context(), "/rondo/")
	if err != nil {
		e.t.Fatal(err)
	}
	if n := reply.Header.Revision; n < 5 || n > most {
		e.t.Errorf("%d revisions were written; want at most %d", n, most)
	}
	e.t.Logf("%d revisions", reply.Header.Revision)
}

// door is an address that leads to another one, while it is open.
type door struct {
	listener net.Listener
	to       string

	mu    sync.Mutex
	shut  bool
	conns map[net.Conn]bool
}

func openDoor(t *testing.T, to string) *door {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d := &door{listener: l, to: to, conns: map[net.Conn]bool{}}
	t.Cleanup(func() { l.Close(); d.set(true) })
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			go d.pass(in)
		}
	}()
	return d
}

func (d *door) addr() string { return d.listener.Addr().String() }

// set shuts the door, on those who are in it too, or opens it.
func (d *door) set(shut bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.shut = shut; shut {
		for c := range d.conns {
			c.Close()
		}
		clear(d.conns)
	}
}

func (d *door) pass(in net.Conn) {
	out, err := net.Dial("tcp", d.to)
	if err != nil {
		in.Close()
		return
	}
	d.mu.Lock()
	if d.shut {
		in.Close()
		out.Close()
	}
	d.conns[in], d.conns[out] = true, true
	d.mu.Unlock()
	go func() { _, _ = io.Copy(out, in); out.Close() }()
	_, _ = io.Copy(in, out)
	in.Close()
}

// StartTwo starts two coordinators over one etcd, of which the first leads.
func (l *Lab) StartTwo(etcd *etcdServer, workers int, dir string, sets ...string) (c *Cluster, second *Process) {
	l.t.Helper()
	c = l.newCluster(nil, sets)
	c.Dir = dir
	c.sets = append(c.sets, "--set", "checkpoint.dir="+dir)
	c.coordinate(workers, "--etcd", etcd.door.addr(), "--etcd-tls=false")
	second = c.startCoordinator(workers, "--etcd", etcd.other.addr(), "--etcd-tls=false", "--name", "coordinator-1")
	c.others = []string{second.WaitOutput(`workers join\s+(\S+)`)[1]}
	return c, second
}
