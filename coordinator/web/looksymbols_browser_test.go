//go:build browser

package web

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// lookOpinions is a network that tells two classes of texts apart.
const lookOpinions = `name: opinions
model: {kind: text-classifier, classes: 2, embed: 8, hidden: 12, symbols: words, vocab: 30, pooling: gru, bidirectional: true}
data: {train: opinions/train, valid: opinions/valid}
batch: {global: 20, lanes: 2, length: 16}
optimizer: {kind: adam, lr: 0.01}
steps: 60
checkpoint: {every: 30, keep: 3}
`

var cutOpinions = []string{"shard", "csv", "--out", "opinions", "--text", "1", "--class", "2", "--vocabulary", "29", "--held-out", "opinions.valid.txt", "opinions.txt"}

// writeOpinions writes sentences that praise or blame.
func writeOpinions(t *testing.T, dir string) {
	t.Helper()
	var train, valid strings.Builder
	things, praise, blame := []string{"film", "crust", "sound", "battery"}, []string{"good", "great", "lovely"}, []string{"bad", "awful", "dull"}
	for i := range 120 {
		to, word, class := &train, praise[i%3], "praise"
		if i%2 == 1 {
			word, class = blame[i%3], "blame"
		}
		if i%12 == 0 || i%12 == 7 {
			to = &valid
		}
		fmt.Fprintf(to, "the %s was %s , I <b>said</b> so\t%s\n", things[i/2%4], word, class)
	}
	for name, text := range map[string]string{"opinions.txt": train.String(), "opinions.valid.txt": valid.String()} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// A text is seen with what it is taken for, which of its words push to that, and how channels of a recurrent layer go through it; a
// text can be typed, and another class asked about.
func TestLookSymbols(t *testing.T) {
	url := pageOf(t, lookOpinions, cutOpinions...)
	for _, l := range lookSizes {
		t.Run(fmt.Sprintf("%d wide", l.width), func(t *testing.T) {
			p := open(t, url+"#look?sample=1", l)
			p.wait(`document.getElementById("look-text")?.dataset.painted === "push" && document.querySelectorAll("#look-taken li").length === 2 && document.querySelectorAll("#look-words li").length > 5`)
			if words := p.text("#look-class"); !strings.HasPrefix(words, "class blame · 15 words") {
				t.Errorf("the sample is %q", words)
			}
			// What it has learnt: the one word that tells the classes apart pushes most to the right one.
			if first := p.text("#look-words li button span"); !strings.Contains("bad awful dull", first) || p.text("#look-taken li button") != "blame" {
				t.Errorf("%q pushes most to %s", first, p.text("#look-taken li button"))
			}
			p.do(chromedp.Evaluate[chromedp.Void](`document.querySelector("#look-words button").click()`))
			p.wait(`document.querySelector("#look-text .chosen")?.textContent === document.querySelector("#look-words li span").textContent && document.getElementById("look-hover").textContent.endsWith(" to blame")`)
			p.do(chromedp.Evaluate[chromedp.Void](`document.querySelector("#look-taken li:last-child button").click()`))
			p.wait(`location.hash.includes("answer=") && document.querySelector("#look-taken li:last-child button").getAttribute("aria-pressed") === "true" && document.getElementById("look-matters-says").textContent.startsWith("to praise (") && / -[\d.]+ to praise$/.test(document.getElementById("look-hover").textContent)`)
			if away := p.text("#look-words li button"); !strings.Contains(away, "-") || !strings.Contains(away, "most to blame") {
				t.Errorf("of the other class: %q", away)
			}
			p.shoot("symbols", l)
			p.sound(l)
			// Typed, with a word that nobody knows; coloured by how much it matters, and by a channel, which keys change.
			p.do(chromedp.Evaluate[chromedp.Void](`{ const f = document.getElementById("look-prompt"); f.value = "a <b>Zounds</b> good film"; f.dispatchEvent(new Event("input")) }`))
			p.wait(`[...document.querySelectorAll("#look-text .unknown")].some((s) => s.textContent === "zounds") && document.getElementById("look-text").dataset.painted === "push"`)
			by := func(value string) {
				p.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`{ const s = document.getElementById("look-by"); s.value = %q; s.dispatchEvent(new Event("change")) }`, value)))
			}
			by("length")
			p.wait(`document.getElementById("look-text").dataset.painted === "length"`)
			by("rnn.l0_reverse")
			p.wait(`document.getElementById("look-text").dataset.painted === "rnn.l0_reverse 0"`)
			for _, key := range []string{"ArrowUp", "ArrowRight", "ArrowRight"} {
				p.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`void document.getElementById("look-text").dispatchEvent(new KeyboardEvent("keydown", { key: %q }))`, key)))
			}
			p.wait(`document.getElementById("look-text").dataset.painted === "rnn.l0_reverse 1" && document.querySelector("#look-text .chosen")?.dataset.i === "1"`)
			// A range, drawn over words: the channels that stand out, one of which is chosen; and one that keys reach.
			p.do(chromedp.Evaluate[chromedp.Void](`{ const s = document.querySelectorAll("#look-text [data-i]"); s[1].dispatchEvent(new PointerEvent("pointerdown", { bubbles: true })); s[2].dispatchEvent(new PointerEvent("pointerup", { bubbles: true })) }`))
			p.wait(`location.hash.includes("a=1&b=3") && document.querySelectorAll("#look-text .within").length === 2 && document.querySelectorAll("#look-cells li").length === 12 && document.querySelector("#look-cells button[aria-pressed=true] span").textContent === "channel 1"`)
			if says := p.text("#look-cells-says"); !strings.HasPrefix(says, "rnn.l0_reverse in symbols 1 to 2;") {
				t.Errorf("the range is %q", says)
			}
			p.do(chromedp.Evaluate[chromedp.Void](`void document.querySelector("#look-cells button").click()`))
			p.wait(`document.querySelector("#look-cells button").getAttribute("aria-pressed") === "true" && /^channel \d+ is so in \d+ more places?$/.test(document.getElementById("look-places-says").textContent) &&
				document.getElementById("look-text").dataset.painted === "rnn.l0_reverse " + /channel=(\d+)/.exec(location.hash)[1]`)
			p.shoot("symbols-range", l)
			p.do(chromedp.Evaluate[chromedp.Void](`void document.getElementById("look-text").dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", shiftKey: true }))`))
			p.wait(`location.hash.includes("a=2&b=3") && document.querySelectorAll("#look-text .within").length === 1`)
			p.sound(l)
			again := open(t, url+eval[string](p, "location.hash"), l)
			again.wait(`document.getElementById("look-text")?.dataset.painted.startsWith("rnn.l0_reverse ") && document.querySelectorAll("#look-text .within").length === 1 && document.querySelectorAll("#look-cells li").length === 12 && document.getElementById("look-prompt").value === "a <b>Zounds</b> good film"`)
			// The data is searched when somebody says so; the text of a place is opened, with the place as the range.
			again.do(chromedp.Evaluate[chromedp.Void](`[...document.querySelectorAll(".look-texts button")].find((b) => b.textContent === "search the data").click()`))
			again.wait(`document.querySelectorAll("#look-found li").length > 0 && /^in \d+ symbols of 20 texts of the 20 of opinions.valid: \d+ places?, /.test(document.getElementById("look-found-says").textContent) && location.hash.includes("where=1")`)
			again.shoot("symbols-found", l)
			again.do(chromedp.Evaluate[chromedp.Void](`{ const b = document.querySelector("#look-found button"); globalThis.found = [b.querySelector("b").textContent, /sample (\d+)/.exec(b.textContent)[1]]; b.click() }`))
			again.wait(`location.hash.includes("sample=" + globalThis.found[1]) && !location.hash.includes("prompt=") && [...document.querySelectorAll("#look-text .within")].map((s) => s.textContent).join(" ") === globalThis.found[0] &&
				document.querySelector("#look-text .chosen") === [...document.querySelectorAll("#look-text .within")].at(-1) && document.querySelectorAll("#look-cells li").length === 12`)
			again.sound(l)
		})
	}
}

// A report has the first texts, what their words do, and the liveliest channels of the first, which it ranks; it asks nobody.
func TestReportOfSymbols(t *testing.T) {
	program, dir := trained(t, lookOpinions, cutOpinions...)
	url := reportOf(t, program, dir, "opinions.html", "")
	for _, l := range lookSizes {
		p := open(t, url+"#look?sample=3", l)
		p.wait(`document.getElementById("look-text")?.dataset.painted === "push" && document.querySelectorAll("#look-words li").length > 5 && document.querySelectorAll("#look-by option").length === 2`)
		p.do(chromedp.Evaluate[chromedp.Void](`location.hash = "#look?by=rnn.l0"`))
		p.wait(`document.getElementById("look-text").dataset.painted.startsWith("rnn.l0 ")`)
		p.do(chromedp.Evaluate[chromedp.Void](`location.hash = "#look?by=rnn.l0&a=1&b=3"`))
		p.wait(`document.querySelectorAll("#look-cells li").length === 12 && document.querySelectorAll("#look-text .within").length === 2 && /^channel \d+ is so in \d+ more places?$/.test(document.getElementById("look-places-says").textContent)`)
		if says := p.text("#look-cells-says"); says != "rnn.l0 in symbols 1 to 2; deviations apart from the rest" {
			t.Errorf("the range is %q", says)
		}
		p.sound(l)
		p.do(chromedp.Evaluate[chromedp.Void](`location.hash = "#look?sample=2&a=1&b=3"`))
		p.wait(`document.getElementById("look-cells-says").textContent === "The report has channels of the first text alone." && document.querySelectorAll("#look-cells li").length === 0 && document.getElementById("look-places").closest("section").hidden`)
		p.sound(l)
	}
}
