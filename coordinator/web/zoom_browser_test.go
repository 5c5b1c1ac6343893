//go:build browser

package web

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// drag draws over a part of an element, from one share of its width to another.
func (p *tab) drag(selector string, from, to float64) {
	p.t.Helper()
	box := p.box(selector)
	event := func(kind input.DispatchMouseEventType, share float64) chromedp.Action[chromedp.Void] {
		return chromedp.MouseEvent(kind, box[0]+share*box[2], box[1]+box[3]/2, chromedp.ButtonLeft, chromedp.ClickCount(1))
	}
	p.do(event(input.DispatchMouseEventTypeMouseMoved, from), event(input.DispatchMouseEventTypeMousePressed, from),
		event(input.DispatchMouseEventTypeMouseMoved, (from+to)/2), event(input.DispatchMouseEventTypeMouseMoved, to), event(input.DispatchMouseEventTypeMouseReleased, to))
}

// A range that is drawn over on one chart is shown by all, finer, with y fitted to
// it; it stays while steps come, and is left by a button and by a key.
func TestZoom(t *testing.T) {
	d := &demo{workers: 2, step: demoSteps}
	url, _, _ := serve(t, d)
	p := open(t, url, desktop, "willReadFrequently")
	p.wait(`document.querySelector("#chart-norm[data-last='1200'] canvas")`)
	if points := eval[int](p, `Number(document.querySelector("#chart-loss").dataset.points)`); points >= demoSteps {
		t.Errorf("%d points are shown of %d steps", points, demoSteps)
	}
	p.drag("#chart-loss .u-over", 0.5, 0.6)
	p.wait(`/^#run\?x=\d+-\d+$/.test(location.hash)`)
	const inView = `(() => { const [from, to] = location.hash.match(/\d+/g).map(Number); const n = Number(document.querySelector("#chart-norm").dataset.points); return n === to - from + 1; })()`
	p.wait(inView) // each step is a point
	label := eval[string](p, `document.getElementById("chart-loss").getAttribute("aria-label")`)
	hash := eval[string](p, `location.hash`)
	d.advance(100)
	p.wait(`document.getElementById("step").textContent === "step 1\u202f300"`)
	if got := eval[string](p, `document.getElementById("chart-loss").getAttribute("aria-label")`); got != label || eval[string](p, `location.hash`) != hash {
		t.Errorf("the range did not stay: %q, was %q", got, label)
	}
	p.do(chromedp.Click(".rail button", chromedp.NodeVisible))
	p.wait(`location.hash === "#run" && document.querySelector("#chart-norm[data-last='1300']")`)
	p.do(chromedp.Focus("#chart-norm", chromedp.NodeReady), chromedp.KeyEvent("+"))
	p.wait(`location.hash.startsWith("#run?x=")`)
	p.do(chromedp.KeyEvent("0"))
	p.wait(`location.hash === "#run"`)
}

// One cursor stands at one step in all charts, and tells what happened there.
func TestOneCursor(t *testing.T) {
	url, _, _ := serve(t, &demo{workers: 2, step: 740})
	p := open(t, url+"/#run?x=500-540", desktop)
	p.wait(`document.querySelector("#chart-norm[data-points='41'] canvas")`)
	p.drag("#chart-rate .u-over", 0.525, 0.525)
	p.wait(`location.hash === "#run?x=500-540&at=521"`)
	at := eval[[]string](p, `[...document.querySelectorAll(".chart")].filter((c) => c.checkVisibility()).map((c) => c.querySelector(".at").textContent.split(" · ")[0])`)
	if strings.Join(at, "|") != strings.Repeat("step 521|", 4)+"step 521" {
		t.Errorf("the cursors are at %q", at)
	}
	if got := p.text("#chart-loss .at"); got != "step 521 · step 521: worker-1 is slow: its steps take 1.4 times the median" {
		t.Errorf("the mark says %q", got)
	}
	if got := p.text("#chart-loss .legend span:nth-child(3) b"); got == "–" { // between two evaluations
		t.Error("no held-out loss is told at the cursor")
	}
}

// A spike, and a step that was not finite, are seen from any distance.
func TestSpikeIsSeen(t *testing.T) {
	d := &demo{workers: 1, step: 9000, bend: func(p *point) {
		if p.Step == 6001 {
			p.Loss = 7
		}
	}}
	url, _, _ := serve(t, d)
	p := open(t, url+"/#run?clip=0&smooth=0", desktop)
	p.wait(`document.querySelector("#chart-norm[data-last='9000'] canvas")`)
	p.wait(`document.getElementById("bucket-says").textContent.startsWith("a point is 16 steps")`)
	p.drag("#chart-loss .u-over", 5990.0/8984, 5990.0/8984)
	p.do(chromedp.Focus("#chart-loss", chromedp.NodeReady), chromedp.KeyEvent(kb.ArrowRight))
	p.wait(`/^steps [\d\u202f–]+: 1\.\d+ to 10\.099/.test(document.querySelector("#chart-loss .at").textContent)`)
}

// The reader's choices are in the address, and the address sets them.
func TestChoices(t *testing.T) {
	url, _, _ := serve(t, &demo{workers: 2, step: 740})
	p := open(t, url+"/#run?y=log&xlog=1&by=time&smooth=0&clip=0&low=1&high=9", desktop)
	p.wait(`document.querySelector("#chart-norm[data-points='740'] canvas")`)
	got := eval[string](p, `(() => { const e = document.getElementById("controls").elements; return [e.ylog.checked, e.xlog.checked, e.by.value, e.smooth.value, e.clip.checked, e.low.value, e.high.value, document.getElementById("smooth-says").textContent].join(); })()`)
	if got != "true,true,time,0,false,1,9,none" {
		t.Errorf("the form says %q", got)
	}
	p.do(chromedp.Click("[data-reset]", chromedp.NodeVisible))
	p.wait(`location.hash === "#run" && document.getElementById("smooth-says").textContent === "mean of 19 steps"`)
	p.do(chromedp.SendKeys("[name=from]", "100", chromedp.NodeVisible), chromedp.SendKeys("[name=to]", "300", chromedp.NodeVisible))
	p.wait(`location.hash === "#run?x=100-300" && document.querySelector("#chart-norm[data-points='201']")`)
	p.do(chromedp.Click("#events-grave", chromedp.NodeVisible))
	p.wait(`document.querySelectorAll("#events li").length === 1 && document.querySelector("#events li.warn")`)
}
