package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/history"
)

// told is a library of runs of so many steps, with one spike and one step that is
// not finite.
type told struct {
	names []string
	run   *toldRun
}

type toldRun struct {
	fixed
	history *history.History
	status  api.Status
}

func (r *toldRun) Status() api.Status                    { return r.status }
func (r *toldRun) Series(q history.Query) history.Series { return r.history.Series(q) }
func (l told) Names() []string                           { return l.names }
func (l told) Source(string) (Source, bool)              { return l.run, true }
func (l told) Fields(string) (bits, o map[string]string) { return nil, nil }
func (l told) Same(string) []api.Same                    { return nil }

// longest is how many steps have as many buckets as a report keeps; more have no more.
const longest = 8 * reportPoints

const toldSpike, toldBad = 65_432, 70_001

func newTold(steps uint64, names ...string) told {
	h := history.New(history.StepColumns()...)
	for s := uint64(1); s <= steps; s++ {
		loss := 1 + 1/float64(s)
		switch s {
		case toldSpike:
			loss = 77
		case toldBad:
			loss = math.NaN()
		}
		h.Add(s, time.Unix(1e9, 0).Add(time.Duration(s)*time.Millisecond), []float32{float32(loss), 1, 2, 3, 4, 5, 6, 7})
	}
	r := &toldRun{history: h, status: api.Status{Phase: api.PhaseFinished, Step: steps, Steps: steps, Run: api.Run{Name: `</script><script>alert("x")</script>`, File: "<!-- <b>"}}}
	for s := range 5000 {
		r.status.Evaluations = append(r.status.Evaluations, api.Evaluation{Step: uint64(s + 1), Loss: 1, Outcome: true})
		r.status.Events = append(r.status.Events, api.Event{Step: uint64(s + 1), Level: "info", What: strings.Repeat("what happened ", 8)})
	}
	return told{names: names, run: r}
}

// A report of the longest history, or of many runs, is small; nothing in it is
// fetched, its policy names all that runs, and what a run says of itself is text.
func TestReport(t *testing.T) {
	many := make([]string, MaxReportRuns)
	for i := range many {
		many[i] = fmt.Sprint("run ", i)
	}
	for _, l := range []told{newTold(longest, "a"), newTold(2000, many...)} {
		var b bytes.Buffer
		left, err := WriteReport(&b, l, Lookers{}, time.Unix(2e9, 0))
		if err != nil {
			t.Fatal(err)
		}
		if len(left) != 2*len(l.names) || !strings.Contains(left[0], "the newest") {
			t.Errorf("it says that it left out %q", left[:2])
		}
		if b.Len() > 5_000_000 {
			t.Errorf("%d runs take %d bytes", len(l.names), b.Len())
		}
		page := b.String()
		if strings.Contains(page, `"outcome":true`) || !l.run.status.Evaluations[4999].Outcome {
			t.Error("it offers what evaluations show, which is not in it, or has changed the run")
		}
		t.Logf("%d runs: %d bytes", len(l.names), b.Len())
		for _, lead := range regexp.MustCompile(`\b(?:src|href|action)="([^"]*)"`).FindAllStringSubmatch(page, -1) {
			if lead[1] != "" && lead[1][0] != '#' && !strings.HasPrefix(lead[1], "data:") {
				t.Errorf("it asks for %s", lead[1])
			}
		}
		parts := regexp.MustCompile(`(?s)<(?:script|style)>(.*?)</(?:script|style)>`).FindAllStringSubmatch(page, -1)
		if len(parts) != 3 || strings.Count(page, "<script") != 3 || strings.Contains(page, "unsafe") {
			t.Errorf("%d scripts and sheets", len(parts))
		}
		policy := regexp.MustCompile(`http-equiv="Content-Security-Policy" content="([^"]*)"`).FindStringSubmatch(page)[1]
		for _, p := range parts {
			if hash := strings.ReplaceAll(hashOf(p[1]), "'", "&#39;"); !strings.Contains(policy, hash) {
				t.Errorf("the policy %s does not allow %.60q", policy, p[1])
			}
		}
	}
}

// full is a run of which there is as much of everything as a report can have.
type full struct {
	*toldRun
	layers   deep
	outcomes uint64
}

func (f *full) Network() api.NetworkGraph                         { return f.layers.Network() }
func (f *full) LayerHistory(name string) (api.LayerHistory, bool) { return f.layers.LayerHistory(name) }

func (f *full) Outcome(step uint64) (text []byte, steps []uint64) {
	for s := range f.outcomes {
		steps = append(steps, s+1)
	}
	return fmt.Appendf(nil, `{"step":%d,"texts":[{"text":%q}]}`, step, strings.Repeat("x", 50_000)), steps
}

func (f *full) WaterfallSteps() (steps []uint64) {
	for s := range f.outcomes {
		steps = append(steps, s+1)
	}
	return steps
}

func (f *full) WaterfallsAt(step uint64) [][]byte {
	return [][]byte{fmt.Appendf(nil, `{"worker":%q,"step":%d,"total":1,"spans":[]}`, strings.Repeat("w", 20_000), step)}
}

type fullLibrary struct {
	told
	layers, measured int
}

func (l fullLibrary) Source(string) (Source, bool) {
	return &full{l.run, deep{layers: l.layers, measured: l.measured}, 20}, true
}

// Layers and what evaluations show take what the curves leave them. Of many runs not all of it fits, which is said.
func TestReportOfAll(t *testing.T) {
	many := make([]string, MaxReportRuns)
	for i := range many {
		many[i] = fmt.Sprint("run ", i)
	}
	of := newTold(reportPoints)
	for _, c := range []struct {
		names            []string
		layers, measured int
		without          []string
	}{{[]string{"a"}, 60, 60, nil}, {many, 300, 1, []string{"run 63: the report has no room for the network", "run 63: the report has no room for what evaluations show"}}} {
		of.names = c.names
		var b bytes.Buffer
		left, err := WriteReport(&b, fullLibrary{of, c.layers, c.measured}, Lookers{}, time.Unix(2e9, 0))
		if err != nil || b.Len() > maxReport {
			t.Errorf("%d runs take %d bytes, %v", len(c.names), b.Len(), err)
		}
		left = slices.DeleteFunc(left, func(s string) bool { return strings.Contains(s, "the newest") })
		if len(left) != len(c.names)*len(c.without) || len(left) > 0 && !slices.Equal(left[len(left)-len(c.without):], c.without) {
			t.Errorf("of %d runs it says that it left out %q", len(c.names), left)
		}
		if kept := strings.Contains(b.String(), `"worker":"ww`) && strings.Contains(b.String(), `"step":20,"total":1`); kept != (c.without == nil) {
			t.Errorf("of %d runs waterfalls are in it: %t", len(c.names), kept)
		}
		if kept := strings.Contains(b.String(), `"gradient":{"min":[1.235`) && strings.Contains(b.String(), "xxxx"); kept != (c.without == nil) {
			t.Errorf("of %d runs layers and outcomes are in it: %t", len(c.names), kept)
		}
	}
}

// What is kept of a history has every spike and every step that was not finite,
// whole buckets of one width, and its first and last step.
func TestKeepSeries(t *testing.T) {
	for steps, want := range map[uint64]uint64{1: 1, 16384: 1, 16385: 2, longest: 8} {
		k := keepSeries(newTold(steps, "a").run, reportPoints)
		text, err := json.Marshal(k)
		if err != nil {
			t.Fatal(err)
		}
		if k.Width != want || k.End != steps || len(text) > 4_000_000 {
			t.Errorf("%d steps: width %d, want %d, %d bytes", steps, k.Width, want, len(text))
		}
		if n := (steps + k.Width - 1) / k.Width; uint64(len(k.Columns["loss"].Max)) != (4*n+2)/3*4 {
			t.Errorf("%d steps: not %d buckets", steps, n)
		}
		if steps < toldBad {
			continue
		}
		if bad := k.Columns["loss"].Bad; len(bad) != 2 || bad[0] != (toldBad-1)/k.Width || bad[1] != 1 {
			t.Errorf("not finite are %v", bad)
		}
	}
}

// Modules are put together as they are written, and refused where they could not be.
func TestBundle(t *testing.T) {
	of := func(files map[string]string) map[string]asset {
		list := map[string]asset{}
		for name, text := range files {
			list[name] = asset{body: []byte(text)}
		}
		return list
	}
	got, err := bundle(of(map[string]string{
		"main.js":   "import { a as b, c } from \"./x/y.js\";\nexport const one = 1;\nexport async function f() { return import(\"./z.js\"); }\n",
		"x/y.js":    "import * as all from \"../z.js\";\nexport class a {}\nexport function c() {}\n",
		"z.js":      "export const z = 3;\n",
		"nobody.js": "",
	}), "main.js")
	if err != nil {
		t.Fatal(err)
	}
	for _, has := range []string{`const { a: b, c } = need("x/y.js");`, "return { one, f };", `Promise.resolve().then(() => need("z.js"))`, `const all = need("z.js");`, "return { a, c };", `need("main.js");`} {
		if !strings.Contains(got, has) {
			t.Errorf("%s is not in\n%s", has, got)
		}
	}
	if strings.Contains(got, "nobody.js") {
		t.Error("it has a module that nobody needs")
	}
	for _, text := range []string{"export default 1;\n", "import x from \"./z.js\";\n", "export let a = 1;\n", "import(name);\n", "const s = \"</SCRIPT>\";\n", "import { a } from \"./gone.js\";\n"} {
		if _, err := bundle(of(map[string]string{"main.js": text, "z.js": ""}), "main.js"); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
	if _, err := bundle(loadAssets(), "main.js"); err != nil {
		t.Error(err)
	}
}
