//go:build browser

package web

import (
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

const lookSounds = `name: tones
model: {kind: cnn-lstm, classes: 3, samples: 8000, mels: 24, channels: 12, hidden: 10, dense: 12}
data: {train: tones/train, valid: tones/valid}
batch: {global: 12, lanes: 2}
optimizer: {kind: adam, lr: 0.01}
steps: 40
checkpoint: {every: 20, keep: 3}
`

var cutSounds = []string{"shard", "sounds", "--out", "tones", "--class", `^(\d)_`, "--held-out-match", `_[01]\.wav$`, "tones.raw"}

// writeTones writes sounds that rise, stay or fall, of different lengths.
func writeTones(t *testing.T, dir string) {
	t.Helper()
	dir = filepath.Join(dir, "tones.raw")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for i := range 30 {
		n, turn := 3000+150*i, 0.0
		b := append([]byte("RIFF"), binary.LittleEndian.AppendUint32(nil, uint32(36+2*n))...)
		b = append(b, "WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00\x10\x00data"...)
		b = binary.LittleEndian.AppendUint32(b, uint32(2*n))
		for k := range n {
			turn += 2 * math.Pi * (900 + float64(1-i%3)*600*float64(2*k-n)/float64(n)) / 8000
			b = binary.LittleEndian.AppendUint16(b, uint16(int16(9000*math.Sin(turn)*math.Sin(math.Pi*float64(k)/float64(n)))))
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d_%d.wav", i%3, i/3)), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// A sound is seen with the layers of its network over time and with what of it matters for an answer; a channel and an answer can be
// chosen, and one place in time is marked in all pictures.
func TestLookSequences(t *testing.T) {
	url := pageOf(t, lookSounds, cutSounds...)
	for _, l := range lookSizes {
		t.Run(fmt.Sprintf("%d wide", l.width), func(t *testing.T) {
			p := open(t, url+"#look?sample=2", l)
			p.wait(`document.querySelector("#look-input[data-rows='24']") && document.querySelector("#look-maps[data-rows='10']") && document.querySelector("#look-back[data-rows='24']") && document.querySelectorAll("#look-taken li").length === 3`)
			if words := p.text("#look-class"); !strings.HasPrefix(words, "class 1 · 0.39 s · 40 frames of 24 bands") {
				t.Errorf("the sample is %q", words)
			}
			if widths := eval[string](p, `[...document.querySelectorAll(".look-strip canvas")].map((c) => c.clientWidth).join()`); len(strings.Split(widths, ",")) != 3 || strings.Count(widths, strings.Split(widths, ",")[0]) != 3 {
				t.Errorf("the pictures are %s wide", widths)
			}
			p.do(chromedp.Evaluate[chromedp.Void](`{ const s = document.getElementById("look-layer"); s.value = "rnn.l0.c"; s.dispatchEvent(new Event("change")) }`))
			p.wait(`document.getElementById("look-maps-says").textContent.startsWith("rnn.l0.c: 10 steps of 10 channels, black ")`)
			for _, key := range []string{"ArrowDown", "ArrowDown", "ArrowRight"} {
				p.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`void document.getElementById("look-maps").dispatchEvent(new KeyboardEvent("keydown", { key: %q }))`, key)))
			}
			p.wait(`location.hash.includes("channel=1") && document.querySelector("#look-track polyline") && document.getElementById("look-maps-says").textContent.includes("; channel 1 from ")`)
			if at := p.text("#look-at-time"); at != "frame 2 of 40, at 0.02 s" {
				t.Errorf("it is at %q", at)
			}
			p.do(chromedp.Evaluate[chromedp.Void](`document.querySelector("#look-taken li:last-child button").click()`))
			p.wait(`location.hash.includes("answer=") && document.querySelector("#look-taken li:last-child button").getAttribute("aria-pressed") === "true"`)
			if says := p.text("#look-matters-says"); !strings.HasPrefix(says, "the gradient of "+p.text("#look-taken li:last-child button")+" (") {
				t.Errorf("what matters: %q", says)
			}
			p.shoot("sequences", l)
			p.sound(l)
			p.do(chromedp.Evaluate[chromedp.Void](`{ const s = document.getElementById("look-step"); s.value = "0"; s.dispatchEvent(new Event("input")) }`))
			p.wait(`document.getElementById("look-at").textContent === "20" && location.hash.includes("step=20") && document.querySelector("#look-track polyline")`)
		})
	}
}

// A report has the first samples over time, and asks nobody.
func TestReportOfSequences(t *testing.T) {
	program, dir := trained(t, lookSounds, cutSounds...)
	url := reportOf(t, program, dir, "sounds.html", "")
	for _, l := range lookSizes {
		p := open(t, url+"#look?sample=3", l)
		p.wait(`document.querySelector("#look-input[data-rows='24']") && document.querySelector("#look-maps[data-rows]") && document.querySelector("#look-back[data-rows='24']") && document.querySelectorAll("#look-taken li").length === 3`)
		p.do(chromedp.Evaluate[chromedp.Void](`location.hash = "#look?sample=1&layer=rnn.l0.c"`))
		p.wait(`document.getElementById("look-maps-says").textContent.startsWith("rnn.l0.c: ") && document.getElementById("look-class").textContent.startsWith("class ")`)
		p.sound(l)
	}
}
