package integration

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// ownBinary builds examples/custom, as a module outside this one, with the files of testdata/own-model beside its own.
var ownBinary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "rondo-own-")
	if err != nil {
		return "", err
	}
	built.Lock()
	built.dirs = append(built.dirs, dir)
	built.Unlock()
	root, err := filepath.Abs("..")
	if err != nil {
		return "", err
	}
	files := []string{filepath.Join(root, "go.sum")}
	for _, pattern := range []string{root + "/examples/custom/*.go", root + "/examples/custom/go.mod", "testdata/own-model/*.go"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			return "", err
		}
		files = append(files, found...)
	}
	for _, from := range files {
		text, err := os.ReadFile(from)
		if err != nil {
			return "", err
		}
		if filepath.Base(from) == "go.mod" {
			text = []byte(strings.Replace(string(text), "=> ../..", "=> "+root, 1))
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(from)), text, 0o644); err != nil {
			return "", err
		}
	}
	build := exec.Command("go", "build", "-mod=mod", "-o", "custom", ".")
	build.Dir = dir
	// What this module needs is here already, and its go.sum says what is right.
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GOPROXY=off", "GOWORK=off")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build of examples/custom: %w\n%s", err, out)
	}
	return filepath.Join(dir, "custom"), nil
})

// ownLab is a lab with shards, for a kind of the own binary.
func ownLab(t *testing.T, kind string) *Lab {
	t.Helper()
	l := NewLab(t)
	smallRun(l)
	bin, err := ownBinary()
	if err != nil {
		t.Fatal(err)
	}
	l.bin = bin
	l.Write("run.yaml", fmt.Sprintf(`name: own
model: {kind: %s, hidden: 24}
data: {train: shards/train, valid: shards/valid}
batch: {global: 16, lanes: 8, length: 16}
steps: 40
checkpoint: {dir: run, every: 10}
`, kind))
	return l
}

// TestOwnModel uses a binary of a user's own, with a kind of its own, from the run file's check to a resumed run.
func TestOwnModel(t *testing.T) {
	t.Parallel()
	l := ownLab(t, "residual-text")
	if list := l.Must("models"); !strings.Contains(list, "residual-text") || !strings.Contains(list, "resnet18") {
		t.Errorf("models says\n%s", list)
	}
	if fields := l.Must("models", "residual-text"); !strings.Contains(fields, "width of all layers") {
		t.Errorf("models residual-text says\n%s", fields)
	}
	config := l.Must("train", "run.yaml", "--print-config")
	for _, line := range []string{"kind: residual-text", "cell: gru", "hidden: 24", "dropout: 0", "vocab: 256"} {
		if !strings.Contains(config, "\n  "+line) {
			t.Errorf("--print-config does not say %q:\n%s", line, config)
		}
	}
	_, model, _ := strings.Cut(config, "\nmodel:\n")
	model, _, ends := strings.Cut(model, "\ntask:\n")
	if !ends || strings.Contains(model, "layers:") || strings.Contains(model, "convolution:") {
		t.Errorf("--print-config says what the kind does not read:\n%s", config)
	}
	l.WantError("a field that the kind does not read", l.Run("train", "run.yaml", "--set", "model.layers=2"), 2,
		"model.layers", "nothing: residual-text reads hidden, cell, dropout, vocab")
	l.WantError("a value that the kind refuses", l.Run("train", "run.yaml", "--set", "model.hidden=4097"), 2,
		"model.hidden: found 4097, want a whole number from 1 to 4096")

	if checks := l.Must("train", "run.yaml", "--check"); strings.Count(checks, " ok ") != 10 || strings.Count(checks, "\n") != 10 {
		t.Errorf("--check says\n%s", checks)
	}

	alone := l.train("alone")
	if alone.Code != 0 || !strings.Contains(alone.Stdout, "custom sample alone") || !strings.Contains(alone.Stdout, "custom eval alone") {
		t.Fatalf("exit status %d\n%s%s", alone.Code, alone.Stdout, alone.Stderr)
	}
	on := []string{"--set", endless}
	if r := l.interrupted("run.yaml", "stopped", append(on, "--workers", "2"), 12); !strings.Contains(r.Stderr, "custom train run.yaml --resume --workers 2") {
		t.Errorf("stopped, it says\n%s", r.Stderr)
	}
	l.interrupted("run.yaml", "stopped", append(on, "--workers", "3", "--resume"), 12)
	l.wantReplayed("run.yaml", "stopped", on...)
	held := strings.Fields(alone.Stdout[strings.Index(alone.Stdout, "held out"):])[2]
	if measured := l.Must("eval", "alone", "--data", "shards/valid"); !strings.HasPrefix(measured, held+" bits/byte") {
		t.Errorf("eval says %s, the run said %s", measured, held)
	}
	if text := l.Must("sample", "stopped", "--length", "20"); len(text) < 20 {
		t.Errorf("a sample: %q", text)
	}
}

// TestClumsyModels: a panic of a model is one line with its message and the model's own place, and the run ends.
func TestClumsyModels(t *testing.T) {
	t.Parallel()
	l := ownLab(t, "residual-text")
	for kind, wants := range map[string][]string{
		"built-clumsily":    {"run.yaml: model.kind: built-clumsily panics: runtime error: index out of range [128] with length 0 (clumsy.go:", " in main."},
		"recorded-clumsily": {"run.yaml: model.kind: recorded-clumsily panics: runtime error: invalid memory address", "(clumsy.go:", " in main.(*clumsy).Forward;"},
		"run-clumsily":      {"failed at step 2", "model.kind: run-clumsily panics: the fuse burnt through (clumsy.go:", " in main.(*fuse).Forward;"},
	} {
		r := l.train(kind, "--set", "model.kind="+kind)
		if r.Code != 1 || strings.Count(r.Stderr, "\n") != 1 || !strings.HasPrefix(r.Stderr, "custom: ") || strings.Contains(r.Stderr, "goroutine") {
			t.Errorf("%s: exit status %d, want one line\n%s", kind, r.Code, r.Stderr)
		}
		for _, want := range wants {
			if !strings.Contains(r.Stderr, want) {
				t.Errorf("%s: the error does not say %q:\n%s", kind, want, r.Stderr)
			}
		}
	}
	r := l.Run("train", "run.yaml", "--check", "--set", "model.kind=run-clumsily")
	if want := "lanes     FAILED  model.kind: run-clumsily panics: the fuse burnt through (clumsy.go:"; r.Code != 1 ||
		!strings.Contains(r.Stdout, want) || !strings.HasPrefix(r.Stderr, "custom: run.yaml: ") || strings.Count(r.Stderr, "\n") != 1 {
		t.Errorf("--check: exit status %d\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
	p := l.StartEnv([]string{"RONDO_DEBUG=1"}, trainArgs("debug", "--set", "model.kind=recorded-clumsily")...)
	if r := p.Wait(); !strings.Contains(r.Stderr, "goroutine") || !strings.Contains(r.Stderr, "clumsy.go:") {
		t.Errorf("RONDO_DEBUG shows no stack:\n%s", r.Stderr)
	}
}
