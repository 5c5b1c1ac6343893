//go:build browser

package web

import (
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// Two fingers on a chart move and widen the steps that are shown; steps can be counted in epochs where their length is known.
func TestPinch(t *testing.T) {
	d := &demo{workers: 2, step: 800, change: func(st *api.Status) { st.Run.EpochSteps = 62.5 }}
	url, _, _ := serve(t, d)
	p := open(t, url+"#run?by=epoch", look{width: 390, height: 844, scale: 2})
	p.wait(`document.querySelector("#chart-loss .u-over")`)
	if got := eval[bool](p, `!document.querySelector("#controls [value=epoch]").hidden && document.querySelector("#controls [name=by]").value === "epoch"`); !got {
		t.Error("epochs cannot be chosen")
	}
	// The middle half of the chart comes under fingers that go to its edges.
	p.do(chromedp.Evaluate[chromedp.Void](`{
		const over = document.querySelector("#chart-loss .u-over"), box = over.getBoundingClientRect();
		const send = (kind, id, share) => over.dispatchEvent(new PointerEvent(kind, { bubbles: true, pointerType: "touch", pointerId: id, clientX: box.left + share * box.width, clientY: box.top + 20 }));
		send("pointerdown", 1, 0.25); send("pointerdown", 2, 0.75);
		send("pointermove", 1, 0.1); send("pointermove", 1, 0); send("pointermove", 2, 1);
		send("pointerup", 1, 0); send("pointermove", 2, 0.5); send("pointerup", 2, 0.5);
	}`))
	p.wait(`location.hash.includes("x=")`)
	if got := eval[[]float64](p, `/x=(\d+)-(\d+)/.exec(location.hash).slice(1).map(Number)`); got[0] < 195 || got[0] > 205 || got[1] < 595 || got[1] > 605 {
		t.Errorf("steps %v are shown, not 200 to 600", got)
	}
	// Fingers that come together show all again.
	p.do(chromedp.Evaluate[chromedp.Void](`{
		const over = document.querySelector("#chart-loss .u-over"), box = over.getBoundingClientRect();
		const send = (kind, id, share) => over.dispatchEvent(new PointerEvent(kind, { bubbles: true, pointerType: "touch", pointerId: id, clientX: box.left + share * box.width, clientY: box.top + 20 }));
		send("pointerdown", 1, 0); send("pointerdown", 2, 1); send("pointermove", 1, 0.4); send("pointermove", 2, 0.6); send("pointerup", 1, 0.4); send("pointerup", 2, 0.6);
	}`))
	p.wait(`!location.hash.includes("x=")`)

	unknown, _, _ := serve(t, &demo{workers: 2, step: 800})
	q := open(t, unknown+"#run?by=epoch", desktop)
	q.wait(`document.querySelector("#chart-loss canvas")`)
	if !eval[bool](q, `document.querySelector("#controls [value=epoch]").hidden && document.querySelector("#controls [name=by]").value === "step"`) {
		t.Error("epochs of an unknown length can be chosen")
	}
}
