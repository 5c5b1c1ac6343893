package allreduce

import (
	"fmt"
	"sync"
	"testing"
)

// Gathers that are under way beside each other and beside a bucket come to the
// same for all, whatever the order of waiting.
func TestGathersUnderWay(t *testing.T) {
	const lanes, sites = 6, 5
	for workers := 1; workers <= 4; workers++ {
		view, err := EvenView(7, lanes, workers)
		if err != nil {
			t.Fatal(err)
		}
		groups := newGroups(t, view, NewMemNetwork(4), withSegments(3, 6))
		var wg sync.WaitGroup
		for w, g := range groups {
			wg.Go(func() {
				if err := gatherAll(g, view, w, sites); err != nil {
					t.Errorf("%d workers, worker %d: %v", workers, w, err)
				}
			})
		}
		wg.Wait()
		for _, g := range groups {
			wg.Go(func() { g.Close() })
		}
		wg.Wait()
	}
}

func gatherAll(g *Group, view View, self, sites int) error {
	lo, hi := view.LanesOf(self)
	grads, sum := make([][]float32, hi-lo), make([]float32, 40)
	for l := range grads {
		grads[l] = make([]float32, len(sum))
		for i := range sum {
			grads[l][i] = float32(lo + l)
		}
	}
	for step := range uint64(3) {
		bucket, err := g.AllReduce(step, 0, grads, sum)
		if err != nil {
			return err
		}
		own, all := make([][][]float64, sites), make([][][]float64, sites)
		pending := make([]*Pending, sites)
		for s := range sites {
			for l := lo; l < hi; l++ {
				own[s] = append(own[s], []float64{float64(l), float64(s)})
			}
			for range view.Lanes {
				all[s] = append(all[s], make([]float64, 2))
			}
			if pending[s], err = g.BeginGather(step, uint32(s), own[s], all[s]); err != nil {
				return err
			}
		}
		for s := sites - 1; s >= 0; s-- {
			if err := pending[s].Wait(); err != nil {
				return err
			}
			for l, v := range all[s] {
				if v[0] != float64(l) || v[1] != float64(s) {
					return fmt.Errorf("site %d: lane %d has %v", s, l, v)
				}
			}
		}
		if err := bucket.Wait(); err != nil || sum[39] != float32(view.Lanes*(view.Lanes-1)/2) {
			return fmt.Errorf("sum %v, error %v", sum[39], err)
		}
	}
	return nil
}

// Gathers pass buckets that wait for the connection, in their own order.
func TestGathersGoFirst(t *testing.T) {
	var q sendQueue
	q.init()
	frame := func(kind Kind, tag uint32) Frame { return Frame{Kind: kind, Tag: tag} }
	q.push([]Frame{frame(KindPartial, 0), frame(KindPartial, 1)})
	q.push([]Frame{frame(KindGather, 2)})
	got := ""
	next := func() {
		f := q.next()
		got += fmt.Sprintf("%v%d ", f.Kind, f.Tag)
	}
	next()
	q.push([]Frame{frame(KindPartial, 3), frame(KindGather, 4), frame(KindGather, 5)})
	for range 5 {
		next()
	}
	if f := q.next(); f != nil {
		t.Errorf("%v is left", f.Kind)
	}
	q.push([]Frame{frame(KindSum, 6), frame(KindGather, 7)})
	next()
	next()
	const want = "gather2 gather4 gather5 partial0 partial1 partial3 gather7 sum6 "
	if got != want {
		t.Errorf("order %q, want %q", got, want)
	}
}
