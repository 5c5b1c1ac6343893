package cmd

import (
	"cmp"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/history"
	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/worker"
	"github.com/rondo-ml/rondo/worker/checkpoint"
	"github.com/rondo-ml/rondo/worker/machine"
)

// What a run on one machine needs is its workers' plans and the coordinator: a limit in between is refused, and says so.
func TestMemoryOfCoordinator(t *testing.T) {
	f, err := runfile.Parse("x.yaml", nil, []string{"model.kind=lenet5", "model.classes=2", "data.train=generated:train?count=8", "checkpoint.dir=nowhere"})
	if err != nil {
		t.Fatal(err)
	}
	plan, err := worker.PlanMemory(f, f.Batch.Lanes, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	run := &training{file: f, path: "x.yaml"}
	run.options.passes, run.options.threads = 1, 1
	for limit, fits := range map[int64]bool{0: true, 1: false, plan.Total(): false, plan.Total() + coordinatorBytes - 1: false, plan.Total() + coordinatorBytes: true} {
		err := run.checkMemory(machine.Limits{Memory: limit, MemoryOf: "/group"}, nil)
		if fits != (err == nil) || err != nil && !strings.Contains(err.Error(), "the coordinator 16 MiB, and the memory limit of /group is") {
			t.Errorf("%d bytes of memory, where a worker plans %d: %v", limit, plan.Total(), err)
		}
	}
}

// Checkpoints that checkpoint.keep_every has kept are not removed by a run that goes on without the field.
func TestKeptCheckpoints(t *testing.T) {
	run := newModel(t, nil, "model.kind=charlm", "model.hidden=6", "model.embed=4", "batch.length=8") // of step 7
	for _, step := range []uint64{10, 15, 20, 25, 26} {
		addStep(t, run, step, func(*nn.Params) {})
	}
	field := func(text string) *runfile.File {
		f, err := runfile.Parse("x.yaml", []byte("name: r\nmodel: {kind: charlm}\ndata: {train: d}\ncheckpoint: {every: 5, keep: 2"+text+"}\n"), nil)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	check := func(now string) string {
		r := &training{file: field(now), path: "x.yaml"}
		if err := r.checkKept(run); err != nil {
			return err.Error()
		}
		return ""
	}
	if said := check(""); said != "" {
		t.Errorf("no history says that any were kept: %s", said)
	}
	frames, err := history.AppendNote(nil, history.Note{Run: &api.Run{Name: "r", File: field(", keep_every: 5").YAML()}})
	kept := checkpoint.NewHistory(run)
	if err == nil {
		err = cmp.Or(kept.Append(frames), kept.Flush())
	}
	if err != nil {
		t.Fatal(err)
	}
	for now, want := range map[string]string{ // 26 and the next stay as the newest, 7 goes in any case
		", keep_every: 5":  "",
		"":                 "--resume: 4 checkpoints of " + run + " that checkpoint.keep_every = 5 has kept, from step 10 on, would be removed: the field is 0 now; give --set checkpoint.keep_every=5",
		", keep_every: 10": "--resume: 2 checkpoints of " + run + " that checkpoint.keep_every = 5 has kept, from step 15 on, would be removed: the field is 10 now",
	} {
		if said := check(now); want == "" && said != "" || !strings.HasPrefix(said, want) {
			t.Errorf("%q: %s, want %s", now, said, want)
		}
	}
}
