//go:build browser

package web

import (
	"fmt"
	"math"
	"testing"
	"time"

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

// A run of a million steps opens at once, takes little memory, and hides nothing.
func TestMillionSteps(t *testing.T) {
	url, _, _ := serve(t, million())
	p := open(t, url, desktop)
	p.wait(`document.querySelector("#chart-norm[data-last='1000000'] canvas")`)
	heap := eval[float64](p, `performance.memory.usedJSHeapSize / (1 << 20)`)
	t.Logf("drawn %.0f ms after the page was asked for, with a heap of %.1f MB", eval[float64](p, `performance.now()`), heap)
	if heap > 150 {
		t.Errorf("the page takes %.0f MB", heap)
	}
	for _, x := range [][2]int{{1, 1000000}, {400000, 700000}, {654000, 655000}} {
		p.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`location.hash = "#run?x=%d-%d"`, x[0], x[1])))
		p.wait(fmt.Sprintf(`document.getElementById("chart-loss").getAttribute("aria-label").replaceAll("\u202f", "").includes("step %d to ")`, x[0]))
		p.wait(`document.querySelector("#chart-loss .cut").textContent === "▲ up to 10.099"`)
	}
}
