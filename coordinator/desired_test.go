package coordinator

import (
	"strings"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// The number follows from the measured step, and from a deadline or a budget.
func TestDesired(t *testing.T) {
	now := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	in := func(d time.Duration) Goal { return Goal{Deadline: now.Add(d)} }
	s := scaling{lanes: 8, lane: 1, beside: 1} // 9, 5, 4, 3, 3, 3, 3, 2 seconds a step
	for _, c := range []struct {
		name string
		goal Goal
		now  int
		want int
		why  string
	}{
		{"good use", Goal{}, 1, 4, "75 % of a lone worker's speed"},
		{"good use of a small budget", Goal{Budget: 0.25}, 1, 1, "by the budget of 0.25 worker-hours"},
		{"a budget for two", Goal{Budget: 0.28}, 1, 2, ""},
		{"a far deadline", in(time.Hour), 1, 1, "with 1 worker 100 steps take 900 s"},
		{"a deadline for two", in(500 * time.Second), 1, 2, ""},
		{"a deadline for eight", in(250 * time.Second), 4, 8, ""},
		{"a deadline that nobody reaches", in(10 * time.Second), 4, 8, "the fastest, need 200 s"},
		{"one that is past", in(-time.Second), 4, 8, ""},
		{"two would just do, and there are four", in(505 * time.Second), 4, 3, ""},
		{"a deadline beyond the budget", Goal{Deadline: now.Add(250 * time.Second), Budget: 0.28}, 1, 2, "by the budget"},
	} {
		a := ahead{steps: 100, all: 100, left: c.goal.Deadline.Sub(now), now: c.now, least: 1, most: 8}
		if n, why := c.goal.desired(s, a); n != c.want || !strings.Contains(why, c.why) {
			t.Errorf("%s: %d (%s), want %d (%s)", c.name, n, why, c.want, c.why)
		}
	}
	if n, _ := (Goal{}).desired(s, ahead{steps: 1, all: 1, least: 5, most: 6}); n != 5 {
		t.Errorf("at least five: %d", n)
	}
}

// The board measures: before the first step it wants what the run was told, then what the steps say, and nothing in the end.
func TestDesiredOfARun(t *testing.T) {
	b, clock, s := boardOf(2)
	if d, leads := b.Desired(); d.Workers != 2 || !leads || !strings.Contains(d.Reason, "no step") {
		t.Errorf("before the first step: %+v", d)
	}
	s = play(b, clock, s, joins(2)...)
	play(b, clock, s, stepReported{1, report(0, time.Second)}, stepReported{2, report(0, time.Second)}) // of 4 s, one of them for two lanes
	d, _ := b.Desired()
	if want, _ := (Goal{}).desired(scaling{lanes: 4, lane: 0.5, beside: 3}, ahead{steps: 99, all: 100, now: 2, least: 1, most: 4}); d.Workers != want {
		t.Errorf("%+v, want %d", d, want)
	}
	if m := scrape(t, b); m["rondo_desired_workers"] != float64(d.Workers) || d.Workers == 0 {
		t.Errorf("series: %v, want %d", m["rondo_desired_workers"], d.Workers)
	}
	b.standBy("there:1", "it leads")
	if d, leads := b.Desired(); leads || d != (api.Desired{}) {
		t.Errorf("one that stands by: %+v", d)
	}
}
