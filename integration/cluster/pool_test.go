package cluster

import (
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/integration/cluster/lab"
)

// TestPool trains in a pool of workers while everything is done to it that a
// cluster does to pods. The run ends with the digest of `rondo train`.
func TestPool(t *testing.T) {
	if !*full {
		t.Skip("not in the short form: -args -full")
	}
	ctx, c := start(t)
	r := &training{t: t, ctx: ctx, c: c, ns: "pool"}
	o := r.overlay("dev", poolRun)

	r.begin(o)
	r.strength(2)
	r.wantConfined()

	r.deletesWorker()
	r.killsWorker()
	r.scales()
	r.restarts()
	r.losesCoordinator()
	rate := r.drains()
	s := r.ends(o, rate)
	r.wantNoRestarts()
	r.wantDigest(o.runFile, newest(s))
}

// strength waits until n workers train.
func (r *training) strength(n int) (status, time.Duration) {
	r.t.Helper()
	return r.wait("full strength", func(s status) bool { return s.training() == n })
}

// one returns a pod of a component.
func (r *training) one(component string) lab.Pod {
	r.t.Helper()
	var found lab.Pod
	r.waitPods(component, component+" that is ready", func(all map[string]lab.Pod) bool {
		for _, found = range all {
			if found.Ready() {
				return true
			}
		}
		return false
	})
	return found
}

// Bounds on the time to full strength. The controller of Jobs waits for ten seconds before it starts a pod in the place
// of one that failed, though it does not count the failure.
const (
	ofPool = 10 * time.Second
	ofJob  = ofPool + 10*time.Second
)

// afterBlow times the next step of another ring, the longest while without any step, and the way back to n workers. It is
// called right after the blow. Who starts the workers has a time of its own to make another one in.
func (r *training) afterBlow(what string, before status, n int, full time.Duration) {
	r.t.Helper()
	begun := time.Now()
	at, since, still := before.Step, begun, time.Duration(0)
	look := func(s status) {
		still = max(still, time.Since(since))
		if s.Step > at {
			at, since = s.Step, time.Now()
		}
	}
	s, step := r.wait("step in another ring", func(s status) bool {
		look(s)
		return s.Step > before.Step && s.Generation > before.Generation
	})
	r.wait("full strength", func(s status) bool {
		look(s)
		return s.training() == n && s.Generation > before.Generation && s.Step == at
	})
	strong := time.Since(begun)
	r.t.Logf("%s: a step of the next ring after %.2f s, at most %.2f s without a step (wanted: 1 s), %d workers after %.2f s (wanted: %.0f s); step %d",
		what, step.Seconds(), still.Seconds(), n, strong.Seconds(), full.Seconds(), s.Step)
	if still > time.Second || strong > full {
		r.t.Errorf("%s: %v without a step, %v to %d workers", what, still, strong, n)
	}
}

func (r *training) deletesWorker() {
	r.t.Helper()
	before, _ := r.strength(2)
	r.kubectl("delete", "pod", "--wait=false", r.one("worker").Metadata.Name)
	r.afterBlow("kubectl delete pod", before, 2, ofPool)
}

// killsWorker kills a worker's process as the kernel does it that has no memory.
func (r *training) killsWorker() {
	r.t.Helper()
	r.waitPods("worker", "two workers", ready(2))
	before, _ := r.strength(2)
	victim := r.one("worker")
	processes, err := lab.Processes(victim)
	if err != nil {
		r.t.Fatal(err)
	}
	for _, p := range processes {
		if strings.Contains(p.Command, "worker") {
			if err := syscall.Kill(p.PID, syscall.SIGKILL); err != nil {
				r.t.Fatal(err)
			}
		}
	}
	r.afterBlow("kill -9 of a worker", before, 2, ofPool)
	all := r.waitPods("worker", "two workers", ready(2))
	if n := all[victim.Metadata.Name].Restarts(); n != 1 {
		r.t.Errorf("%s was killed once and has restarted %d times", victim.Metadata.Name, n)
	}
}

func (r *training) scales() {
	r.t.Helper()
	for _, n := range []int{4, 1, 2} {
		begun := time.Now()
		r.kubectl("scale", "deployment/rondo-worker", fmt.Sprintf("--replicas=%d", n))
		s, _ := r.strength(n)
		r.step(s.Step)
		r.t.Logf("kubectl scale to %d: %d train after %.1f s", n, n, time.Since(begun).Seconds())
	}
	r.waitPods("worker", "two workers", ready(2))
}

func (r *training) restarts() {
	r.t.Helper()
	before, _ := r.strength(2)
	begun := time.Now()
	r.kubectl("rollout", "restart", "deployment/rondo-worker")
	r.kubectl("rollout", "status", "deployment/rondo-worker", "--timeout=2m")
	took := time.Since(begun)
	s, _ := r.strength(2)
	r.step(s.Step)
	r.t.Logf("kubectl rollout restart: done after %.1f s, %d steps were made in that time", took.Seconds(), s.Step-before.Step)
	r.wantNoRestarts()
}

func (r *training) losesCoordinator() {
	r.t.Helper()
	before, _ := r.strength(2)
	leader := r.one("coordinator").Metadata.Name
	begun := time.Now()
	r.kubectl("delete", "pod", "--wait=false", leader)
	s, _ := r.wait("another coordinator", func(s status) bool { return s.Run.Leader != before.Run.Leader && s.training() == 2 })
	r.step(s.Step)
	r.t.Logf("coordinator deleted: another one leads after %.1f s, at step %d; %d were made without one or the old one",
		time.Since(begun).Seconds(), s.Step, s.Step-before.Step)
	r.waitPods("coordinator", "a coordinator", ready(1))
	r.wantNoRestarts()
}

// ends rolls out a run file in which the run has an end, a minute on from here, and
// waits for it.
func (r *training) ends(o overlay, rate float64) status {
	r.t.Helper()
	before, _ := r.strength(2)
	o.change("steps: 1000000", steps(before.Step, rate))
	begun := time.Now()
	r.apply(o)
	r.kubectl("rollout", "status", "deployment/rondo-coordinator", "--timeout=2m")
	r.kubectl("rollout", "status", "deployment/rondo-worker", "--timeout=2m")
	s, _ := r.wait("run by the new run file", func(s status) bool { return s.Steps != before.Steps && s.Step > before.Step })
	r.t.Logf("new run file: rolled out, and at step %d after %.1f s", s.Step, time.Since(begun).Seconds())
	s, _ = r.wait("end of the run", func(s status) bool { return s.Phase == "finished" })
	return s
}

// steps of a run file that end a minute on from a step.
func steps(from uint64, rate float64) string {
	return fmt.Sprintf("steps: %d", (from+uint64(60*rate)+3000)/100*100)
}

// secondNode adds one where there is one alone.
func (r *training) secondNode() {
	r.t.Helper()
	if len(r.c.Nodes) > 1 {
		return
	}
	begun := time.Now()
	if err := addNode(r.ctx, r.c); err != nil {
		r.t.Fatal(err)
	}
	r.t.Logf("a second node is ready after %.1f s", time.Since(begun).Seconds())
}

// drains moves everything from one node to another. It returns the steps a second
// that were made meanwhile.
func (r *training) drains() float64 {
	r.t.Helper()
	r.secondNode()
	r.waitPods("worker", "two workers", ready(2))
	before, _ := r.strength(2)
	node := r.one("worker").Spec.NodeName
	begun := time.Now()
	r.kubectl("drain", node, "--ignore-daemonsets", "--delete-emptydir-data", "--timeout=2m")
	took := time.Since(begun)
	all := r.waitPods("worker", "two workers", ready(2))
	for name, p := range all {
		if p.Spec.NodeName == node {
			r.t.Errorf("%s is on %s, which was drained", name, node)
		}
	}
	s, _ := r.strength(2)
	r.step(s.Step)
	r.t.Logf("kubectl drain: %.1f s, two workers on the other node after %.1f s, %d steps in that time", took.Seconds(), time.Since(begun).Seconds(), s.Step-before.Step)
	r.kubectl("uncordon", node)
	return float64(s.Step-before.Step) / time.Since(begun).Seconds()
}

// wantNoRestarts asks that none of the pods that are there now has been restarted.
func (r *training) wantNoRestarts() {
	r.t.Helper()
	for name, p := range r.pods() {
		if n := p.Restarts(); n != 0 {
			r.t.Errorf("%s has restarted %d times", name, n)
		}
	}
}

// wantConfined asks the kernel, not the manifest, what the pods' processes may do.
func (r *training) wantConfined() {
	r.t.Helper()
	for name, pod := range r.pods() {
		processes, err := lab.Processes(pod)
		if err != nil {
			r.t.Error(err)
			continue
		}
		rondo := false
		for _, p := range processes {
			isRondo := strings.Contains(p.Command, "rondo")
			rondo = rondo || isRondo
			// The pause of a pod is the runtime's, which no manifest confines further.
			if p.UID != "65532" || strings.Trim(p.CapEff, "0") != "" || isRondo && (!p.NoNew || p.Seccomp != "2") {
				r.t.Errorf("%s: %s has uid %s, capabilities %s, no new privileges %v, seccomp %s", name, p.Command, p.UID, p.CapEff, p.NoNew, p.Seccomp)
			}
			for _, m := range p.Mounts {
				path, options, _ := strings.Cut(m, " ")
				if strings.Contains(path, "serviceaccount") {
					r.t.Errorf("%s: a token is mounted at %s", name, path)
				}
				if path == "/" && !slices.Contains(strings.Split(options, ","), "ro") {
					r.t.Errorf("%s: %s may write to the root: %s", name, p.Command, m)
				}
			}
		}
		if !rondo {
			r.t.Errorf("%s: of its %d processes none is rondo", name, len(processes))
		}
	}
}
