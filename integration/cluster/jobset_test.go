package cluster

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/rondo-ml/rondo/integration/cluster/binaries"
	"github.com/rondo-ml/rondo/integration/cluster/lab"
)

// TestJobSet has the workers as a JobSet, which its controller makes a Job of. A worker that is lost costs the JobSet no
// restart, and it is over when the run is.
func TestJobSet(t *testing.T) {
	if !*full {
		t.Skip("not in the short form: -args -full")
	}
	ctx, c := start(t)
	r := &training{t: t, ctx: ctx, c: c, ns: "jobset"}
	r.deployJobSet()
	o := r.overlay("dev", jobRun, with("jobset"))
	r.begin(o)
	before, _ := r.strength(2)
	r.kubectl("delete", "pod", "--wait=false", r.one("worker").Metadata.Name)
	r.afterBlow("kubectl delete pod of a JobSet", before, 2, ofJob)
	r.endsAsJob(o, "rondo-worker-worker-0")
	r.kubectl("wait", "--for=condition=Completed", "jobset/rondo-worker", "--timeout=1m")
	var got struct {
		Status struct {
			Restarts      int
			TerminalState string
		}
	}
	if err := c.Get(ctx, "/apis/jobset.x-k8s.io/v1alpha2/namespaces/"+r.ns+"/jobsets/rondo-worker", &got); err != nil {
		t.Fatal(err)
	}
	if got.Status.Restarts != 0 || got.Status.TerminalState != "Completed" {
		t.Errorf("the JobSet is %q after %d restarts", got.Status.TerminalState, got.Status.Restarts)
	}
	r.kubectl("delete", "namespace", r.ns)
}

// jobsetKustomization is how its project deploys JobSet's controller, with the image of this cluster.
const jobsetKustomization = `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [../config/default]
images:
  - {name: us-central1-docker.pkg.dev/k8s-staging-images/jobset/jobset, newName: jobset, newTag: lab}
patches:
  - target: {kind: Deployment}
    patch: |-
      - {op: add, path: /spec/template/spec/containers/0/imagePullPolicy, value: Never}
      - {op: replace, path: /spec/template/spec/containers/0/resources/requests/cpu, value: 100m}
      - {op: replace, path: /spec/template/spec/containers/0/readinessProbe/periodSeconds, value: 1}
`

// deployJobSet starts JobSet's controller as a pod, with its webhooks and the certificates that it makes for them. At the
// test's end all of it is removed: the webhooks of a controller that is gone would refuse other tests' objects.
func (r *training) deployJobSet() {
	r.t.Helper()
	bins, err := set()
	if err != nil {
		r.t.Fatal(err)
	}
	crds := slices.IndexFunc(binaries.Resources, func(of binaries.Resource) bool { return of.Name == "jobset" })
	config := bins.Files(binaries.Resources[crds])
	if !bins.Has("jobset") || !bins.HasResources() {
		r.t.Skip("JobSet's controller was not built: make cluster builds it")
	}
	dir := r.t.TempDir()
	archive := filepath.Join(dir, "jobset.tar")
	if err := lab.Pack(archive, "jobset:lab", bins.Path("jobset"), "/manager"); err != nil {
		r.t.Fatal(err)
	}
	for _, n := range r.c.Nodes {
		if err := n.Import(r.ctx, archive); err != nil {
			r.t.Fatal(err)
		}
	}
	ours := filepath.Join(dir, "lab")
	if err := os.CopyFS(filepath.Join(dir, "config"), os.DirFS(config)); err != nil {
		r.t.Fatal(err)
	}
	if err := os.Mkdir(ours, 0o755); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(ours, "kustomization.yaml"), []byte(jobsetKustomization), 0o644); err != nil {
		r.t.Fatal(err)
	}
	r.deploy(ours, "jobset-system", "jobset-controller-manager")
}

// deploy applies another project's manifests, and waits until its controller is ready. It removes them at the test's end.
func (r *training) deploy(dir, namespace, controller string) {
	r.t.Helper()
	r.t.Cleanup(func() {
		ctx := context.WithoutCancel(r.ctx) // which has ended
		if out, err := r.c.Kubectl(ctx, "delete", "-k", dir, "--ignore-not-found", "--timeout=1m"); err != nil {
			r.t.Errorf("%v\n%s", err, out)
		}
	})
	if _, err := r.c.Kubectl(r.ctx, "apply", "-k", dir, "--server-side", "--force-conflicts"); err != nil {
		r.t.Fatal(err)
	}
	if _, err := r.c.Kubectl(r.ctx, "-n", namespace, "rollout", "status", "deployment/"+controller, "--timeout=3m"); err != nil {
		pods, _ := r.c.Kubectl(r.ctx, "-n", namespace, "describe", "pods")
		logs, _ := r.c.Kubectl(r.ctx, "-n", namespace, "logs", "--tail=30", "deployment/"+controller)
		r.t.Fatalf("%v\n%s\n%s", err, pods, logs)
	}
}
