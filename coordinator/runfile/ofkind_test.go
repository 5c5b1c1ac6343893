package runfile

import (
	"strings"
	"testing"
)

// TestOfKind: a network by itself takes what it is made of and what it reads, and nothing that only training has.
func TestOfKind(t *testing.T) {
	f, err := OfKind("resnet18", []string{"model.classes=7", "data.mean=0.5,0.5,0.5"})
	if err != nil || f.Model.Kind != "resnet18" || len(f.Data.Mean) != 3 {
		t.Errorf("%+v, %v", f, err)
	}
	if f, err = OfKind("charlm", []string{"batch.length=12"}); err != nil || f.Batch.Length != 12 {
		t.Errorf("%+v, %v", f, err)
	}
	for _, set := range []string{"steps=5", "seed=2", "batch.global=4", "optimizer.lr=1", "checkpoint.dir=x", "data.train=x", "model.weights=x", "model.freeze=fc.", "eval.every=3"} {
		if _, err := OfKind("resnet18", []string{set}); err == nil || !strings.Contains(err.Error(), "it is of training") {
			t.Errorf("--set %s: %v", set, err)
		}
	}
	for set, want := range map[string]string{"model.classes=-1": "model.classes", "model.hidden=3": "model.hidden", "batch.length=3": "batch.length", "model": "model"} {
		if _, err := OfKind("resnet18", []string{set}); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "of training") {
			t.Errorf("--set %s: %v", set, err)
		}
	}
}
