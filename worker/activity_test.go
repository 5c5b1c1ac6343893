package worker

import (
	"testing"
	"time"

	"github.com/rondo-ml/rondo/allreduce"
	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/nn"
)

// A heartbeat tells what the step loop does and what it waits for. A worker that waits
// makes no progress before something comes.
func TestActivity(t *testing.T) {
	ring, err := allreduce.EvenView(7, 2, 2)
	if err != nil {
		t.Fatal(err)
	}
	next, prev := allreduce.NewMemNetwork(0).Ring([]string{"a", "b"})
	later := func() time.Time { return time.Now().Add(time.Hour) } // as if all began just after the look
	var groups [2]*allreduce.Group
	for i := range groups {
		if groups[i], err = allreduce.NewGroup(ring, i, next[i], prev[i], allreduce.WithClock(later)); err != nil {
			t.Fatal(err)
		}
	}
	var a activity
	a.connects(7)
	if h := a.look(3); h.Doing != api.Doing_CONNECTING || h.Generation != 7 || h.Next || h.Prev || h.Step != 3 {
		t.Errorf("%v", h)
	}
	a.linked(6, true) // of an earlier ring
	a.linked(7, false)
	if h := a.look(3); h.Next || !h.Prev {
		t.Errorf("%v", h)
	}
	a.joined(groups[0])
	a.begin(api.Doing_STEPPING)
	done := make(chan error, 1)
	go func() { done <- groups[0].Barrier(3, tagLosses) }()
	h := a.look(3)
	for !h.Blocked || len(h.Awaits) == 0 || groups[0].Standing().Queued > 0 { // a frame that is being sent counts twice for a moment
		h = a.look(3)
	}
	h = a.look(3)
	if h.Sent != 1 || h.Received != 0 || h.Awaits[0].What != "the losses" || h.Awaits[0].Step != 3 || h.Awaits[0].SinceNs < 0 {
		t.Errorf("%v", h)
	}
	if again := a.look(3); again.Progress != h.Progress {
		t.Errorf("it waits and gets on: %d, then %d", h.Progress, again.Progress)
	}
	if err := groups[1].Barrier(3, tagLosses); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if last := a.look(3); last.Progress == h.Progress || last.Received != 1 || last.Blocked {
		t.Errorf("%v", last)
	}
	a.begin(api.Doing_IDLE)
	if !a.idle() {
		t.Error("it is not idle")
	}
	groups[0].Close()
	groups[1].Close()
}

// Every collective has a name that says what it is for.
func TestAwaitName(t *testing.T) {
	for _, tc := range []struct {
		what string
		tag  uint32
		want string
	}{
		{"bucket", 3, "bucket 3"},
		{"gather", tagMidst + 2, "the statistics of batch norm 2"},
		{"gather", tagMidst + nn.FirstExchange + 3, "exchange 3 of pipelines"},
		{"gather", tagLosses, "the losses"},
		{"broadcast", tagBring + 4, "what the ring begins with, part 4"},
		{"broadcast", tagHandOver + 1, "the states that worker 1 hands over"},
		{"gather", tagWeighHeld + 5, "the held-out targets' weights"},
	} {
		if got := awaitName(tc.what, tc.tag); got != tc.want {
			t.Errorf("%s of tag %#x: %q, want %q", tc.what, tc.tag, got, tc.want)
		}
	}
}

// Work of the process is progress, and the talk of heartbeats is not.
func TestEffort(t *testing.T) {
	last := effort{cpu: time.Second, disk: 5, known: true}
	for _, tc := range []struct {
		now  effort
		want bool
	}{
		{effort{cpu: time.Second + idling, disk: 5, known: true}, false},
		{effort{cpu: time.Second + 2*idling, disk: 5, known: true}, true},
		{effort{cpu: time.Second, disk: 6, known: true}, true},
		{effort{}, true},
	} {
		if got := tc.now.beyond(last); got != tc.want {
			t.Errorf("%+v: %v", tc.now, got)
		}
	}
}
