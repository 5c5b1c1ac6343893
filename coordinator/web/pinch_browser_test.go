//go:build browser

package web

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
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

// Two fingers on the points zoom and move them, and pick none; what does not come can be asked for again.
func TestPinchPoints(t *testing.T) {
	p := open(t, serveClouds(t, 60)+"#projector?gl=0", look{width: 390, height: 844, scale: 2, dark: true}, slow...)
	p.wait(drawn)
	box := p.box(".stage .pointer")
	x, y := box[0]+box[2]/2, box[1]+box[3]/2
	touch := func(kind input.DispatchTouchEventType, apart ...float64) {
		t.Helper()
		var points []*input.TouchPoint
		for i, d := range apart {
			points = append(points, &input.TouchPoint{X: x + d, Y: y, ID: new(float64(i))})
		}
		if _, err := chromedp.Call(p.ctx, input.DispatchTouchEvent, input.DispatchTouchEventParams{Type: kind, TouchPoints: points}); err != nil {
			t.Fatal(err)
		}
	}
	touch(input.DispatchTouchEventTypeTouchStart, -40, 40)
	touch(input.DispatchTouchEventTypeTouchMove, -60, 60)
	touch(input.DispatchTouchEventTypeTouchMove, -80, 80)
	touch(input.DispatchTouchEventTypeTouchEnd)
	p.wait(`location.hash.includes("cam=")`)
	if hash := eval[string](p, `decodeURIComponent(location.hash)`); !strings.Contains(hash, "cam=0.000,0.000,2.000,") || strings.Contains(hash, "pick") {
		t.Errorf("twice as far apart, the address is %s", hash)
	}

	p.do(chromedp.Evaluate[chromedp.Void](`{ const real = fetch; globalThis.fetch = () => { globalThis.fetch = real; return Promise.reject(new Error("the line is cut")); };
		document.querySelector("input[name=points-dims][value='3']").click() }`))
	p.said("the line is cut")
	p.do(chromedp.Evaluate[chromedp.Void](`void document.getElementById("points-stop").click()`))
	p.wait(`document.querySelector(".stage canvas").getAttribute("aria-label").includes("in 3 dimensions") && document.getElementById("points-stop").hidden`)
}
