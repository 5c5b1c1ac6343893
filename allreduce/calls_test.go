package allreduce

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestNewGroupRefuses(t *testing.T) {
	a, b := MemPair("a", "b")
	view, _ := EvenView(1, 4, 2)
	for _, tc := range []struct {
		view       View
		self       int
		next, prev Link
		says       string
	}{
		{View{}, 0, a, b, "lanes"},
		{view, 2, a, b, "worker 2 of 2"},
		{view, -1, a, b, "worker -1 of 2"},
		{view, 0, a, nil, "links"},
		{view, 0, nil, nil, "links"},
		{View{Lanes: 4, Starts: []int{0, 4}}, 0, a, b, "none for one worker"},
		{View{Lanes: maxLanes + 1, Starts: []int{0, maxLanes + 1}}, 0, nil, nil, "too many lanes"},
	} {
		if _, err := NewGroup(tc.view, tc.self, tc.next, tc.prev); err == nil || !strings.Contains(err.Error(), tc.says) {
			t.Errorf("%+v: error %v, want one that says %q", tc, err, tc.says)
		}
	}
}

// A call that is wrong in itself is refused and leaves the group alive.
func TestGroupMisuse(t *testing.T) {
	view, _ := EvenView(1, 2, 1)
	g, err := NewGroup(view, 0, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	own, all := [][]float64{{1}, {2}}, [][]float64{{0}, {0}}
	sum := func(step uint64, lanes, length int) error {
		p, err := g.AllReduce(step, 1, make2(lanes, 3), make([]float32, length))
		if err != nil {
			return err
		}
		return p.Wait()
	}
	if err := sum(5, 2, 3); err != nil {
		t.Fatal(err)
	}
	root := func(root int) error { _, err := g.Broadcast(5, 1, root, nil); return err }
	for _, tc := range []struct {
		err  error
		says string
	}{
		{sum(5, 2, 3), "step 5 bucket 1: begun twice"},
		{sum(4, 2, 3), "steps never go back"},
		{sum(6, 1, 3), "gradients of 1 lanes"},
		{sum(6, 2, 4), "lane 0 has 3 numbers, want 4"},
		{g.Gather(6, 1, own[:1], all), "vectors of 1 lanes"},
		{g.Gather(6, 1, own, all[:1]), "room for 1 lanes"},
		{g.Gather(6, 1, own, [][]float64{{0}, {}}), "at lane 1"},
		{g.Gather(6, 1, [][]float64{{1}, {1, 2}}, all), "lane 1 has 2 numbers"},
		{root(1), "root 1 of 1"},
		{root(-1), "root -1 of 1"},
	} {
		if tc.err == nil || !strings.Contains(tc.err.Error(), tc.says) {
			t.Errorf("error %v, want one that says %q", tc.err, tc.says)
		}
	}
	if err := g.Gather(6, 1, own, all); err != nil || all[1][0] != 2 {
		t.Errorf("afterwards: %v, %v", all, err)
	}
}

// What is awaited is named, and time is told by the injected clock.
func TestGroupAwaitingAndStats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var now time.Time
		g, next, prev := forgedGroup(t, WithClock(func() time.Time { return now }))
		data := make(chan []byte)
		go func() {
			b, err := g.Broadcast(3, 4, 0, nil)
			if err != nil {
				t.Error(err)
			}
			data <- b
		}()
		p, err := g.AllReduce(3, 5, make2(2, 12), make([]float32, 12))
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		want := []string{
			"from worker 0 (host-a): step 3 bucket 5: 9 frames, first the partial of chunk 0 segment 0",
			"from worker 0 (host-a): step 3 broadcast 4: the bytes of worker 0",
		}
		if got := g.Awaiting(); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("awaiting %q, want %q", got, want)
		}
		// Two partials are on their way; the broadcast, for which a caller waits, lacks all.
		if s := g.Standing(); !s.Blocked || len(s.Awaits) != 2 || s.Sent+int64(s.Queued) != 2 || s.Received != 0 {
			t.Errorf("standing %+v", s)
		}
		now = now.Add(time.Second)
		if err := prev.Send(&Frame{Kind: KindBroadcast, Generation: 7, Step: 3, Tag: 4, Payload: []byte("news")}); err != nil {
			t.Fatal(err)
		}
		if got := string(<-data); got != "news" {
			t.Errorf("broadcast %q", got)
		}
		synctest.Wait()
		s := g.Stats()
		if b := s.Broadcast(); b.Count != 1 || b.Took != time.Second || b.Waited != time.Second {
			t.Errorf("broadcast %+v", b)
		}
		if s.Reduce().Count != 0 || s.Gather().Count != 0 || s.Barrier().Count != 0 {
			t.Errorf("stats %+v", s)
		}
		// Two partials of two numbers each, and the broadcast passed on.
		if s.FramesSent != 3 || s.BytesSent != 3*headerSize+2*8+4 || s.FramesReceived != 1 || s.BytesReceived != headerSize+4 {
			t.Errorf("stats %+v", s)
		}
		for range 3 {
			var f Frame
			if err := next.Recv(&f); err != nil {
				t.Error(err)
			}
		}
		g.Close()
		if p.Wait() == nil {
			t.Error("the bucket ended well")
		}
		if g.Awaiting() != nil {
			t.Error("a dead group awaits")
		}
	})
}

// The same seed plays the same order.
func TestShuffledNetworkRepeats(t *testing.T) {
	play := func(seed uint64) (order []uint32) {
		net := NewShuffledNetwork(seed, 0)
		a, b := net.Pair("a", "b")
		for chunk := range uint32(12) {
			for range 2 {
				if err := a.Send(&Frame{Kind: KindSum, Chunk: chunk / 2}); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := a.Send(&Frame{Kind: KindLeave}); err != nil {
			t.Fatal(err)
		}
		var f Frame
		for net.Deliver() {
			if err := b.Recv(&f); err != nil {
				t.Fatal(err)
			}
			order = append(order, f.Chunk)
		}
		if f.Kind != KindLeave {
			t.Errorf("seed %d: the farewell was overtaken", seed)
		}
		return order
	}
	one := play(1)
	if len(one) != 25 || !slices.Equal(one, play(1)) {
		t.Errorf("seed 1 plays %v, then %v", one, play(1))
	}
	if slices.Equal(one, play(2)) || slices.IsSorted(one[:24]) {
		t.Errorf("seeds 1 and 2 play %v", one)
	}
}
