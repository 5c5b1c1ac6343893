package admission

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// stranger is a connection that comes from an address.
type stranger struct {
	net.Conn
	from net.Addr
}

func (s stranger) RemoteAddr() net.Addr { return s.from }

// comes returns both ends of a connection that the gate has admitted.
func comes(t *testing.T, g *Gate, from string) (*Conn, net.Conn) {
	t.Helper()
	here, there := net.Pipe()
	t.Cleanup(func() { here.Close(); there.Close() })
	addr, err := net.ResolveTCPAddr("tcp", net.JoinHostPort(from, "7"))
	if err != nil {
		t.Fatal(err)
	}
	return g.Admit(stranger{here, addr}), there
}

var silence = slog.New(slog.DiscardHandler)

func TestGateFull(t *testing.T) {
	for name, tc := range map[string]struct {
		from  []string // the last one does not fit
		spoke []int    // those who said something
		cut   int
	}{
		"the oldest of one address":            {[]string{"10.0.0.1", "10.0.0.1", "10.0.0.1", "10.0.0.1"}, nil, 0},
		"the oldest silent one":                {[]string{"10.0.0.1", "10.0.0.1", "10.0.0.1", "10.0.0.1"}, []int{0}, 1},
		"the oldest of those who spoke":        {[]string{"10.0.0.1", "10.0.0.1", "10.0.0.1", "10.0.0.2"}, []int{0, 1, 2}, 0},
		"of the address with most":             {[]string{"10.0.0.2", "10.0.0.1", "10.0.0.1", "10.0.0.1"}, []int{1}, 2},
		"the newcomer's address has most":      {[]string{"10.0.0.2", "10.0.0.3", "10.0.0.1", "10.0.0.1"}, nil, 2},
		"one network of 64 bits is an address": {[]string{"10.0.0.2", "2001:db8::1", "2001:db8::2", "10.0.0.3"}, nil, 1},
		"an IPv4 address in IPv6":              {[]string{"10.0.0.2", "::ffff:10.0.0.1", "10.0.0.1", "10.0.0.3"}, nil, 1},
	} {
		g := NewGate("test", Limits{Connections: 3, Bytes: 100}, silence)
		var conns []*Conn
		for i, from := range tc.from {
			if i == len(tc.from)-1 {
				for _, j := range tc.spoke {
					conns[j].heard.Store(true)
				}
			}
			c, _ := comes(t, g, from)
			conns = append(conns, c)
		}
		for i, c := range conns {
			if cut := c.reason.Load() != nil; cut != (i == tc.cut) {
				t.Errorf("%s: connection %d: closed %v, want %d to be", name, i, cut, tc.cut)
			}
		}
		if _, err := conns[tc.cut].Read(make([]byte, 1)); err == nil || !strings.Contains(err.Error(), "made room for another") {
			t.Errorf("%s: its reader is told %v", name, err)
		}
	}
}

// Those that were proven or closed make no more room, and lose nothing.
func TestGateProven(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewGate("test", Limits{Connections: 1, Bytes: 4, Time: time.Second}, silence)
		c, there := comes(t, g, "10.0.0.1")
		c.Proven()
		comes(t, g, "10.0.0.1")
		closed, _ := comes(t, g, "10.0.0.1")
		closed.Close()
		time.Sleep(2 * time.Second) // of the test's own clock
		go there.Write([]byte("more than four"))
		if b, err := io.ReadAll(io.LimitReader(c, 14)); string(b) != "more than four" || err != nil {
			t.Errorf("read %q, %v", b, err)
		}
		if len(g.unproven) != 0 {
			t.Errorf("the gate holds %d", len(g.unproven))
		}
	})
}

func TestGateBytes(t *testing.T) {
	g := NewGate("test", Limits{Connections: 2, Bytes: 8}, silence)
	c, there := comes(t, g, "10.0.0.1")
	go there.Write(make([]byte, 100))
	b, err := io.ReadAll(c)
	if len(b) != 8 || err == nil || !strings.Contains(err.Error(), "sent 8 bytes") {
		t.Errorf("read %d bytes, %v", len(b), err)
	}
}

func TestGateTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewGate("test", Limits{Connections: 2, Bytes: 8, Time: 10 * time.Second}, silence)
		began := time.Now()
		c, there := comes(t, g, "10.0.0.1")
		go func() { // a byte a moment does not help
			for {
				if _, err := there.Write([]byte{0}); err != nil {
					return
				}
				time.Sleep(4 * time.Second)
			}
		}()
		if b, err := io.ReadAll(c); len(b) != 3 || err == nil || !strings.Contains(err.Error(), "within 10s") {
			t.Errorf("read %d bytes, %v", len(b), err)
		}
		if took := time.Since(began); took != 10*time.Second {
			t.Errorf("closed after %v", took)
		}
		time.Sleep(4 * time.Second) // until the writer has seen it
	})
}

// A refusal is a line with address, reason and advice; a flood is a few lines
// and a count, and a probe of the port is none.
func TestRefuse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var text lockedBuffer
		g := NewGate("ring", Limits{Connections: 2}, slog.New(slog.NewTextHandler(&text, nil)))
		refuse := func(err error) {
			c, _ := comes(t, g, "10.0.0.9")
			c.Refuse(err)
		}
		refuse(io.EOF)
		if text.String() != "" {
			t.Errorf("a probe leaves %q", text.String())
		}
		refuse(errors.New("tls: client didn't provide a certificate"))
		for _, want := range []string{"level=WARN", "port=ring", "peer=10.0.0.9:7", "didn't provide a certificate", "give it --tls-cert"} {
			if !strings.Contains(text.String(), want) {
				t.Errorf("%q lacks %s", text.String(), want)
			}
		}
		for range 100 {
			refuse(errors.New("no"))
		}
		if n := strings.Count(text.String(), "\n"); n != linesEach {
			t.Errorf("%d lines, want %d", n, linesEach)
		}
		time.Sleep(linesSpan)
		synctest.Wait()
		if !strings.Contains(text.String(), "count=96") {
			t.Errorf("%q does not count the rest", text.String())
		}
		text.reset()
		refuse(errors.New("again"))
		if !strings.Contains(text.String(), "again") {
			t.Errorf("the next span says %q", text.String())
		}
	})
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

func (b *lockedBuffer) reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.text.Reset()
}
