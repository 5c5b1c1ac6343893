//go:build browser

package web

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// The waterfall of a step is drawn for each worker and stands in a table; held, it stays.
func TestWaterfallView(t *testing.T) {
	d := &demo{workers: 3, step: 400}
	url, _, _ := serve(t, d)
	for _, l := range []look{desktop, {width: 390, height: 844, dark: true}} {
		p := open(t, url+"/#cluster", l)
		p.wait(`document.querySelectorAll("#fall rect").length === 15 && document.querySelectorAll("#fall-worker option").length === 3`)
		if sub := p.text("#fall-sub"); !strings.HasPrefix(sub, "step 400 · 109 ms · 86 % of the ring's time hidden") {
			t.Errorf("it says %q", sub)
		}
		if cut := eval[int](p, `[...document.querySelectorAll("#fall text")].filter((x) => x.getBBox().x < 0 || x.getBBox().x + x.getBBox().width > x.ownerSVGElement.viewBox.baseVal.width).length`); cut > 0 {
			t.Errorf("at %d pixels %d words are cut", l.width, cut)
		}
		const first = `document.querySelector('#fall rect.forward').getBoundingClientRect().width`
		before := eval[float64](p, first)
		p.do(chromedp.Evaluate[chromedp.Void](`{ const s = document.getElementById("fall-worker"); s.value = "worker-2"; s.dispatchEvent(new Event("change")); }`))
		if hash := eval[string](p, `location.hash`); hash != "#cluster?worker=worker-2" {
			t.Errorf("the address says %s", hash)
		}
		if after := eval[float64](p, first); after < 1.4*before {
			t.Errorf("of a worker that takes 1.6 times as long forward is %v pixels, of the other %v", after, before)
		}
		p.do(chromedp.Click("#fall-details summary", chromedp.NodeVisible))
		p.wait(`document.querySelectorAll("#fall-table tr").length === 15`)
		if row := p.text("#fall-table tr:nth-child(2)"); row != "forward1.10 ms33.6 ms" {
			t.Errorf("row %q", row)
		}
		p.do(chromedp.Click("#fall-hold", chromedp.NodeVisible))
		d.advance(1)
		p.do(chromedp.Click("#fall-hold", chromedp.NodeVisible))
		p.wait(fmt.Sprintf(`document.getElementById("fall-sub").textContent.startsWith("step %d ")`, d.now()))
		p.notTooWide(t, "waterfall", l)
		d.mu.Lock()
		d.step = 400
		d.mu.Unlock()
	}
}

// What of the ring's time is hidden counts the buckets that a waterfall has no room for: they travel until the worker is blocked no
// more. Twelve buckets of a second each set off every half a second, and computing ends after 4 s, of which the first began at 1 s.
func TestHiddenShare(t *testing.T) {
	url, _, _ := serve(t, &demo{workers: 1, step: 2})
	p := open(t, url, desktop)
	for told, want := range map[int]string{12: "0.4615", 7: "0.4615", 1: "0.4615", 0: "null"} {
		script := fmt.Sprintf(`import("/static/waterfall.js").then(({ hiddenShare }) => String(hiddenShare({ left_out: 12 - %d, spans: [{ part: "blocked", begin: 4, end: 7.5 },
			...[...Array(%d).keys()].map((number) => ({ part: "bucket", number, begin: 1 + number / 2, end: 2 + number / 2 }))] })).slice(0, 6))`, told, told)
		if got := eval[string](p, script); got != want {
			t.Errorf("with %d of 12 buckets it is %s, want %s", told, got, want)
		}
	}
}

// recorded is a run that is read from its directory, with the waterfalls of some steps; of the first step one worker alone has told.
type recorded struct {
	Source
	steps []uint64
}

func (r recorded) WaterfallSteps() []uint64 { return r.steps }

func (r recorded) WaterfallsAt(step uint64) (texts [][]byte) {
	if step == 0 {
		step = r.steps[len(r.steps)-1]
	}
	if !slices.Contains(r.steps, step) {
		return nil
	}
	for _, w := range demoFalls(map[bool]int{true: 1, false: 3}[step == r.steps[0]], step).Workers {
		text, err := json.Marshal(w)
		if err != nil {
			panic(err)
		}
		texts = append(texts, text)
	}
	return texts
}

type recordedShelf struct{ *shelf }

func (s recordedShelf) Source(name string) (Source, bool) {
	d, ok := s.runs[name]
	return recorded{d, []uint64{1, 100, 300}}, ok
}

// Of a run that is over, and in a report, steps that were recorded are shown, by a slider or by the step that is looked at, of the
// worker that is chosen by keyboard or in the address. Where that one has not told of a step the first is shown, which is said.
func TestRecordedWaterfalls(t *testing.T) {
	l := recordedShelf{&shelf{names: []string{"a"}, runs: map[string]*demo{"a": {workers: 2, step: 400}}}}
	first, _ := l.Source("a")
	url, _, _ := serve(t, first)
	for name, at := range map[string]string{"page": url + "/", "report": reported(t, l)} {
		p := open(t, at+"#cluster", desktop)
		p.wait(`document.querySelectorAll("#fall rect").length === 15 && document.getElementById("fall-step").textContent === "step 300, the last that was recorded"`)
		if sub := p.text("#fall-sub"); !strings.HasPrefix(sub, "worker-0 · step 300 · 109 ms") {
			t.Errorf("%s: it says %q", name, sub)
		}
		p.do(chromedp.Evaluate[chromedp.Void](`{ const s = document.getElementById("fall-at"); s.value = 0; s.dispatchEvent(new Event("input", { bubbles: true })) }`))
		p.wait(`document.getElementById("fall-step").textContent === "step 1" && location.hash === "#cluster?fall=1"`)
		p.do(chromedp.Evaluate[chromedp.Void](`location.hash = "#cluster?at=250"`))
		p.wait(`document.getElementById("fall-step").textContent === "step 100"`)
		if n := eval[int](p, `document.querySelectorAll("#fall-worker option").length`); n != 3 {
			t.Errorf("%s: a choice of %d workers", name, n)
		}
		p.do(chromedp.Focus("#fall-worker"), chromedp.KeyEvent(kb.ArrowDown))
		p.wait(`location.hash === "#cluster?at=250&worker=worker-1" && document.getElementById("fall-sub").textContent.startsWith("worker-1 · step 100 · ")`)
		p.do(chromedp.Evaluate[chromedp.Void](`location.hash = "#cluster?fall=300&worker=worker-2"`))
		p.wait(`document.getElementById("fall-sub").textContent.startsWith("worker-2 · step 300 · ") && document.getElementById("fall-worker").value === "worker-2"`)
		p.do(chromedp.Evaluate[chromedp.Void](`location.hash = "#cluster?fall=1&worker=worker-2"`))
		p.wait(`document.getElementById("fall-sub").textContent.startsWith("worker-2 has not told of it · worker-0 · step 1 · ") && document.getElementById("fall-whose").hidden`)
		p.notTooWide(t, name, desktop)
	}
}

// Sixty-four lanes on thirty-two workers: all are there, those that need a look first, and short waits alarm nobody.
func TestWideRing(t *testing.T) {
	url, _, _ := serve(t, varieties["wide"])
	p := open(t, url+"/#cluster", desktop)
	p.wait(`document.querySelectorAll("#ring-grid li").length === 32 && document.querySelectorAll("#workers tr").length === 32`)
	if n := eval[int](p, `document.querySelectorAll(".waits .held, .waits .cause, .ring-grid .held").length`); n != 0 {
		t.Errorf("%d waits of 20 ms have a colour", n)
	}
	if name := p.text("#workers tr strong"); name != "rondo-worker-17" {
		t.Errorf("%s comes first", name)
	}
	if n := eval[int](p, `document.querySelectorAll("#workers .tight").length`); n != 1 {
		t.Errorf("%d workers are short of memory", n)
	}
	if text := eval[string](p, `[...document.querySelectorAll("#workers tr")].find((r) => r.textContent.includes("worker-21")).children[5].textContent`); text != "29.6 MiB/s12.0 ms · 418 resent" {
		t.Errorf("link %q", text)
	}
	const processor = `[...document.querySelectorAll("#workers tr")].at(-1).children[7]`
	if text := eval[string](p, processor+`.textContent`); text != "50 % of 1.60 TFLOP/savx512 · 16 threads" {
		t.Errorf("processor %q", text)
	}
	if title := eval[string](p, processor+`.title`); title != "88.0 GFLOP of products and convolutions a step: 800 GFLOP/s over whole steps, 1.10 TFLOP/s (68 %) while it computes" {
		t.Errorf("its title is %q", title)
	}
	if tall := eval[float64](p, `Math.max(...[...document.querySelectorAll("#workers tr")].slice(1).map((r) => r.getBoundingClientRect().height))`); tall > 50 {
		t.Errorf("a row of %v pixels", tall)
	}
	if tall := eval[float64](p, `document.querySelector("#workers tr").getBoundingClientRect().height`); tall > 70 {
		t.Errorf("the row of the slow worker is %v pixels high", tall)
	}
}

// Of workers that are known from a run's directory alone nothing is shown that nobody knows: no process 0, no speed of 0.
func TestWorkersOfADirectory(t *testing.T) {
	url, _, _ := serve(t, &demo{workers: 2, step: 400, change: func(st *api.Status) {
		st.Phase = api.PhaseFinished
		for i, w := range st.Workers {
			st.Workers[i] = api.Worker{Name: w.Name, State: "finished", FirstLane: w.FirstLane, EndLane: w.EndLane, Step: w.Step}
		}
	}})
	p := open(t, url+"/#cluster", desktop)
	p.wait(`document.querySelectorAll("#workers tr").length === 2`)
	if row := eval[string](p, `[...document.querySelectorAll("#workers tr:first-child td")].map((c) => c.textContent).join("|")`); row != "worker-0|0123|finished|400|–|–|–|–" {
		t.Errorf("row %q", row)
	}
	if why := p.text("#waits-why"); !strings.HasPrefix(why, "Only the page of a run that goes on") {
		t.Errorf("who waits: %q", why)
	}
}

// The last time of a waterfall's axis is within the picture, wherever the step ends.
func TestLastTimeOfAWaterfall(t *testing.T) {
	url, _, _ := serve(t, &demo{workers: 1, step: 2})
	p := open(t, url+"/#cluster", desktop)
	p.wait(`document.querySelector("#ring svg")`)
	for _, total := range []float64{0.2, 0.2019, 1, 12000} {
		cut := eval[string](p, fmt.Sprintf(`import("/static/waterfall.js").then(({ drawFall }) => {
			const node = document.getElementById("ring");
			drawFall(node, { step: 2, worker: "a", total: %[1]v, spans: [{ part: "forward", number: 0, begin: 0, end: %[1]v }] });
			const last = [...node.querySelectorAll("text.time")].at(-1), box = last.getBBox();
			return box.x + box.width > node.querySelector("svg").viewBox.baseVal.width ? last.textContent : "";
		})`, total))
		if cut != "" {
			t.Errorf("of %v seconds %q is cut", total, cut)
		}
	}
}

// Who computes is told of in red only where the ring stands still for it, or it is slow.
func TestWhoIsToBlame(t *testing.T) {
	d := &demo{workers: 2, step: 400, change: func(st *api.Status) {
		st.Workers[1].Waits = &api.Waits{On: "worker-0", In: "bucket 1", Step: 400, Seconds: 4}
	}}
	url, _, _ := serve(t, d)
	p := open(t, url+"/#cluster", desktop)
	p.wait(`document.querySelector(".waits .cause") && document.querySelector(".waits .held")`)
	if eval[bool](p, `document.querySelector(".waits .bad") !== null`) {
		t.Error("a worker that computes a step is shown in red")
	}
	d.edit(stalledBy)
	p.wait(`document.querySelector(".waits .bad")?.textContent.includes("worker-0")`)
}

func stalledBy(st *api.Status) {
	st.Workers[1].Waits = &api.Waits{On: "worker-0", In: "bucket 1", Step: 400, Seconds: 40}
	st.Alarms = []api.Alarm{{Kind: api.AlarmStalled, Since: st.Now, What: "training stands still"}}
}
