package cluster

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/integration/cluster/lab"
)

// TestProd trains by the overlay of three etcd and two coordinators, prepared as docs/operations.md says, through the loss
// of a member of etcd and of the coordinator that leads, and a run file that is refused.
func TestProd(t *testing.T) {
	if !*full {
		t.Skip("not in the short form: -args -full")
	}
	ctx, c := start(t)
	r := &training{t: t, ctx: ctx, c: c, ns: "prod"}
	r.prepare()
	o := r.overlay("prod", poolRun, smaller)

	r.begin(o)
	r.strength(2)
	r.waitPods("etcd", "three members of etcd", ready(3))
	r.waitPods("coordinator", "two coordinators", ready(2))
	r.wantConfined()
	r.logMemory("under way")
	r.wantDesired()

	r.losesMember()
	r.losesLeader()
	r.wantNoRestarts()
	r.refusesRunFile(o)
	s := r.ends(o, r.rate())
	r.wantNoRestarts()
	r.wantDigest(o.runFile, newest(s))
	r.kubectl("delete", "namespace", r.ns, "--wait=false")
}

// prepare makes what the overlay prod asks for: the namespace, a token, and etcd's certificates.
func (r *training) prepare() {
	r.t.Helper()
	r.kubectl("create", "namespace", r.ns)
	r.secret("rondo-token", "prod.0123456789abcdef0123456789abcdef")
	dir := filepath.Join(r.t.TempDir(), "etcd-certs")
	hosts := "rondo-etcd,rondo-etcd-0.rondo-etcd-peers,rondo-etcd-1.rondo-etcd-peers,rondo-etcd-2.rondo-etcd-peers"
	r.rondo("certs", "--out", dir, "--hosts", hosts)
	r.tlsSecret("rondo-etcd-tls", filepath.Join(dir, "ca.pem"), filepath.Join(dir, "coordinator"))
}

// secret makes a Secret with a token.
func (r *training) secret(name, token string) {
	r.t.Helper()
	if _, err := r.c.KubectlWith(r.ctx, token+"\n", "-n", r.ns, "create", "secret", "generic", name, "--from-file=token=/dev/stdin"); err != nil {
		r.t.Fatal(err)
	}
}

// rondo runs the program on this machine, and returns what it prints.
func (r *training) rondo(args ...string) string {
	r.t.Helper()
	out, err := exec.CommandContext(r.ctx, filepath.Join(r.c.Dir, "rondo"), args...).CombinedOutput()
	if err != nil {
		r.t.Fatalf("rondo %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// wantDesired asks every coordinator, the one that stands by too, as KEDA does, how many workers the run should have.
func (r *training) wantDesired() {
	r.t.Helper()
	for name, p := range r.waitPods("coordinator", "two coordinators", ready(2)) {
		var got struct {
			Desired int `json:"desired_workers"`
		}
		if err := r.ask("http://"+p.Status.PodIP+":8780/api/desired", &got); err != nil || got.Desired < 1 || got.Desired > 8 {
			r.t.Errorf("%s: %d workers are desired, %v", name, got.Desired, err)
		}
	}
}

// losesMember takes one etcd of three away, for which no ring changes.
func (r *training) losesMember() {
	r.t.Helper()
	before, _ := r.strength(2)
	begun := time.Now()
	r.kubectl("delete", "pod", "--wait=false", "rondo-etcd-0")
	r.waitPods("etcd", "end of a member", func(all map[string]lab.Pod) bool { return !all["rondo-etcd-0"].Ready() })
	r.waitPods("etcd", "three members again", ready(3))
	took := time.Since(begun)
	s, _ := r.step(before.Step)
	if s.Generation != before.Generation {
		r.t.Errorf("a member of etcd was lost, and the ring went from generation %d to %d", before.Generation, s.Generation)
	}
	r.t.Logf("a member of etcd deleted: three again after %.1f s, %d steps in that time", took.Seconds(), s.Step-before.Step)
}

// losesLeader deletes the coordinator that leads: the one that stands by goes on, and no step waits.
func (r *training) losesLeader() {
	r.t.Helper()
	before, _ := r.strength(2)
	name := r.leader()
	begun := time.Now()
	r.kubectl("delete", "pod", "--wait=false", name)
	s, took := r.wait("lead of the other", func(s status) bool { return s.Run.Leader != before.Run.Leader && s.training() == 2 })
	s, _ = r.step(s.Step)
	if s.Generation != before.Generation {
		r.t.Errorf("the coordinator that led was deleted, and the ring went from generation %d to %d", before.Generation, s.Generation)
	}
	r.waitPods("coordinator", "two coordinators", ready(2))
	r.t.Logf("the coordinator that led deleted: the other leads after %.1f s, at step %d (%d since then); two again after %.1f s",
		took.Seconds(), s.Step, s.Step-before.Step, time.Since(begun).Seconds())
}

// leader is the coordinator's pod that leads.
func (r *training) leader() string {
	r.t.Helper()
	for name, p := range r.waitPods("coordinator", "coordinators", func(all map[string]lab.Pod) bool { return len(all) > 0 }) {
		var s status
		if err := r.ask("http://"+p.Status.PodIP+":8780/api/status", &s); err == nil && s.Phase != "standby" {
			return name
		}
	}
	r.t.Fatal("no coordinator leads")
	return ""
}

// TestRefused rolls out a run file that is refused in the overlay dev, whose only coordinator gives way to it: a worker
// trains on without one, and all is well when it is taken back.
func TestRefused(t *testing.T) {
	if !*full {
		t.Skip("not in the short form: -args -full")
	}
	ctx, c := start(t)
	r := &training{t: t, ctx: ctx, c: c, ns: "refused"}
	o := r.overlay("dev", poolRun)
	r.begin(o)
	before, _ := r.strength(2)
	r.refusesRunFile(o)
	if s, _ := r.strength(2); s.Step <= before.Step {
		t.Errorf("step %d after the run file was taken back, %d before", s.Step, before.Step)
	}
	r.kubectl("delete", "namespace", r.ns, "--wait=false")
}

// refusesRunFile rolls out a run file that would give other bits: it is refused with words by coordinators and to
// workers, one that leads and is not alone goes on leading, and taking it back mends all.
func (r *training) refusesRunFile(o overlay) {
	r.t.Helper()
	before, _ := r.strength(2)
	coordinators := r.waitPods("coordinator", "coordinators", func(all map[string]lab.Pod) bool { return ready(len(all))(all) })
	workers := r.waitPods("worker", "two workers", ready(2))
	o.change("lr: 0.02", "lr: 0.03")
	r.apply(o)
	begun := time.Now()
	said := r.waitLog("coordinator", coordinators, "is of a run with other settings (theirs and ours): optimizer.lr: 0.02 and 0.03")
	r.t.Logf("a run file that would give other bits: a coordinator refuses it after %.1f s: %s", time.Since(begun).Seconds(), said)
	if len(coordinators) > 1 {
		// By the ring that it cannot join, or by the newest checkpoint, with which it begins.
		said = r.waitLog("worker", workers, "optimizer.lr: 0.0")
		r.t.Logf("and so is a worker after %.1f s: %s", time.Since(begun).Seconds(), said)
		s, _ := r.step(before.Step)
		if s.Run.Leader != before.Run.Leader || s.training() == 0 {
			r.t.Errorf("a run file was refused: %s leads, and %s did before; %d workers train", s.Run.Leader, before.Run.Leader, s.training())
		}
	}
	for _, d := range []string{"deployment/rondo-coordinator", "deployment/rondo-worker"} {
		r.kubectl("rollout", "undo", d)
	}
	for _, d := range []string{"deployment/rondo-coordinator", "deployment/rondo-worker"} {
		r.kubectl("rollout", "status", d, "--timeout=2m")
	}
	s, _ := r.strength(2)
	r.step(s.Step)
	o.change("lr: 0.03", "lr: 0.02")
	r.t.Logf("taken back: two workers train after %.1f s", time.Since(begun).Seconds())
}

// waitLog waits until a pod of a component that is none of those that were there says something, and returns the line.
func (r *training) waitLog(component string, old map[string]lab.Pod, text string) string {
	r.t.Helper()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end) && r.ctx.Err() == nil; <-tick.C {
		var all struct{ Items []lab.Pod }
		if err := r.c.Get(r.ctx, r.podsPath(component), &all); err != nil {
			r.t.Fatal(err)
		}
		for _, p := range all.Items {
			if _, there := old[p.Metadata.Name]; there {
				continue
			}
			for _, previous := range []string{"--previous=false", "--previous=true"} {
				out, _ := r.c.Kubectl(r.ctx, "-n", r.ns, "logs", previous, p.Metadata.Name) // a container that has not begun has none
				for line := range strings.Lines(out) {
					if strings.Contains(line, text) {
						return strings.TrimSpace(line)
					}
				}
			}
		}
	}
	r.explain()
	r.t.Fatalf("no new pod of component %s says %q", component, text)
	return ""
}

// rate is the run's, in steps a second.
func (r *training) rate() float64 {
	r.t.Helper()
	first, _ := r.strength(2)
	begun := time.Now()
	last, _ := r.step(first.Step + 200)
	return float64(last.Step-first.Step) / time.Since(begun).Seconds()
}
