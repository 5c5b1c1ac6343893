package integration

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// faulty is a run on which faults are tried.
type faulty struct {
	name string
	sets []string
}

// faultyRuns are a stateful LSTM with dropout, and a network with batch norms of both kinds.
func faultyRuns() []faulty {
	images := []string{"model.kind=resnet-small", "data.train=generated:train?count=360", "data.valid=generated:valid?count=36",
		"batch.global=16", "optimizer.kind=sgd", "eval.every=20", "checkpoint.every=10", "steps=60"}
	return []faulty{
		{"lstm", []string{"steps=600", "eval.every=150", "checkpoint.every=100"}},
		{"norms", append(images, "sync_batchnorm=false")},
		{"sync-norms", append(images, "sync_batchnorm=true")},
	}
}

// args train the run in a directory of its own.
func (f *faulty) args(dir string, more ...string) []string {
	file := "run.yaml"
	if f.name != "lstm" {
		file = "images.yaml"
	}
	a := append([]string{"train", file, "--status-addr", "127.0.0.1:0", "--set", "checkpoint.dir=" + dir}, setFlags(f.sets)...)
	return append(a, more...)
}

const imagesFile = `name: images
seed: 7
model: {kind: resnet-small, classes: 4, image: 32, blocks: 1, width: 8}
data: {train: "generated:train?count=360", valid: "generated:valid?count=36"}
batch: {global: 16, lanes: 8}
optimizer: {kind: sgd, lr: 2e-2}
steps: 60
checkpoint: {dir: run}
`

// TestFaults kills, freezes and dismisses workers of a run, alone and together. The run goes on, and ends
// with the digest of a calm one.
func TestFaults(t *testing.T) {
	t.Parallel()
	for _, f := range faultyRuns() {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			l := NewLab(t)
			smallRun(l)
			l.Write("images.yaml", imagesFile)
			if r := l.Run(f.args("calm")...); r.Code != 0 {
				t.Fatalf("exit status %d\n%s", r.Code, r.Stderr)
			}
			calm := l.Digest("calm")
			for _, fault := range []struct {
				name    string
				signal  syscall.Signal
				victims []int
			}{
				{"one killed", syscall.SIGKILL, []int{1}},
				{"two killed", syscall.SIGKILL, []int{0, 2}},
				{"all but one killed", syscall.SIGKILL, []int{0, 1, 3}},
				{"all killed", syscall.SIGKILL, []int{0, 1, 2, 3}},
				{"one leaves", syscall.SIGTERM, []int{0}},
				{"three leave", syscall.SIGTERM, []int{0, 1, 3}},
				{"one frozen", syscall.SIGSTOP, []int{2}},
			} {
				dir := strings.ReplaceAll(fault.name, " ", "-")
				var blows []blow
				for _, v := range fault.victims {
					blows = append(blows, blow{v, fault.signal, 0})
				}
				l.strike(dir, calm, 3, f.args(dir, "--workers", "4"), blows...)
				log, err := os.ReadFile(l.Path(dir, "logs", "coordinator.log"))
				if err != nil {
					t.Fatal(err)
				}
				if fault.signal == syscall.SIGTERM && strings.Contains(string(log), "the run goes back") {
					t.Errorf("%s: what was asked to leave did not hand over:\n%s", fault.name, log)
				}
			}
		})
	}
}

// TestFewerThanLeast goes below the least number of workers: the run waits, says so, and goes on.
func TestFewerThanLeast(t *testing.T) {
	t.Parallel()
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		t.Run(fmt.Sprint(signal), func(t *testing.T) {
			t.Parallel()
			l := NewLab(t)
			smallRun(l)
			want := l.calm("steps=300")
			c := l.newCluster(nil, []string{"steps=300"})
			c.coordinate(2, "--workers", "2..3")
			c.StartWorkers(2)
			c.Coordinator.WaitStep(4)
			c.Workers[1].Signal(signal)
			c.Workers[1].Wait()
			c.Coordinator.WaitStatus("the wait", func(s api.Status) bool {
				return s.Phase == api.PhaseWaiting && strings.Contains(s.Reason, "1 of at least 2 workers")
			})
			c.Workers = c.Workers[:1]
			c.StartWorker("worker-9")
			c.WantLeft(0)
			if got := l.Digest(c.Dir); got != want {
				t.Errorf("digest %s, calm %s", got, want)
			}
		})
	}
}
