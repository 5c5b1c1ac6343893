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

// controller is another project's, which runs as a pod by its project's own manifests, with its webhooks and the certificates
// that it makes for them.
type controller struct {
	name                  string // of its binary, and of the Resource that has the manifests
	manifests             string // the directory in which these lie for the kustomization
	kustomization         string
	namespace, deployment string
}

var jobsetController = controller{name: "jobset", manifests: "config", namespace: "jobset-system", deployment: "jobset-controller-manager",
	kustomization: `resources: [../config/default]
images: [{name: us-central1-docker.pkg.dev/k8s-staging-images/jobset/jobset, newName: jobset, newTag: lab}]
patches:
  - target: {kind: Deployment}
    patch: |-
      - {op: add, path: /spec/template/spec/containers/0/imagePullPolicy, value: Never}
      - {op: replace, path: /spec/template/spec/containers/0/resources/requests/cpu, value: 100m}
      - {op: replace, path: /spec/template/spec/containers/0/readinessProbe/periodSeconds, value: 1}
`}

var trainerController = controller{name: "trainer", manifests: "manifests", namespace: "kubeflow-system", deployment: "kubeflow-trainer-controller-manager",
	kustomization: `namespace: kubeflow-system
resources: [namespace.yaml, ../manifests/base/crds, ../manifests/base/manager, ../manifests/base/rbac, ../manifests/base/webhook]
secretGenerator: [{name: kubeflow-trainer-webhook-cert, options: {disableNameSuffixHash: true}}]
images: [{name: ghcr.io/kubeflow/trainer/trainer-controller-manager, newName: trainer, newTag: lab}]
patches:
  - target: {kind: Deployment}
    patch: |-
      - {op: add, path: /spec/template/spec/containers/0/imagePullPolicy, value: Never}
      - {op: replace, path: /spec/template/spec/containers/0/readinessProbe/periodSeconds, value: 1}
`}

// deploy starts controllers and waits until all are ready, or skips the test where one was not built. They are removed at the
// test's end: the webhooks of a controller that is gone would refuse other tests' objects.
func (r *training) deploy(controllers ...controller) {
	r.t.Helper()
	bins, err := set()
	if err != nil {
		r.t.Fatal(err)
	}
	for _, c := range controllers {
		if _, err := os.Stat(c.files(bins)); err != nil || !bins.Has(c.name) {
			r.t.Skipf("the controller %s was not built: make cluster builds it", c.name)
		}
	}
	for _, c := range controllers {
		dir := c.lay(r.t, bins)
		archive := filepath.Join(dir, "image.tar")
		if err := lab.Pack(archive, c.name+":lab", bins.Path(c.name), "/manager"); err != nil {
			r.t.Fatal(err)
		}
		for _, n := range r.c.Nodes {
			if err := n.Import(r.ctx, archive); err != nil {
				r.t.Fatal(err)
			}
		}
		r.t.Cleanup(func() {
			ctx := context.WithoutCancel(r.ctx) // which has ended
			if out, err := r.c.Kubectl(ctx, "delete", "-k", filepath.Join(dir, "lab"), "--ignore-not-found", "--timeout=1m"); err != nil {
				r.t.Errorf("%v\n%s", err, out)
			}
		})
		if _, err := r.c.Kubectl(r.ctx, "apply", "-k", filepath.Join(dir, "lab"), "--server-side", "--force-conflicts"); err != nil {
			r.t.Fatal(err)
		}
	}
	for _, c := range controllers {
		if _, err := r.c.Kubectl(r.ctx, "-n", c.namespace, "rollout", "status", "deployment/"+c.deployment, "--timeout=5m"); err != nil {
			pods, _ := r.c.Kubectl(r.ctx, "-n", c.namespace, "describe", "pods")
			logs, _ := r.c.Kubectl(r.ctx, "-n", c.namespace, "logs", "--tail=30", "deployment/"+c.deployment)
			r.t.Fatalf("%v\n%s\n%s", err, pods, logs)
		}
	}
}

// files is where the project's manifests were copied to.
func (c controller) files(bins binaries.Set) string {
	i := slices.IndexFunc(binaries.Resources, func(of binaries.Resource) bool { return of.Name == c.name })
	return bins.Files(binaries.Resources[i])
}

// lay puts a kustomization, in lab, beside the project's manifests.
func (c controller) lay(t *testing.T, bins binaries.Set) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, c.manifests), os.DirFS(c.files(bins))); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "lab"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n" + c.kustomization,
		"namespace.yaml":     "{apiVersion: v1, kind: Namespace, metadata: {name: " + c.namespace + "}}\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, "lab", name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
