package runfile

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/nn/optim"
)

// A run may be made longer or shorter exactly where the rates of the steps that are done stay what they were.
func TestContinues(t *testing.T) {
	rates := func(f *File, done int) string {
		s := optim.Schedule{Kind: f.Schedule.Kind, Peak: f.Optimizer.LR, Floor: f.Schedule.Floor, Warmup: uint64(f.Schedule.Warmup), Steps: uint64(f.Steps)}
		var all []float64
		for step := range done {
			all = append(all, s.LR(uint64(step)))
		}
		return fmt.Sprint(all)
	}
	allowed := 0
	for _, kind := range Schedules {
		for _, warmup := range []int{0, 1, 4} {
			for _, then := range []int{6, 9, 18} {
				sets := []string{"schedule.kind=" + kind, fmt.Sprint("schedule.warmup=", warmup)}
				past, now := mustParse(t, append(sets, "steps=9")...), mustParse(t, append(sets, fmt.Sprint("steps=", then))...)
				for done := range 10 {
					diff := Continues(past.Bits(), now.Bits(), uint64(done))
					if want := done <= then && rates(past, done) == rates(now, done); want != (len(diff) == 0) {
						t.Errorf("%s, warm-up %d, %d steps of 9 done, then %d: %v", kind, warmup, done, then, diff)
					}
					if len(diff) == 0 && then != 9 {
						allowed++
					}
				}
			}
		}
	}
	if allowed < 20 {
		t.Errorf("steps may differ in %d cases", allowed)
	}
}

func TestContinuesReasons(t *testing.T) {
	bits := func(sets ...string) map[string]string { return mustParse(t, sets...).Bits() }
	for _, c := range []struct {
		past, now map[string]string
		done      uint64
		want      string
	}{
		{bits("steps=900", "schedule.kind=cosine"), bits("steps=1800", "schedule.kind=cosine"), 900,
			"steps: 900 and 1800 (schedule.kind = cosine: the learning rate of the 900 steps that are done follows from steps"},
		{bits("steps=900", "schedule.kind=constant"), bits("steps=200", "schedule.kind=constant"), 700, "steps: 900 and 200 (700 steps are done)"},
		{bits("steps=900", "schedule.kind=cosine"), bits("steps=1800", "schedule.kind=constant"), 900, "schedule.kind: cosine and constant"},
		{bits("steps=900", "schedule.kind=constant"), bits("steps=1800", "schedule.kind=constant", "seed=2"), 900, "seed: 1 and 2"},
	} {
		if got := Continues(c.past, c.now, c.done); len(got) != 1 || !strings.HasPrefix(got[0], c.want) {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
	same := bits()
	if got := Continues(same, same, 3); !slices.Equal(got, nil) {
		t.Errorf("the same bits differ in %q", got)
	}
}
