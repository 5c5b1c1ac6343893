package runfile

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// A run may be made longer or shorter exactly where the rates of the steps that are done stay what they were.
func TestContinues(t *testing.T) {
	rates := func(f *File, done int) string {
		s := f.Rates()
		var all []float64
		for step := range done {
			all = append(all, s.LR(uint64(step)))
		}
		return fmt.Sprint(all)
	}
	allowed := 0
	needs := map[string][]string{"step": {"schedule.every=2"}, "multistep": {"schedule.at=5,8"}, "exponential": {"schedule.factor=0.5"},
		"cosine-restarts": {"schedule.every=3"}, "plateau": {"data.valid=v", "eval.every=1"}}
	for _, kind := range kindsOf("schedule")() {
		for _, warmup := range []int{0, 1, 4} {
			for _, then := range []int{6, 9, 18} {
				sets := append([]string{"schedule.kind=" + kind, fmt.Sprint("schedule.warmup=", warmup)}, needs[kind]...)
				if kind == "one-cycle" { // it has no warm-up
					sets[1] = "schedule.rise=0.4"
				}
				past, now := withSets(t, append(sets, "steps=9")...), withSets(t, append(sets, fmt.Sprint("steps=", then))...)
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

// withSets is a run file of nothing but its sets.
func withSets(t *testing.T, sets ...string) *File {
	t.Helper()
	f, err := Parse("r.yaml", []byte("data: {train: t}"), sets)
	if err != nil {
		t.Fatal(err)
	}
	return f
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
		{bits("steps=900", "schedule.over=800"), bits("steps=1800", "schedule.over=1800"), 900, "schedule.over: 800 and 1800"},
	} {
		if got := Continues(c.past, c.now, c.done); len(got) != 1 || !strings.HasPrefix(got[0], c.want) {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
	if got := Continues(bits("steps=900", "schedule.over=2000"), bits("steps=1800", "schedule.over=2000"), 900); len(got) > 0 {
		t.Errorf("the decay has an end of its own, and the run may not be longer: %q", got)
	}
	same := bits()
	if got := Continues(same, same, 3); !slices.Equal(got, nil) {
		t.Errorf("the same bits differ in %q", got)
	}
}
