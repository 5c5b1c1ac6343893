//go:build browser

package web

import (
	"fmt"
	"net/http/httptest"
	"os"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// The matrix of each evaluation can be looked at, and a cell opens its pictures.
func TestClasses(t *testing.T) {
	d := &outcomes{demo: &demo{workers: 2, step: 700, change: images, bend: bendImages}, classes: 10}
	url, _, _ := serve(t, d)
	for _, l := range []look{desktop, {width: 390, height: 844, scale: 2, dark: true}} {
		p := open(t, url+"#run", l)
		p.wait(`document.getElementById("outcome-step")?.textContent === "step 600, the newest"`)
		if got := p.text("#classes-sub") + "|" + p.text("#pairs li") + "|" + p.text("#recalls tr"); got != "rows: what is; columns: what it is taken for. 95.0 % right|digit 4 → digit 5: 7|digit 4100"+"93.0 %93.9 %" {
			t.Errorf("it says %q", got)
		}
		if got := eval[int](p, `document.querySelectorAll("#sure g").length * 100 + document.querySelectorAll("#sure-table tr").length`); got != 1212 || p.text("#sure-sub") != "expected calibration error 10.0 %" {
			t.Errorf("the calibration has %d bars and rows, and says %q", got, p.text("#sure-sub"))
		}
		if got := eval[string](p, `[...document.querySelectorAll("#sure-card .keys li")].map((li) => li.textContent).join("; ")`); got != "right; more sure than right; more right than sure" {
			t.Errorf("its colours are %q", got)
		}
		// A cell by the mouse, then another by the arrow keys.
		p.do(chromedp.ScrollIntoView("#matrix"))
		p.do(chromedp.Evaluate[chromedp.Void](`{ const m = document.getElementById("matrix"), box = m.getBoundingClientRect();
			m.focus(); m.dispatchEvent(new MouseEvent("click", { bubbles: true, clientX: box.right - 5, clientY: box.bottom - 5 })) }`))
		p.wait(`document.getElementById("pair-says").textContent.startsWith("digit 9 recognized: 93 of 100")`)
		p.do(chromedp.Evaluate[chromedp.Void](`document.getElementById("matrix").focus()`), chromedp.KeyEvent(kb.ArrowUp))
		p.wait(`document.getElementById("pair-says").textContent.startsWith("digit 8 taken for digit 9: 6 of 100")`)
		p.wait(`[...document.querySelectorAll("#pair-samples img")].length === 3 && [...document.querySelectorAll("#pair-samples img")].every((i) => i.naturalWidth === 96)`)
		if got := p.text("#pair-samples figcaption"); got != "0.6 % for digit 8" {
			t.Errorf("the worst sample says %q", got)
		}
		// Another evaluation by the slider; it is in the address.
		p.do(chromedp.Evaluate[chromedp.Void](`{ const s = document.getElementById("outcome-at"); s.value = 0; s.dispatchEvent(new Event("input", { bubbles: true })) }`))
		p.wait(`document.getElementById("outcome-step")?.textContent === "step 200" && document.getElementById("pairs").textContent.includes("digit 4 → digit 5: 14")`)
		if got := eval[string](p, `location.hash`); got != "#run?cell=8-9&eval=200" {
			t.Errorf("the address is %q", got)
		}
		if wide := eval[float64](p, `document.documentElement.scrollWidth`); wide > float64(l.width) {
			t.Errorf("the page is %v wide, of %d", wide, l.width)
		}
		axe, err := os.ReadFile("testdata/axe/axe.min.js")
		if err != nil {
			t.Fatal(err)
		}
		p.do(chromedp.Evaluate[chromedp.Void](string(axe)))
		for _, f := range eval[[]string](p, serious) {
			t.Error(f)
		}
	}
	// A new evaluation is shown when it comes.
	p := open(t, url, desktop)
	p.wait(`document.getElementById("outcome-step")?.textContent === "step 600, the newest"`)
	d.advance(100)
	p.wait(`document.getElementById("outcome-step")?.textContent === "step 800, the newest"`)
}

// showcase is a shelf of runs whose evaluations show so many classes, each run one more than the run before.
type showcase struct {
	*shelf
	classes int
}

func (l *showcase) Source(name string) (Source, bool) {
	r, ok := l.runs[name]
	return &outcomes{demo: r, classes: l.classes + slices.Index(l.names, name)}, ok
}

// Of several runs, the evaluations of the one that is shown are shown.
func TestOutcomesOfRuns(t *testing.T) {
	l := &showcase{newShelf(2), 10}
	first, _ := l.Source("run-a")
	server := httptest.NewServer(New(first, Options{Library: l}))
	t.Cleanup(server.Close)
	p := open(t, server.URL+"/#run?run=run-b&cell=0-0", desktop)
	p.wait(`document.querySelectorAll("#recalls tr").length === 11`)
	if !eval[bool](p, `[...document.querySelectorAll("#guesses img")].every((i) => new URL(i.src).searchParams.get("run") === "run-b")`) {
		t.Error("the samples are of another run's set")
	}
	p.do(chromedp.Evaluate[chromedp.Void](`location.hash = "#run?run=run-a"`))
	p.wait(`document.querySelectorAll("#recalls tr").length === 10`)
}

// Many classes are a matrix, too.
func TestManyClasses(t *testing.T) {
	url, _, _ := serve(t, &outcomes{demo: &demo{workers: 2, step: 700, change: images, bend: bendImages}, classes: 100})
	p := open(t, url+"#run?cell=99-0", desktop)
	p.wait(`document.querySelectorAll("#recalls tr").length === 100 && document.getElementById("pair").hidden === false`)
	if got := p.text("#pair-says"); got != "digit 99 taken for digit 0: 7 of 100; the largest loss first" {
		t.Errorf("the last cell says %q", got)
	}
}

// What a language model writes is shown as text, whatever it is.
func TestWritten(t *testing.T) {
	url, _, _ := serve(t, &outcomes{demo: &demo{workers: 2, step: 700}, texts: true})
	p := open(t, url+"#run?at=450", desktop)
	p.wait(`document.querySelectorAll("#texts pre").length === 2`)
	want := fmt.Sprintf("func main() {\n\tfmt.Println(\"step %d\")\n\treturn <b>nil</b>\n}\n", 400)
	if got := p.text("#texts pre"); got != want {
		t.Errorf("written is %q, want %q", got, want)
	}
	if !eval[bool](p, `document.getElementById("classes-card").hidden && document.getElementById("guesses-card").hidden`) {
		t.Error("there are classes of a text")
	}
	// A task that shows nothing has no such cards.
	plain, _, _ := serve(t, &demo{workers: 2, step: 700})
	q := open(t, plain, desktop)
	q.wait(`document.querySelector("#chart-norm canvas")`)
	if !eval[bool](q, `document.getElementById("outcomes").hidden`) {
		t.Error("a run without outcomes has room for them")
	}
}
