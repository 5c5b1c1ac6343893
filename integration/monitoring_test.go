package integration

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// TestMonitoring holds the alerts and the dashboard of k8s/components/monitoring against what a coordinator and a worker tell at
// /metrics: each series that they name is there, and each alert has its words in docs/operations.md.
func TestMonitoring(t *testing.T) {
	t.Parallel()
	l := NewLab(t)
	smallRun(l)
	c := l.StartCluster(1, "steps=100000", "checkpoint.every=5", "eval.every=5")
	w := c.StartWorker("worker-0", "--health-addr", "127.0.0.1:0")
	health := "http://" + w.WaitOutput(`health is told" .*address=([0-9.:]+)`)[1]
	c.Coordinator.WaitStatus("a checkpoint", func(s api.Status) bool { return len(s.Checkpoints) > 0 && len(s.Evaluations) > 0 })
	if text := fetch(t, health+"/readyz"); !strings.Contains(text, "in the ring") {
		t.Errorf("the worker trains, and /readyz says %q", text)
	}
	if text := fetch(t, health+"/healthz"); text != "ok\n" {
		t.Errorf("/healthz: %q", text)
	}
	if r := c.Steer("inspect", "worker-0"); r.Code != 0 || !strings.Contains(r.Stdout, "worker.(*worker).train") {
		t.Errorf("rondo inspect worker-0 does not show its step loop: %+v", r)
	}
	var layers api.LayersHealth
	c.Coordinator.WaitStatus("layers that are measured because somebody asks", func(api.Status) bool {
		layers = api.LayersHealth{}
		if err := json.Unmarshal([]byte(fetch(t, c.Coordinator.Page()+"/api/health")), &layers); err != nil {
			t.Fatal(err)
		}
		return layers.Step > 0
	})
	if text := fetch(t, c.Coordinator.Page()+"/api/health?layer="+layers.Layers[0].Name); !strings.Contains(text, `"verdict"`) {
		t.Errorf("the history of %s: %.200s", layers.Layers[0].Name, text)
	}
	c.Coordinator.WaitStatus("the worker's speed, which the second report of its pace tells", func(api.Status) bool {
		return strings.Contains(fetch(t, c.Coordinator.Page()+"/metrics"), "\nrondo_worker_flops_ratio{")
	})
	told := map[string]bool{}
	series := regexp.MustCompile(`(?m)^([a-z][a-z0-9_]*)[{ ]`)
	for _, page := range []string{c.Coordinator.Page(), health} {
		for _, m := range series.FindAllStringSubmatch(fetch(t, page+"/metrics"), -1) {
			told[m[1]] = true
		}
	}
	operations, err := os.ReadFile("../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile(`\b(?:rondo|process)_[a-z0-9_]+\b`)
	for _, name := range []string{"alerts.yaml", "rondo.json"} {
		text, err := os.ReadFile("../k8s/components/monitoring/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, ".json") && !json.Valid(text) {
			t.Errorf("%s is no JSON", name)
		}
		names := named.FindAllString(string(text), -1)
		if len(names) < 10 {
			t.Errorf("%s names %d series only", name, len(names))
		}
		for _, n := range names {
			if !told[n] {
				t.Errorf("%s names %s, which nobody tells", name, n)
			}
		}
		for _, m := range regexp.MustCompile(`alert: (\w+)`).FindAllStringSubmatch(string(text), -1) {
			if !strings.Contains(string(operations), "\n### "+m[1]+"\n") || !strings.Contains(string(text), "docs/operations.md#"+strings.ToLower(m[1])+"\n") {
				t.Errorf("what %s means is not in docs/operations.md", m[1])
			}
		}
	}
}

// fetch is what a page answers.
func fetch(t *testing.T, url string) string {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
