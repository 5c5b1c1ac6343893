package integration

import (
	"os"
	"strings"
	"testing"
)

// TestFineTuning begins a run from the weights of another, most of them frozen: workers do not show, the frozen ones
// stay, and a worker that finds other weights under the same name is refused.
func TestFineTuning(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	short := []string{"--set", "steps=6", "--set", "eval.every=0", "--set", "checkpoint.every=2"}
	l.train("first", short...)
	l.Must("weights", "convert", "first", "from.safetensors", "--add", "module.")
	tuned := append(short, "--set", "model.weights=from.safetensors", "--set", "model.freeze=rnn,encoder", "--set", "model.rates=decoder=3")
	want := ""
	for dir, workers := range map[string]string{"one": "1", "three": "3"} {
		if r := l.train(dir, append(tuned, "--workers", workers)...); r.Code != 0 {
			t.Fatalf("exit status %d\n%s", r.Code, r.Stderr)
		}
		if got := l.Digest(dir); want != "" && got != want {
			t.Errorf("%s workers: digest %s, others have %s", workers, got, want)
		} else {
			want = got
		}
	}
	r := l.Run("weights", "diff", "from.safetensors", "one", "--strip", "module.")
	if r.Code != 1 || strings.Count(r.Stdout, "\n") != 3 || strings.Count(r.Stdout, "decoder.") != 2 {
		t.Errorf("exit status %d, more or less than the decoder differs:\n%s%s", r.Code, r.Stdout, r.Stderr)
	}

	text, err := os.ReadFile(l.Path("from.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	l.Write("later.safetensors", string(text[:len(text)-1])+"\x3f")
	c := l.StartCluster(2, "model.weights=from.safetensors", "steps=8")
	l.WantError("a worker with other weights", l.Run(c.WorkerArgs("worker-0", "--set", "model.weights=later.safetensors")...), 1, "model.weights: ")
	c.StartWorkers(2)
	c.WantLeft(0)
	l.WantError("weights of another model", l.Run("train", "run.yaml", "--set", "model.weights=from.safetensors", "--set", "model.hidden=8"), 1,
		"model.weights: from.safetensors",
		"rnn.weight_ih_l0: F32[128 16] in the file, F32[32 16] in the model")
}
