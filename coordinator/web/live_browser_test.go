//go:build browser

package web

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/rondo-ml/rondo/coordinator/api"
)

var chartNames = []string{"loss", "rate", "time", "lr", "norm"}

// ink describes a chart's picture: how many pixels are drawn, and a hash.
func (p *tab) ink(chart string) (drawn int, hash string) {
	p.t.Helper()
	got := eval[[]any](p, fmt.Sprintf(`(async () => {
  const c = document.querySelector("#chart-%s canvas");
  const data = c.getContext("2d").getImageData(0, 0, c.width, c.height).data;
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", data));
  let n = 0;
  for (let i = 3; i < data.length; i += 4) if (data[i]) n++;
  return [n, sum.join(" ")];
})()`, chart))
	return int(got[0].(float64)), got[1].(string)
}

func TestChartsMove(t *testing.T) {
	d := &demo{workers: 3, step: 150}
	url, _, _ := serve(t, d)
	p := open(t, url, desktop, "willReadFrequently") // the test reads the canvases, the page never does
	before := map[string]string{}
	for _, name := range chartNames {
		p.wait(fmt.Sprintf(`document.querySelector("#chart-%s[data-last='150'] canvas")`, name))
	}
	p.do(chromedp.Evaluate[chromedp.Void](`document.querySelectorAll(".chart canvas").forEach((c) => c.dataset.mark = "kept")`))
	for _, name := range chartNames {
		drawn, hash := p.ink(name)
		if drawn < 500 {
			t.Errorf("chart %s has %d pixels drawn", name, drawn)
		}
		before[name] = hash
	}
	if got := p.text("#chart-loss .legend span:nth-child(3) b"); got != "–" {
		t.Errorf("held-out before any evaluation: %q", got)
	}

	d.advance(60)
	for _, name := range chartNames {
		p.wait(fmt.Sprintf(`document.querySelector("#chart-%s").dataset.points === "210" && document.querySelector("#chart-%s").dataset.last === "210"`, name, name))
		p.settle()
		if _, hash := p.ink(name); hash == before[name] {
			t.Errorf("chart %s did not move", name)
		}
	}
	now := d.Status()
	p.wait(fmt.Sprintf(`document.querySelector("#chart-loss .legend span:nth-child(1) b").textContent === "%.3f"`, now.BitsPerChar))
	p.wait(fmt.Sprintf(`document.querySelector("#chart-loss .legend span:nth-child(3) b").textContent === "%.3f"`, now.Evaluations[0].BitsPerChar))
	p.wait(`document.getElementById("step").textContent === "step 210" && document.querySelectorAll("#checkpoints tr").length === 1`)
	if n := eval[int](p, `document.querySelectorAll("canvas[data-mark=kept]").length`); n != len(chartNames) {
		t.Errorf("%d of %d charts were kept; the rest were built anew", n, len(chartNames))
	}
	if got := eval[string](p, `document.getElementById("chart-loss").getAttribute("aria-label")`); got[:len("Chart of 210 points, step 1 to 210.")] != "Chart of 210 points, step 1 to 210." {
		t.Errorf("label %q", got)
	}
}

// A run that begins again shows its own history and nothing of the old one.
func TestRunBeginsAgain(t *testing.T) {
	d := &demo{workers: 2, step: 300}
	url, _, _ := serve(t, d)
	p := open(t, url, desktop)
	p.wait(`document.querySelector("#chart-norm[data-points='300']")`)
	d.mu.Lock()
	d.step, d.change = 40, func(st *api.Status) { st.Run.ID = "another" }
	d.mu.Unlock()
	p.wait(`document.querySelector("#chart-norm[data-points='40']")`)
	d.mu.Lock()
	d.step = 20 // the same run, from an earlier step: recovery without its history
	d.mu.Unlock()
	p.wait(`document.querySelector("#chart-norm[data-points='20']")`)
}

func TestFailingCoordinator(t *testing.T) {
	d := &demo{workers: 2, step: 300}
	url, broken, server := serve(t, d)
	p := open(t, url, desktop, "500 (Internal Server Error)", "net::ERR")
	p.wait(`document.querySelector("#chart-norm[data-last='300']") && document.getElementById("banner").hidden`)

	broken.Store(true)
	p.wait(`!document.getElementById("banner").hidden && document.body.classList.contains("stale")`)
	p.wait(`/Last answer at \d\d:\d\d:\d\d/.test(banner.innerText) && /Trying again in \d+ s/.test(banner.innerText)`)
	if got := p.text("#step"); got != "step 300" {
		t.Errorf("the last data are gone: %q", got)
	}
	if got := eval[string](p, `getComputedStyle(document.querySelector("main")).filter`); got != "grayscale(1)" {
		t.Errorf("the last data are not greyed: %q", got)
	}

	broken.Store(false)
	d.advance(5)
	p.do(chromedp.Click("#banner-retry", chromedp.NodeVisible))
	p.wait(`document.getElementById("banner").hidden && !document.body.classList.contains("stale")`)
	p.wait(`document.querySelector("#chart-norm[data-last='305']")`)

	server.CloseClientConnections()
	server.Close()
	p.wait(`!document.getElementById("banner").hidden`)
}

// Where the coordinator that led has died, another answers at the same address: while it stands by that is said, with who leads, and
// when it leads the run goes on in the same charts.
func TestFailover(t *testing.T) {
	d := &demo{workers: 3, step: 300}
	url, broken, _ := serve(t, d)
	p := open(t, url, desktop, "500 (Internal Server Error)")
	p.wait(`document.querySelector("#chart-norm[data-last='300']")`)
	broken.Store(true)
	p.wait(`document.body.classList.contains("stale")`)
	d.edit(func(st *api.Status) {
		*st = api.Status{Run: st.Run, Phase: api.PhaseStandby, Reason: "nobody leads yet: this coordinator seeks the lead", Now: st.Now, Started: st.Started}
	})
	broken.Store(false)
	p.wait(`!document.body.classList.contains("stale") && document.getElementById("banner").hidden && document.getElementById("phase").textContent === "standby"`)
	if reason := p.text("#reason"); !strings.Contains(reason, "seeks the lead") {
		t.Errorf("it says %q", reason)
	}
	d.edit(func(st *api.Status) { st.Run.Leader = "coordinator-1" })
	d.advance(20)
	p.wait(`document.getElementById("phase").textContent === "training" && document.querySelector("#chart-norm[data-last='320']") && document.getElementById("step").textContent === "step 320"`)
}

// A finished run takes its coordinator with it: that is said, without alarm.
func TestCoordinatorLeaves(t *testing.T) {
	d := &demo{workers: 2, step: demoSteps, change: func(st *api.Status) { st.Phase = api.PhaseFinished }}
	url, broken, _ := serve(t, d)
	p := open(t, url, desktop, "500 (Internal Server Error)")
	p.wait(`document.getElementById("phase").textContent === "finished"`)
	broken.Store(true)
	p.wait(`banner.className === "banner calm" && banner.innerText.includes("The run has finished, and its coordinator has left.")`)
}

func TestFailsFromTheStart(t *testing.T) {
	url, broken, _ := serve(t, &demo{workers: 2, step: 3})
	broken.Store(true)
	p := open(t, url, desktop, "500 (Internal Server Error)")
	p.wait(`banner.innerText.includes("It has not answered since this page was opened.")`)
}

// What the page itself cannot draw is told as that, and not as a coordinator that is silent; the next status is drawn again.
func TestPageCannotDraw(t *testing.T) {
	d := &demo{workers: 2, step: 30}
	url, _, _ := serve(t, d)
	p := open(t, url, desktop, "broken by the test")
	p.wait(`document.querySelector("#chart-norm[data-last='30']")`)
	p.do(chromedp.Evaluate[chromedp.Void](`{
		globalThis.seen = [];
		const banner = document.getElementById("banner"), { join } = uPlot;
		new MutationObserver(() => seen.push(banner.innerText)).observe(banner, { attributes: true });
		uPlot.join = () => { uPlot.join = join; throw new Error("broken by the test"); };
	}`))
	d.advance(5)
	p.wait(`seen.some((words) => words.includes("This page cannot draw what the coordinator tells. broken by the test.")) && !document.body.classList.contains("stale")`)
	d.advance(5)
	p.wait(`document.querySelector("#chart-norm[data-last='40']") && document.getElementById("banner").hidden`)
}

// A view that does not come says so where it would stand, and the others work.
func TestViewDoesNotCome(t *testing.T) {
	h := New(&demo{workers: 2, step: 30}, Options{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/views/cluster.js") {
			http.NotFound(w, r)
			return
		}
		h.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	p := open(t, server.URL+"/#cluster", desktop, "404 (Not Found)")
	p.wait(`document.getElementById("view-missing")?.textContent === "This view did not come from the coordinator. Load the page again"`)
	p.do(chromedp.Evaluate[chromedp.Void](`location.hash = "#run"`))
	p.wait(`document.querySelector("#chart-norm canvas") && !document.getElementById("view-missing")`)
}
