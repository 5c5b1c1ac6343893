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
	name, file string
	sets       []string
	on         uint64 // steps behind a fault
}

// faultyRuns are a stateful LSTM with dropout, and a network with batch norms of both kinds.
func faultyRuns() []faulty {
	images := []string{"model.kind=resnet-small", "data.train=generated:train?count=360", "data.valid=generated:valid?count=36",
		"batch.global=16", "optimizer.kind=sgd", "eval.every=20", "checkpoint.every=10", endless}
	return []faulty{
		{"lstm", "run.yaml", []string{endless, "eval.every=150", "checkpoint.every=100"}, 100},
		{"norms", "images.yaml", append(images, "sync_batchnorm=false"), 20},
		{"sync-norms", "images.yaml", append(images, "sync_batchnorm=true"), 20},
	}
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

// TestFaults kills, freezes and dismisses workers of a run, alone and together. The run goes on, with the
// weights of a calm one.
func TestFaults(t *testing.T) {
	t.Parallel()
	for _, f := range faultyRuns() {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			l := NewLab(t)
			smallRun(l)
			l.Write("images.yaml", imagesFile)
			for _, fault := range []struct {
				name    string
				signal  syscall.Signal
				victims []int
				left    int // workers in the end: who was killed is started again (0: whoever is there)
			}{
				{"one killed", syscall.SIGKILL, []int{1}, 4},
				{"two killed", syscall.SIGKILL, []int{0, 2}, 4},
				{"all but one killed", syscall.SIGKILL, []int{0, 1, 3}, 4},
				{"all killed", syscall.SIGKILL, []int{0, 1, 2, 3}, 4},
				{"one leaves", syscall.SIGTERM, []int{0}, 0},
				{"three leave", syscall.SIGTERM, []int{0, 1, 3}, 0},
				{"one frozen", syscall.SIGSTOP, []int{2}, 0},
			} {
				dir := strings.ReplaceAll(fault.name, " ", "-")
				var blows []blow
				for _, v := range fault.victims {
					blows = append(blows, blow{v, fault.signal, 0})
				}
				l.strike(f.file, dir, f.sets, 3, f.on, fault.left, blows...)
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
			c := l.newCluster(nil, []string{endless, "eval.every=0", "checkpoint.every=20"})
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
			c.Coordinator.WaitStatus("steps of both", func(s api.Status) bool {
				return s.Phase == api.PhaseTraining && len(s.Workers) == 2 && s.Workers[0].Step > 4 && s.Workers[1].Step > 4
			})
			c.WantCalm()
		})
	}
}
