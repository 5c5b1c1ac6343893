package cluster

import (
	"os"
	"strings"
	"testing"
)

// TestOverlays has the API server check every overlay as it checks what is
// applied, but for keeping it: fields, values, names, and the namespace's policy for
// pods, whose warnings count as errors. Volumes and Secrets that an overlay asks
// for need not be there.
func TestOverlays(t *testing.T) {
	ctx, c := start(t)
	all, err := os.ReadDir("../../k8s/overlays")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range all {
		t.Run(d.Name(), func(t *testing.T) {
			r := &training{t: t, ctx: ctx, c: c, ns: "check-" + d.Name()}
			r.wantTaken(r.overlay(d.Name(), shortRun))
			_, err := c.KubectlWith(ctx, privileged, "-n", r.ns, "apply", "-f", "-", "--dry-run=server", "--warnings-as-errors")
			if err == nil || !strings.Contains(err.Error(), "would violate PodSecurity") {
				t.Errorf("a privileged pod, which the namespace forbids: %v", err)
			}
			r.kubectl("delete", "namespace", r.ns, "--wait=false")
		})
	}
}

// wantTaken asks that the API server would take an overlay, into a namespace that is made for it.
func (r *training) wantTaken(o overlay) {
	r.t.Helper()
	r.kubectl("create", "namespace", r.ns)
	r.kubectl("label", "namespace", r.ns, "pod-security.kubernetes.io/enforce=restricted", "pod-security.kubernetes.io/warn=restricted")
	if _, err := r.c.Kubectl(r.ctx, "apply", "-k", o.dir, "--server-side", "--force-conflicts", "--dry-run=server", "--warnings-as-errors"); err != nil {
		r.t.Error(err)
	}
}

const privileged = `apiVersion: apps/v1
kind: Deployment
metadata: {name: privileged}
spec:
  selector: {matchLabels: {app: privileged}}
  template:
    metadata: {labels: {app: privileged}}
    spec: {containers: [{name: c, image: rondo, securityContext: {privileged: true}}]}
`
