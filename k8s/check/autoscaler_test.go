package check

import (
	"net"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/promql/parser"
	apps "k8s.io/api/apps/v1"
	autoscaling "k8s.io/api/autoscaling/v2"
	"sigs.k8s.io/yaml"
)

// scales asks that what an autoscaler scales is there, and has no size from anybody else.
func scales(t *testing.T, objects []object, target string) {
	t.Helper()
	deployments := all[apps.Deployment](objects)
	i := slices.IndexFunc(deployments, func(d *apps.Deployment) bool { return d.Name == target })
	if i < 0 {
		t.Fatalf("it scales %s, which is not there", target)
	}
	if n := deployments[i].Spec.Replicas; n != nil {
		t.Errorf("%s has %d replicas by the manifest: each kubectl apply would undo what the autoscaler did", target, *n)
	}
}

// KEDA asks a Service that is there, by a name that is known in other namespaces.
func TestKEDA(t *testing.T) {
	for _, overlay := range []string{"dev", "prod", "spot"} {
		objects := build(t, variant{overlay, []string{"keda"}})
		scalers := all[scaledObject](objects)
		if len(scalers) != 1 || len(scalers[0].Spec.Triggers) != 1 {
			t.Fatalf("%s: %d autoscalers", overlay, len(scalers))
		}
		s := scalers[0].Spec
		scales(t, objects, s.ScaleTargetRef.Name)
		at, err := url.Parse(s.Triggers[0].Metadata["url"])
		if err != nil {
			t.Fatal(err)
		}
		host, known := strings.CutSuffix(at.Hostname(), ".rondo.svc")
		if !known {
			t.Errorf("%s: %s is known in its own namespace alone", overlay, at)
		}
		leads(t, objects, "KEDA", net.JoinHostPort(host, at.Port()))
	}
}

// A HorizontalPodAutoscaler has one pod for each worker of the metric that prometheus-adapter's rule makes of our series.
func TestHPA(t *testing.T) {
	rule := adapterRule(t)
	for _, overlay := range []string{"dev", "prod", "spot"} {
		objects := build(t, variant{overlay, []string{"hpa"}})
		scalers := all[autoscaling.HorizontalPodAutoscaler](objects)
		if len(scalers) != 1 || len(scalers[0].Spec.Metrics) != 1 {
			t.Fatalf("%s: %d autoscalers", overlay, len(scalers))
		}
		s := scalers[0].Spec
		if s.ScaleTargetRef.Kind != "Deployment" || s.ScaleTargetRef.APIVersion != "apps/v1" {
			t.Errorf("%s: it scales %+v", overlay, s.ScaleTargetRef)
		}
		scales(t, objects, s.ScaleTargetRef.Name)
		m := s.Metrics[0].External
		if m == nil || s.Metrics[0].Type != autoscaling.ExternalMetricSourceType || m.Metric.Name != rule || m.Metric.Selector != nil {
			t.Fatalf("%s: metric %+v, want the external one of adapter.yaml, %s", overlay, s.Metrics[0], rule)
		}
		if v := m.Target.AverageValue; m.Target.Type != autoscaling.AverageValueMetricType || v == nil || v.Value() != 1 {
			t.Errorf("%s: target %+v, want one pod for each", overlay, m.Target)
		}
	}
}

// adapterRule reads the one rule of adapter.yaml, and returns the series of the coordinator that it is about.
func adapterRule(t *testing.T) (series string) {
	t.Helper()
	text, err := os.ReadFile("../components/hpa/adapter.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var config struct {
		ExternalRules []struct {
			SeriesQuery string `json:"seriesQuery"`
			Resources   struct {
				Overrides map[string]struct {
					Resource string `json:"resource"`
				} `json:"overrides"`
			} `json:"resources"`
			MetricsQuery string `json:"metricsQuery"`
		} `json:"externalRules"`
	}
	if err := yaml.UnmarshalStrict(text, &config); err != nil || len(config.ExternalRules) != 1 {
		t.Fatalf("%d rules, %v", len(config.ExternalRules), err)
	}
	r := config.ExternalRules[0]
	if r.Resources.Overrides["namespace"].Resource != "namespace" {
		t.Errorf("resources %+v: it must ask for the autoscaler's namespace alone", r.Resources)
	}
	m := regexp.MustCompile(`__name__="(\w+)"`).FindStringSubmatch(r.SeriesQuery)
	if m == nil {
		t.Fatalf("seriesQuery %s names no series", r.SeriesQuery)
	}
	source, err := os.ReadFile("../../coordinator/gauges.go")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(source), `newGauge("`+strings.TrimPrefix(m[1], "rondo_")+`"`) {
		t.Errorf("seriesQuery %s: coordinator/gauges.go has no such gauge", r.SeriesQuery)
	}
	promql := parser.NewParser(parser.Options{})
	filled := strings.NewReplacer("<<.Series>>", m[1], "<<.LabelMatchers>>", `namespace="rondo"`).Replace(r.MetricsQuery)
	for _, q := range []string{r.SeriesQuery, filled} {
		if e, err := promql.ParseExpr(q); err != nil || e.Type() != parser.ValueTypeVector {
			t.Errorf("%s: %v", q, err)
		}
	}
	return m[1]
}
