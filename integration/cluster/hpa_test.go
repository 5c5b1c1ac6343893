package cluster

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/integration/cluster/lab"
)

// At this address, the first node's, the test is what prometheus-adapter is elsewhere: an API of external metrics.
const (
	adapterIP   = "10.99.0.1"
	adapterPort = 9443
)

// adapter tells the API server where that is. The Service has no pods, so its endpoint is given by hand.
const adapter = `
{apiVersion: v1, kind: Service, metadata: {name: adapter}, spec: {ports: [{port: 443, targetPort: %[1]d}]}}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: adapter, labels: {kubernetes.io/service-name: adapter}}
addressType: IPv4
ports: [{port: %[1]d}]
endpoints: [{addresses: [%[2]s], conditions: {ready: true}}]
---
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {name: v1beta1.external.metrics.k8s.io}
spec: {group: external.metrics.k8s.io, version: v1beta1, groupPriorityMinimum: 100, versionPriority: 100, insecureSkipTLSVerify: true, service: {name: adapter, namespace: %[3]s}}
`

// soonDown has the coordinator want two workers, where the pool begins with one, and the autoscaler take some away without delay.
const soonDown = `patches:
  - target: {kind: Deployment, name: rondo-coordinator}
    patch: |-
      - {op: add, path: /spec/template/spec/containers/0/args/-, value: --workers=2}
  - target: {kind: HorizontalPodAutoscaler}
    patch: |-
      - {op: replace, path: /spec/behavior/scaleDown/stabilizationWindowSeconds, value: 0}
`

// TestHPA leaves the pool's size to Kubernetes' own autoscaler, which asks for the series of the coordinator: the second worker,
// for which the run waits, is started, and when the run has ended one is taken away.
func TestHPA(t *testing.T) {
	if !*full {
		t.Skip("not in the short form: -args -full")
	}
	ctx, c := start(t)
	r := &training{t: t, ctx: ctx, c: c, ns: "hpa"}
	r.kubectl("create", "namespace", r.ns)
	r.serveMetrics()
	o := r.overlay("dev", shortRun, with("hpa"), soonDown)

	begun := time.Now()
	r.apply(o)
	s, _ := r.wait("end of the run", func(s status) bool { return s.Phase == "finished" })
	t.Logf("a worker was missing, and the run has ended %.1f s after kubectl apply -k", time.Since(begun).Seconds())
	r.waitPods("worker", "one worker", func(all map[string]lab.Pod) bool { return len(all) == 1 }) // which rests, and is not ready
	r.wantDigest(o.runFile, newest(s))
	if out := r.kubectl("get", "events", "--field-selector=reason=SuccessfulRescale", "-o", "jsonpath={.items[*].message}"); !strings.Contains(out, "New size: 2") || !strings.Contains(out, "New size: 1") {
		t.Errorf("the autoscaler tells of %s", out)
	}
	r.kubectl("delete", "namespace", r.ns, "--wait=false")
}

// serveMetrics answers the autoscaler with the series of the coordinator's page, until the test ends.
func (r *training) serveMetrics() {
	r.t.Helper()
	certificate, err := tls.LoadX509KeyPair(filepath.Join(r.c.Dir, "keys/api.crt"), filepath.Join(r.c.Dir, "keys/api.key"))
	if err != nil {
		r.t.Fatal(err)
	}
	l, err := net.Listen("tcp", fmt.Sprintf("%s:%d", adapterIP, adapterPort))
	if err != nil {
		r.t.Fatal(err)
	}
	const api = "/apis/external.metrics.k8s.io/v1beta1"
	mux := http.NewServeMux()
	mux.HandleFunc(api, func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]any{"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": "external.metrics.k8s.io/v1beta1", "resources": []any{}})
	})
	mux.HandleFunc(api+"/namespaces/"+r.ns+"/{metric}", func(w http.ResponseWriter, q *http.Request) {
		name := q.PathValue("metric")
		value, err := r.series(q.Context(), name)
		if err != nil {
			http.Error(w, err.Error(), http.StatusNotFound)
			return
		}
		answer(w, map[string]any{"kind": "ExternalMetricValueList", "apiVersion": "external.metrics.k8s.io/v1beta1", "metadata": struct{}{}, "items": []any{
			map[string]any{"metricName": name, "metricLabels": struct{}{}, "timestamp": time.Now().UTC().Format(time.RFC3339), "value": value},
		}})
	})
	server := &http.Server{Handler: mux, TLSConfig: &tls.Config{Certificates: []tls.Certificate{certificate}}}
	go func() { _ = server.ServeTLS(l, "", "") }()
	r.t.Cleanup(func() {
		_ = server.Close()
		if _, err := r.c.Kubectl(context.WithoutCancel(r.ctx), "delete", "apiservice", "v1beta1.external.metrics.k8s.io", "--ignore-not-found"); err != nil {
			r.t.Error(err)
		}
	})
	if _, err := r.c.KubectlWith(r.ctx, fmt.Sprintf(adapter, adapterPort, adapterIP, r.ns), "-n", r.ns, "apply", "-f", "-"); err != nil {
		r.t.Fatal(err)
	}
	r.kubectl("wait", "--for=condition=Available", "apiservice/v1beta1.external.metrics.k8s.io", "--timeout=1m")
}

func answer(w http.ResponseWriter, object any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(object)
}

// series reads the value of a series without labels off the page of the coordinator.
func (r *training) series(ctx context.Context, name string) (value string, err error) {
	var all struct{ Items []lab.Pod }
	if err := r.c.Get(ctx, r.podsPath("coordinator"), &all); err != nil {
		return "", err
	}
	for _, p := range all.Items {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.Status.PodIP+":8780/metrics", nil)
		if err != nil {
			return "", err
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return "", err
		}
		defer resp.Body.Close()
		for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
			if value, ok := strings.CutPrefix(lines.Text(), name+" "); ok {
				return value, nil
			}
		}
	}
	return "", fmt.Errorf("no coordinator has a series %s", name)
}
