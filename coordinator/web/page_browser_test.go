//go:build browser

package web

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/rondo-ml/rondo/coordinator/api"
)

func TestPageShowsTheRun(t *testing.T) {
	d := &demo{workers: 3, step: 740}
	url, _, _ := serve(t, d)
	p := open(t, url, desktop)
	p.wait(`document.querySelector("#chart-norm canvas")`)
	st := d.Status()
	for selector, want := range map[string]string{
		"#run-name": "go-source", "#run-model": "charlm · 428 k parameters · 8 lanes", "#phase": "training", "#reason": "3 of 3 workers in the ring",
		"#step": "step 740", "#steps": "of 1\u202f200 · 61 %", "#left": "45 s", "#bits": fmt.Sprintf("%.3f", st.BitsPerChar),
		"#held": fmt.Sprintf("%.3f", st.Evaluations[2].BitsPerChar), "#held-sub": "bits/byte at step 600", "#rate": fmt.Sprintf("%.1f k byte/s", st.Rate/1000),
		"#lr": "0.0008", "#epoch": "1", "#elapsed": "1 m 16 s", "#run-file": demoFile, "#version": "0.1.0",
		"#checkpoints tr:first-child td:first-child": "600", "#checkpoints .copy": st.Checkpoints[2].Digest[:12],
		"#events li:first-child .what": "checkpoint of step 600 committed", "#events li:first-child .sub": "step 600 · every 200 steps",
		"#events li.warn .what": "worker-1 is slow",
	} {
		if got := p.text(selector); got != want {
			t.Errorf("%s says %q, want %q", selector, got, want)
		}
	}
	if got := eval[string](p, `document.title`); got != fmt.Sprintf("61 %% · %.3f bits/byte · go-source · Rondo", st.BitsPerChar) {
		t.Errorf("title %q", got)
	}
	if got := eval[[]float64](p, `[progress.value, progress.max]`); got[0] != 740 || got[1] != 1200 {
		t.Errorf("progress %v", got)
	}
	if got := eval[string](p, `document.querySelector("#checkpoints .copy").title`); !strings.Contains(got, st.Checkpoints[2].Digest) {
		t.Errorf("the whole digest is not in %q", got)
	}
}

func TestWorkersAndRing(t *testing.T) {
	d := &demo{workers: 3, step: 740}
	url, _, _ := serve(t, d)
	p := open(t, url+"#cluster", desktop)
	p.wait(`document.querySelectorAll("#workers tr").length === 3`)
	const rows = `[...document.querySelectorAll("#workers tr")].map((r) => [r.querySelector("strong").textContent, r.querySelector(".name .sub").textContent,
		[...r.querySelectorAll(".lanes b")].map((b) => b.textContent).join(","), r.querySelector(".state").textContent, r.querySelector(".step").textContent,
		r.querySelector(".sent").textContent, r.querySelector(".heap").textContent, [...r.querySelector(".cpu").children].map((c) => c.textContent).join(" · ")].join("|"))`
	got := eval[[]string](p, rows)
	for i, want := range []string{
		"worker-0|127.0.0.1 · pid 48120|0,1|training|740|29.9 MiB/s|148 MiB|avx2 · 1 thread",
		"worker-1|127.0.0.1 · pid 48121|2,3,4|training|740|29.9 MiB/s|148 MiB|avx2 · 1 thread",
		"worker-2|127.0.0.1 · pid 48122|5,6,7|training|740|29.9 MiB/s|148 MiB|avx2 · 1 thread",
	} {
		if got[i] != want {
			t.Errorf("row %d is %q, want %q", i, got[i], want)
		}
	}
	// Each arc of the ring has the colour of its lane's cell in the table.
	const colours = `[...document.querySelectorAll("#workers .lanes b")].map((b) => getComputedStyle(b).backgroundColor)`
	const arcs = `[...document.querySelectorAll("#ring [data-lane]")].map((a) => getComputedStyle(a).fill)`
	cells, ring := eval[[]string](p, colours), eval[[]string](p, arcs)
	if len(ring) != 8 || strings.Join(cells, " ") != strings.Join(ring, " ") {
		t.Errorf("cells %q, arcs %q", cells, ring)
	}
	if got := eval[string](p, `document.querySelector("#ring svg").getAttribute("aria-label")`); !strings.Contains(got, "worker-1 has lanes 2 to 4") {
		t.Errorf("the ring says %q", got)
	}
	// Bars: compute, ring, waiting and data, in proportion to one scale.
	parts := eval[[]float64](p, `[...document.querySelectorAll("#workers tr:first-child .bar i")].map((i) => i.getBoundingClientRect().width)`)
	w := d.Status().Workers[0]
	for i, want := range []float64{w.Compute, w.Ring, w.Wait, w.Data} {
		if ratio, of := parts[i]/parts[0], want/w.Compute; ratio < of*0.95-0.003 || ratio > of*1.05+0.003 {
			t.Errorf("part %d of the bar is %.3f of compute, want %.3f", i, ratio, of)
		}
	}

	// A lost worker keeps its row and says why; lanes follow the view.
	p.do(chromedp.Evaluate[chromedp.Void](`document.querySelector("#workers tr").dataset.mark = "kept"`))
	d.edit(func(st *api.Status) {
		st.Generation = 2
		st.Workers[1].State, st.Workers[1].Cause, st.Workers[1].EndLane = "lost", "killed by signal 9", st.Workers[1].FirstLane
		st.Workers[2].FirstLane = 2
	})
	p.wait(`document.querySelectorAll("#workers tr.lost").length === 1 && document.querySelectorAll("#workers tr:nth-child(3) .lanes b").length === 6`)
	if got := p.text("#workers tr.lost .state-cell") + ": " + p.text("#workers tr.lost .note"); got != "lost: killed by signal 9" {
		t.Errorf("the lost worker says %q", got)
	}
	if got := p.text("#workers tr[data-mark=kept] strong"); got != "worker-0" {
		t.Errorf("rows are built anew: %q", got)
	}
	p.wait(`document.querySelectorAll("#ring [data-worker=worker-2]").length === 6`)
}

// Words from workers, from the run file and from paths are words, whatever
// they look like.
func TestMarkupIsText(t *testing.T) {
	const evil = `<script>window.hurt = 1</script><img src=x onerror="window.hurt = 2"><b>bold</b>`
	d := &demo{workers: 2, step: 250, change: func(st *api.Status) {
		st.Run.Name, st.Run.Model, st.Run.File, st.Run.ID, st.Reason, st.Run.Dir = evil, evil, evil, evil, evil, evil
		st.Workers[0].Name, st.Workers[0].Host, st.Workers[0].Cause, st.Workers[0].State = evil, evil, evil, evil
		st.Checkpoints[0].Path, st.Checkpoints[0].Digest = evil, evil
		st.Events = append(st.Events, api.Event{At: st.Now, Level: evil, What: evil, Reason: evil})
	}}
	url, _, _ := serve(t, d)
	p := open(t, url, desktop)
	p.wait(`document.querySelector("#events li")`)
	for _, selector := range []string{"#events li:first-child .what", "#events li:first-child .sub", "#run-name", "#run-file", "#reason", "#checkpoints .path"} {
		if got := p.text(selector); got != evil {
			t.Errorf("%s says %q", selector, got)
		}
	}
	p.do(chromedp.Evaluate[chromedp.Void](`location.hash = "#cluster"`))
	p.wait(`document.querySelector("#workers strong")`)
	if got := p.text("#workers strong"); got != evil {
		t.Errorf("a worker is named %q", got)
	}
	if n := eval[int](p, `document.querySelectorAll("main script, main img, main b b, header script, .events b").length + (window.hurt ?? 0)`); n != 0 {
		t.Error("markup became elements")
	}
}

func TestKeyboard(t *testing.T) {
	d := &demo{workers: 2, step: 740}
	url, _, _ := serve(t, d)
	p := open(t, url, desktop)
	p.wait(`document.querySelector("#chart-norm canvas")`)
	// Everything that scrolls, opens, copies or can be read by key is reached by Tab.
	seen := map[string]bool{}
	for range 60 {
		p.do(chromedp.KeyEvent(kb.Tab))
		seen[eval[string](p, `document.activeElement.id || document.activeElement.className || document.activeElement.tagName`)] = true
	}
	for _, want := range []string{"skip", "chart-loss", "chart-rate", "chart-time", "chart-lr", "chart-norm", "events", "copy", "scroll list", "SUMMARY"} {
		if !seen[want] {
			t.Errorf("Tab does not reach %s; it reaches %v", want, seen)
		}
	}
	p.do(chromedp.Focus("#chart-loss", chromedp.NodeReady), chromedp.KeyEvent(kb.Home))
	p.wait(`document.querySelector("#chart-loss .at").textContent === "step 1"`)
	p.do(chromedp.KeyEvent(kb.ArrowRight))
	p.wait(`document.querySelector("#chart-loss .at").textContent === "step 2"`)
	p.do(chromedp.KeyEvent(kb.Escape))
	p.wait(`document.querySelector("#chart-loss .at").textContent === ""`)

	p.do(chromedp.Focus("#checkpoints .copy", chromedp.NodeReady), chromedp.KeyEvent(kb.Enter))
	p.wait(fmt.Sprintf(`document.getElementById("said").textContent === "copied %s"`, d.Status().Checkpoints[2].Digest))
}

// What is shown is in the address, and an address shows it again.
func TestAddress(t *testing.T) {
	url, _, _ := serve(t, &demo{workers: 3, step: 740, change: stalled})
	p := open(t, url+"/#cluster?x=100-300&at=250", desktop)
	p.wait(`document.querySelector(".view[data-view=cluster] #waits li") && document.querySelectorAll("#views li").length === 3`)
	if got := p.text(".rail .words"); got != "steps 100 to 300 · step 250" {
		t.Errorf("the rail says %q", got)
	}
	p.do(chromedp.KeyEvent("1"))
	p.wait(`document.querySelector(".view[data-view=run]") && location.hash === "#run?x=100-300&at=250"`)
	p.do(chromedp.Click(".rail button", chromedp.NodeVisible))
	p.wait(`location.hash === "#run?at=250" && document.querySelector(".rail .words").textContent === "all steps to 740 · step 250"`)

	// The rail goes by keys, and by a pointer that is drawn over it.
	p.do(chromedp.Focus(".track", chromedp.NodeReady), chromedp.KeyEvent("+"))
	p.wait(`location.hash === "#run?at=250&x=125-495"`)
	p.do(chromedp.KeyEvent("0"), chromedp.KeyEvent(kb.Escape))
	p.wait(`location.hash === "#run"`)
	box := eval[[]float64](p, `(() => { const b = document.querySelector(".track").getBoundingClientRect(); return [b.left, b.top, b.width]; })()`)
	at := func(share float64) (x, y float64) { return box[0] + share*box[2], box[1] + 20 }
	x, y := at(0.25)
	p.do(chromedp.MouseEvent(input.DispatchMouseEventTypeMousePressed, x, y, chromedp.ButtonLeft))
	x, y = at(0.5)
	p.do(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, x, y, chromedp.ButtonLeft), chromedp.MouseEvent(input.DispatchMouseEventTypeMouseReleased, x, y, chromedp.ButtonLeft))
	p.wait(`/^#run\?x=18\d-37\d$/.test(location.hash)`)
	if got := eval[string](p, `import("/static/route.js").then((r) => [r.parse("#a?b=1&c=%2F&d&=e&f=%zz").settings].map((s) => [...s].join(" ")).join() + "|" + r.span("5-5") + r.span("1-2-3") + r.span("7-9"))`); got != "b,1 c,/|nullnull7,9" {
		t.Errorf("an address is read as %q", got)
	}
}

// The cluster tells who waits for whom, the longest first, and at whom it ends; many
// workers are a grid in the order of the ring.
func TestCluster(t *testing.T) {
	url, _, _ := serve(t, &demo{workers: 3, step: 530, change: stalled})
	p := open(t, url+"/#cluster", desktop)
	p.wait(`document.querySelector("#ring-views li") && document.querySelectorAll("#waits li").length === 3`)
	const waits = `[...document.querySelectorAll("#waits li")].map((n) => n.className + ": " + n.textContent).join("|")`
	if got, want := eval[string](p, waits), "held: worker-0 waits for worker-2 in bucket 3 of step 530 for 1 m 35 s|held: worker-1 waits for worker-0 in bucket 2 of step 530 for 1 m 35 s|cause bad: worker-2 computes step 530 for 95.1 s"; got != want {
		t.Errorf("who waits: %q, want %q", got, want)
	}
	if got := p.text("#ring .hop title"); got != "to worker-1, 29.9 MiB/s, 2 frames under way" {
		t.Errorf("a link says %q", got)
	}
	if got := p.text("#workers tr:first-child strong"); got != "worker-2" {
		t.Errorf("the first row is of %q, not of the worker that is slow", got)
	}
	many, _, _ := serve(t, varieties["crowded"])
	p = open(t, many+"/#cluster", desktop)
	p.wait(`document.querySelectorAll("#ring-grid li").length === 32 && document.getElementById("ring").hidden`)
	if got := p.text("#ring-grid li:nth-child(2) span"); got != "lanes 2–3" {
		t.Errorf("the second worker has %q", got)
	}
}

// Events that have a step are gone through by keys, and the step of one is looked at.
func TestEventsByKeys(t *testing.T) {
	url, _, _ := serve(t, &demo{workers: 3, step: 740})
	p := open(t, url+"/#run", desktop)
	p.wait(`document.querySelectorAll("#events button").length > 1`)
	p.do(chromedp.Focus("#events", chromedp.NodeReady), chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent(kb.ArrowUp))
	p.wait(`document.activeElement === document.querySelector("#events button")`)
	p.do(chromedp.KeyEvent(kb.Enter))
	p.wait(`location.hash === "#run?at=" + document.querySelector("#events li[data-step]").dataset.step`)
	p.do(chromedp.KeyEvent(kb.ArrowUp))
	p.wait(`document.activeElement.id === "events"`)
}
