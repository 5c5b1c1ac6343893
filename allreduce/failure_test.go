package allreduce

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// forger is a link in memory whose far end a test plays by hand.
func forgedGroup(t testing.TB, opts ...Option) (g *Group, next, prev Link) {
	view := View{Generation: 7, Lanes: 6, Starts: []int{0, 2, 4, 6}}
	net := NewMemNetwork(0)
	toNext, next := net.Pair("w1", "host-c")
	prev, fromPrev := net.Pair("host-a", "w1")
	// Each end is named after the other: the group sees host-c next, host-a before.
	g, err := NewGroup(view, 1, toNext, fromPrev, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return g, next, prev
}

func wantPeer(t testing.TB, err error, worker int, peer, op, field string) {
	t.Helper()
	var p *PeerError
	if !errors.As(err, &p) {
		t.Errorf("error %v, want a PeerError", err)
		return
	}
	if p.Worker != worker || p.Peer != peer || p.Op != op || p.Field != field {
		t.Errorf("error %q: worker %d, peer %s, op %s, field %q; want worker %d, peer %s, op %s, field %q",
			err, p.Worker, p.Peer, p.Op, p.Field, worker, peer, op, field)
	}
	if !strings.Contains(err.Error(), peer) || !strings.Contains(err.Error(), field) {
		t.Errorf("error %q names not both %s and %s", err, peer, field)
	}
}

// Whole frames with a wrong field kill the group; the error names field and peer.
func TestGroupRefusesFrames(t *testing.T) {
	partial := func() *Frame {
		f := newFrame(8)
		f.Kind, f.Generation, f.Step, f.Tag, f.Chunk = KindPartial, 7, 3, 5, 0
		return &f
	}
	for _, tc := range []struct {
		name, field string
		spoil       func(*Frame)
	}{
		{"older generation", "generation", func(f *Frame) { f.Generation = 6 }},
		{"newer generation", "generation", func(f *Frame) { f.Generation = 8 }},
		{"step that is over", "step", func(f *Frame) { f.Step = 2 }},
		{"chunk", "chunk", func(f *Frame) { f.Chunk = 6 }},
		{"length", "length", func(f *Frame) { f.Payload = f.Payload[:4] }},
		{"sum before its partial", "kind", func(f *Frame) { f.Kind = KindSum }},
		{"gather from no worker", "chunk", func(f *Frame) { f.Kind, f.Tag, f.Chunk = KindGather, 6, 3 }},
		{"gather from itself", "chunk", func(f *Frame) { f.Kind, f.Tag, f.Chunk = KindGather, 6, 1 }},
		{"gather too short", "length", func(f *Frame) { f.Kind, f.Tag = KindGather, 6 }},
		{"broadcast from another root", "chunk", func(f *Frame) { f.Kind, f.Tag, f.Chunk = KindBroadcast, 8, 2 }},
		{"more than is held", "tag", func(f *Frame) { f.Step, f.Payload = 9, make([]byte, 4096) }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g, _, prev := forgedGroup(t, WithHoldLimit(4096))
				p, err := g.AllReduce(3, 5, make2(2, 12), make([]float32, 12))
				if err != nil {
					t.Fatal(err)
				}
				go func() {
					_ = g.Gather(3, 6, [][]float64{{1, 2}, {3, 4}}, [][]float64{{0, 0}, {0, 0}, {0, 0}, {0, 0}, {0, 0}, {0, 0}})
				}()
				go func() { _, _ = g.Broadcast(3, 8, 0, nil) }()
				synctest.Wait()
				f := partial()
				tc.spoil(f)
				if err := prev.Send(f); err != nil {
					t.Fatal(err)
				}
				wantPeer(t, p.Wait(), 0, "host-a", "read", tc.field)
				_, err = g.AllReduce(4, 5, make2(2, 12), make([]float32, 12))
				wantPeer(t, err, 0, "host-a", "read", tc.field)
				wantPeer(t, g.Barrier(4, 1), 0, "host-a", "read", tc.field)
				if err := g.Close(); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// A frame after its bucket is done came twice.
func TestGroupRefusesTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, _, prev := forgedGroup(t)
		f := &Frame{Kind: KindBroadcast, Generation: 7, Step: 3, Tag: 1, Chunk: 0, Payload: []byte("x")}
		for range 2 {
			if err := prev.Send(f); err != nil {
				t.Fatal(err)
			}
		}
		if data, err := g.Broadcast(3, 1, 0, nil); err == nil && string(data) != "x" {
			t.Errorf("broadcast %q", data)
		}
		synctest.Wait()
		wantPeer(t, g.Err(), 0, "host-a", "read", "chunk")
		g.Close()
	})
}

// The end of either neighbour is known at once, and told to the other.
func TestGroupNeighbourGone(t *testing.T) {
	for _, op := range []string{"read", "watch"} {
		synctest.Test(t, func(t *testing.T) {
			g, next, prev := forgedGroup(t)
			p, err := g.AllReduce(3, 5, make2(2, 12), make([]float32, 12))
			if err != nil {
				t.Fatal(err)
			}
			worker, peer, gone, left := 0, "host-a", prev, next
			if op == "watch" {
				worker, peer, gone, left = 2, "host-c", next, prev
			}
			gone.Close()
			wantPeer(t, p.Wait(), worker, peer, op, "")
			var f Frame
			for f.Kind != KindAbort {
				if err := left.Recv(&f); err != nil {
					t.Fatalf("the other neighbour was not told: %v", err)
				}
			}
			if a := abortOf(&f).(*AbortError); a.Worker != 1 || !strings.Contains(a.Reason, peer) {
				t.Errorf("told %v", a)
			}
			if err := left.Recv(&f); err != io.EOF {
				t.Errorf("after the abort: %v", err)
			}
			g.Close()
		})
	}
}

// A reason that the next worker told before it closed goes before the failed write.
func TestGroupReasonBeforeWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, next, _ := forgedGroup(t)
		told := &Frame{Kind: KindAbort, Generation: 7, Chunk: 0, Payload: []byte("disk full\n")}
		if err := next.Send(told); err != nil {
			t.Fatal(err)
		}
		next.Close()
		err := g.Barrier(3, 1)
		wantPeer(t, err, 2, "host-c", "watch", "")
		if a := (*AbortError)(nil); !errors.As(err, &a) || a.Worker != 0 || a.Reason != "disk full?" {
			t.Errorf("error %v", err)
		}
		g.Close()
	})
}

// A worker that dies is named by its neighbours, and they by all others with
// its name in the reason.
func TestGroupDeathGoesRound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		view, _ := EvenView(1, 8, 5)
		net := NewMemNetwork(0)
		next, prev := net.Ring(names(5))
		var groups []*Group
		for w := range 5 {
			if w == 2 {
				groups = append(groups, nil)
				continue
			}
			g, err := NewGroup(view, w, next[w], prev[w])
			if err != nil {
				t.Fatal(err)
			}
			groups = append(groups, g)
		}
		errs := make([]error, 5)
		done := make(chan struct{})
		go func() {
			defer close(done)
			everywhere(groups, func(w int, g *Group) {
				if g != nil {
					errs[w] = g.Barrier(1, 1)
				}
			})
		}()
		synctest.Wait()
		next[2].Close()
		prev[2].Close()
		<-done
		for w, err := range errs {
			if w != 2 && (err == nil || !strings.Contains(err.Error(), "worker 2 (w2)")) {
				t.Errorf("worker %d: %v", w, err)
			}
		}
		everywhere(groups, func(w int, g *Group) {
			if g != nil {
				g.Close()
			}
		})
	})
}

// Close during waits ends them all and leaves no goroutine, which synctest checks.
func TestGroupCloseDuringWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, _, _ := forgedGroup(t)
		p, err := g.AllReduce(3, 5, make2(2, 12), make([]float32, 12))
		if err != nil {
			t.Fatal(err)
		}
		errs := make(chan error, 2)
		go func() { errs <- p.Wait() }()
		go func() { errs <- g.Barrier(3, 1) }()
		synctest.Wait()
		g.Close()
		for range 2 {
			if err := <-errs; !errors.Is(err, ErrClosed) {
				t.Errorf("error %v, want ErrClosed", err)
			}
		}
		if err := g.Barrier(4, 1); !errors.Is(err, ErrClosed) {
			t.Errorf("after Close: %v", err)
		}
		if p.Wait() == nil {
			t.Error("a second Wait forgot the error")
		}
		g.Close()
	})
}

// A neighbour that takes nothing holds Close up for the linger time, no longer.
func TestGroupCloseLingers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		view, _ := EvenView(1, 2, 2)
		net := NewMemNetwork(1)
		next, _ := net.Pair("w0", "w1")
		_, prev := net.Pair("w1", "w0")
		g, err := NewGroup(view, 0, next, prev, WithLinger(3*time.Second))
		if err != nil {
			t.Fatal(err)
		}
		for tag := range uint32(3) {
			if _, err := g.Broadcast(1, tag, 0, []byte("x")); err != nil {
				t.Fatal(err)
			}
		}
		from := time.Now()
		g.Close()
		if took := time.Since(from); took != 3*time.Second {
			t.Errorf("Close took %v", took)
		}
	})
}

// A neighbour that left is an error only for who still needs it.
func TestGroupNeighbourLeft(t *testing.T) {
	for _, who := range []string{"next", "prev"} {
		synctest.Test(t, func(t *testing.T) {
			g, next, prev := forgedGroup(t)
			end, worker, peer, op := next, 2, "host-c", "write"
			if who == "prev" {
				end, worker, peer, op = prev, 0, "host-a", "read"
			}
			if err := end.Send(&Frame{Kind: KindLeave, Generation: 7}); err != nil {
				t.Fatal(err)
			}
			end.Close()
			synctest.Wait()
			if err := g.Err(); err != nil {
				t.Errorf("idle: %v", err)
			}
			err := g.Barrier(3, 1)
			wantPeer(t, err, worker, peer, op, "")
			if !errors.Is(err, ErrLeft) {
				t.Errorf("error %v, want ErrLeft", err)
			}
			g.Close()
		})
	}
}
