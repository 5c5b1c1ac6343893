//go:build browser

package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// A run that goes on and gets nowhere does not look like one that is well.
func TestAlarms(t *testing.T) {
	d := &demo{workers: 3, step: 530, change: stalled}
	url, _, _ := serve(t, d)
	p := open(t, url, desktop)
	p.wait(`document.getElementById("rate") && document.getElementById("phase").textContent === "standing still" && document.getElementById("phase").classList.contains("bad")`)
	for selector, want := range map[string]string{
		"#alarms li:nth-child(1) span": "training stands still: no step since 09:26:18 UTC, where one usually takes 95.1ms; worker-2 has not been heard since 09:26:20 UTC",
		"#alarms li:nth-child(1) time": "for 1 m 35 s", "#alarms li:nth-child(2) span": "worker-2 is slow: it computes 2.1 times as long on a lane as the others, which wait for it",
		"#rate": "0 byte/s", "#left": "–", "#alarm-count": "▲ 2 alarms",
	} {
		if got := p.text(selector); got != want {
			t.Errorf("%s says %q, want %q", selector, got, want)
		}
	}
	p.do(chromedp.Evaluate[chromedp.Void](`location.hash = "#cluster"`))
	p.wait(`document.querySelector("#workers tr.slow .note")?.textContent === "takes 2.1 × as long for a lane as the others"`)
	p.do(chromedp.Evaluate[chromedp.Void](`location.hash = "#run"`))
	p.wait(`document.getElementById("bits")`)
	if got := eval[string](p, `document.title`); !strings.HasPrefix(got, "standing still · ") {
		t.Errorf("title %q", got)
	}
	d.edit(astray)
	p.wait(`document.getElementById("phase").textContent === "diverging" && document.querySelectorAll("#alarms li").length === 1`)
	for selector, want := range map[string]string{"#bits": "6.02e25", "#held": "–", "#held-sub": "not finite at step 200"} {
		if got := p.text(selector); got != want {
			t.Errorf("%s says %q, want %q", selector, got, want)
		}
	}
	if over := eval[[]string](p, `[...document.querySelectorAll(".tiles dd")].filter((n) => n.scrollWidth > n.clientWidth).map((n) => n.id)`); len(over) > 0 {
		t.Errorf("tiles are cut or overprinted: %q", over)
	}
	d.edit(func(*api.Status) {})
	p.wait(`document.getElementById("phase").textContent === "training" && document.getElementById("alarms").hidden`)
}

// red counts the pixels of a chart that have the colour of what is wrong.
func (p *tab) red(chart string) int {
	p.t.Helper()
	return eval[int](p, `(() => {
  const c = document.querySelector("#chart-`+chart+` canvas");
  const data = c.getContext("2d").getImageData(0, 0, c.width, c.height).data;
  let n = 0;
  for (let i = 0; i < data.length; i += 4) if (data[i + 3] > 200 && Math.abs(data[i] - 180) < 9 && Math.abs(data[i + 1] - 35) < 9 && Math.abs(data[i + 2] - 24) < 9) n++;
  return n;
})()`)
}

// A step that was not finite is marked, and the line stops there.
func TestNotFiniteIsMarked(t *testing.T) {
	d := &demo{workers: 2, step: 199, bend: bendBroken}
	url, _, _ := serve(t, d)
	p := open(t, url, desktop, "willReadFrequently")
	p.wait(`document.querySelector("#chart-norm[data-last='199'] canvas")`)
	one := p.red("loss")
	if one < 100 {
		t.Errorf("%d red pixels for one step that was not finite", one)
	}
	d.advance(1)
	p.wait(`document.querySelector("#chart-norm[data-last='200'] canvas")`)
	p.settle()
	if two := p.red("loss"); two < one*3/2 {
		t.Errorf("%d red pixels for one, %d for two", one, two)
	}
	if got := eval[string](p, `document.getElementById("chart-loss").getAttribute("aria-label")`); !strings.Contains(got, "Not finite at step 60, 200.") {
		t.Errorf("label %q", got)
	}
	// uPlot bridges what is undefined and breaks at null: the point must be null.
	if got := eval[string](p, `import("/static/scale.js").then((c) => String(c.smooth([1, 2, null, 2], 2)[2]))`); got != "null" {
		t.Errorf("the smoothed line goes on over a step that was not finite: %s", got)
	}
}

// What lies above an axis is marked there, and its highest value told.
func TestBeyondTheAxis(t *testing.T) {
	url, _, _ := serve(t, &demo{workers: 2, step: 740})
	p := open(t, url, desktop)
	p.wait(`document.querySelector("#chart-norm canvas")`)
	p.wait(`/^▲ up to 8\.\d+$/.test(document.querySelector("#chart-loss .cut").textContent)`)
	few, _, _ := serve(t, &demo{workers: 2, step: 30}) // all of it is shown
	p = open(t, few, desktop)
	p.wait(`document.querySelector("#chart-norm canvas")`)
	if got := p.text("#chart-loss .cut"); got != "" {
		t.Errorf("nothing is cut off, and the chart says %q", got)
	}
}

// A lost worker is so by a word, not by a paler colour.
func TestLostIsSaid(t *testing.T) {
	url, _, _ := serve(t, &demo{workers: 3, step: 530, change: failed})
	p := open(t, url+"#cluster", desktop)
	p.wait(`[...document.querySelectorAll("#ring text")].some((n) => n.textContent === "worker-1 lost")`)
	if got := eval[string](p, `document.querySelector("#ring svg").getAttribute("aria-label")`); !strings.Contains(got, "worker-1, lost, has lanes 2 to 4") {
		t.Errorf("the ring says %q", got)
	}
	// The bar of its colour is as high as its row's words and beside them.
	for i := range 3 {
		got := eval[[]float64](p, `(() => { const cell = document.querySelectorAll("#workers td.name")[`+string(rune('0'+i))+`];
			const size = getComputedStyle(cell); return [parseFloat(size.paddingLeft), cell.querySelector("strong").getBoundingClientRect().left - cell.getBoundingClientRect().left]; })()`)
		if got[0] < 10 || got[1] < 10 {
			t.Errorf("row %d: the name begins %v pixels from where its colour is", i, got)
		}
	}
}

// The end counts even where the coordinator is gone before the history is asked
// for, and it stays when the coordinator has left.
func TestEndArrives(t *testing.T) {
	d := &demo{workers: 2, step: 500}
	h := New(d, Options{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if over := d.Status().Phase == api.PhaseFailed; over && r.URL.Path == "/api/series" {
			http.Error(w, "gone", http.StatusInternalServerError)
			return
		}
		h.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	p := open(t, server.URL, desktop, "500 (Internal Server Error)", "net::ERR")
	p.wait(`document.getElementById("phase").textContent === "training"`)
	d.edit(failed)
	p.wait(`document.getElementById("phase").textContent === "failed" && document.getElementById("reason").textContent.startsWith("worker-1 was lost")`)
	server.CloseClientConnections()
	server.Close()
	p.wait(`banner.innerText.includes("The run has failed, and its coordinator has left.")`)
	if got := eval[bool](p, `banner.classList.contains("calm") && !document.body.classList.contains("stale") && document.getElementById("phase").textContent === "failed"`); !got {
		t.Error("the end of the run is greyed, or forgotten")
	}
}

// A view whose module does not come, as when the coordinator leaves meanwhile, costs the others nothing.
func TestViewThatDoesNotCome(t *testing.T) {
	h := New(&demo{workers: 2, step: 500}, Options{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/static/views/cluster.js" {
			http.Error(w, "gone", http.StatusInternalServerError)
			return
		}
		h.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	p := open(t, server.URL, desktop, "500 (Internal Server Error)")
	p.wait(`document.getElementById("phase").textContent === "training" && document.querySelector('#views a[href^="#network"]')`)
	if eval[bool](p, `document.querySelector('#views a[href^="#cluster"]') !== null`) {
		t.Error("a view that did not come has a tab")
	}
}

// An open page is known to the coordinator, which waits with leaving for it.
func TestPageIsKnown(t *testing.T) {
	d := &demo{workers: 2, step: 500}
	site := New(d, Options{})
	server := httptest.NewServer(site)
	t.Cleanup(server.Close)
	p := open(t, server.URL, desktop)
	p.wait(`document.getElementById("phase").textContent === "training"`)
	if site.viewers.waiting() == 0 {
		t.Error("an open page is not waited for")
	}
	d.edit(failed)
	site.Linger(t.Context(), patience)
	p.wait(`document.getElementById("phase").textContent === "failed"`)
}
