package history

import (
	"fmt"
	"slices"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// Waterfalls are read as they were written; one of another step, or that cannot be shown, is not.
func TestWaterfalls(t *testing.T) {
	first, second := `{"worker":"w","step":3,"total":0.5,"spans":[{"part":"bucket","number":1,"begin":0.1,"end":0.2,"bytes":40}]}`, `{"worker":"w","step":9,"total":0.5,"spans":[]}`
	text := AppendWaterfall(AppendWaterfall(nil, 3, []byte(first)), 9, []byte(second))
	if l := loaded(text); !slices.Equal(l.Waterfalls.Steps(), []uint64{3, 9}) || fmt.Sprintf("%s", l.Waterfalls.At(3)) != "["+first+"]" || fmt.Sprintf("%s", l.Waterfalls.At(0)) != "["+second+"]" {
		t.Errorf("steps %v", l.Waterfalls.Steps())
	}
	if l := loaded(AppendCut(text, 5)); !slices.Equal(l.Waterfalls.Steps(), []uint64{3}) {
		t.Errorf("after going back: %v", l.Waterfalls.Steps())
	}
	for _, bad := range []string{`{"step":4,"spans":[{"part":"lunch"}]}`, `{"step":4,"spans":[{"part":"rows","begin":2,"end":1}]}`, `{"step":5}`, `{"step":4,"total":-1}`, `[`} {
		if l := loaded(AppendWaterfall(nil, 4, []byte(bad))); len(l.Waterfalls.Steps()) > 0 {
			t.Errorf("%s is taken", bad)
		}
	}
}

// Each step has those of the workers that told of it, by their names, in whatever order they come. One that tells of an
// earlier step again has gone back, and all with it; what comes too late is let go. A history without names is read too.
func TestWaterfallsOfWorkers(t *testing.T) {
	told := func(f *Falls, worker string, steps ...uint64) {
		for _, step := range steps {
			f.Add(worker, step, fmt.Appendf(nil, "%s@%d", worker, step))
		}
	}
	want := func(what string, f *Falls, want string) {
		t.Helper()
		got := fmt.Sprint(f.Steps())
		for _, step := range append(f.Steps(), 0) {
			got += fmt.Sprintf(" %s", f.At(step))
		}
		if got != want {
			t.Errorf("%s: %s, want %s", what, got, want)
		}
	}
	var f Falls
	want("nobody told", &f, "[] []")
	told(&f, "worker-10", 1)
	told(&f, "worker-0", 1, 2, 9)
	told(&f, "worker-10", 2)
	told(&f, "worker-2", 2, 9)
	want("three told", &f, "[1 2 9] [worker-0@1 worker-10@1] [worker-0@2 worker-2@2 worker-10@2] [worker-0@9 worker-2@9] [worker-0@9 worker-2@9]")
	told(&f, "worker-10", 5)
	want("one came too late", &f, "[1 2 9] [worker-0@1 worker-10@1] [worker-0@2 worker-2@2 worker-10@2] [worker-0@9 worker-2@9] [worker-0@9 worker-2@9]")
	f.Add("worker-2", 2, []byte("worker-2@2!"))
	want("one went back", &f, "[1 2] [worker-0@1 worker-10@1] [worker-0@2 worker-2@2! worker-10@2] [worker-0@2 worker-2@2! worker-10@2]")
	f.Cut(1)
	told(&f, "", 3, 4)
	want("after a cut one has no name", &f, "[1 3 4] [worker-0@1 worker-10@1] [@3] [@4] [@4]")
}

// What is kept is bounded: of many steps every second goes, of a large ring some workers.
func TestWaterfallsAreBounded(t *testing.T) {
	var f Falls
	for step := uint64(1); step <= MaxTexts+1; step++ {
		for w := range 3 {
			f.Add(fmt.Sprint("w", w), step, []byte("{}"))
		}
	}
	if steps := f.Steps(); len(steps) != MaxTexts/2+1 || steps[0] != 1 || steps[len(steps)-1] != MaxTexts+1 || len(f.At(0)) != 3 || len(f.At(1)) != 3 {
		t.Errorf("steps %v, of the newest %d workers", steps, len(f.At(0)))
	}
	for w := range 2 * api.MaxFallWorkers {
		f.Add(fmt.Sprint("worker-", w), 1000, []byte("{}"))
	}
	if n := len(f.At(1000)); n != api.MaxFallWorkers {
		t.Errorf("%d workers", n)
	}
}
