package coordinator

import (
	"strings"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// A worker whose quota takes much of its threads' time is told of as an alarm, a series and a reason why no step comes,
// until it is let go on.
func TestThrottled(t *testing.T) {
	b, clock, s := trains(1, 3) // of two threads
	beat := func(total time.Duration) {
		s = play(b, clock, s, heartbeat{1, &api.Heartbeat{Doing: api.Doing_STEPPING, ThrottledNs: int64(total)}})
	}
	alarm := func() *api.Alarm { st := b.Status(); return st.Alarm(api.AlarmThrottled) }
	beat(5 * time.Second) // of a life before this coordinator's: no measure yet
	for range 10 {
		beat(6 * time.Second)
	}
	if alarm() != nil {
		t.Errorf("1 s in 10 s of two threads is little: %v", alarm())
	}
	for range 10 {
		beat(11 * time.Second)
	}
	a := alarm()
	if a == nil || !strings.Contains(a.What, "worker-0 is held back") || !strings.Contains(a.What, "25 %") || !strings.Contains(a.What, "--threads") {
		t.Fatalf("5 s in 10 s of two threads: %v", a)
	}
	st := b.Status()
	if !strings.Contains(st.Why, "no step for") || !strings.Contains(st.Why, "worker-0 is held back") {
		t.Errorf("why no step comes: %q", st.Why)
	}
	if m := scrape(t, b); m[`rondo_worker_throttled_seconds_total{worker="worker-0"}`] != 6 {
		t.Errorf("series: %v", m[`rondo_worker_throttled_seconds_total{worker="worker-0"}`])
	}
	for range 10 {
		beat(11 * time.Second)
	}
	if alarm() != nil {
		t.Errorf("it goes on: %v", alarm())
	}
	beat(0) // started anew under its name
	for range 10 {
		beat(9 * time.Second)
	}
	if alarm() == nil {
		t.Error("9 s in 10 s after a new start")
	}
	play(b, clock, s, workerLost{Conn: 1, Cause: "killed", Ours: true}, tick{})
	if alarm() != nil {
		t.Error("the worker is gone, and its alarm is not")
	}
}

// A worker that waits for its place is forgotten as those in the ring are when it goes.
func TestThrottledOutside(t *testing.T) {
	b, clock, s := boardOf(2)
	s = play(b, clock, s, joins(2)[0])
	for i := range 12 {
		s = play(b, clock, s, heartbeat{1, &api.Heartbeat{ThrottledNs: int64(time.Duration(i) * time.Second)}})
	}
	if st := b.Status(); st.Alarm(api.AlarmThrottled) == nil {
		t.Fatalf("half its time or more is taken: %+v", st.Alarms)
	}
	play(b, clock, s, workerLost{Conn: 1, Cause: "killed", Ours: true}, tick{})
	if st := b.Status(); st.Alarm(api.AlarmThrottled) != nil || len(b.alarms.throttled) > 0 {
		t.Errorf("it is gone, and its alarm is not: %+v", st.Alarms)
	}
	if _, still := scrape(t, b)[`rondo_worker_throttled_seconds_total{worker="worker-0"}`]; still {
		t.Error("it is gone, and its series is not")
	}
}
