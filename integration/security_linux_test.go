package integration

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// TestPrivate looks at a run on one machine from outside: its sockets are its
// user's alone, and it listens on the loopback only, on the status page's port
// and on one that lets nobody in without a certificate.
func TestPrivate(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	p := l.Start(trainArgs("run", "--workers", "2", "--set", "steps=100000")...)
	s := p.WaitStep(3)
	l.wantPrivate(l.Tmp, 2)

	page := strings.TrimPrefix(p.Page(), "http://")
	for _, w := range s.Workers {
		if addrs := l.listening(w.PID); len(addrs) > 0 {
			t.Errorf("%s listens on %v; its ring is on unix sockets", w.Name, addrs)
		}
	}
	others := slices.DeleteFunc(l.listening(p.PID()), func(addr string) bool { return addr == page })
	if len(others) != 1 || !strings.HasPrefix(others[0], "127.0.0.1:") {
		t.Fatalf("besides the status page it listens on %v, want one port of the loopback", others)
	}
	wantCertificateAsked(t, others[0])

	p.Signal(interrupt)
	if r := p.Wait(); r.Code != 130 {
		t.Errorf("exit status %d\n%s", r.Code, r.Stderr)
	}
	if left, _ := filepath.Glob(filepath.Join(l.Tmp, "*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// wantPrivate checks the modes of everything below dir, which a run made.
func (l *Lab) wantPrivate(dir string, sockets int) {
	l.t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		want := os.FileMode(0o600)
		if d.IsDir() {
			want = 0o700
		}
		if info.Mode().Perm() != want {
			l.t.Errorf("%s has mode %v, want %v", path, info.Mode().Perm(), want)
		}
		if info.Mode().Type() == os.ModeSocket {
			sockets--
		}
		return nil
	})
	if err != nil || sockets != 0 {
		l.t.Errorf("%d sockets are missing below %s (%v)", sockets, dir, err)
	}
}

// http2Preface begins every conversation of gRPC.
const http2Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00"

// wantCertificateAsked checks that an address speaks TLS only, and nothing
// beyond it to a client without a certificate.
func wantCertificateAsked(t *testing.T, addr string) {
	t.Helper()
	const alert = 0x15 // type of a TLS record
	if answer := say(t, addr, []byte(http2Preface)); len(answer) > 0 && answer[0] != alert {
		t.Errorf("%s answers plain text with %q", addr, answer)
	}
	conn, err := tls.Dial("tcp", addr, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}})
	if err == nil { // in TLS 1.3 the client is through before the server has looked
		defer conn.Close()
		if _, err = conn.Write([]byte(http2Preface)); err == nil {
			var n int
			if n, err = conn.Read(make([]byte, 64)); n > 0 {
				t.Errorf("%s says %d bytes to a client without a certificate", addr, n)
			}
		}
	}
	var refusal tls.AlertError
	if !errors.As(err, &refusal) && !errors.Is(err, io.EOF) && !strings.Contains(err.Error(), "certificate required") {
		t.Errorf("%s: a client without a certificate: %v, want a TLS alert", addr, err)
	}
	if conn, err := tls.Dial("tcp", addr, &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS12}); err == nil {
		conn.Close()
		t.Errorf("%s speaks TLS 1.2", addr)
	}
}

// say sends bytes to an address and returns what comes back until it hangs up
// or the test has heard enough.
func say(t *testing.T, addr string, text []byte) []byte {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	_, _ = conn.Write(text) // it may hang up in the midst
	_ = conn.(*net.TCPConn).CloseWrite()
	answer, _ := io.ReadAll(io.LimitReader(conn, 1<<16))
	return answer
}

// TestGarbage talks nonsense to every port of a cluster, before its ring is
// closed and while it trains. A calm run has the digest that it ends with.
func TestGarbage(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	c := l.StartCluster(2, endless, "batch.length=32", "checkpoint.every=0", "eval.every=0")
	c.StartWorker("worker-0")
	ring := l.listening(c.Workers[0].PID())
	if len(ring) != 1 {
		t.Fatalf("worker-0 listens on %v, want one port", ring)
	}
	page := strings.TrimPrefix(c.Coordinator.Page(), "http://")
	all := []string{c.Addr, ring[0], page}
	silent := l.garbage(t, all)
	wantCertificateAsked(t, c.Addr)
	wantCertificateAsked(t, ring[0])

	c.StartWorker("worker-1")
	c.Coordinator.WaitStatus("training", func(s api.Status) bool { return s.Step > 1 })
	all = append(all, l.listening(c.Workers[1].PID())...)
	silent = append(silent, l.garbage(t, all)...)
	if r := c.Steer("stop"); r.Code != 0 {
		t.Fatalf("exit status %d\n%s", r.Code, r.Stderr)
	}
	for _, w := range c.Workers {
		w.Wait()
	}
	c.WantLeft(130) // whatever says nothing holds nobody up
	for _, conn := range silent {
		conn.Close()
	}
	l.wantReplayed("run.yaml", c.Dir, c.sets...)
}

// garbage sends nonsense to the addresses and returns connections on which
// nothing was said, left open.
func (l *Lab) garbage(t *testing.T, addrs []string) (silent []net.Conn) {
	t.Helper()
	const seed = 20
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, seed))
	noise := make([]byte, 1<<16)
	for i := range noise {
		noise[i] = byte(r.Uint32())
	}
	hello := append([]byte{0x16, 3, 1, 0x40, 0, 1, 0, 0x3f, 0xfc, 3, 3}, noise[:500]...) // a TLS greeting cut short
	for _, addr := range addrs {
		for _, text := range [][]byte{nil, {0}, noise, hello, []byte(http2Preface), []byte("GET / HTTP/1.0\r\n\r\n"),
			[]byte("GET /" + strings.Repeat("a", 1<<15) + " HTTP/1.1\r\n\r\n"), bytes.Repeat([]byte{0xff}, 1<<15)} {
			say(t, addr, text)
		}
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		silent = append(silent, conn)
	}
	return silent
}
