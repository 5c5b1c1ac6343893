package cmd

import (
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/api"
)

func TestPrintHealth(t *testing.T) {
	nan := api.Number(math.NaN())
	var out strings.Builder
	if err := printHealth(&out, api.LayersHealth{Step: 7, Layers: []api.LayerSigns{
		{Name: "fc", Kind: "linear", Level: "bad", Verdict: "it is dead", Ratio: -3.14, Gradient: 0.25, Time: 0.0012},
		{Name: "pool", Kind: "max pool", Level: "good", Verdict: "well", Ratio: nan, Gradient: nan, Time: nan}}}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"in step 7", "fc     linear    bad   1.20 ms  10^-3.1        0.25      it is dead\n", "pool   max pool  good  –"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("it lacks %q:\n%s", want, out.String())
		}
	}
}

func TestStatusHealth(t *testing.T) {
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/health" {
			t.Errorf("asked for %s", r.URL)
		}
		_, _ = w.Write([]byte(`{"step":0,"layers":[]}`))
	}))
	defer page.Close()
	if out := run(t, "status", "--health", "--status-addr", strings.TrimPrefix(page.URL, "http://")); !strings.Contains(out, "ask again") {
		t.Errorf("printed %s", out)
	}
}
