package cmd

import (
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/worker"
	"github.com/rondo-ml/rondo/worker/machine"
)

// What a run on one machine needs is its workers' plans and the coordinator: a limit in between is refused, and says so.
func TestMemoryOfCoordinator(t *testing.T) {
	f, err := runfile.Parse("x.yaml", nil, []string{"model.kind=lenet5", "model.classes=2", "data.train=generated:train?count=8", "checkpoint.dir=nowhere"})
	if err != nil {
		t.Fatal(err)
	}
	plan, err := worker.PlanMemory(f, f.Batch.Lanes, 1)
	if err != nil {
		t.Fatal(err)
	}
	run := &training{file: f, path: "x.yaml"}
	run.options.passes = 1
	for limit, fits := range map[int64]bool{0: true, 1: false, plan.Total(): false, plan.Total() + coordinatorBytes - 1: false, plan.Total() + coordinatorBytes: true} {
		err := run.checkMemory(machine.Limits{Memory: limit, MemoryOf: "/group"}, nil)
		if fits != (err == nil) || err != nil && !strings.Contains(err.Error(), "the coordinator 16 MiB, and the memory limit of /group is") {
			t.Errorf("%d bytes of memory, where a worker plans %d: %v", limit, plan.Total(), err)
		}
	}
}
