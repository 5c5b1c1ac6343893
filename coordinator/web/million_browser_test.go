//go:build browser

package web

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/performance"
	"github.com/chromedp/chromedp"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/history"
)

// long is a run whose history is kept as a coordinator keeps it.
type long struct {
	*demo
	history *history.History
}

func (l *long) Series(q history.Query) history.Series { return l.history.Series(q) }

// million is a run of a million steps with one spike.
func million() *long {
	const steps, spike = 1_000_000, 654_321
	h := history.New("loss", "norm", "lr", "rate", "compute", "ring", "wait")
	for s := uint64(1); s <= steps; s++ {
		loss := 1.5 + math.Exp(-float64(s)/1e5) + 0.05*ripple(s, 1)
		if s == spike {
			loss = 7
		}
		h.Add(s, demoStart.Add(time.Duration(s)*98*time.Millisecond), []float32{float32(loss), float32(1 + 0.1*ripple(s, 2)), 1e-3, 41000, 0.07, 0.01, 0.006})
	}
	return &long{demo: &demo{workers: 2, step: 740, change: func(st *api.Status) { st.Step, st.Steps = steps, 2*steps }}, history: h}
}

// A run of a million steps opens at once, takes little memory, and hides nothing. What the page computes until all is drawn is held to
// a second of processor time, which other work on the machine does not change; the time by the clock is told.
func TestMillionSteps(t *testing.T) {
	url, _, _ := serve(t, million())
	p := open(t, url, desktop)
	const drawn = `document.querySelector("#chart-norm[data-last='1000000'] canvas")`
	p.wait(drawn)
	first := eval[float64](p, `performance.now()`)
	if _, err := chromedp.Call(p.ctx, performance.Enable, performance.EnableParams{TimeDomain: performance.EnableTimeDomainThreadTicks}); err != nil {
		t.Fatal(err)
	}
	p.do(chromedp.Reload())
	p.wait(drawn)
	busy := p.metric("TaskDuration")
	t.Logf("drawn %.0f ms after the page was asked for; again with %.0f ms of the processor", first, 1000*busy)
	if busy > 1 || busy <= 0 {
		t.Errorf("until it is drawn the page computes for %.2f s", busy)
	}
	defer func() { // when all was looked at
		if heap := p.metric("JSHeapUsedSize") / 1e6; heap > 150 || heap <= 0 {
			t.Errorf("the page takes %.0f MB", heap)
		} else {
			t.Logf("a heap of %.1f MB", heap)
		}
	}()
	for _, x := range [][2]int{{1, 1000000}, {400000, 700000}, {654000, 655000}} {
		p.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`location.hash = "#run?x=%d-%d"`, x[0], x[1])))
		p.wait(fmt.Sprintf(`document.getElementById("chart-loss").getAttribute("aria-label").replaceAll("\u202f", "").includes("step %d to ")`, x[0]))
		p.wait(`document.querySelector("#chart-loss .cut").textContent === "▲ up to 10.099"`)
	}
}

// metric is one of the browser's own figures of the tab.
func (p *tab) metric(name string) float64 {
	p.t.Helper()
	told, err := chromedp.Call(p.ctx, performance.GetMetrics, cdp.Empty{})
	if err != nil {
		p.t.Fatal(err)
	}
	for _, m := range told.Metrics {
		if m.Name == name {
			return m.Value
		}
	}
	p.t.Fatalf("the browser tells no %s", name)
	return 0
}
