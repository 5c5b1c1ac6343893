package cluster

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/integration/cluster/binaries"
)

// combinations are components on an overlay: every component alone, and in the company that it needs.
var combinations = []struct {
	overlay    string
	components []string
}{
	{"prod", []string{"cert-manager"}}, {"dev", []string{"cert-manager"}}, {"prod", []string{"external-etcd", "operators"}},
	{"dev", []string{"spot"}}, {"prod", []string{"monitoring"}}, {"prod", []string{"keda"}}, {"prod", []string{"hpa"}},
	{"dev", []string{"job"}}, {"prod", []string{"spot", "job", "kueue"}},
	{"dev", []string{"jobset"}}, {"prod", []string{"cert-manager", "spot", "jobset", "kueue"}},
	{"dev", []string{"trainjob-runtime"}}, {"prod", []string{"cert-manager", "trainjob-runtime"}},
}

// TestComponents has the API server check each component's objects against the definitions that its project gives
// for them: fields, values and rules (CEL). No controller of theirs runs here, so what their webhooks would say
// besides is not heard.
func TestComponents(t *testing.T) {
	ctx, c := start(t)
	r := &training{t: t, ctx: ctx, c: c, ns: "default"}
	r.define()
	checked := map[string]bool{}
	for _, v := range combinations {
		name := strings.Join(append([]string{v.overlay}, v.components...), "-")
		t.Run(name, func(t *testing.T) {
			r := &training{t: t, ctx: ctx, c: c, ns: name}
			r.wantTaken(r.overlay(v.overlay, shortRun, with(v.components...)))
			r.kubectl("delete", "namespace", r.ns, "--wait=false")
		})
		for _, name := range v.components {
			checked[name] = true
		}
	}
	all, err := filepath.Glob("../../k8s/components/*")
	if err != nil || len(all) == 0 {
		t.Fatal(len(all), err)
	}
	for _, dir := range all {
		if name := filepath.Base(dir); !checked[name] && name != "embedded-etcd" { // which dev has
			t.Errorf("component %s is in no combination", name)
		}
	}
}

// TestWrongFields asks that the definitions do check: a field that is misspelt is refused.
func TestWrongFields(t *testing.T) {
	ctx, c := start(t)
	r := &training{t: t, ctx: ctx, c: c, ns: "default"}
	r.define()
	for _, object := range []string{
		"{apiVersion: keda.sh/v1alpha1, kind: ScaledObject, metadata: {name: x}, spec: {scaleTargetRef: {name: x}, triggers: [], maxReplicas: 3}}",
		"{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: x}, spec: {secretName: x, dnsName: [x], issuerRef: {name: x}}}",
		"{apiVersion: kueue.x-k8s.io/v1beta2, kind: LocalQueue, metadata: {name: x}, spec: {queue: x}}",
		"{apiVersion: jobset.x-k8s.io/v1alpha2, kind: JobSet, metadata: {name: x}, spec: {suspended: true}}",
		"{apiVersion: trainer.kubeflow.org/v1alpha1, kind: TrainingRuntime, metadata: {name: x}, spec: {mlPolicy: {nodes: 2}}}",
		"{apiVersion: monitoring.coreos.com/v1, kind: PodMonitor, metadata: {name: x}, spec: {selector: {}, endpoints: []}}",
	} {
		if _, err := c.KubectlWith(ctx, object, "-n", r.ns, "apply", "-f", "-", "--dry-run=server"); err == nil || !strings.Contains(err.Error(), "unknown field") {
			t.Errorf("%s: %v", object, err)
		}
	}
}

// define gives the cluster the custom resources of all projects that components work with.
func (r *training) define() {
	r.t.Helper()
	bins, err := set()
	if err != nil {
		r.t.Fatal(err)
	}
	if !bins.HasResources() {
		r.t.Skip("definitions of other projects' resources were not copied: make cluster does it")
	}
	args := []string{"apply", "--server-side", "--force-conflicts"}
	for _, of := range binaries.Resources {
		for _, file := range of.Applied {
			args = append(args, "-f", filepath.Join(bins.Files(of), file))
		}
	}
	r.kubectl(args...)
	r.kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=1m")
	if !slices.ContainsFunc(strings.Fields(r.kubectl("api-resources", "-o", "name")), func(name string) bool { return name == "jobsets.jobset.x-k8s.io" }) {
		r.t.Fatal("the API has no JobSets")
	}
}
