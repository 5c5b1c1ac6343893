package integration

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/api"
)

var marked = regexp.MustCompile(`"step":12,"mark":"[0-9a-f]+"`)

// TestJournal sets the learning rate at a step and stops at another. The run that goes on, with other workers and from
// a checkpoint before the change too, ends with the digest of an undisturbed one with the same journal.
func TestJournal(t *testing.T) {
	t.Parallel()
	sets := []string{"steps=12", "checkpoint.every=3", "checkpoint.keep=99"}
	want := calmDigest(t, sets, "lr 5e-4 --at 5", "lr --clear --at 10")

	l := NewLab(t)
	c := l.askedCluster(2, sets, "lr 5e-4 --at 5", "lr --clear --at +10", "stop --at 7")
	l.WantError("too late", c.Steer("lr", "1", "--at", "12"), 1, "the run ends when 12 steps are done")
	c.StartWorkers(2)
	c.WantLeft(130)

	again := func(workers int) string {
		t.Helper()
		c.coordinate(workers, "--resume")
		c.Workers = nil
		c.StartWorkers(workers, "--resume")
		c.WantLeft(0)
		return l.Digest(c.Dir)
	}
	if got := again(3); got != want {
		t.Errorf("stopped and gone on: digest %s, want %s", got, want)
	}
	for _, name := range []string{"step-000000006", "step-000000007", "step-000000009", "step-000000012"} { // back to before the change
		if err := os.RemoveAll(l.Path(c.Dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if got := again(1); got != want {
		t.Errorf("gone on from step 3: digest %s, want %s", got, want)
	}
	past := []string{"run.yaml", "--set", "steps=12", "--set", "checkpoint.dir=" + c.Dir}
	if err := os.RemoveAll(l.Path(c.Dir, "step-000000006")); err != nil {
		t.Fatal(err)
	}
	for _, step := range []string{"9", "12", "3"} { // from 3, 9, and the beginning
		out := l.Must(append([]string{"replay", "--step", step, "--threads", "1"}, past...)...)
		digest := l.Digest(fmt.Sprintf("%s/step-%09s", c.Dir, step))
		if !strings.Contains(out, "digest "+digest) || !strings.Contains(out, "equal to the run's checkpoint") ||
			!strings.Contains(out, "equal to the run's weights at") {
			t.Errorf("replay of step %s, of digest %s, says\n%s", step, digest, out)
		}
	}
	l.damage(c.Dir+"/journal.jsonl", func(b []byte) []byte { return marked.ReplaceAll(b, []byte(`"step":12,"mark":"0000000000000000"`)) })
	l.WantError("other weights", lastError(l.Run(append([]string{"replay", "--step", "12"}, past...)...)), 1, "after step 12", "0000000000000000")
	if out := l.Must(append([]string{"audit"}, past...)...); !strings.Contains(out, "12 steps of 8 lanes") ||
		!strings.Contains(out, "were used once in the epoch under way") || !strings.Contains(out, "each lane had one worker from step 0 on, in 2 views") {
		t.Errorf("audit says\n%s", out)
	}
	l.WantError("other settings", l.Run(append([]string{"audit", "--set", "seed=9"}, past...)...), 1, "seed: 7 and 9")
	plain := l.train("plain", "--set", "steps=12")
	if got := l.Digest("plain"); plain.Code != 0 || got == want {
		t.Errorf("the learning rates do not show: exit status %d, digest %s", plain.Code, got)
	}
}

// askedCluster is a coordinator whose workers have not joined yet: what it is asked for waits for its step.
func (l *Lab) askedCluster(workers int, sets []string, asks ...string) *Cluster {
	l.t.Helper()
	smallRun(l)
	c := l.StartCluster(workers, sets...)
	for _, ask := range asks {
		if r := c.Steer(strings.Fields(ask)...); r.Code != 0 {
			l.t.Fatalf("rondo %s: exit status %d\n%s", ask, r.Code, r.Stderr)
		}
	}
	return c
}

// calmDigest is that of one undisturbed worker, of which the same was asked.
func calmDigest(t *testing.T, sets []string, asks ...string) string {
	t.Helper()
	calm := NewLab(t).askedCluster(1, sets, asks...)
	calm.StartWorker("worker-0")
	calm.WantLeft(0)
	return calm.lab.Digest(calm.Dir)
}

// TestRateThatSpoils sets a learning rate that no network stands. The run ends and says which rate it was and how to go on:
// another one at the same step takes its place.
func TestRateThatSpoils(t *testing.T) {
	t.Parallel()
	sets := []string{"steps=12", "checkpoint.every=3", "eval.every=0", "optimizer.kind=sgd", "optimizer.lr=0.1"}
	want := calmDigest(t, sets, "lr 0.01 --at 5")

	l := NewLab(t)
	c := l.askedCluster(1, sets, "lr 3e38 --at 5")
	c.StartWorkers(1)
	r := c.Workers[0].Wait()
	l.WantError("the worker", lastError(r), 1, "not finite", "learning rate 3e+38", "when 5 steps were done", "rondo lr RATE --at 5")
	c.Coordinator.Wait()

	c.coordinate(1, "--resume")
	if r := c.Steer("lr", "0.01", "--at", "5"); r.Code != 0 {
		t.Fatal(r.Stderr)
	}
	c.Workers = nil
	c.StartWorkers(1, "--resume")
	c.WantLeft(0)
	if got := l.Digest(c.Dir); got != want {
		t.Errorf("digest %s, want %s", got, want)
	}
}

// TestWishesAfterTakeover kills the coordinator when wishes have taken effect. The workers take those of the next one, as long as the
// ring is the same.
func TestWishesAfterTakeover(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	c := l.newCluster(nil, []string{endless, "eval.every=0", "batch.length=32"})
	c.coordinate(2, "--listen", freeAddr(t))
	c.StartWorkers(2)
	c.Coordinator.WaitStep(3)
	steer := func(wish, heard string) {
		t.Helper()
		if r := c.Steer(strings.Fields(wish)...); r.Code != 0 {
			t.Fatalf("rondo %s: exit status %d\n%s", wish, r.Code, r.Stderr)
		}
		c.Coordinator.WaitOutput(heard)
	}
	steer("lr 5e-4", "the learning rate is 0.0005 from step")
	steer("checkpoint", "the checkpoint of step .* is committed")
	c.Coordinator.Signal(syscall.SIGKILL)
	c.Coordinator.Wait()
	c.Coordinator = c.startCoordinator(2, "--resume", "--listen", c.Addr)
	c.Coordinator.WaitOutput("took over the ring of generation 1 at step .* with all of its 2 workers")
	steer("lr 25e-5", "the learning rate is 0.00025 from step")
	steer("checkpoint", "the checkpoint of step .* is committed")
	if r := c.Steer("stop"); r.Code != 0 {
		t.Fatalf("rondo stop: exit status %d\n%s", r.Code, r.Stderr)
	}
	c.WantLeft(130)
}

// TestJournalOfSurvivors loses the worker that was told of what is to come: the others take it at the same steps.
func TestJournalOfSurvivors(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	c := l.askedCluster(3, []string{endless, "eval.every=0", "checkpoint.every=0"}, "lr 2e-3 --at 30", "lr --clear --at 300", "lr 1e-3 --at 330")
	c.StartWorkers(3)
	c.Coordinator.WaitStep(45)
	c.Workers[0].Signal(syscall.SIGKILL)
	c.Workers = c.Workers[1:]
	c.Coordinator.WaitStatus("steps of the others", func(s api.Status) bool { return s.Generation >= 2 && s.Step > 350 })
	c.WantCalm()
	l.wantWholeLedger(c, " views")
}

// wantWholeLedger wants the audit of a cluster's run to find each byte used once an epoch, and each lane with one worker
// from the beginning on.
func (l *Lab) wantWholeLedger(c *Cluster, more ...string) {
	l.t.Helper()
	out := l.Must(append([]string{"audit", "run.yaml"}, c.sets...)...)
	for _, want := range append(more, "each lane had one worker from step 0 on", "used once in") {
		if !strings.Contains(out, want) {
			l.t.Errorf("audit does not say %q:\n%s", want, out)
		}
	}
}

// TestSteeringHere finds the run of rondo train on this machine.
func TestSteeringHere(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	p := l.Start(trainArgs("run", "--set", "steps=100000", "--set", "name=steered-here")...)
	p.WaitStep(2)
	if out := l.Must("lr", "3e-4", "--run", "steered-here"); !strings.Contains(out, "the learning rate is 0.0003 from the next step on") {
		t.Errorf("rondo lr says %q", out)
	}
	page := strings.TrimPrefix(p.Page(), "http://")
	p.WaitStatus("the rate", func(s api.Status) bool { return s.LR == 3e-4 })
	if out := l.Must("status", "--status-addr", page); !strings.Contains(out, "lr 0.0003") || !strings.Contains(out, "steps were done: the learning rate 0.0003") {
		t.Errorf("rondo status:\n%s", out)
	}
	l.WantError("another name", l.Run("stop", "--run", "steered-nowhere"), 1, "steered-nowhere")
	if out := l.Must("stop", "--run", "steered-here", "--at", "+3"); !strings.Contains(out, "the run stops with a checkpoint when") {
		t.Errorf("rondo stop says %q", out)
	}
	if r := p.Wait(); r.Code != 130 {
		t.Errorf("exit status %d\n%s", r.Code, r.Stderr)
	}
}

// TestReplayFromStart: held-out losses that lower the rate, averages and dropout come out again.
func TestReplayFromStart(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	sets := []string{"--set", "steps=8", "--set", "schedule.kind=plateau", "--set", "schedule.patience=0", "--set", "schedule.threshold=0.5",
		"--set", "eval.every=2", "--set", "optimizer.average=0.9", "--set", "checkpoint.keep=1", "--set", "watch.every=3"}
	if r := l.train("run", append(sets, "--workers", "2")...); r.Code != 0 {
		t.Fatalf("exit status %d\n%s", r.Code, r.Stderr)
	}
	out := l.Must(append([]string{"replay", "run.yaml", "--step", "8", "--passes", "2", "--set", "checkpoint.dir=run"}, sets...)...)
	for _, want := range []string{"step 8, 8 steps after 0", "digest " + l.Digest("run"), "equal to the run's checkpoint", "at 3 marks"} {
		if !strings.Contains(out, want) {
			t.Errorf("replay does not say %q:\n%s", want, out)
		}
	}
}
