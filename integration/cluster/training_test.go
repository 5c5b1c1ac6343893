package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/integration/cluster/lab"
)

// training is a run in a namespace of the cluster.
type training struct {
	t   *testing.T
	ctx context.Context
	c   *lab.Cluster
	ns  string
}

// status is what the tests read of /api/status.
type status struct {
	Phase, Reason, Why string
	Step, Steps        uint64
	Generation         uint64
	LR                 float64
	Workers            []struct{ Name, State string }
	Checkpoints        []checkpoint
	Run                struct{ Leader string }
}

type checkpoint struct {
	Step   uint64
	Digest string
}

// training counts the workers that compute.
func (s status) training() int {
	n := 0
	for _, w := range s.Workers {
		if w.State == "training" {
			n++
		}
	}
	return n
}

// kubectl runs kubectl in the run's namespace.
func (r *training) kubectl(args ...string) string {
	r.t.Helper()
	out, err := r.c.Kubectl(r.ctx, append([]string{"-n", r.ns}, args...)...)
	if err != nil {
		r.t.Fatal(err)
	}
	return out
}

// apply gives the cluster an overlay.
func (r *training) apply(o overlay) {
	r.t.Helper()
	if _, err := r.c.Kubectl(r.ctx, "apply", "-k", o.dir); err != nil {
		r.t.Fatal(err)
	}
}

// begin applies an overlay and waits for the run's first step.
func (r *training) begin(o overlay) {
	r.t.Helper()
	begun := time.Now()
	r.apply(o)
	applied := time.Since(begun)
	r.step(0)
	r.t.Logf("kubectl apply -k: %.1f s; to the first step: %.1f s (wanted: 15 s)", applied.Seconds(), time.Since(begun).Seconds())
}

// podsPath is where the API has the run's pods of a component: coordinator, worker or
// etcd; "": of all.
func (r *training) podsPath(component string) string {
	path := "/api/v1/namespaces/" + r.ns + "/pods"
	if component != "" {
		path += "?labelSelector=app.kubernetes.io/component=" + component
	}
	return path
}

// waitPods follows pods until done, and returns them as they are then.
func (r *training) waitPods(component, what string, done func(map[string]lab.Pod) bool) map[string]lab.Pod {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.ctx, 2*time.Minute)
	defer cancel()
	var last map[string]lab.Pod
	err := lab.Watch(ctx, r.c.API, r.podsPath(component), func(all map[string]lab.Pod) bool {
		last = all
		return done(all)
	})
	if err != nil {
		r.explain()
		r.t.Fatalf("no %s: %v", what, err)
	}
	return last
}

// pods returns all pods, once there is any.
func (r *training) pods() map[string]lab.Pod {
	r.t.Helper()
	return r.waitPods("", "pods", func(all map[string]lab.Pod) bool { return len(all) > 0 })
}

// ready tells whether there are n pods, all of them ready.
func ready(n int) func(map[string]lab.Pod) bool {
	return func(all map[string]lab.Pod) bool {
		for _, p := range all {
			if !p.Ready() {
				return false
			}
		}
		return len(all) == n
	}
}

// explain prints what helps to understand a run that does not do what it should.
func (r *training) explain() {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.ctx), 20*time.Second)
	defer cancel()
	for _, args := range [][]string{
		{"get", "pods", "-o", "wide"},
		{"get", "events", "--sort-by=.lastTimestamp"},
		{"logs", "--prefix", "--tail=30", "-l", "app.kubernetes.io/component in (coordinator,worker,etcd)", "--all-containers"},
	} {
		out, err := r.c.Kubectl(ctx, append([]string{"-n", r.ns}, args...)...)
		if err != nil {
			out += err.Error()
		}
		r.t.Logf("kubectl %s\n%s", strings.Join(args, " "), out)
	}
}

// status asks the coordinator that leads.
func (r *training) status() (status, error) {
	var all struct{ Items []lab.Pod }
	if err := r.c.Get(r.ctx, r.podsPath("coordinator"), &all); err != nil {
		return status{}, err
	}
	err := fmt.Errorf("namespace %s has no coordinator", r.ns)
	for _, p := range all.Items {
		if p.Status.PodIP == "" {
			continue
		}
		var s status
		if err = r.ask("http://"+p.Status.PodIP+":8780/api/status", &s); err == nil && s.Phase != "standby" {
			return s, nil
		}
	}
	return status{}, err
}

func (r *training) ask(url string, into any) error {
	ctx, cancel := context.WithTimeout(r.ctx, 2*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", url, resp.Status)
	}
	return json.NewDecoder(resp.Body).Decode(into)
}

// wait looks at the run's status until done, and returns how long that took.
func (r *training) wait(what string, done func(status) bool) (status, time.Duration) {
	r.t.Helper()
	begun := time.Now()
	end := begun.Add(2 * time.Minute)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	var last status
	var err error
	for time.Now().Before(end) && r.ctx.Err() == nil {
		var s status
		if s, err = r.status(); err == nil {
			if last = s; done(s) {
				return s, time.Since(begun)
			}
		}
		<-tick.C
	}
	r.explain()
	r.t.Fatalf("no %s: %v; the run is %s at step %d, generation %d, of %d workers %d train: %s %s", what, err,
		last.Phase, last.Step, last.Generation, len(last.Workers), last.training(), last.Reason, last.Why)
	panic("unreachable")
}

// step waits for the next step.
func (r *training) step(after uint64) (status, time.Duration) {
	r.t.Helper()
	return r.wait(fmt.Sprintf("step after %d", after), func(s status) bool { return s.Step > after })
}

// wantDigest trains the run on this machine and compares its digest with that of
// the last checkpoint.
func (r *training) wantDigest(runFile string, c checkpoint) {
	r.t.Helper()
	dir := r.t.TempDir()
	train := exec.CommandContext(r.ctx, filepath.Join(r.c.Dir, "rondo"), "train", runFile, "--workers", "1", "--status-addr", "",
		"--set", "checkpoint.every=0", "--set", "checkpoint.dir="+filepath.Join(dir, "run"))
	train.Dir = dir
	train.Env = append(os.Environ(), "TMPDIR="+dir)
	out, err := train.CombinedOutput()
	if err != nil {
		r.t.Fatalf("%s: %v\n%s", strings.Join(train.Args, " "), err, out)
	}
	if c.Digest == "" || !strings.Contains(string(out), c.Digest) {
		r.t.Errorf("step %d has the digest %s in the cluster; rondo train says\n%s", c.Step, c.Digest, out)
	}
}

func newest(s status) checkpoint {
	if len(s.Checkpoints) == 0 {
		return checkpoint{}
	}
	return s.Checkpoints[len(s.Checkpoints)-1]
}
