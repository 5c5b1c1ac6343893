package allreduce

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestListenRefuses(t *testing.T) {
	config := newAuthority(t).config(t)
	lax := config.Clone()
	lax.ClientAuth = tls.RequestClientCert
	open := t.TempDir()
	if err := os.Chmod(open, 0o755); err != nil {
		t.Fatal(err)
	}
	file := socketPath(t)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	taken := listen(t, nil, "unix://"+socketPath(t))
	for _, tc := range []struct {
		address, says string
		config        *tls.Config
	}{
		{"127.0.0.1:0", "want unix:///path or tcp://host:port", config},
		{"udp://127.0.0.1:0", "want unix:///path or tcp://host:port", config},
		{"tcp://127.0.0.1:0", "needs a TLS configuration", nil},
		{"tcp://127.0.0.1:0", "verifies the client's certificate", lax},
		{"tcp://127.0.0.1:99999", "invalid port", config},
		{"unix://" + filepath.Join(open, "w.sock"), "chmod 0700", nil},
		{"unix://" + file, "no socket is in the way", nil},
		{"unix:///tmp/" + strings.Repeat("x", 100), "shorter directory", nil},
		{taken.Addresses()[0], "another process listens", nil},
	} {
		l, err := Listen(t.Context(), tc.config, []string{tc.address})
		if err == nil {
			l.Close()
		}
		if err == nil || !strings.Contains(err.Error(), tc.says) {
			t.Errorf("%s: error %v, want one that says %q", tc.address, err, tc.says)
		}
	}
}

// A socket left behind by a process that was killed is no obstacle, and the new
// one is for this user alone.
func TestListenStaleSocket(t *testing.T) {
	path := socketPath(t)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	old, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	old.SetUnlinkOnClose(false)
	old.Close()
	l := listen(t, nil, "unix://"+path)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	// Close ends an Accept that waits, and a Dial that waits for its answer.
	accept := acceptInBackground(t.Context(), l, answering(handshakeView, 1))
	l.Close()
	if a := <-accept; !errors.Is(a.err, net.ErrClosed) {
		t.Errorf("accept: %v", a.err)
	}
}

// Dial ends with its context, whether nobody listens or nobody answers.
func TestDialEnds(t *testing.T) {
	l := listen(t, nil, "unix://"+socketPath(t))
	for _, address := range []string{l.Addresses()[0], "unix://" + socketPath(t)} {
		ctx, cancel := context.WithCancelCause(t.Context())
		dialled := make(chan error, 1)
		go func() {
			_, err := Dial(ctx, address, nil, hello(handshakeView, 0))
			dialled <- err
		}()
		cancel(errors.New("the view changed"))
		err := <-dialled
		wantPeer(t, err, 1, address, "dial", "")
	}
	if _, err := Dial(t.Context(), "tcp://127.0.0.1:1", nil, hello(handshakeView, 0)); err == nil || !strings.Contains(err.Error(), "needs a TLS configuration") {
		t.Errorf("error %v", err)
	}
	if _, err := Dial(t.Context(), "nowhere", nil, hello(handshakeView, 0)); err == nil {
		t.Error("no error")
	}
}

// Dial gives up after its patience, and says what it met.
func TestDialPatience(t *testing.T) {
	path := "unix://" + socketPath(t)
	_, err := Dial(t.Context(), path, nil, hello(handshakeView, 0), WithDialPatience(30*time.Millisecond))
	wantPeer(t, err, 1, path, "dial", "")
	if err == nil || !strings.Contains(err.Error(), "nobody answers within 30ms") || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v", err)
	}
}

// Where nobody listens on a socket that is there, Dial turns to the fallback.
func TestDialFallback(t *testing.T) {
	path := socketPath(t)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	dead, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	dead.SetUnlinkOnClose(false)
	dead.Close()
	config := newAuthority(t).config(t)
	for _, socket := range []string{path, path + "-gone"} {
		l := listen(t, config, "tcp://127.0.0.1:0")
		accept := acceptInBackground(t.Context(), l, answering(handshakeView, 1))
		next, err := Dial(t.Context(), "unix://"+socket, config, hello(handshakeView, 0), WithFallback(l.Addresses()[0]))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(next.Peer(), l.Addresses()[0]) {
			t.Errorf("the peer is %s", next.Peer())
		}
		next.Close()
		if prev := <-accept; prev.err != nil {
			t.Error(prev.err)
		} else {
			prev.link.Close()
		}
	}
}

// A worker may dial before the next one listens.
func TestDialBeforeListen(t *testing.T) {
	path := socketPath(t)
	dialled := make(chan accepted, 1)
	go func() {
		link, err := Dial(t.Context(), "unix://"+path, nil, hello(handshakeView, 0))
		dialled <- accepted{link, err}
	}()
	l := listen(t, nil, "unix://"+path)
	prev, err := l.Accept(t.Context(), answering(handshakeView, 1))
	if err != nil {
		t.Fatal(err)
	}
	prev.Close()
	if a := <-dialled; a.err != nil {
		t.Error(a.err)
	} else {
		a.link.Close()
	}
}

// A neighbour that refuses ends the other half of Connect, too.
func TestConnectRefused(t *testing.T) {
	here, there := listen(t, nil, "unix://"+socketPath(t)), listen(t, nil, "unix://"+socketPath(t))
	other := answering(handshakeView, 1)
	other.Config = "abd"
	ctx, cancel := context.WithCancel(t.Context())
	accept := acceptInBackground(ctx, there, other)
	next, prev, err := Connect(t.Context(), handshakeView, 0, here, there.Addresses()[0], nil, hello(handshakeView, 0))
	wantPeer(t, err, 1, there.Addresses()[0], "dial", "config hash")
	if next != nil || prev != nil {
		t.Error("there are links")
	}
	cancel()
	if a := <-accept; !errors.Is(a.err, context.Canceled) {
		t.Errorf("accept: %v", a.err)
	}
	if _, _, err := Connect(t.Context(), handshakeView, 3, here, "", nil, Hello{}); err == nil {
		t.Error("worker 3 of 3 connected")
	}
	alone, _ := EvenView(1, 4, 1)
	if next, prev, err := Connect(t.Context(), alone, 0, nil, "", nil, Hello{}); next != nil || prev != nil || err != nil {
		t.Errorf("alone: %v, %v, %v", next, prev, err)
	}
}

// A peer that says nothing is cut off, and logged.
func TestListenSilent(t *testing.T) {
	lines := make(lineChannel, 8)
	l, err := Listen(t.Context(), nil, []string{"unix://" + socketPath(t)},
		WithLogger(slog.New(slog.NewTextHandler(lines, nil))), WithHandshakeTimeout(50*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	network, path, _ := parseAddress(l.Addresses()[0])
	silent, err := net.Dial(network, path)
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	if _, err := silent.Read(make([]byte, 1)); err == nil {
		t.Error("a silent peer was answered")
	}
	if line := <-lines; !strings.Contains(line, "has not proven who it is within 50ms") {
		t.Errorf("the log says %q", line)
	}
}

// Connections that nobody asks for do not pile up.
func TestListenBounds(t *testing.T) {
	l := listen(t, nil, "unix://"+socketPath(t))
	network, path, _ := parseAddress(l.Addresses()[0])
	var first net.Conn
	for i := range maxWaiting + 1 {
		conn, err := net.Dial(network, path)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		h := hello(handshakeView, 0)
		h.From = i
		if err := writeMessage(conn, messageHello, h.encode()); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			first = conn
			for waiting(l) == 0 {
				<-l.arrived
			}
		}
	}
	if _, err := first.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("the first of too many: %v", err)
	}
	if n := waiting(l); n > maxWaiting {
		t.Errorf("%d connections wait", n)
	}
}

// Connections that say nothing, or something other than TLS, keep no worker out,
// however many there are.
func TestListenFlood(t *testing.T) {
	config := newAuthority(t).config(t)
	l, err := Listen(t.Context(), config, []string{"tcp://127.0.0.1:0"}, WithHandshakeTimeout(time.Hour)) // so that none leaves by itself
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, address, _ := parseAddress(l.Addresses()[0])
	for i := range 3 * maxUnproven {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if i%8 == 0 {
			_, _ = conn.Write([]byte{0x16, 3}) // the beginning of a TLS record
		}
	}
	accept := acceptInBackground(t.Context(), l, answering(handshakeView, 1))
	link, err := Dial(t.Context(), l.Addresses()[0], config, hello(handshakeView, 0))
	if err != nil {
		t.Fatal(err)
	}
	link.Close()
	if prev := <-accept; prev.err != nil {
		t.Error(prev.err)
	} else {
		prev.link.Close()
	}
}

// A peer that TLS refuses leaves a line in the log that says who, why and what to do.
func TestListenLogsRefusals(t *testing.T) {
	ours := newAuthority(t)
	lines := make(lineChannel, 8)
	l, err := Listen(t.Context(), ours.config(t), []string{"tcp://127.0.0.1:0"}, WithLogger(slog.New(slog.NewTextHandler(lines, nil))))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	stranger := newAuthority(t).config(t)
	stranger.RootCAs = ours.pool
	link, err := Dial(t.Context(), l.Addresses()[0], stranger, hello(handshakeView, 0))
	if err == nil {
		link.Close()
		t.Error("a stranger got in")
	}
	line := <-lines // the stranger hears of it first, and a listener that is closed meanwhile says nothing
	for _, want := range []string{"level=WARN", "port=ring", "peer=127.0.0.1:", "unknown authority", "--tls-ca"} {
		if !strings.Contains(line, want) {
			t.Errorf("the log %q lacks %q", line, want)
		}
	}
}

// lineChannel receives what is written, a line at a time as slog writes.
type lineChannel chan string

func (c lineChannel) Write(line []byte) (int, error) {
	c <- string(line)
	return len(line), nil
}

func waiting(l *Listener) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.waiting)
}
