package allreduce

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var handshakeView = View{Generation: 7, Lanes: 6, Starts: []int{0, 2, 4, 6}}

// accepted is what Accept returns.
type accepted struct {
	link Link
	err  error
}

func acceptInBackground(ctx context.Context, l *Listener, mine Hello) <-chan accepted {
	c := make(chan accepted, 1)
	go func() {
		link, err := l.Accept(ctx, mine)
		c <- accepted{link, err}
	}()
	return c
}

// A dialler whose hello differs is told the field; the right one gets in afterwards.
func TestHandshakeRefuses(t *testing.T) {
	good := hello(handshakeView, 0)
	l := listen(t, nil, "unix://"+socketPath(t))
	accept := acceptInBackground(t.Context(), l, answering(handshakeView, 1))
	for _, tc := range []struct {
		field string
		spoil func(*Hello)
	}{
		{"run id", func(h *Hello) { h.Run = "run-2" }},
		{"config hash", func(h *Hello) { h.Config = "abd" }},
		{"generation", func(h *Hello) { h.Generation = 6 }},
		{"from worker", func(h *Hello) { h.From = 2 }},
		{"to worker", func(h *Hello) { h.To = 2 }},
	} {
		h := good
		tc.spoil(&h)
		_, err := Dial(t.Context(), l.Addresses()[0], nil, h)
		var refused *RefusedError
		if !errors.As(err, &refused) || refused.Field != tc.field {
			t.Errorf("%s: error %v", tc.field, err)
			continue
		}
		wantPeer(t, err, h.To, l.Addresses()[0], "dial", tc.field)
	}
	next, err := Dial(t.Context(), l.Addresses()[0], nil, good)
	if err != nil {
		t.Fatal(err)
	}
	prev := <-accept
	if prev.err != nil {
		t.Fatal(prev.err)
	}
	if !strings.HasPrefix(prev.link.Peer(), "w0 at unix://") || !strings.HasPrefix(next.Peer(), "w1 at unix://") {
		t.Errorf("peers %q and %q", prev.link.Peer(), next.Peer())
	}
	// The generation has its link: a second one is refused, and so is an older.
	for _, generation := range []uint64{7, 6} {
		h := good
		h.Generation = generation
		if _, err := Dial(t.Context(), l.Addresses()[0], nil, h); err == nil || !strings.Contains(err.Error(), "refused: generation") {
			t.Errorf("generation %d again: %v", generation, err)
		}
	}
	next.Close()
	prev.link.Close()
}

// A worker that heard of a newer view first waits until this one has, too; one
// that gave up meanwhile is passed over.
func TestHandshakeNewerWaits(t *testing.T) {
	h := hello(handshakeView, 0)
	l := listen(t, nil, "unix://"+socketPath(t))
	network, path, err := parseAddress(l.Addresses()[0])
	if err != nil {
		t.Fatal(err)
	}
	gone, err := net.Dial(network, path)
	if err != nil {
		t.Fatal(err)
	}
	if err := writeMessage(gone, messageHello, h.encode()); err != nil {
		t.Fatal(err)
	}
	gone.Close()
	dialled := make(chan error, 1)
	go func() {
		link, err := Dial(t.Context(), l.Addresses()[0], nil, h)
		if err == nil {
			link.Close()
		}
		dialled <- err
	}()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	older := answering(handshakeView, 1)
	older.Generation = 6
	if _, err := l.Accept(ctx, older); !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "generation 6") {
		t.Errorf("error %v", err)
	}
	link, err := l.Accept(t.Context(), answering(handshakeView, 1))
	if err != nil {
		t.Fatal(err)
	}
	if err := <-dialled; err != nil {
		t.Error(err)
	}
	if err := link.Recv(new(Frame)); err != io.EOF {
		t.Errorf("error %v, want EOF", err)
	}
	link.Close()
	if _, err := l.Accept(t.Context(), older); err == nil {
		t.Error("the listener went back to an older generation")
	}
}

// Bytes that are no hello are refused with the field.
func TestHandshakeGarbage(t *testing.T) {
	var good bytes.Buffer
	if err := writeMessage(&good, messageHello, hello(handshakeView, 0).encode()); err != nil {
		t.Fatal(err)
	}
	l := listen(t, nil, "unix://"+socketPath(t))
	for _, tc := range []struct {
		at    int
		field string
	}{{0, "magic"}, {4, "protocol version"}, {7, "length"}, {9, "checksum"}, {good.Len() - 1, "checksum"}} {
		network, path, _ := parseAddress(l.Addresses()[0])
		conn, err := net.Dial(network, path)
		if err != nil {
			t.Fatal(err)
		}
		bad := bytes.Clone(good.Bytes())
		bad[tc.at] ^= 0x80
		if _, err := conn.Write(bad); err != nil {
			t.Fatal(err)
		}
		_, err = readHello(conn)
		var refused *RefusedError
		if !errors.As(err, &refused) || refused.Field != tc.field {
			t.Errorf("byte %d: error %v, want a refusal of %s", tc.at, err, tc.field)
		}
		conn.Close()
	}
}

// Only a worker with the authority's certificate gets as far as a hello.
func TestHandshakeCertificates(t *testing.T) {
	ours, theirs := newAuthority(t), newAuthority(t)
	l := listen(t, ours.config(t), "tcp://127.0.0.1:0")
	without := ours.config(t)
	without.Certificates = nil
	stranger := theirs.config(t)
	stranger.RootCAs = ours.pool
	distrustful := ours.config(t)
	distrustful.RootCAs = theirs.pool
	for name, config := range map[string]*tls.Config{"no certificate": without, "another authority": stranger, "another server": distrustful} {
		if _, err := Dial(t.Context(), l.Addresses()[0], config, hello(handshakeView, 0)); err == nil || !strings.Contains(err.Error(), "certificate") {
			t.Errorf("%s: error %v", name, err)
		} else {
			wantPeer(t, err, 1, l.Addresses()[0], "dial", "")
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.waiting) != 0 {
		t.Errorf("%d hellos were read", len(l.waiting))
	}
}

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
