package runfile

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
)

// setsOf makes a section one of a kind, with what that must have.
func setsOf(section, kind string) []string {
	needs := map[string][]string{"step": {"schedule.every=9"}, "multistep": {"schedule.at=[100, 200]"}, "exponential": {"schedule.factor=0.99"},
		"cosine-restarts": {"schedule.every=50"}, "plateau": {"data.valid=v"}}
	return append([]string{section + ".kind=" + kind}, needs[kind]...)
}

// setsFor makes a file that reads the field.
func setsFor(path string) []string {
	if path == "batch.pipelines" {
		return []string{"model.kind=alexnet-caffe"}
	}
	section, name, _ := strings.Cut(path, ".")
	for _, k := range sections[section].kinds {
		if slices.Contains(k.reads, name) {
			return setsOf(section, k.name)
		}
	}
	return nil
}

// Every field of a section with kinds is read by a kind or by all, and what a kind reads is a field.
func TestSectionsNameFields(t *testing.T) {
	for name, s := range sections {
		read := map[string]bool{"kind": true}
		for _, f := range s.every {
			read[f] = true
		}
		for _, k := range s.kinds {
			for _, f := range slices.Concat(k.reads, slices.Collect(maps.Keys(k.defaults))) {
				if Default("x").lookup(name+"."+f) == nil {
					t.Errorf("%s %s names the field %q, which is none", name, k.name, f)
				}
			}
			for _, f := range k.reads {
				read[f] = true
			}
		}
		for _, f := range Default("x").children(name + ".") {
			if !read[f] {
				t.Errorf("no %s reads %s", name, f)
			}
		}
	}
}

// A file of each kind, with nothing given but what it must have, is valid, prints, and reads back to the same bits.
func TestEveryKindReadsBack(t *testing.T) {
	for name, s := range sections {
		for _, k := range s.kinds {
			f := withSets(t, setsOf(name, k.name)...)
			again, err := Parse("r.yaml", []byte(f.YAML()), nil)
			if err != nil {
				t.Errorf("%s: %v in\n%s", k.name, err, f.YAML())
				continue
			}
			if diff := Diff(f.Bits(), again.Bits()); len(diff) > 0 {
				t.Errorf("%s: printed and read back, it differs in %v", k.name, diff)
			}
			ofBits, err := FromBits("r", f.Bits())
			if err != nil {
				t.Errorf("%s: from bits: %v", k.name, err)
				continue
			}
			if diff := Diff(f.Bits(), ofBits.Bits()); len(diff) > 0 {
				t.Errorf("%s: rebuilt of its bits, it differs in %v", k.name, diff)
			}
			if err := f.Rates().Validate(); err != nil {
				t.Errorf("%s: %v", k.name, err)
			}
		}
	}
}

// Runs of sgd and adam have the bits of 0.4.0, which knew no others and held every field that it had.
func TestBitsOfEarlierReleases(t *testing.T) {
	for kind, want := range map[string]string{
		"adam": "beta1=0.9 beta2=0.999 clip=1 eps=1e-08 kind=adam lr=0.002 momentum=0 weight_decay=0",
		"sgd":  "beta1=0.9 beta2=0.999 clip=1 eps=1e-08 kind=sgd lr=0.1 momentum=0.9 weight_decay=0",
	} {
		var got []string
		for path, text := range withSets(t, "optimizer.kind="+kind).Bits() {
			if field, ok := strings.CutPrefix(path, "optimizer."); ok {
				got = append(got, field+"="+text)
			}
		}
		slices.Sort(got)
		if strings.Join(got, " ") != want {
			t.Errorf("%s: bits %v, want %s", kind, got, want)
		}
	}
	for hash, sets := range map[string][]string{
		"5e81d2bee2f5aaf2fd021d0fca6289dd075f6f1e0a02dec598c2e5f94a4746d6": nil,
		"f96cf6d30d2e2626e86865f82c137bdc388e767e60ddc73341ed2d9f28fbfbb4": {"optimizer.kind=sgd", "schedule.kind=constant"},
		"c15ad9432a11a44f767338e303f16ad043c58a6bb06c9574502f0e3aa14eb25b": {"model.kind=resnet18"},
	} {
		if f := withSets(t, sets...); f.Hash() != hash {
			t.Errorf("%v: bits of hash %s, want %s: %v", sets, f.Hash(), hash, f.Bits())
		}
	}
}

func TestSectionErrors(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"optimizer: {momentum: 0.9}", `r.yaml:2: optimizer.momentum: found 0.9, want nothing: adam reads beta1, beta2, eps, lr`},
		{"optimizer: {kind: rmsprop, beta1: 0.5}", "optimizer.beta1: found 0.5, want nothing: rmsprop reads alpha"},
		{"optimizer: {kind: sgd, momentum: 0, nesterov: true}", "optimizer.nesterov: found true, want false, or optimizer.momentum above 0"},
		{"optimizer: {average: 1}", "optimizer.average: found 1, want a number from 0 to below 1"},
		{"optimizer: {kind: lars, trust: 0}", "optimizer.trust: found 0, want a number above 0"},
		{"schedule: {every: 4}", "schedule.every: found 4, want nothing: linear reads warmup, over, floor"},
		{"schedule: {kind: step}", "schedule.every: found 0, want a whole number from 1"},
		{"schedule: {kind: exponential}", "schedule.factor: found 0, want a number above 0 and at most 1"},
		{"schedule: {kind: multistep}", "schedule.at: found nothing, want a list of whole numbers from 1"},
		{"schedule: {kind: multistep, at: [3, x]}", `schedule.at: found the text "x" in a list, want a list of whole numbers`},
		{"schedule: {kind: multistep, at: [7, 3]}", "schedule.at: found 7, 3, want steps that rise"},
		{"schedule: {kind: multistep, at: [3], warmup: 5}", "schedule.at: found 3, want steps that rise, from schedule.warmup = 5 on"},
		{"schedule: {kind: one-cycle, warmup: 5}", "schedule.warmup: found 5, want nothing: one-cycle reads start, rise, floor"},
		{"schedule: {kind: one-cycle, start: 5}", "schedule.start: found 5, want at most optimizer.lr = 0.002"},
		{"schedule: {over: 5, warmup: 6}", "schedule.over: found 5, want 0, or at least schedule.warmup = 6"},
		{"schedule: {kind: constant, over: 5}", "schedule.over: found 5, want nothing: constant reads warmup, floor"},
		{"optimizer: {lr_cap: 5}", "optimizer.lr_cap: found 5, want 0, or optimizer.lr_batch above 0"},
		{"schedule: {kind: plateau}", `schedule.kind: found "plateau", want another kind, or data.valid and eval.every above 0`},
		{"steps: [3]", "steps: found a list, want a whole number"},
	} {
		_, err := Parse("r.yaml", []byte("data: {train: t}\n"+c.text), nil)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s:\n got %v\nwant %s", c.text, err, c.want)
		}
	}
}

// With a plateau the run listens to its evaluations, so they decide bits.
func TestPlateauBits(t *testing.T) {
	a := withSets(t, "schedule.kind=plateau", "data.valid=v", "eval.every=10")
	b := withSets(t, "schedule.kind=plateau", "data.valid=v", "eval.every=20")
	if got := Diff(a.Bits(), b.Bits()); len(got) != 1 || got[0] != "eval.every: 10 and 20" {
		t.Errorf("evaluations differ in %v", got)
	}
}

// The linear scaling rule: rates are for so many rows.
func TestRatesGrowWithTheBatch(t *testing.T) {
	f := withSets(t, "optimizer.lr=0.1", "optimizer.lr_batch=256", "batch.global=1024", "schedule.floor=0.01", "steps=10")
	if r := f.Rates(); r.Peak != 0.4 || r.Floor != 0.04 {
		t.Errorf("peak %v, floor %v, want 0.4 and 0.04", r.Peak, r.Floor)
	}
}

// A start or a floor as high as the peak stays no higher where the cap lowers all, whatever the rounding.
func TestCappedRates(t *testing.T) {
	f := withSets(t, "optimizer.lr=0.1", "optimizer.lr_batch=128", "optimizer.lr_cap=1.7", "batch.global=32768",
		"schedule.kind=one-cycle", "schedule.start=0.1", "schedule.floor=0.1")
	if err := f.Rates().Validate(); err != nil {
		t.Error(err)
	}
}

// The rule of Puri et al. (2018): 5e-4 for each 128 rows, at most 3e-3, and a decay over 100,000 steps of which the run is a part.
func TestRatesOfLargeBatches(t *testing.T) {
	for _, c := range []struct {
		global int
		peak   float64
	}{
		{64, 2.5e-4}, {128, 5e-4}, {512, 2e-3}, {768, 3e-3}, {2048, 3e-3}, {32768, 3e-3},
	} {
		f := withSets(t, "optimizer.lr=5e-4", "optimizer.lr_batch=128", "optimizer.lr_cap=3e-3", fmt.Sprint("batch.global=", c.global),
			"schedule.floor=1e-4", "schedule.over=100000", "steps=73000")
		r := f.Rates()
		floor := c.peak / 5 // in proportion
		if got, want := r.LR(50_000), floor+(c.peak-floor)/2; r.LR(0) != c.peak || math.Abs(got/want-1) > 1e-12 {
			t.Errorf("%d rows: from %v, at half of the decay %v; want %v and %v", c.global, r.LR(0), got, c.peak, want)
		}
		if got, want := r.LR(200_000), floor; math.Abs(got/want-1) > 1e-12 {
			t.Errorf("%d rows: %v behind the decay, want %v", c.global, got, want)
		}
	}
}
