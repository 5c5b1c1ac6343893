package cluster

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/integration/cluster/lab"
)

// TestContext steers a run by --context, through the user's kubectl and kubeconfig, as from a machine outside.
func TestContext(t *testing.T) {
	if !*full {
		t.Skip("not in the short form: -args -full")
	}
	ctx, c := start(t)
	r := &training{t: t, ctx: ctx, c: c, ns: "context"}
	o := r.overlay("dev", poolRun)
	r.begin(o)
	before, _ := r.strength(2)
	coordinator, worker := r.one("coordinator").Metadata.Name, r.one("worker").Metadata.Name

	for _, asked := range []struct {
		args []string
		want string
	}{
		{[]string{"status"}, "pool: training"},
		{[]string{"status"}, worker},
		{[]string{"status", "--why"}, "it moves: "},
		{[]string{"status", "--json"}, `"phase":"training"`},
		{[]string{"logs"}, "[pod/" + coordinator + "/coordinator]"},
		{[]string{"logs", worker, "--tail", "5"}, "[pod/" + worker + "/worker]"},
		{[]string{"inspect", worker}, "goroutine "},
		{[]string{"inspect"}, "goroutine "},
		{[]string{"lr", "0.25", "--at", "+100"}, "0.25"},
		{[]string{"checkpoint"}, "checkpoint"},
		{[]string{"scale", "1"}, "1"},
	} {
		out, err := r.byContext(c.Kubeconfig("admin"), asked.args...)
		if err != nil || !strings.Contains(out, asked.want) {
			t.Errorf("rondo %s: %v; want %q in\n%s", strings.Join(asked.args, " "), err, asked.want, out)
		}
		t.Logf("rondo %s: %.80q", strings.Join(asked.args, " "), out)
	}
	s, _ := r.wait("run with what was asked for", func(s status) bool { return s.LR == 0.25 && s.training() == 1 })
	if s.Step <= before.Step {
		t.Errorf("step %d, and %d before", s.Step, before.Step)
	}

	// A node's credentials may not read the Secret, nor forward a port; a context that is not there is named.
	if out, err := r.byContext(c.Kubeconfig("node0"), "stop"); err == nil || !strings.Contains(out, "forbidden") {
		t.Errorf("rondo stop with a node's kubeconfig: %v\n%s", err, out)
	}
	if out, err := r.byContext(os.DevNull, "status"); err == nil || !strings.Contains(out, "context lab, namespace context: kubectl:") {
		t.Errorf("rondo status with an empty kubeconfig: %v\n%s", err, out)
	}
	if out, err := r.byContext(c.Kubeconfig("admin"), "stop"); err != nil {
		t.Errorf("rondo stop: %v\n%s", err, out)
	}
	r.wait("stop", func(s status) bool { return s.Phase == "stopped" })
	r.waitPods("coordinator", "coordinator that shows the run", ready(1))
	r.kubectl("delete", "namespace", r.ns, "--wait=false")
}

// byContext runs a command of rondo with kubectl on the PATH and a kubeconfig.
func (r *training) byContext(kubeconfig string, args ...string) (string, error) {
	bins, err := set()
	if err != nil {
		return "", err
	}
	c := exec.CommandContext(r.ctx, filepath.Join(r.c.Dir, "rondo"), append(args, "--context", lab.Context, "--namespace", r.ns)...)
	c.Env = append(os.Environ(), "KUBECONFIG="+kubeconfig, "PATH="+filepath.Dir(bins.Path("kubectl")))
	out, err := c.CombinedOutput()
	return string(out), err
}
