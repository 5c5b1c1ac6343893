package check

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	monitoring "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"github.com/prometheus/prometheus/promql/parser"
	"sigs.k8s.io/yaml"
)

// TestPromQL has Prometheus' own parser read every expression of the alerts and of the dashboard.
func TestPromQL(t *testing.T) {
	dir := filepath.Join("..", "components", "monitoring")
	text, err := os.ReadFile(filepath.Join(dir, "alerts.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var rules monitoring.PrometheusRule
	if err := yaml.UnmarshalStrict(text, &rules); err != nil {
		t.Fatal(err)
	}
	expressions := map[string]string{}
	for _, g := range rules.Spec.Groups {
		for _, r := range g.Rules {
			expressions[fmt.Sprintf("alert %d, %s", len(expressions), r.Alert)] = r.Expr.String()
		}
	}
	alerts := len(expressions)
	text, err = os.ReadFile(filepath.Join(dir, "rondo.json"))
	if err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr, RefID string }
		}
	}
	if err := json.Unmarshal(text, &dashboard); err != nil {
		t.Fatal(err)
	}
	for _, p := range dashboard.Panels {
		for _, q := range p.Targets {
			expressions["panel "+p.Title+", "+q.RefID] = q.Expr
		}
	}
	if alerts < 10 || len(expressions) < alerts+15 {
		t.Errorf("%d alerts and %d expressions in all", alerts, len(expressions))
	}
	promql := parser.NewParser(parser.Options{})
	for name, text := range expressions {
		e, err := promql.ParseExpr(text)
		if err != nil {
			t.Errorf("%s: %s: %v", name, text, err)
			continue
		}
		if kind := e.Type(); kind != parser.ValueTypeVector {
			t.Errorf("%s: %s is a %s; want a vector", name, text, kind)
		}
	}
}
