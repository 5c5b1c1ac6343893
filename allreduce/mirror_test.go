package allreduce

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"
	"testing/synctest"
)

// Every worker ends with a copy of the previous one's bytes, of whatever length, in any order of delivery.
func TestMirror(t *testing.T) {
	for _, workers := range []int{1, 2, 3} {
		for seed := range uint64(20) {
			synctest.Test(t, func(t *testing.T) {
				view, err := EvenView(1, 6, workers)
				if err != nil {
					t.Fatal(err)
				}
				net := NewShuffledNetwork(seed, 0)
				var groups []*Group
				if workers == 1 {
					g, err := NewGroup(view, 0, nil, nil)
					if err != nil {
						t.Fatal(err)
					}
					groups = []*Group{g}
				} else {
					groups = newGroups(t, view, net)
				}
				rng := rand.New(rand.NewPCG(seed, 1))
				own, kept := make([][]byte, workers), make([][]byte, workers)
				for w := range workers {
					own[w] = make([]byte, []int{0, 3, 2*mirrorSegment + 5}[(w+int(seed))%3])
					for i := range own[w] {
						own[w][i] = byte(rng.Uint32())
					}
				}
				done := make(chan struct{})
				go func() {
					defer close(done)
					everywhere(groups, func(w int, g *Group) {
						kept[w] = make([]byte, len(own[view.Prev(w)]))
						p, err := g.Mirror(4, 7, own[w], kept[w])
						if err == nil {
							err = p.Wait()
						}
						if err != nil {
							t.Error(err)
						}
					})
				}()
				for synctest.Wait(); net.Deliver(); synctest.Wait() {
				}
				<-done
				for w := range workers {
					if workers > 1 && !bytes.Equal(kept[w], own[view.Prev(w)]) {
						t.Errorf("worker %d of %d has another copy", w, workers)
					}
				}
				go everywhere(groups, func(_ int, g *Group) { g.Close() })
				for synctest.Wait(); net.Deliver(); synctest.Wait() {
				}
			})
		}
	}
}

// A frame that cannot be right is refused with its field.
func TestMirrorRefuses(t *testing.T) {
	view, err := EvenView(1, 2, 2)
	if err != nil {
		t.Fatal(err)
	}
	for field, f := range map[string]Frame{
		"chunk":   {Kind: KindMirror, Chunk: 0},
		"segment": {Kind: KindMirror, Chunk: 1, Segment: 1},
		"length":  {Kind: KindMirror, Chunk: 1, Payload: make([]byte, 9)},
	} {
		m := mirroring{view: view, kept: make([]byte, 8), segment: mirrorSegment}
		_, err := m.Receive(f, nil)
		if e := (*FieldError)(nil); !errors.As(err, &e) || e.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}
