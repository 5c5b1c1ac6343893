package worker

import (
	"context"
	"errors"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// TestViews: the newest view counts, a place ends once when a newer one comes, and nobody takes a place that is over.
func TestViews(t *testing.T) {
	b := newViews()
	left := 0
	leave := func() { left++ }
	wantLeft := func(what string, n int) {
		t.Helper()
		if left != n {
			t.Errorf("%s: left %d times, want %d", what, left, n)
		}
	}
	await := func(generation uint64) {
		t.Helper()
		if v, err := b.await(t.Context()); err != nil || v.Generation != generation {
			t.Errorf("view %v (%v), want generation %d", v, err, generation)
		}
	}
	b.put(&api.View{Generation: 1})
	b.put(&api.View{Generation: 2})
	await(2)
	if !b.attend(leave) {
		t.Error("no place in the newest view")
	}
	wantLeft("the view at hand", 0)
	b.put(&api.View{Generation: 3})
	wantLeft("a newer view", 1)
	b.put(&api.View{Generation: 4})
	wantLeft("another one", 1)
	if b.attend(leave) {
		t.Error("a place in a view that is over")
	}
	await(4)
	if !b.attend(leave) {
		t.Error("no place in the last view")
	}
	for generation, known := range map[uint64]bool{3: true, 4: true, 5: false} {
		if b.knows(&api.View{Generation: generation}) != known || b.knows(&api.View{Generation: generation, RunId: "another"}) {
			t.Errorf("the view of generation %d, or that of another run, was told before", generation)
		}
	}
	b.part()
	b.part()
	wantLeft("the others have left", 2)

	life, end := context.WithCancelCause(t.Context())
	over := errors.New("over")
	end(over)
	if v, err := b.await(life); v != nil || err != over {
		t.Errorf("after the end: %v, %v", v, err)
	}
}
