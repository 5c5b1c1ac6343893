//go:build browser

package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// reported writes a report and gives the address of its file.
func reported(t testing.TB, l Library) string {
	t.Helper()
	var b bytes.Buffer
	if _, err := WriteReport(&b, l, Lookers{}, demoStart); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return "file://" + path
}

// A report opens from disk, complains of nothing, asks nobody, and has all views of
// all its runs.
func TestReportOpensFromDisk(t *testing.T) {
	url := reported(t, shownShelf{newShelf(3)})
	for _, l := range []look{desktop, {width: 390, height: 844, dark: true}} {
		p := open(t, url, l)
		p.wait(`document.querySelector("#chart-norm canvas") && document.querySelectorAll("#views li").length === 4`)
		if got, want := p.text("#updated"), "report of 2026-03-14"; len(got) < len(want) || got[:len(want)] != want {
			t.Errorf("it is %q", got)
		}
		if got := p.text("#bits"); got != fmt.Sprintf("%.3f", float64(demoPoint(1200).BitsPerChar)) {
			t.Errorf("the loss is %s", got)
		}
		p.do(chromedp.Evaluate[chromedp.Void](`location.hash = "#cluster"`))
		p.wait(`document.querySelectorAll("#workers tr").length === 2`)
		p.do(chromedp.Evaluate[chromedp.Void](`location.hash = "#runs?at=700&base=run-b"`))
		p.wait(`document.querySelectorAll("#runs-charts canvas").length >= 4 && document.querySelectorAll("#runs-table .spark polyline").length === 9 && document.getElementById("runs-base").value === "run-b"`)
		if got, want := p.text("#runs-table tbody tr td:nth-child(5) b"), fmt.Sprintf("%.3f", float64(demoPoint(700).BitsPerChar)); got != want {
			t.Errorf("at step 700 the loss is %q, want %q", got, want)
		}
		p.do(chromedp.Evaluate[chromedp.Void](`location.hash = "#run?run=run-c&x=100-300"`))
		p.wait(`document.getElementById("run-name").textContent === "run-c" && document.getElementById("chart-loss").getAttribute("aria-label").startsWith("Chart of 201 points, step 100 to 300")`)
		p.do(chromedp.Evaluate[chromedp.Void](`location.hash = "#network?run=run-b&layer=fc"`))
		p.wait(`document.getElementById("layer-verdict").textContent.startsWith("update too large: ") && document.querySelectorAll("#layer-plots figure").length > 5`)
		p.do(chromedp.Evaluate[chromedp.Void](`location.hash = "#run?run=run-b&cell=3-5"`))
		p.wait(`document.getElementById("matrix").getAttribute("aria-label")?.startsWith("matrix of ") && !document.getElementById("pair").hidden`)
		p.wait(`document.querySelector("#guesses img")?.src.startsWith("data:image/png") && document.querySelector("#guesses img").naturalWidth > 0`)
		if n := eval[int](p, `document.querySelectorAll("footer a, noscript a").length`); n != 0 {
			t.Error("it points at what a coordinator alone serves")
		}
	}
}

// shownShelf is a shelf of runs whose evaluations show something.
type shownShelf struct{ *shelf }

func (s shownShelf) Source(name string) (Source, bool) {
	d, ok := s.runs[name]
	return &outcomes{demo: d, classes: 10}, ok
}

// A report of a run that went on asks nobody where the time of its steps goes.
func TestReportOfRunThatGoesOn(t *testing.T) {
	p := open(t, reported(t, &shelf{names: []string{"a"}, runs: map[string]*demo{"a": {workers: 2, step: 300}}})+"#cluster", desktop)
	p.wait(`document.querySelectorAll("#workers tr").length === 2`)
	if !eval[bool](p, `document.getElementById("fall-card").hidden`) {
		t.Error("it waits for an answer that is not in it")
	}
}

// A report of a million steps opens at once and hides nothing.
func TestReportOfMillionSteps(t *testing.T) {
	l := &shelf{names: []string{"long"}, runs: map[string]*demo{}}
	p := open(t, reported(t, &longShelf{shelf: l, run: million()}), desktop)
	p.wait(`document.querySelector("#chart-norm[data-last='1000000'] canvas")`)
	t.Logf("drawn %.0f ms after the file was opened, with a heap of %.1f MB", eval[float64](p, `performance.now()`), eval[float64](p, `performance.memory.usedJSHeapSize / (1 << 20)`))
	for _, x := range [][2]int{{1, 1000000}, {400000, 700000}, {654000, 655000}} {
		p.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`location.hash = "#run?x=%d-%d"`, x[0], x[1])))
		p.wait(fmt.Sprintf(`document.getElementById("chart-loss").getAttribute("aria-label").replaceAll("\u202f", "").includes("step %d to ")`, x[0]))
		p.wait(`document.querySelector("#chart-loss .cut").textContent === "▲ up to 10.099"`)
	}
}

// longShelf is one run of many steps.
type longShelf struct {
	*shelf
	run *long
}

func (l *longShelf) Source(string) (Source, bool) { return l.run, true }

// What a report answers is what a coordinator would, wherever its buckets are narrow
// enough: the same buckets of every width.
func TestReportAnswersAsCoordinator(t *testing.T) {
	shelf := newShelf(1)
	live := serveShelf(t, shelf)
	p := open(t, live, desktop)
	p.wait(`document.querySelector("#chart-norm canvas")`)
	src, _ := shelf.Source("run-a")
	k := keepSeries(src, 700) // buckets of 2
	p.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`window.k = %s`, toJSON(t, k))))
	got := eval[string](p, `(async () => {
		const { Pyramid } = await import("/static/kept.js"), mine = new Pyramid(window.k), said = [];
		const near = (a, b) => a === b || Math.abs(a - b) <= 1e-5 * Math.abs(b);
		for (const q of ["points=600", "points=77", "from=100&to=900&points=50", "from=37&to=41&points=3", "from=1199&points=1&columns=lr", "points=1", "from=1300&to=1400&points=5"]) {
			const theirs = await (await fetch("/api/series?" + q)).json(), u = new URLSearchParams(q), n = (name) => (u.has(name) ? Number(u.get(name)) : undefined);
			const ours = mine.series({ from: n("from"), to: n("to"), points: n("points"), columns: u.get("columns")?.split(",") });
			for (const name of ["from", "to", "end", "width", "steps", "started"]) if (JSON.stringify(ours[name]) !== JSON.stringify(theirs[name])) said.push(q + " " + name + " " + JSON.stringify(ours[name]) + " " + JSON.stringify(theirs[name]));
			if (Object.keys(ours.columns).sort().join() !== Object.keys(theirs.columns).sort().join()) said.push(q + " columns");
			for (const [name, c] of Object.entries(theirs.columns)) for (const of of Object.keys(c)) c[of].forEach((v, i) => { if (!near(ours.columns[name][of][i], v)) said.push([q, name, of, i, ours.columns[name][of][i], v].join(" ")); });
		}
		return said.slice(0, 5).join("\n");
	})()`)
	if got != "" {
		t.Error(got)
	}
}

func toJSON(t testing.TB, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
