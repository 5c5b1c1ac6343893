package allreduce

import (
	"crypto/tls"
	"net"
	"testing"
)

// tlsPair is a connected pair under TLS, as Dial and Listener make it.
func tlsPair(t *testing.T) (a, b net.Conn) {
	rawA, rawB := socketPair(t)
	config := newAuthority(t).config(t)
	client := config.Clone()
	client.ServerName = "127.0.0.1"
	return tls.Client(newBurst(rawA), client), tls.Server(newBurst(rawB), config)
}

// Frames that are sent without waiting until the connection is full, then by a
// sender that waits, and again without, arrive whole and in order. A frame that
// was begun and given up for another does not harm the stream.
func TestTrySend(t *testing.T) {
	for _, secured := range []bool{false, true} {
		a, b := socketPair(t)
		if secured {
			a, b = tlsPair(t)
		}
		out, in := newNetLink(a, "b", 1<<20), newNetLink(b, "a", 1<<20)
		number := uint64(0)
		frame := func(size int) *Frame {
			f := newFrame(size)
			for i := range f.Payload {
				f.Payload[i] = byte(int(number) + i)
			}
			f.Kind, f.Step = KindBroadcast, number
			number++
			return &f
		}
		got := make(chan Frame)
		failed := make(chan error, 1)
		start := make(chan struct{})
		go func() {
			defer close(got)
			if secured {
				failed <- b.(*tls.Conn).Handshake()
			}
			<-start
			for {
				var f Frame
				if in.Recv(&f) != nil {
					return
				}
				got <- f
			}
		}()
		if secured {
			if err := a.(*tls.Conn).Handshake(); err != nil {
				t.Fatal(err)
			}
			if err := <-failed; err != nil {
				t.Fatal(err)
			}
		}
		fill := func() *Frame { // returns the frame that found no room
			for range 10_000 {
				f := frame(100_000)
				if !out.trySend(f) {
					return f
				}
			}
			t.Error("the connection never fills")
			return frame(0)
		}
		full := fill()
		sent := make(chan error, 1)
		go func() {
			err := out.Send(full) // waits for room
			for size := range 3 {
				if f := frame(20 * size); err == nil && !out.trySend(f) {
					err = out.Send(f)
				}
			}
			if err == nil {
				fill()                                // given up
				err = out.Send(frame(directSize + 8)) // for this one
			}
			out.Close()
			sent <- err
		}()
		close(start)
		want := uint64(0)
		for f := range got {
			if f.Step != want {
				t.Fatalf("tls %v: frame %d, want %d", secured, f.Step, want)
			}
			for i, v := range f.Payload {
				if v != byte(int(want)+i) {
					t.Fatalf("tls %v: frame %d: byte %d is %d", secured, want, i, v)
				}
			}
			want++
		}
		if err := <-sent; err != nil {
			t.Error(err)
		}
		if want != number {
			t.Errorf("tls %v: %d frames came, %d were sent", secured, want, number)
		}
		in.Close()
	}
}
