package allreduce

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
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

// A worker whose neighbour's address leads back to itself is told so at once, at
// both ends.
func TestHandshakeWithItself(t *testing.T) {
	l := listen(t, nil, "unix://"+socketPath(t))
	self := hello(handshakeView, 0)
	_, _, first := Connect(t.Context(), handshakeView, 0, l, l.Addresses()[0], nil, self)
	l.mu.Lock()
	l.taken = true // as when the one before has come already
	l.mu.Unlock()
	_, then := Dial(t.Context(), l.Addresses()[0], nil, self)
	for _, err := range []error{first, then} {
		wantPeer(t, err, 1, l.Addresses()[0], "dial", "from worker")
		if err == nil || !strings.Contains(err.Error(), "has dialled itself") || !strings.Contains(err.Error(), "--ring-advertise") {
			t.Errorf("error %v", err)
		}
	}
}

// A hello that comes while another's handshake is ending is not left waiting.
func TestHandshakeMeanwhile(t *testing.T) {
	l := listen(t, nil, "unix://"+socketPath(t))
	accept := acceptInBackground(t.Context(), l, answering(handshakeView, 1))
	network, path, _ := parseAddress(l.Addresses()[0])
	first, err := net.Dial(network, path)
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	if err := writeMessage(first, messageHello, hello(handshakeView, 0).encode()); err != nil {
		t.Fatal(err)
	}
	if _, err := readHello(first); err != nil { // so Accept waits for the confirmation
		t.Fatal(err)
	}
	self := make(chan error, 1)
	go func() {
		_, err := Dial(t.Context(), l.Addresses()[0], nil, hello(handshakeView, 1))
		self <- err
	}()
	for waiting(l) == 0 {
		<-l.arrived
	}
	if err := writeMessage(first, messageConfirm, nil); err != nil {
		t.Fatal(err)
	}
	prev := <-accept
	if prev.err != nil {
		t.Fatal(prev.err)
	}
	prev.link.Close()
	if err := <-self; err == nil || !strings.Contains(err.Error(), "has dialled itself") {
		t.Errorf("error %v", err)
	}
}

// With the names of a view, another worker cannot take a place in it.
func TestHandshakeNames(t *testing.T) {
	names := []string{"w0", "w1", "w2"}
	l := listen(t, nil, "unix://"+socketPath(t))
	mine := answering(handshakeView, 1)
	mine.Names = names
	accept := acceptInBackground(t.Context(), l, mine)
	good := hello(handshakeView, 0)
	good.Names = names
	other := good
	other.Name = "w7"
	if _, err := Dial(t.Context(), l.Addresses()[0], nil, other); err == nil || !strings.Contains(err.Error(), `refused: name: "w7", but worker 0 of the view is "w0"`) {
		t.Errorf("a false name: %v", err)
	}
	wrong := good
	wrong.Names = []string{"w0", "w8", "w2"}
	if _, err := Dial(t.Context(), l.Addresses()[0], nil, wrong); err == nil || !strings.Contains(err.Error(), `name: "w1", but worker 1 of the view is "w8"`) {
		t.Errorf("a listener of a false name: %v", err)
	}
	next, err := Dial(t.Context(), l.Addresses()[0], nil, good)
	if err != nil {
		t.Fatal(err)
	}
	next.Close()
	if prev := <-accept; prev.err != nil {
		t.Error(prev.err)
	} else {
		prev.link.Close()
	}
}

// What a check has against a certificate for a name, both ends are told.
func TestHandshakeCertificateCheck(t *testing.T) {
	config := newAuthority(t).config(t)
	check := WithCertificateCheck(func(state tls.ConnectionState, name string) error {
		if len(state.PeerCertificates) == 0 || name != "w0" {
			return errors.New("it is not issued to " + name)
		}
		return nil
	})
	l, err := Listen(t.Context(), config, []string{"tcp://127.0.0.1:0"}, check)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	other := hello(handshakeView, 0)
	other.Name = "w7"
	_, err = Dial(t.Context(), l.Addresses()[0], config, other)
	wantPeer(t, err, 1, l.Addresses()[0], "dial", "certificate")
	if err == nil || !strings.Contains(err.Error(), "refused: certificate: it is not issued to w7") {
		t.Errorf("the dialler: %v", err)
	}
	accept := acceptInBackground(t.Context(), l, answering(handshakeView, 1))
	if _, err = Dial(t.Context(), l.Addresses()[0], config, hello(handshakeView, 0), check); err == nil || !strings.Contains(err.Error(), "certificate: it is not issued to w1") {
		t.Errorf("the dialler's own check: %v", err)
	}
	next, err := Dial(t.Context(), l.Addresses()[0], config, hello(handshakeView, 0))
	if err != nil {
		t.Fatal(err)
	}
	next.Close()
	if prev := <-accept; prev.err != nil {
		t.Error(prev.err)
	} else {
		prev.link.Close()
	}
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
