package runfile

import (
	"slices"
	"strings"
	"testing"
)

func mustParse(t *testing.T, sets ...string) *File {
	t.Helper()
	f, err := Parse("r.yaml", []byte(example), sets)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// others gives each field a value that is not the example's.
var others = map[string]string{
	"name": "other", "seed": "2", "model.cell": "gru", "model.hidden": "1", "model.layers": "2", "model.embed": "1",
	"model.dropout": "0.5", "model.weight_norm": "true", "model.vocab": "300", "data.train": "x", "data.valid": "y",
	"batch.global": "128", "batch.lanes": "4", "batch.length": "1", "optimizer.kind": "sgd", "optimizer.lr": "0.5",
	"optimizer.momentum": "0.5", "optimizer.beta1": "0.5", "optimizer.beta2": "0.5", "optimizer.eps": "0.5",
	"optimizer.weight_decay": "0.5", "optimizer.clip": "0", "schedule.kind": "cosine", "schedule.warmup": "0",
	"schedule.floor": "0.001", "steps": "999", "eval.every": "1", "eval.batches": "1", "checkpoint.dir": "x",
	"checkpoint.every": "1", "checkpoint.keep": "1", "sync_batchnorm": "true", "ring.wire": "bf16", "precision": "bf16", "mixed_tiers": "true",
}

// TestBits changes one field after another: those that decide the bits, and no others, show in Bits, Hash
// and Diff.
func TestBits(t *testing.T) {
	ModelKinds = append(ModelKinds, "other")
	defer func() { ModelKinds = ModelKinds[:len(ModelKinds)-1] }()
	others["model.kind"] = "other"
	neutral := []string{"name", "data.train", "data.valid", "eval.every", "eval.batches", "checkpoint.dir", "checkpoint.every", "checkpoint.keep"}
	base := mustParse(t)
	for _, d := range fields {
		if d.misplaced(base) != "" {
			continue
		}
		value, ok := others[d.path]
		if !ok {
			t.Fatalf("no other value for %s", d.path)
		}
		f := mustParse(t)
		if !d.set(f, value) {
			t.Fatalf("%s cannot be %s", d.path, value)
		}
		diff := Diff(base.Bits(), f.Bits())
		if slices.Contains(neutral, d.path) {
			if len(diff) != 0 || f.Hash() != base.Hash() {
				t.Errorf("%s: differs in %v", d.path, diff)
			}
			continue
		}
		if len(diff) == 0 || f.Hash() == base.Hash() || !slices.ContainsFunc(diff, func(s string) bool { return strings.HasPrefix(s, d.path+": ") }) {
			t.Errorf("%s: differs in %v", d.path, diff)
		}
	}
}

// TestCanonical writes one value in several ways.
func TestCanonical(t *testing.T) {
	a, b := mustParse(t, "optimizer.lr=2e-3", "optimizer.clip=1.0", "schedule.floor=-0"), mustParse(t, "optimizer.lr=0.00200", "optimizer.clip=1")
	if a.Hash() != b.Hash() {
		t.Errorf("differ in %v", Diff(a.Bits(), b.Bits()))
	}
}

// TestHash pins the hash: checkpoints hold what follows from it.
func TestHash(t *testing.T) {
	if got := HashBits(map[string]string{"b": "2", "a": "1"}); got != "4a73850fde34aad40ff8649b93a66523a5fe744357a3931caea0f10609d0d930" {
		t.Errorf("got %s", got)
	}
}

func TestDiff(t *testing.T) {
	got := Diff(map[string]string{"a": "1", "b": "2", "d": "x y"}, map[string]string{"a": "1", "b": "3", "c": "", "d": "xy"})
	want := []string{"b: 2 and 3", `c: absent and ""`, `d: "x y" and xy`}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
