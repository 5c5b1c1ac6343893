package coordinator

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestSparing(t *testing.T) {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name  string
		every time.Duration
		notes int
		must  int // number of a note that must be let through
		want  int // notes let through
	}{
		{"few at once", 0, newsBurst, 0, newsBurst},
		{"many at once", 0, 1000, 0, newsBurst},
		{"as seldom as is borne for good", sparingEvery, 1000, 0, 1000},
		{"seldom", time.Minute, 1000, 0, 1000},
		{"a hundred a second for 100 s", 10 * time.Millisecond, 10_001, 0, newsBurst + 10},
		{"the last must be", 0, 1000, 999, newsBurst + 1},
	} {
		var s sparing
		told, leftOut := 0, 0
		for i := range c.notes {
			if s.lets(start.Add(time.Duration(i)*c.every), newsBurst, c.must > 0 && i == c.must) {
				told++
				leftOut += s.LeftOut
				s.LeftOut = 0
			}
		}
		if told != c.want || told+leftOut+s.LeftOut != c.notes {
			t.Errorf("%s: %d are let through, %d were counted, %d are left, want %d of %d", c.name, told, leftOut, s.LeftOut, c.want, c.notes)
		}
	}
}

// TestSparingNotes writes or fails to write a checkpoint with each of 3,000 steps of two milliseconds, and evaluates: the
// notes are few, count the others, and the last of a run is told.
func TestSparingNotes(t *testing.T) {
	for _, c := range []struct {
		name, commands, note string
		burst                int
	}{
		{"checkpoints", "saved step=STEP last=LAST\nverified step=STEP\ncommitted step=STEP", `note info: the checkpoint of step (\d+) is committed \(digest d1235\)(?:, and (\d+) others .*)?`, newsBurst},
		{"evaluations", "evaluated step=STEP", `note info: held-out loss after step (\d+): 1\.4427 bits(?:, and (\d+) others .*)?`, newsBurst},
		{"failures", "saved step=STEP: no space", `note error: the checkpoint of step (\d+) was abandoned: worker-0 could not write its part: no space(?:, and (\d+) others .*)? \(training goes on\)`, troubleBurst},
	} {
		const steps = 3000
		p := &player{t: t, now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), conns: map[string]uint64{}}
		p.play(fmt.Sprintf("run workers=1 steps=%d\njoin worker-0\nready", steps))
		var out strings.Builder
		for step := 1; step <= steps; step++ {
			last := ""
			if step == steps {
				last = "yes"
			}
			p.now = p.now.Add(2 * time.Millisecond)
			out.WriteString(p.play(strings.NewReplacer("STEP", strconv.Itoa(step), "LAST", last).Replace(c.commands)))
		}
		told, newest := 0, 0
		notes := regexp.MustCompile(c.note).FindAllStringSubmatch(out.String(), -1)
		for _, m := range notes {
			newest, _ = strconv.Atoi(m[1])
			others, _ := strconv.Atoi(m[2])
			told += 1 + others
		}
		if len(notes) < c.burst || len(notes) > c.burst+2 {
			t.Errorf("%s: %d notes, want about %d", c.name, len(notes), c.burst)
		}
		if (told != newest) || (c.name != "failures" && newest != steps) {
			t.Errorf("%s: %d are told or counted up to step %d of %d", c.name, told, newest, steps)
		}
	}
}
