package cmd

import (
	"testing"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// Of a ring that goes on without some workers it is said how many are there, and how those that are missing were lost.
func TestMissingText(t *testing.T) {
	lost := func(name string) api.Event {
		return api.Event{Level: "warn", What: "the ring changes", Reason: name + " was lost at step 460 (silent for 1.6 s); generation 2 goes on without it"}
	}
	came := api.Event{Level: "info", What: "the ring changes", Reason: "worker-2 joined; generation 3 goes on with 4 workers"}
	other := api.Event{Level: "info", What: "a checkpoint was asked for"}
	of2 := "worker-2 was lost at step 460 (silent for 1.6 s); generation 2 goes on without it"
	of3 := "worker-3 was lost at step 460 (silent for 1.6 s); generation 2 goes on without it"
	for _, c := range []struct {
		phase  api.Phase
		there  int
		events []api.Event
		want   string
	}{
		{api.PhaseTraining, 4, []api.Event{lost("worker-2"), came}, ""},
		{api.PhaseTraining, 3, []api.Event{lost("worker-2"), other}, "3 of 4 workers; " + of2},
		{api.PhaseTraining, 2, []api.Event{lost("worker-1"), came, lost("worker-2"), lost("worker-3")}, "2 of 4 workers; " + of3 + "; " + of2},
		{api.PhaseTraining, 3, []api.Event{lost("worker-1"), lost("worker-2")}, "3 of 4 workers; " + of2},
		{api.PhaseTraining, 3, []api.Event{lost("worker-2"), came}, "3 of 4 workers"}, // more are wanted since
		{api.PhaseWaiting, 1, []api.Event{lost("worker-2")}, ""},                      // the reason says so
	} {
		s := api.Status{Phase: c.phase, Expected: 4, Events: c.events, Workers: []api.Worker{{Name: "worker-9", State: "lost"}}}
		for range c.there {
			s.Workers = append(s.Workers, api.Worker{State: "training"})
		}
		if got := missingText(s); got != c.want {
			t.Errorf("%d workers, %v: %q, want %q", c.there, c.events, got, c.want)
		}
	}
}
