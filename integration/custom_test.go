package integration

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// customLab is a lab for examples/custom, with its run file, shortened.
func customLab(t *testing.T) *Lab {
	t.Helper()
	l := NewLab(t)
	bin, err := ownBinary()
	if err != nil {
		t.Fatal(err)
	}
	l.bin = bin
	text, err := os.ReadFile("../examples/custom/run.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range [][2]string{{"steps: 600", "steps: 90"}, {"every: 200", "every: 30"}, {"count=500", "count=200"}} {
		if !strings.Contains(string(text), c[0]) {
			t.Fatalf("examples/custom/run.yaml does not say %q", c[0])
		}
		text = []byte(strings.ReplaceAll(string(text), c[0], c[1]))
	}
	l.Write("run.yaml", string(text))
	return l
}

// TestCustom uses a model, a task and a data set of a module outside this one, from the run file's check to a resumed run.
func TestCustom(t *testing.T) {
	t.Parallel()
	l := customLab(t)
	if list := l.Must("models", "age"); !strings.Contains(list, "two branches") || !strings.Contains(list, "(task quantiles)") || !strings.Contains(list, "model.side") {
		t.Errorf("models says\n%s", list)
	}
	config := l.Must("train", "run.yaml", "--print-config", "--set", "task.levels=0.2, 0.5, 0.8")
	for _, line := range []string{"kind: age", "side: 0.3", "kind: quantiles", "levels: [0.2, 0.5, 0.8]"} {
		if !strings.Contains(config, "\n  "+line) {
			t.Errorf("--print-config does not say %q:\n%s", line, config)
		}
	}
	for _, c := range []struct{ set, want string }{
		{"task.levels=0.5, 1", "task.levels"},
		{"task.levels=0.5", "task.levels: 1 of them, and the network gives 3 columns"},
		{"task.level=0.5", "task.levels"},
		{"model.outputs=4", "model.outputs: 4 has no middle"},
		{"data.train=moons:train", "want moons:NAME?count=N"},
		{"data.train=moons:train?size=3", `field "size" is not known`},
		{"data.train=suns:train?count=3", "no shard set at suns:train?count=3"},
		{"optimizer.kind=lyon", `optimizer.kind: found "lyon", want one of `},
		{"optimizer.beta3=1", "optimizer.beta3"},
	} {
		if r := l.Run("train", "run.yaml", "--set", c.set); r.Code == 0 || !strings.Contains(r.Stderr, c.want) || !strings.HasPrefix(r.Stderr, "custom: ") {
			t.Errorf("--set %s: exit status %d\n%s; want %q", c.set, r.Code, r.Stderr, c.want)
		}
	}
	if checks := l.Must("train", "run.yaml", "--check"); strings.Contains(checks, "FAILED") || strings.Count(checks, " ok ") < 8 {
		t.Errorf("--check says\n%s", checks)
	}

	// An optimizer of its own: its fields are checked, printed and part of the bits, and its memory is in checkpoints.
	lion := []string{"--set", "optimizer.kind=lion", "--set", "optimizer.lr=5e-4", "--set", "optimizer.beta2=0.95"}
	if config := l.Must(append([]string{"train", "run.yaml", "--print-config"}, lion...)...); !strings.Contains(config, "\n  beta1: 0.9 ") || !strings.Contains(config, "\n  beta2: 0.95 ") || strings.Contains(config, "  eps:") {
		t.Errorf("--print-config of an own optimizer says\n%s", config)
	}
	if r := l.Run(append(append([]string{"train", "run.yaml"}, lion...), "--set", "optimizer.eps=1e-6")...); r.Code == 0 || !strings.Contains(r.Stderr, "optimizer.eps: found 1e-06, want nothing: lion reads beta1, beta2, lr, ") {
		t.Errorf("another optimizer's field: exit status %d\n%s", r.Code, r.Stderr)
	}
	lion = append(lion, "--set", "steps=20", "--set", "checkpoint.every=10", "--set", "checkpoint.keep=9")
	if r := l.train("lion", lion...); r.Code != 0 {
		t.Fatalf("exit status %d\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
	l.copyDir("lion/step-000000010", "gone-on/step-000000010")
	if r := l.train("gone-on", append(lion, "--workers", "3", "--resume")...); r.Code != 0 || l.Digest("gone-on") != l.Digest("lion") {
		t.Errorf("gone on from step 10: exit status %d, digest %s, undisturbed %s\n%s", r.Code, l.Digest("gone-on"), l.Digest("lion"), r.Stderr)
	}

	one := l.train("one")
	if one.Code != 0 || !strings.Contains(one.Stdout, "custom eval one --data 'moons:valid?count=200'") || !strings.Contains(one.Stdout, "between the outer levels ") {
		t.Fatalf("exit status %d\n%s%s", one.Code, one.Stdout, one.Stderr)
	}
	want := l.Digest("one")
	if r := l.train("three", "--workers", "3", "--passes", "2"); r.Code != 0 || l.Digest("three") != want {
		t.Errorf("three workers: exit status %d, digest %s, one worker has %s\n%s", r.Code, l.Digest("three"), want, r.Stderr)
	}
	on := []string{"--set", endless}
	if r := l.interrupted("run.yaml", "stopped", append(on, "--workers", "2"), 40); !strings.Contains(r.Stderr, "custom train run.yaml --resume --workers 2") {
		t.Errorf("stopped, it says\n%s", r.Stderr)
	}
	l.interrupted("run.yaml", "stopped", append(on, "--workers", "3", "--resume"), 10)
	l.wantReplayed("run.yaml", "stopped", on...)
	// What one holds is what the other measures, and other data are other data.
	held := strings.Fields(one.Stdout[strings.Index(one.Stdout, "held out"):])[2]
	if measured := l.Must("eval", "one", "--data", "moons:valid?count=200"); !strings.HasPrefix(measured, held) || !strings.Contains(measured, "over 200 pictures") {
		t.Errorf("eval says %s, the run said %s", measured, held)
	}
	l.WantError("gone on with other data", l.train("one", "--resume", "--set", "data.train=moons:train?count=4001"), 1, "data")
}

// TestCustomCell trains a kind of this module with a recurrent cell of the other: its own test, the same bits on any number of
// workers, and what looks at it.
func TestCustomCell(t *testing.T) {
	t.Parallel()
	l := ownLab(t, "charlm, cell: minimal, layers: 2, dropout: 0.1")
	test := exec.Command("go", "test", "-mod=mod", "-run", "TestMinimal", ".")
	test.Dir = filepath.Dir(l.bin)
	test.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GOPROXY=off", "GOWORK=off")
	if out, err := test.CombinedOutput(); err != nil {
		t.Errorf("go test of examples/custom: %v\n%s", err, out)
	}
	for _, kind := range []string{"charlm", "sound-classifier", "tagger"} {
		if list := l.Must("models", kind); !strings.Contains(list, "lstm-peephole, minimal, mlstm") {
			t.Errorf("models %s says\n%s", kind, list)
		}
	}
	l.WantError("a cell that nobody knows", l.Run("train", "run.yaml", "--set", "model.cell=maximal"), 2,
		"model.cell", "lstm-peephole, minimal, mlstm")
	if checks := l.Must("train", "run.yaml", "--check"); strings.Contains(checks, "FAILED") || strings.Count(checks, " ok ") < 8 {
		t.Errorf("--check says\n%s", checks)
	}
	keep := []string{"--set", "checkpoint.keep=9"}
	if r := l.train("one", keep...); r.Code != 0 {
		t.Fatalf("exit status %d\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
	l.copyDir("one/step-000000010", "three/step-000000010")
	if r := l.train("three", append(keep, "--workers", "3", "--passes", "2", "--resume")...); r.Code != 0 || l.Digest("three") != l.Digest("one") {
		t.Errorf("gone on by three workers: exit status %d, digest %s, one worker has %s\n%s", r.Code, l.Digest("three"), l.Digest("one"), r.Stderr)
	}
	if text := l.Must("sample", "one", "--length", "20"); len(text) < 20 {
		t.Errorf("a sample: %q", text)
	}
	l.WantError("an operator that ONNX lacks", l.Run("export", "one", "--onnx", "one.onnx"), 1, "rnn.l0", "minimal")
}

// TestMistakes makes the mistakes of a first model, loss and data set: each is one line that names the layer or the part,
// its shape, and the line of the mistake.
func TestMistakes(t *testing.T) {
	t.Parallel()
	l := customLab(t)
	for _, c := range []struct{ set, want string }{
		{"model.kind=wrong-columns", "model.kind: wrong-columns panics: nn: out takes 32 features, got 16 (16 columns for 1 step of 1 lane of 8 rows) (mistakes.go:"},
		{"model.kind=wrong-channels", "nn: conv2 takes images of 8 channels, got 16x16 of 1 "},
		{"model.kind=not-an-image", "nn: pool takes images, got 16 columns for "},
		{"model.kind=other-rows", "nn: both joins the columns of other rows (1 column for "},
		{"model.kind=other-columns", "nn: shortcut adds 8x2 and 8x16 "},
		{"model.kind=unknown-part", "data.train: moons:train?count=4000 has no part weather, which the network needs; it has image, place, age"},
		{"model.kind=other-shape", "nn: out takes 32 features, got 1 "},
		{"model.kind=part-twice", "nn: the part place of a batch is asked for as a *nn.Values, and before as a *nn.Values or in another shape (age.go:"},
		{"model.kind=no-length", "has age as float32[], which has no length"},
		{"model.kind=other-length", "nn: last takes a length for each of 8 rows of 1 lane, got 8 lengths in 1 lane of at most 4 steps"},
		{"model.kind=other-outputs", "task.levels: 3 of them, and the network gives 16 columns"},
		{"model.kind=no-output", "the model's Forward returns no output"},
		{"task.kind=loss-of-nobody", "the task's Loss returns none for the output 3 columns"},
		{"task.kind=loss-is-nan", "step 0: the loss of lane 0 is not finite"},
		{"task.kind=loss-beyond", "failed at step 0: model.kind: age panics: runtime error: index out of range [2] with length 1 (mistakes.go:"},
		{"task.kind=scorer-beyond", "panics: runtime error: index out of range [8] with length 8 (mistakes.go:"},
		{"data.train=empty:a", "data.train: empty:a has no samples"},
		{"data.train=hashless:a", "data.train: hashless:a: its hash is empty"},
		{"data.train=schemaless:a", "data.train: schemaless:a: schema of 0 parts"},
		{"data.train=negative:a", `data.train: negative:a: part "place": shape [-2]`},
		{"data.train=unopened:a", "data.train: unopened:a: opening it gives neither a source nor an error"},
		{"data.train=untyped:a", "data.train: untyped:a: it panics: runtime error: invalid memory address"},
		{"data.train=fewer:a", "a sample of 2 parts, the schema has 3"},
		{"data.train=longer:a", `part "place": shape [3], the schema says [2]`},
		{"data.train=shorter:a", `part "image": 255 bytes for a shape of [16 16 1]`},
		{"data.train=infinite:a", ": age: a number is +Inf"},
		{"data.train=panicking:a", "it panics: runtime error: slice bounds out of range"},
		{"data.train=later:a", ": it panics: runtime error: index out of range"},
		{"data.train=failing:a", "failing:a: sample "},
	} {
		r := l.train("never", "--set", "steps=40", "--set", "eval.every=1", "--set", "checkpoint.every=0", "--set", c.set)
		if r.Code != 1 || strings.Count(r.Stderr, "\n") != 1 || !strings.HasPrefix(r.Stderr, "custom: ") || strings.Contains(r.Stderr, "goroutine") {
			t.Errorf("%s: exit status %d, want one line\n%s", c.set, r.Code, r.Stderr)
		}
		if !strings.Contains(r.Stderr, c.want) {
			t.Errorf("%s: the error does not say %q:\n%s", c.set, c.want, r.Stderr)
		}
	}
	// What trains without an error, and learns nothing, is found by the check.
	for _, kind := range []string{"loss-without-total", "loss-without-sum"} {
		r := l.Run("train", "run.yaml", "--check", "--set", "task.kind="+kind)
		if r.Code != 1 || !strings.Contains(r.Stdout, "gradients FAILED  conv1.weight, ") {
			t.Errorf("%s: exit status %d\n%s", kind, r.Code, r.Stdout)
		}
	}
}
