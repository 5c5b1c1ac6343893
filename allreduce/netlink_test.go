package allreduce

import (
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"path/filepath"
	"testing"
)

// socketPair is a connected pair of unix sockets.
func socketPair(t testing.TB) (a, b net.Conn) {
	l, err := net.Listen("unix", filepath.Join(filepath.Dir(filepath.Dir(socketPath(t))), "pair"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	got := make(chan net.Conn, 1)
	go func() {
		c, _ := l.Accept()
		got <- c
	}()
	if a, err = net.Dial("unix", l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	b = <-got
	t.Cleanup(func() { a.Close(); b.Close() })
	return a, b
}

// Frames of all sizes, with and without another that follows, come as they went.
func TestNetLinkFrames(t *testing.T) {
	a, b := socketPair(t)
	out, in := NewNetLink(a, "b", 1<<20), NewNetLink(b, "a", 1<<20)
	rng := rand.New(rand.NewPCG(1, 1))
	sizes := make([]int, 300)
	for i := range sizes {
		sizes[i] = 4 * rng.IntN([]int{1, 10, directSize / 4, directSize / 2, 100_000}[rng.IntN(5)])
	}
	failed := make(chan error, 1)
	go func() {
		for i, n := range sizes {
			f := newFrame(n)
			for j := range f.Payload {
				f.Payload[j] = byte(i + j)
			}
			f.Kind, f.Step, f.More = KindSum, uint64(i), i%7 != 0 && i+1 < len(sizes)
			if err := out.Send(&f); err != nil {
				failed <- err
				return
			}
			f.Release()
		}
		failed <- out.Close()
	}()
	var f Frame
	for i, n := range sizes {
		if err := in.Recv(&f); err != nil {
			t.Fatal(err)
		}
		if f.Step != uint64(i) || len(f.Payload) != n {
			t.Fatalf("frame %d of %d bytes, want %d of %d", f.Step, len(f.Payload), i, n)
		}
		for j, got := range f.Payload {
			if got != byte(i+j) {
				t.Fatalf("frame %d: byte %d is %d", i, j, got)
			}
		}
		f.Release()
	}
	if err := in.Recv(&f); err != io.EOF {
		t.Errorf("error %v, want EOF", err)
	}
	if err := <-failed; err != nil {
		t.Error(err)
	}
	in.Close()
}

// What goes wrong on the wire kills the group with the peer and the field.
func TestGroupOnBadWire(t *testing.T) {
	whole := newFrame(8)
	whole.Kind, whole.Generation, whole.Step, whole.Tag = KindPartial, 7, 3, 5
	flip := func(at int) func([]byte) []byte {
		return func(b []byte) []byte { b[at] ^= 4; return b }
	}
	for _, tc := range []struct {
		name, field string
		spoil       func([]byte) []byte
	}{
		{"magic", "magic", flip(0)},
		{"version", "version", flip(4)},
		{"kind", "header checksum", flip(5)},
		{"generation", "header checksum", flip(8)},
		{"step", "header checksum", flip(16)},
		{"tag", "header checksum", flip(24)},
		{"chunk", "header checksum", flip(28)},
		{"segment", "header checksum", flip(32)},
		{"length", "header checksum", flip(38)},
		{"payload sum", "header checksum", flip(40)},
		{"place", "header checksum", flip(45)},
		{"header sum", "header checksum", flip(48)},
		{"payload", "payload checksum", flip(headerSize + 3)},
		{"cut in the header", "", func(b []byte) []byte { return b[:headerSize/2] }},
		{"cut in the payload", "", func(b []byte) []byte { return b[:headerSize+3] }},
		{"nothing at all", "", func(b []byte) []byte { return b[:0] }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			mine, theirs := socketPair(t)
			next, far := MemPair("w1", "w2")
			defer far.Close()
			g, err := NewGroup(View{Generation: 7, Lanes: 6, Starts: []int{0, 2, 4, 6}}, 1, next, NewNetLink(mine, "host-a", 1<<20))
			if err != nil {
				t.Fatal(err)
			}
			p, err := g.AllReduce(3, 5, make2(2, 12), make([]float32, 12))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := theirs.Write(tc.spoil(wire(&whole))); err != nil {
				t.Fatal(err)
			}
			if tc.field == "" {
				theirs.Close()
			}
			err = p.Wait()
			wantPeer(t, err, 0, "host-a", "read", tc.field)
			if cut := errors.Is(err, io.ErrUnexpectedEOF); cut != (tc.name[:3] == "cut") {
				t.Errorf("error %v", err)
			}
			g.Close()
		})
	}
}

// dyingLink ends both links of its worker in place of the first frame, as the
// kernel does for a process that was killed.
type dyingLink struct {
	Link
	prev Link
}

func (l dyingLink) Send(*Frame) error {
	l.Link.Close()
	l.prev.Close()
	return net.ErrClosed
}

// A worker that dies in the middle of a bucket ends the wait of both neighbours.
func TestGroupPeerDiesMidBucket(t *testing.T) {
	config := newAuthority(t).config(t)
	for which := range 2 {
		view, _ := EvenView(1, 3, 3)
		groups := socketGroups(t, view, config, which, func(w int, next, prev Link) Link {
			if w == 1 {
				return dyingLink{next, prev}
			}
			return next
		})
		rng := rand.New(rand.NewPCG(9, 9))
		s := newStep(rng, view, 1, 100_000)
		everywhere(groups, func(w int, g *Group) {
			p, err := g.AllReduce(1, 0, s.lanes[0][w:w+1], make([]float32, 100_000))
			if err == nil {
				err = p.Wait()
			}
			if w == 1 {
				return
			}
			var peer *PeerError
			if !errors.As(err, &peer) {
				t.Errorf("worker %d: error %v", w, err)
			}
		})
		for _, g := range groups {
			g.Close()
		}
	}
}
