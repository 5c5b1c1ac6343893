//go:build browser

package web

import (
	"fmt"
	"math"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// shelf is several made-up runs beside one another.
type shelf struct {
	names []string
	runs  map[string]*demo
}

func (l *shelf) Names() []string { return l.names }

func (l *shelf) Source(name string) (Source, bool) {
	r, ok := l.runs[name]
	return r, ok
}

func (l *shelf) Fields(name string) (bits, others map[string]string) {
	i := slices.Index(l.names, name)
	return map[string]string{"model.kind": "charlm", "optimizer.lr": fmt.Sprint(0.002 / float64(i+1))}, map[string]string{"checkpoint.dir": "runs/" + name, "steps": "1200"}
}

func (l *shelf) Same(base string) (list []api.Same) {
	for i, name := range l.names {
		if name != base {
			s := api.Same{A: base, B: name, To: uint64(100 * i)}
			if i%2 == 1 {
				s.Differs, s.What = s.To+100, "lstm.weight"
			}
			list = append(list, s)
		}
	}
	return list
}

// newShelf has runs that learn at different rates, the second with other step
// times and a NaN.
func newShelf(count int) *shelf {
	l := &shelf{runs: map[string]*demo{}}
	for i := range count {
		name := fmt.Sprintf("run-%c", 'a'+i)
		phase := func(st *api.Status) {
			st.Run.Name = name
			st.Phase, st.Reason, st.Steps = api.PhaseFinished, "all steps are done", st.Step
			for k := range st.Evaluations {
				st.Evaluations[k].Measures = []api.Measure{{Name: "accuracy", Value: api.Number(0.5 + 0.02*float64(k+i)), Unit: "share"}}
			}
		}
		bend := func(p *point) {
			p.Loss *= api.Number(1 + 0.06*float64(i))
			p.Seconds *= 1 + 0.3*float64(i)
			if i == 1 && p.Step == 300 {
				p.Loss = api.Number(math.NaN())
			}
		}
		l.names, l.runs[name] = append(l.names, name), &demo{workers: 2, step: uint64(1200 - 150*(i%4)), change: phase, bend: bend}
	}
	return l
}

func serveShelf(t testing.TB, l *shelf) string {
	server := httptest.NewServer(New(l.runs[l.names[0]], Options{Library: l}))
	t.Cleanup(server.Close)
	return server.URL
}

// A picture of the view for people, where RONDO_SCREENSHOT_RUNS names a directory.
func TestRunsScreenshot(t *testing.T) {
	dir := os.Getenv("RONDO_SCREENSHOT_RUNS")
	if dir == "" {
		t.Skip("RONDO_SCREENSHOT_RUNS names no directory")
	}
	for _, c := range []struct {
		name string
		runs int
		look look
		hash string
	}{
		{"desktop", 3, look{width: 1360, height: 900}, "#runs?at=700"},
		{"dark", 3, look{width: 1360, height: 900, dark: true}, "#runs?at=700&by=time&sort=-loss.last"},
		{"phone", 3, look{width: 390, height: 844}, "#runs?at=700"},
		{"many", 12, look{width: 1360, height: 900}, "#runs?hide=2,3"},
	} {
		p := open(t, serveShelf(t, newShelf(c.runs))+"/"+c.hash, c.look)
		p.wait(`document.querySelectorAll("#runs-charts canvas").length >= 4 && document.querySelector("#runs-table tbody .spark polyline")`)
		picture, err := chromedp.Run(p.ctx, chromedp.FullScreenshot(100))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, c.name+".png"), picture, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// Runs are drawn over one another, told in a table, and compared.
func TestRunsView(t *testing.T) {
	url := serveShelf(t, newShelf(3))
	p := open(t, url+"/#runs?at=700", desktop)
	p.wait(`document.querySelectorAll("#runs-charts canvas").length >= 4 && document.querySelectorAll("#runs-table tbody tr").length === 3`)
	p.wait(`document.querySelector("#runs-table thead tr:last-child").textContent.includes("at 700")`)
	got := strings.Join(eval[[]string](p, `[...document.querySelectorAll("#runs-same li")].map((li) => li.className + " " + li.textContent)`), "\n")
	if want := "differs run-b has the same bits as run-a up to step 100; first difference in lstm.weight, after step 200.\n" +
		"same run-c has the same bits as run-a up to step 200, the last of which both tell."; got != want {
		t.Errorf("the sentences are\n%s\nwant\n%s", got, want)
	}
	if got := eval[string](p, `[...document.querySelectorAll("#runs-differences tbody tr")].map((r) => [...r.children].map((c) => c.textContent).join("|")).join("\n")`); got !=
		"checkpoint.dir|runs/run-a|runs/run-b|runs/run-c\noptimizer.lrdecides the bits|0.002|0.001|0.0006666666666666666" {
		t.Errorf("the files differ in\n%s", got)
	}
	// A line of the table has the best, the last and the value at the step of the address.
	p.wait(`document.querySelector("#runs-table tbody tr td:nth-child(5)").textContent !== "–"`)
	want := fmt.Sprintf("%.3f", float64(demoPoint(700).BitsPerChar))
	if got := p.text("#runs-table tbody tr td:nth-child(5)"); got != want {
		t.Errorf("at step 700 the loss is %q, want %q", got, want)
	}
	p.do(chromedp.Click(`[data-sort="loss.last"]`, chromedp.NodeVisible))
	p.do(chromedp.Click(`[data-sort="loss.last"]`, chromedp.NodeVisible))
	p.wait(`location.hash.includes("sort=-loss.last") && document.querySelector("#runs-table tbody tr a").textContent === "run-c"`)

	// A run that is hidden leaves the charts, and the address keeps it so.
	const lines = `document.querySelectorAll("#runs-first .legend i").length`
	if n := eval[int](p, lines); n != 3 {
		t.Errorf("%d runs in the legend", n)
	}
	p.do(chromedp.Click(`[data-name="run-b"]`, chromedp.NodeVisible))
	p.wait(lines + ` === 2 && location.hash.includes("hide=2")`)
	p.do(chromedp.Evaluate[chromedp.Void](`location.hash = "#runs?base=run-c&by=time&y=log"`))
	p.wait(`document.querySelector("#runs-same li").textContent.startsWith("run-a and run-c have left neither") && document.getElementById("runs-base").value === "run-c"`)

	// Another run is shown by all views.
	p.do(chromedp.Click(`#runs-table tbody tr:nth-child(2) a`, chromedp.NodeVisible))
	p.wait(`document.getElementById("run-name").textContent === "run-b" && location.hash.startsWith("#run?") && document.querySelector("#chart-norm canvas")`)
	p.wait(`document.getElementById("chart-loss").getAttribute("aria-label").includes("Not finite at step 300")`)
}

// A coordinator has one run: there is nothing beside it. An address of other runs is
// one of its own.
func TestRunsAbsent(t *testing.T) {
	url, _, _ := serve(t, &demo{workers: 2, step: 300})
	p := open(t, url+"/#runs?run=run-b", desktop, "404")
	p.wait(`document.querySelector("#chart-norm canvas") && document.querySelectorAll("#views li").length === 3 && location.hash === "#runs"`)
}

// Many runs, on a desktop and a phone, light and dark: nothing is wider than the screen, and axe finds nothing serious.
func TestRunsAxe(t *testing.T) {
	axe, err := os.ReadFile("testdata/axe/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	url := serveShelf(t, newShelf(9))
	for _, l := range []look{{width: 390, height: 844}, {width: 390, height: 844, dark: true}, {width: 1360, height: 900}, {width: 1360, height: 900, dark: true}} {
		t.Run(fmt.Sprintf("%d dark %v", l.width, l.dark), func(t *testing.T) { // closes its tab, which else goes on drawing
			p := open(t, url+"/#runs?hide=2&at=400", l)
			p.wait(`document.querySelectorAll("#runs-charts canvas").length >= 4 && document.querySelector("#runs-table tbody .spark polyline")`)
			if wide := eval[bool](p, `document.documentElement.scrollWidth > innerWidth`); wide {
				t.Error("the page scrolls sideways")
			}
			p.do(chromedp.Evaluate[chromedp.Void](string(axe)))
			for _, f := range eval[[]string](p, serious) {
				t.Error(f)
			}
		})
	}
}
