//go:build browser

package web

import (
	"bufio"
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
)

// lookRuns are a LeNet-5 and a character LSTM that learnt for some steps, by the program itself.
const (
	lookLeNet = `name: coats
model: {kind: lenet5}
data: {train: "generated:train?count=2000&noise=0.2", valid: "generated:valid?count=200&noise=0.2"}
batch: {global: 32, lanes: 2}
optimizer: {kind: adam, lr: 0.003}
steps: 60
checkpoint: {every: 20, keep: 3}
`
	lookLSTM = `name: letters
model: {kind: charlm, hidden: 24, embed: 8}
data: {train: shards/train, valid: shards/valid}
batch: {global: 8, lanes: 2, length: 32}
optimizer: {kind: adam, lr: 0.004}
steps: 60
checkpoint: {every: 20, keep: 3}
`
)

// rondo is the program, built once.
var rondo = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "rondo-look")
	if err != nil {
		return "", err
	}
	atEnd = func() { os.RemoveAll(dir) }
	path := filepath.Join(dir, "rondo")
	out, err := exec.Command("go", "build", "-o", path, "../../cmd/rondo").CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%w: %s", err, out)
	}
	return path, err
})

// trained is the program, and the directory in which it has trained a run.
func trained(t *testing.T, file string, before ...string) (string, string) {
	t.Helper()
	program, err := rondo()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	do := func(words ...string) {
		t.Helper()
		c := exec.Command(program, words...)
		c.Dir = dir
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", words, err, out)
		}
	}
	if len(before) > 0 {
		if err := os.WriteFile(filepath.Join(dir, "text.txt"), []byte(strings.Repeat("the cat (a tom) sat \"on\" the mat;\nso it was.\n", 200)), 0o600); err != nil {
			t.Fatal(err)
		}
		writeTones(t, dir)
		writeOpinions(t, dir)
		do(before...)
	}
	if err := os.WriteFile(filepath.Join(dir, "run.yaml"), []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	do("train", "run.yaml", "--workers", "1", "--status-addr", "127.0.0.1:0", "--set", "checkpoint.dir=run")
	return program, dir
}

// pageOf trains a run and serves its page.
func pageOf(t *testing.T, file string, before ...string) string {
	t.Helper()
	program, dir := trained(t, file, before...)
	return servedPage(t, program, dir)
}

// servedPage serves the page of a run that a program has trained.
func servedPage(t *testing.T, program, dir string) string {
	t.Helper()
	c := exec.CommandContext(t.Context(), program, "page", "run", "--status-addr", "127.0.0.1:0")
	c.Dir = dir
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Wait() }) // killed with the test's context
	line, err := bufio.NewReader(out).ReadString('\n')
	_, url, found := strings.Cut(line, "http://")
	if err != nil || !found {
		t.Fatalf("the page's address is not told: %q, %v", line, err)
	}
	return "http://" + strings.TrimSpace(url) + "/"
}

var lookSizes = []look{desktop, {width: 390, height: 844, dark: true}}

// shoot keeps a picture of the page in the directory that RONDO_LOOK_PICTURES names.
func (p *tab) shoot(name string, l look) {
	p.t.Helper()
	dir := os.Getenv("RONDO_LOOK_PICTURES")
	if dir == "" {
		return
	}
	picture, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s-%d.png", name, l.width)), picture, 0o600)
	}
	if err != nil {
		p.t.Error(err)
	}
}

// sound fails for what no view may have, light or dark: text that is hard to read, what axe-core finds, a page that scrolls sideways.
func (p *tab) sound(l look) {
	p.t.Helper()
	axe, err := os.ReadFile("testdata/axe/axe.min.js")
	if err != nil {
		p.t.Fatal(err)
	}
	p.do(chromedp.Evaluate[chromedp.Void](string(axe)))
	for _, dark := range []bool{!l.dark, l.dark} {
		p.scheme(dark)
		p.settle()
		if low := p.lowContrast(); len(low) > 0 {
			p.t.Errorf("%d wide, dark %v: too little contrast: %q", l.width, dark, low)
		}
		for _, f := range eval[[]string](p, serious) {
			p.t.Errorf("%d wide, dark %v: %s", l.width, dark, f)
		}
	}
	if wide := eval[int](p, `document.documentElement.scrollWidth - innerWidth`); wide > 0 {
		p.t.Errorf("%d wide: %d pixels more", l.width, wide)
	}
}

// TestLookPictures goes through the view of a network that reads pictures.
func TestLookPictures(t *testing.T) {
	url := pageOf(t, lookLeNet)
	for _, l := range lookSizes {
		t.Run(fmt.Sprint(l.width), func(t *testing.T) {
			p := open(t, url+"#look?sample=7", l)
			p.wait(`document.querySelectorAll(".look-row .look-best[data-tiles='1']").length === 4 && document.querySelector("#look-maps[data-tiles='6']") && document.querySelector("#look-kernels[data-tiles='6']")`)
			p.wait(`document.querySelectorAll("#look-taken li").length === 5 && document.getElementById("look-class").textContent.startsWith("class ")`)
			if says := p.text("#look-says"); !strings.Contains(says, "checkpoint 3 of 3") || !strings.Contains(says, "200 samples of generated:valid") {
				t.Errorf("it says %q", says)
			}
			// A layer, then a unit of it by keys: its field and its projection.
			p.do(chromedp.Evaluate[chromedp.Void](`{ const s = document.getElementById("look-layer"); s.value = "pool2"; s.dispatchEvent(new Event("change")) }`))
			p.wait(`document.querySelector("#look-maps[data-tiles='16']")`)
			for _, key := range []string{".", "ArrowDown", "ArrowRight", "ArrowRight"} {
				p.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`void document.getElementById("look-maps").dispatchEvent(new KeyboardEvent("keydown", { key: %q }))`, key)))
			}
			p.wait(`location.hash.includes("layer=pool2") && location.hash.includes("channel=1&y=1&x=2") && document.querySelector("#look-back[data-tiles='1']") && document.getElementById("look-value").textContent.startsWith("pool2 channel 1 at 1,2 is ")`)
			if f := eval[string](p, `document.getElementById("look-input").dataset.field`); f != "2,6,18,22" { // 5×5 padded by 2, halved, 5×5, halved: windows of 16, 4 apart
				t.Errorf("the field is %s", f)
			}
			// The pointer over a cell says what it is computed from.
			p.do(chromedp.Evaluate[chromedp.Void](`{ const c = document.getElementById("look-maps"), r = c.getBoundingClientRect(); c.dispatchEvent(new PointerEvent("pointermove", { clientX: r.left + 5, clientY: r.top + 5 })) }`))
			p.wait(`document.getElementById("look-maps-says").textContent === "pool2 channel 0 at 0,0: computed from rows 0 to 13, columns 0 to 13"`)
			p.do(chromedp.Evaluate[chromedp.Void](`void document.getElementById("look-maps").dispatchEvent(new PointerEvent("pointerleave"))`))
			p.wait(`document.querySelectorAll(".look-row .look-best[data-tiles='1']").length === 4`)
			p.shoot("pictures", l)
			p.sound(l)
			// An earlier checkpoint, by the slider and by the address.
			p.do(chromedp.Evaluate[chromedp.Void](`{ const s = document.getElementById("look-step"); s.value = "0"; s.dispatchEvent(new Event("input")) }`))
			p.wait(`document.getElementById("look-at").textContent === "20" && location.hash.includes("step=20")`)
			p.upload(t)
			again := open(t, url+eval[string](p, "location.hash"), l)
			again.wait(`document.getElementById("look-value")?.textContent.startsWith("pool2 channel 1 at 1,2 is ") && document.getElementById("look-at").textContent === "20" && document.getElementById("look-class").textContent === "28×28"`)
		})
	}
}

// upload gives the view a picture of a file, larger than the network reads.
func (p *tab) upload(t *testing.T) {
	t.Helper()
	m := image.NewNRGBA(image.Rect(0, 0, 80, 60))
	for i := range 60 {
		m.Set(i, i, color.White)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "line.png")
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	p.do(chromedp.SetUploadFiles(`#look-file`, []string{file}))
	p.wait(`location.hash.includes("picture=") && document.getElementById("look-class").textContent === "28×28"`)
}

// reportOf writes a report of a trained run, and wants that what it says begins so, and is its name alone where nothing is wanted.
func reportOf(t *testing.T, program, dir, name, says string, words ...string) string {
	t.Helper()
	c := exec.Command(program, append([]string{"report", "run", "--out", name}, words...)...)
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil || says == "" && string(out) != name+"\n" || !strings.HasPrefix(string(out), says) || !strings.HasSuffix(string(out), "\n"+name+"\n") && says != "" {
		t.Fatalf("%v: %s", err, out)
	}
	return "file://" + filepath.Join(dir, name)
}

// TestLookReport opens what a report has of networks, from disk.
func TestLookReport(t *testing.T) {
	program, dir := trained(t, lookLeNet)
	if err := os.Mkdir(filepath.Join(dir, "empty"), 0o755); err != nil {
		t.Fatal(err)
	}
	pictures, without := reportOf(t, program, dir, "whole.html", ""), reportOf(t, program, dir, "without.html", "run: look inside: no shard set in empty: ", "--data", "empty")
	program, dir = trained(t, lookLSTM, "shard", "text", "--out", "shards", "--valid", "0.2", "text.txt")
	texts, page := reportOf(t, program, dir, "texts.html", ""), servedPage(t, program, dir)
	for _, l := range lookSizes {
		t.Run(fmt.Sprint(l.width), func(t *testing.T) {
			p := open(t, pictures+"#look?sample=3", l)
			p.wait(`document.querySelectorAll(".look-row .look-best[data-tiles='1']").length === 4 && document.querySelector("#look-maps[data-tiles='6']") && document.querySelector("#look-kernels[data-tiles='6']") && document.querySelectorAll("#look-taken li").length === 5`)
			p.do(chromedp.Evaluate[chromedp.Void](`location.hash = "#look?sample=1&layer=pool2&conv=conv2"`))
			p.wait(`document.querySelector("#look-maps[data-tiles='16']") && document.querySelector("#look-kernels[data-tiles='96']") && document.getElementById("look-rows-says").textContent.includes("not in the report")`)
			p.sound(l)
			p = open(t, without+"#look", l)
			p.wait(`document.querySelector("#look-kernels[data-tiles='6']") && document.getElementById("look-maps-says").textContent.startsWith("no shard set in empty")`)
			p.sound(l)
			p = open(t, texts+"#look", l)
			p.wait(`/^rnn.c_l0 \d+$/.test(document.getElementById("look-text")?.dataset.painted) && document.querySelectorAll("#look-text span").length === 1000`)
			if eval[bool](p, `document.getElementById("look-found") !== null`) {
				t.Error("a report offers to search the data")
			}
			first := eval[string](p, `document.getElementById("look-text").dataset.painted`)
			p.do(chromedp.Evaluate[chromedp.Void](`document.querySelector("[aria-label='next cell']").click()`))
			p.wait(fmt.Sprintf(`!["", %q].includes(document.getElementById("look-text").dataset.painted)`, first))
			p.do(chromedp.Evaluate[chromedp.Void](`location.hash = "#look?char=40"`))
			p.wait(`document.querySelectorAll("#look-next li").length === 5`)
			p.sound(l)
			// A range: the cells are ranked as the page of the run ranks them, up to the steps in which the report has them.
			const range_, ranks = "#look?a=60&b=67&cell=5", `[...document.querySelectorAll("#look-cells button")].map((b) => [b.firstChild.textContent, Number.parseFloat(b.lastChild.textContent)])`
			asked := open(t, page+range_, l)
			for _, p := range []*tab{p, asked} {
				p.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`location.hash = %q`, range_)))
				p.wait(`document.querySelectorAll("#look-cells li").length === 24 && document.getElementById("look-text").dataset.painted === "rnn.c_l0 5" && document.querySelectorAll("#look-text .within").length === 7 && document.getElementById("look-places-says").textContent.startsWith("cell 5 is so in ")`)
			}
			scores := map[any]float64{}
			for _, one := range eval[[][]any](asked, ranks) {
				scores[one[0]] = one[1].(float64)
			}
			for _, one := range eval[[][]any](p, ranks) {
				if want, known := scores[one[0]]; !known || math.Abs(want-one[1].(float64)) > 0.02 {
					t.Errorf("in the report %v stands out by %v, on the page by %v", one[0], one[1], want)
				}
			}
			p.do(chromedp.Evaluate[chromedp.Void](`void document.querySelector("#look-cells li:last-child button").click()`)) // one of which the report has steps alone
			p.wait(`document.getElementById("look-text").dataset.painted === "rnn.c_l0 " + /cell=(\d+)/.exec(location.hash)[1] && document.querySelector("#look-cells li:last-child button").getAttribute("aria-pressed") === "true"`)
			p.shoot("report-range", l)
			p.sound(l)
		})
	}
}

// TestPointsReport opens the points that a report has, from disk: as those of the page of the run, as far as they are in it.
func TestPointsReport(t *testing.T) {
	program, dir := trained(t, lookLeNet)
	report, page := reportOf(t, program, dir, "points.html", ""), servedPage(t, program, dir)
	const features, near = "#projector?set=features%20of%20the%20validation%20set&dims=3&gl=0&metric=euclidean&pick=7", `[...document.querySelectorAll("#points-near li")].map((li) => li.textContent)`
	for _, l := range lookSizes {
		t.Run(fmt.Sprint(l.width), func(t *testing.T) {
			p := open(t, report+"#projector?gl=0", l, slow...)
			p.wait(drawn)
			p.said("10 points of 84 numbers · step 60 · PCA")
			asked := open(t, page+features, l, slow...)
			for _, p := range []*tab{p, asked} {
				p.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`location.hash = %q`, features)))
				p.said("200 points of 84 numbers · step 60 · PCA")
				p.wait(`document.querySelectorAll("#points-near li").length === 20`)
			}
			if got, want := eval[[]string](p, near), eval[[]string](asked, near); !slices.Equal(got, want) {
				t.Errorf("neighbours are %q, on the page %q", got, want)
			}
			if got, want := p.text("#points-figures"), asked.text("#points-figures"); got != want {
				t.Errorf("it says %q, the page %q", got, want)
			}
			p.do(chromedp.Evaluate[chromedp.Void](`location.hash = location.hash.replace("dims=3", "dims=2&method=umap")`))
			p.said("step 60 · UMAP")
			p.shoot("report-points", l)
			p.do(chromedp.Evaluate[chromedp.Void](`void document.getElementById("points-sphere").click()`))
			p.said("not in the report")
			p.sound(l)
		})
	}
}

// TestLookText goes through the view of a network that goes on with texts.
func TestLookText(t *testing.T) {
	url := pageOf(t, lookLSTM, "shard", "text", "--out", "shards", "--valid", "0.2", "text.txt")
	for _, l := range lookSizes {
		t.Run(fmt.Sprint(l.width), func(t *testing.T) {
			p := open(t, url+"#look", l)
			p.wait(`document.getElementById("look-text")?.dataset.painted === "rnn.c_l0 0" && document.querySelectorAll("#look-text span").length === 1000`)
			p.do(chromedp.Evaluate[chromedp.Void](`{ const f = document.getElementById("look-cell"); f.value = "5"; f.dispatchEvent(new Event("change")) }`))
			p.wait(`document.getElementById("look-text").dataset.painted === "rnn.c_l0 5"`)
			// A press on a character: what comes next, and what matters for it.
			press := func(from, to int) {
				p.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`{ const s = document.querySelectorAll("#look-text span");
					s[%d].dispatchEvent(new PointerEvent("pointerdown", { bubbles: true })); s[%d].dispatchEvent(new PointerEvent("pointerup", { bubbles: true })) }`, from, to)))
			}
			press(40, 40)
			p.wait(`document.querySelectorAll("#look-next li").length === 5 && document.querySelectorAll("#look-text .matters").length > 1 && location.hash.includes("char=40")`)
			// A range: the cells that stand out, and one of them is chosen.
			press(60, 66)
			p.wait(`document.querySelectorAll("#look-cells li").length === 24 && document.querySelectorAll("#look-text .within").length === 7`)
			p.do(chromedp.Evaluate[chromedp.Void](`void document.querySelector("#look-cells button").click()`))
			p.wait(`document.querySelector("#look-cells button[aria-pressed=true]") && document.getElementById("look-places-says").textContent.includes("more place") && document.getElementById("look-text").dataset.painted === "rnn.c_l0 " + /cell=(\d+)/.exec(location.hash)[1]`)
			p.sound(l)
			// The data is searched when somebody says so; a place of it is opened, and the cell is on there.
			p.do(chromedp.Evaluate[chromedp.Void](`[...document.querySelectorAll("#look-body button, .look-texts button")].find((b) => b.textContent === "search the data").click()`))
			p.wait(`document.querySelectorAll("#look-found li").length > 0 && document.getElementById("look-found-says").textContent.includes("bytes of shards/valid")`)
			p.shoot("text", l)
			p.do(chromedp.Evaluate[chromedp.Void](`{ const b = document.querySelector("#look-found button"); globalThis.foundText = b.querySelector("b").textContent; b.click() }`))
			p.wait(`[...document.querySelectorAll("#look-text .within")].map((s) => s.textContent.replace("\n", "")).join("") === globalThis.foundText`)
			// Keys, and a text that is typed.
			p.do(chromedp.Evaluate[chromedp.Void](`{ const f = document.getElementById("look-prompt"); f.value = "cat <b>\n(a"; f.dispatchEvent(new Event("input")) }`))
			p.wait(`document.querySelectorAll("#look-text span").length === 10`)
			p.do(chromedp.Evaluate[chromedp.Void](`void document.getElementById("look-review").click()`))
			p.wait(`location.hash.includes("review=1") && document.getElementById("look-text").textContent === "⏎\n cat <b> (a " && document.getElementById("look-text").dataset.painted`)
			p.sound(l)
			p.do(chromedp.Evaluate[chromedp.Void](`void document.getElementById("look-review").click()`))
			p.wait(`document.querySelectorAll("#look-text span").length === 10`)
			for _, rule := range []string{"nv", "gp", "tanh"} {
				p.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`{ const s = document.getElementById("look-rule"); s.value = %q; s.dispatchEvent(new Event("change")) }`, rule)))
				p.wait(fmt.Sprintf(`location.hash.includes("rule=%s")`, rule))
				if low := p.lowContrast(); len(low) > 0 {
					t.Errorf("%s: too little contrast: %q", rule, low)
				}
			}
			p.sound(l)
			for _, key := range []string{"ArrowRight", "ArrowRight", "ArrowUp"} {
				p.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`void document.getElementById("look-text").dispatchEvent(new KeyboardEvent("keydown", { key: %q }))`, key)))
			}
			p.wait(`document.querySelector("#look-text .chosen")?.dataset.i === "1"`)
			again := open(t, url+eval[string](p, "location.hash"), l)
			again.wait(`document.querySelector("#look-text .chosen")?.dataset.i === "1" && document.getElementById("look-prompt").value === "cat <b>\n(a" && document.querySelectorAll("#look-next li").length === 5`)
		})
	}
}

// TestCellColors checks the rules of colour against their papers' formulas.
func TestCellColors(t *testing.T) {
	url, _, _ := serve(t, &demo{workers: 1, step: 2})
	p := open(t, url, desktop)
	for expression, want := range map[string]string{
		`c.css(c.rules.tanh.colour(0, [255, 255, 255]))`:     "rgb(255 255 255)",
		`c.css(c.rules.tanh.colour(-9, [255, 255, 255]))`:    "rgb(214 48 39)",
		`c.css(c.rules.tanh.colour(9, [24, 27, 35]))`:        "rgb(49 98 201)",
		`c.css(c.rules.nv.colour(0))`:                        "rgb(255 255 0)",
		`c.css(c.rules.nv.colour(-2))`:                       "rgb(255 0 0)",
		`c.css(c.rules.gp.colour(0))`:                        "rgb(89 255 89)",
		`c.css(c.rules.gp.colour(-9))`:                       "rgb(255 166 0)",
		`c.css(c.rules.gp.colour(9))`:                        "rgb(0 66 255)",
		`c.parse("#181b23").join() + c.parse("#fff").join()`: "24,27,35255,255,255",
		`c.ink([255, 255, 255]) + c.ink([49, 98, 201])`:      "#000#fff",
	} {
		if got := eval[string](p, fmt.Sprintf(`import("/static/cellcolors.js").then((c) => %s)`, expression)); got != want {
			t.Errorf("%s is %q, want %q", expression, got, want)
		}
	}
}

// TestHeldCells ranks cells by what a report has of them; the answers are counted by hand.
func TestHeldCells(t *testing.T) {
	url, _, _ := serve(t, &demo{workers: 1, step: 2})
	p := open(t, url, desktop)
	// Cell 7 holds 0, 0, 1, 1; cell 2 holds -1, 1, -1, 1.
	const held = `const k = new h.HeldCells({ state: "c", of: 9, cells: [7, 2], held: btoa(String.fromCharCode(0, 0, 255, 255, 0, 255, 0, 255)), extremes: [[0, 1], [-1, 1]] });`
	for expression, want := range map[string]string{
		`k.rank(2, 4, -1)`:                         `{"state":"c","from":2,"to":4,"cells":[{"cell":7,"inside":1,"outside":0,"score":2},{"cell":2,"inside":0,"outside":0,"score":0}],"cell":{"cell":7,"inside":1,"outside":0,"score":2},"places":[],"all":0,"kept":2,"of":9}`,
		`k.rank(0, 1, 2).cells.map((c) => c.cell)`: `[2,7]`, // both by -4/3
		`k.rank(0, 1, 2).cell.inside`:              `-1`,
		`k.rank(0, 1, 2).places`:                   `[{"from":2,"to":3,"mean":-1}]`,
		`k.rank(3, 4, 2).places`:                   `[{"from":1,"to":2,"mean":1}]`,
		`k.rank(0, 2, 7).places`:                   `[]`, // what it holds there it holds nowhere else
		`k.track(3)`:                               `null`,
		`k.numbers(7).map((v) => v.toFixed(1))`:    `["0.0","0.0","3.8","3.8"]`,
		`(() => { try { k.rank(0, 4, 2) } catch (e) { return e.message } })()`: `"range 0:4: a part of the text's 4 symbols, from 0 on, is wanted"`,
	} {
		if got := eval[string](p, fmt.Sprintf(`import("/static/heldcells.js").then((h) => { %s return JSON.stringify(%s) })`, held, expression)); got != want {
			t.Errorf("%s is %s, want %s", expression, got, want)
		}
	}
}
