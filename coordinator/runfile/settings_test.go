package runfile

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// roles says of every field what differing means among the processes of a run. A field that is not here fails
// TestRoles: whoever adds one decides.
var roles = map[string]role{
	"name": ofCoordinator, "seed": ofBits,
	"model.kind": ofBits, "model.cell": ofBits, "model.hidden": ofBits, "model.layers": ofBits, "model.embed": ofBits,
	"model.dropout": ofBits, "model.weight_norm": ofBits, "model.vocab": ofBits, "task.kind": ofBits,
	"model.weights": ofProcess, "model.weights_skip": ofBits, "model.freeze": ofBits, "model.rates": ofBits, "model.final_bias": ofBits,
	"data.train": ofProcess, "data.valid": ofProcess, "data.augment": ofBits, "data.share": ofBits, "data.mean": ofBits, "data.deviation": ofBits,
	"batch.global": ofBits, "batch.lanes": ofBits, "batch.pipelines": ofBits, "batch.length": ofBits,
	"optimizer.kind": ofBits, "optimizer.lr": ofBits, "optimizer.momentum": ofBits, "optimizer.beta1": ofBits, "optimizer.beta2": ofBits,
	"optimizer.eps": ofBits, "optimizer.weight_decay": ofBits, "optimizer.clip": ofBits, "optimizer.lr_batch": ofBits, "optimizer.lr_cap": ofBits, "optimizer.nesterov": ofBits,
	"optimizer.alpha": ofBits, "optimizer.centered": ofBits, "optimizer.rate_decay": ofBits, "optimizer.initial": ofBits, "optimizer.trust": ofBits,
	"optimizer.decay_norms": ofBits, "optimizer.l1": ofBits, "optimizer.clip_value": ofBits, "optimizer.average": ofBits,
	"schedule.kind": ofBits, "schedule.warmup": ofBits, "schedule.floor": ofBits, "schedule.every": ofBits, "schedule.at": ofBits,
	"schedule.factor": ofBits, "schedule.growth": ofBits, "schedule.power": ofBits, "schedule.start": ofBits, "schedule.rise": ofBits,
	"schedule.patience": ofBits, "schedule.threshold": ofBits, "schedule.cooldown": ofBits, "schedule.over": ofBits,
	"ring.wire": ofBits, "steps": ofBits,
	"eval.every": ofCoordinator, "eval.batches": ofCoordinator, "eval.prompts": ofCoordinator, "eval.length": ofCoordinator, "eval.temperatures": ofCoordinator,
	"watch.every": ofCoordinator, "watch.layers": ofCoordinator, "rebalance": ofCoordinator,
	"checkpoint.dir": ofProcess, "checkpoint.every": ofCoordinator, "checkpoint.keep": ofCoordinator, "checkpoint.keep_every": ofCoordinator,
	"precision": ofBits, "convolution": ofBits, "mixed_tiers": ofBits, "sync_batchnorm": ofBits,
}

// others gives each field a value that is not that of rolesFile.
var others = map[string]string{
	"name": "other", "seed": "2",
	"model.kind": "lenet5", "model.cell": "gru", "model.hidden": "1", "model.layers": "2", "model.embed": "1",
	"model.dropout": "0.5", "model.weight_norm": "true", "model.vocab": "300", "task.kind": "class",
	"model.weights": "w.pth", "model.weights_skip": "fc.", "model.freeze": "bn", "model.rates": "fc.=2", "model.final_bias": "counts",
	"data.train": "x", "data.valid": "y", "data.augment": "flip", "data.share": "0.5", "data.mean": "0.5", "data.deviation": "0.5",
	"batch.global": "128", "batch.lanes": "4", "batch.pipelines": "2", "batch.length": "1",
	"optimizer.kind": "sgd", "optimizer.lr": "0.5", "optimizer.momentum": "0.5", "optimizer.beta1": "0.5", "optimizer.beta2": "0.5",
	"optimizer.eps": "0.5", "optimizer.weight_decay": "0.5", "optimizer.clip": "0", "optimizer.lr_batch": "9", "optimizer.lr_cap": "9",
	"optimizer.nesterov": "true", "optimizer.alpha": "0.5", "optimizer.centered": "true", "optimizer.rate_decay": "0.5", "optimizer.initial": "0.5",
	"optimizer.trust": "0.5", "optimizer.decay_norms": "false", "optimizer.l1": "0.5", "optimizer.clip_value": "0.5", "optimizer.average": "0.5",
	"schedule.kind": "cosine", "schedule.warmup": "0", "schedule.floor": "0.001", "schedule.every": "7", "schedule.at": "7",
	"schedule.factor": "0.5", "schedule.growth": "7", "schedule.power": "0.5", "schedule.start": "0.0001", "schedule.rise": "0.5",
	"schedule.patience": "7", "schedule.threshold": "0.5", "schedule.cooldown": "7", "schedule.over": "7000",
	"ring.wire": "bf16", "steps": "999",
	"eval.every": "1", "eval.batches": "1", "eval.prompts": "a||b", "eval.length": "1", "eval.temperatures": "0,1",
	"watch.every": "1", "watch.layers": "1", "rebalance": "true", "checkpoint.dir": "x", "checkpoint.every": "1", "checkpoint.keep": "1", "checkpoint.keep_every": "1000",
	"precision": "bf16", "convolution": "winograd", "mixed_tiers": "true", "sync_batchnorm": "true",
}

// TestRoles gives one process another value of one field after another: it shows in Bits, which are compared at the
// join, or is taken from the coordinator, or is the process's own affair.
func TestRoles(t *testing.T) {
	list := Default("x").all()
	for i := range list {
		d := &list[i]
		want, listed := roles[d.path]
		if !listed || d.role == 0 {
			t.Errorf("%s: which processes must agree in it, and whose value counts? Give it a role, here and in fields", d.path)
			continue
		}
		ours, theirs := rolesFile(t, d.path), rolesFile(t, d.path)
		if !d.set(theirs, others[d.path]) || d.text(ours) == d.text(theirs) {
			t.Fatalf("%s cannot be %q", d.path, others[d.path])
		}
		diff := Diff(ours.Bits(), theirs.Bits())
		compared := slices.ContainsFunc(diff, func(s string) bool { return strings.HasPrefix(s, d.path+": ") })
		if compared != (want == ofBits) || (ours.Hash() != theirs.Hash()) != compared {
			t.Errorf("%s: compared at the join: %t, by %v", d.path, compared, diff)
		}
		taken, changed, err := theirs.WithSettings(ours.Settings())
		if err != nil {
			t.Fatalf("%s: %v", d.path, err)
		}
		if got, is := d.text(taken) == d.text(ours), want == ofCoordinator; got != is || (len(changed) == 1) != is {
			t.Errorf("%s: taken from the coordinator: %t, %v", d.path, got, changed)
		}
		if d.text(theirs) == d.text(ours) {
			t.Errorf("%s: the worker's own file was changed", d.path)
		}
	}
	if len(roles) != len(list) {
		t.Errorf("%d roles for %d fields", len(roles), len(list))
	}
}

// rolesFile is the example, or a run that reads the field where the example does not.
func rolesFile(t *testing.T, path string) *File {
	f := mustParse(t)
	if f.lookup(path).misplaced(f) == "" {
		return f
	}
	if sets := setsFor(path); sets != nil {
		return withSets(t, sets...)
	}
	f, err := Parse("r.yaml", []byte(images+"model: {kind: mobilenetv2}"), nil)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestSettingsErrors(t *testing.T) {
	f := mustParse(t)
	for _, c := range []struct{ path, value, want string }{
		{"checkpoint.every", "-1", "checkpoint.every: found -1, want a whole number from 0"},
		{"checkpoint.every", "often", `checkpoint.every: found "often", want a whole number`},
		{"name", "../x", `name: found "../x", want 1 to 64 letters`},
		{"batch.lanes", "4", `"batch.lanes" is none of the settings`},
		{"eval.evry", "4", `"eval.evry" is none of the settings`},
	} {
		settings := maps.Clone(f.Settings())
		settings[c.path] = c.value
		if _, _, err := f.WithSettings(settings); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", c.path, err, c.want)
		}
	}
	if _, _, err := f.WithSettings(nil); err == nil || !strings.Contains(err.Error(), "missing among the settings") {
		t.Errorf("no settings: %v", err)
	}
}
