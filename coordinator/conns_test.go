package coordinator

import (
	"bytes"
	"crypto/tls"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// Connections that say nothing are bounded, and keep no worker out.
func TestIdleConnections(t *testing.T) {
	cfg := testConfig(t, 2)
	cfg.StatusListen = "127.0.0.1:0"
	c := start(t, cfg)
	limit := max(256, 2*cfg.Workers)
	for _, addr := range []string{c.Addr(), c.StatusAddr()} {
		for range limit + 100 {
			conn, err := net.Dial("tcp", addr)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
		}
	}
	began := time.Now()
	joinAll(t, c, 2)
	if took := time.Since(began); took > handshakePatience/2 {
		t.Errorf("joining took %v among idle connections", took)
	}
	c.listen.mu.Lock()
	defer c.listen.mu.Unlock()
	if n := len(c.listen.conns); n > limit+2 {
		t.Errorf("%d connections are open, want at most %d and two workers'", n, limit)
	}
}

// A client that TLS refuses leaves a line in the log.
func TestRefusedClientIsLogged(t *testing.T) {
	var text lockedBuffer
	cfg := testConfig(t, 1)
	cfg.Log = slog.New(slog.NewTextHandler(&text, nil))
	c := start(t, cfg)
	stranger := testCredentials(t).Client()
	stranger.RootCAs = cfg.Credentials.Client().RootCAs
	stranger.NextProtos = []string{"h2"}
	conn, err := tls.Dial("tcp", c.Addr(), stranger)
	if err == nil { // in TLS 1.3 a client is through before the server has looked
		_, err = conn.Read(make([]byte, 1))
		conn.Close()
	}
	if err == nil {
		t.Error("a stranger is answered")
	}
	if err := c.Close(); err != nil { // which waits for handshakes
		t.Error(err)
	}
	for _, want := range []string{"level=WARN", "a connection was refused", "peer=127.0.0.1:", "unknown authority", "--tls-ca"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the log %q lacks %q", text.String(), want)
		}
	}
}

// lockedBuffer is what several goroutines log into.
type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
