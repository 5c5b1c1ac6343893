package gossip

import (
	"bytes"
	"io"
	"net"
	"runtime"
	"sync"
	"testing"
	"time"
)

// Strangers that send megabytes each are cut off before their bytes are kept,
// and those that say nothing keep no member out.
func TestGossipFlood(t *testing.T) {
	c, key := credentials(t), make([]byte, 32)
	a := startGossip(t, c, Meta{Name: "a", Role: RoleWorker}, key)
	defer a.Leave()
	body := make([]byte, 19<<20)
	copy(body, []byte{10, 0x01, 0x2f, 0xff, 0xf0}) // what memberlist takes for an encrypted stream of this length
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var wg sync.WaitGroup
	for range 40 {
		wg.Go(func() {
			conn := dialTCP(t, a.Addr())
			_, _ = conn.Write(body) // until it is cut off
			_, _ = io.Copy(io.Discard, conn)
		})
	}
	wg.Wait()
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 40<<20 {
		t.Errorf("40 strangers of 19 MiB each had %d MiB allocated", grown>>20)
	}

	for range 3 * maxUnproven {
		dialTCP(t, a.Addr())
	}
	began := time.Now()
	b := startGossip(t, c, Meta{Name: "b", Role: RoleWorker}, key, a.Addr())
	defer b.Leave()
	a.hears(t, Change{"joined", Meta{Name: "b", Role: RoleWorker}})
	if took := time.Since(began); took > handshakePatience/2 {
		t.Errorf("joining took %v among silent connections", took)
	}
}

// Datagrams without the key are dropped one by one.
func TestGossipDatagrams(t *testing.T) {
	c, key := credentials(t), make([]byte, 32)
	a := startGossip(t, c, Meta{Name: "a", Role: RoleWorker}, key)
	defer a.Leave()
	conn, err := net.Dial("udp", a.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	noise := bytes.Repeat([]byte{0, 1, 7, 9, 10, 0xff}, 10000)
	for i := range 2000 {
		_, _ = conn.Write(noise[i%6:]) // what finds no room is lost
	}
	b := startGossip(t, c, Meta{Name: "b", Role: RoleWorker}, key, a.Addr())
	defer b.Leave()
	a.hears(t, Change{"joined", Meta{Name: "b", Role: RoleWorker}})
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 16<<20 {
		t.Errorf("the heap has grown by %d MiB", grown>>20)
	}
}

func dialTCP(t *testing.T, addr string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// A member of another authority's run stays out, though it has the key.
func TestGossipStranger(t *testing.T) {
	key := make([]byte, 32)
	a := startGossip(t, credentials(t), Meta{Name: "a", Role: RoleWorker}, key)
	defer a.Leave()
	b := startGossip(t, credentials(t), Meta{Name: "b", Role: RoleWorker}, key, a.Addr())
	defer b.Leave()
	if len(a.Members()) != 1 || len(b.Members()) != 1 {
		t.Errorf("members %+v and %+v", a.Members(), b.Members())
	}
}

// A member that listens on all addresses is told to others by one that they can
// dial, whatever kind of address the host has.
func TestGossipEverywhere(t *testing.T) {
	c, key := credentials(t), make([]byte, 32)
	for bind, given := range map[string]string{":0": "", "0.0.0.0:0": "", "127.0.0.1:0": "localhost:0"} {
		g, err := Start(Config{Bind: bind, Advertise: given, Key: key, Meta: Meta{Name: "a", Role: RoleWorker}, Server: c.Server(), Client: c.Client(), Log: silence})
		if err != nil {
			t.Fatalf("%s: %v", bind, err)
		}
		host, port, err := net.SplitHostPort(g.Addr())
		if ip := net.ParseIP(host); err != nil || ip == nil || ip.IsUnspecified() || port == "0" {
			t.Errorf("%s is told to others as %s", bind, g.Addr())
		}
		b := startGossip(t, c, Meta{Name: "b", Role: RoleWorker}, key, g.Addr())
		if len(b.Members()) != 2 {
			t.Errorf("%s: cannot be joined at %s", bind, g.Addr())
		}
		b.Leave()
		g.Leave()
	}
}
