package allreduce

import (
	"strings"
	"testing"
)

func TestEvenView(t *testing.T) {
	for lanes := 1; lanes <= 12; lanes++ {
		for workers := 1; workers <= lanes; workers++ {
			v, err := EvenView(3, lanes, workers)
			if err != nil {
				t.Fatal(err)
			}
			if err := v.Validate(); err != nil {
				t.Fatal(err)
			}
			least, most := lanes, 0
			for w := range workers {
				lo, hi := v.LanesOf(w)
				least, most = min(least, hi-lo), max(most, hi-lo)
				for l := lo; l < hi; l++ {
					if v.Owner(l) != w {
						t.Errorf("%v: owner of lane %d is %d, want %d", v, l, v.Owner(l), w)
					}
				}
			}
			if most-least > 1 {
				t.Errorf("%v: not even", v)
			}
		}
	}
}

func TestEvenViewRefuses(t *testing.T) {
	for _, tc := range []struct{ lanes, workers int }{{4, 5}, {4, 0}, {0, 1}, {-1, -1}} {
		if _, err := EvenView(1, tc.lanes, tc.workers); err == nil {
			t.Errorf("%+v: no error", tc)
		}
	}
}

func TestViewValidate(t *testing.T) {
	for _, tc := range []struct {
		view View
		says string
	}{
		{View{Lanes: 0, Starts: []int{0, 0}}, "lanes"},
		{View{Lanes: 4}, "no worker"},
		{View{Lanes: 4, Starts: []int{0}}, "no worker"},
		{View{Lanes: 4, Starts: []int{1, 4}}, "begins at lane 1"},
		{View{Lanes: 4, Starts: []int{0, 3}}, "ends at lane 3"},
		{View{Lanes: 4, Starts: []int{0, 2, 2, 4}}, "worker 1"},
		{View{Lanes: 4, Starts: []int{0, 5, 4}}, "worker 1"},
	} {
		if err := tc.view.Validate(); err == nil || !strings.Contains(err.Error(), tc.says) {
			t.Errorf("%+v: error %v, want one that says %q", tc.view, err, tc.says)
		}
	}
}

func TestChunkRange(t *testing.T) {
	for lanes := 1; lanes < 20; lanes++ {
		for n := range 100 {
			for c := range lanes {
				lo, hi := chunkRange(n, lanes, c)
				if lo != c*n/lanes || hi != (c+1)*n/lanes {
					t.Fatalf("chunk %d of %d over %d numbers: [%d, %d)", c, lanes, n, lo, hi)
				}
			}
		}
	}
	if _, hi := chunkRange(1<<46, maxLanes, maxLanes-1); hi != 1<<46 {
		t.Errorf("a huge bucket ends at %d", hi)
	}
}
