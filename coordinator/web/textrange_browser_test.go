//go:build browser

package web

import (
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// finger touches the page as a person would.
func (p *tab) finger(kind input.DispatchTouchEventType, at ...float64) {
	p.t.Helper()
	var points []*input.TouchPoint
	for i := 0; i < len(at); i += 2 {
		points = append(points, &input.TouchPoint{X: at[i], Y: at[i+1], ID: new(float64(i))})
	}
	if _, err := chromedp.Call(p.ctx, input.DispatchTouchEvent, input.DispatchTouchEventParams{Type: kind, TouchPoints: points}); err != nil {
		p.t.Fatal(err)
	}
}

// A finger that rests on a text draws a range; one that moves at once scrolls, and a tap chooses a character.
func TestTextRangeByFinger(t *testing.T) {
	const lines = 60
	url := inside{
		"about": `{"kind":"text","steps":[600],"step":600,"digest":"ab","samples":4,"source":"texts","states":[{"name":"h","cells":2}]}`,
		"text":  longText(t, lines*10),
		"cell":  longCell(t, lines*10),
		"next":  `{"at":0,"from":0,"byte":97,"lengths":[1]}`,
		"cells": `{"state":"h","from":0,"to":2,"cell":{"cell":0},"all":0,"cells":[],"places":[]}`,
	}.serve(t)
	p := open(t, url+"#look", look{width: 390, height: 844, scale: 2})
	if _, err := chromedp.Call(p.ctx, emulation.SetTouchEmulationEnabled, emulation.SetTouchEmulationEnabledParams{Enabled: true, MaxTouchPoints: 2}); err != nil {
		t.Fatal(err)
	}
	p.wait(fmt.Sprintf(`document.querySelectorAll("#look-text span").length === %d && document.getElementById("look-text").dataset.painted === "h 0"`, lines*10))
	p.do(chromedp.Evaluate[chromedp.Void](`document.getElementById("look-text").scrollIntoView({ block: "end" })`))
	middle := func(i int) (x, y float64) {
		b := eval[[]float64](p, fmt.Sprintf(`(() => { const b = document.querySelector('#look-text [data-i="%d"]').getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2] })()`, i))
		return b[0], b[1]
	}
	x, y := middle(12)
	p.finger(input.DispatchTouchEventTypeTouchStart, x, y)
	p.finger(input.DispatchTouchEventTypeTouchEnd)
	p.wait(`location.hash.includes("char=12")`)

	p.finger(input.DispatchTouchEventTypeTouchStart, x, y)
	p.wait(`document.getElementById("look-text").dataset.drawing === "finger"`)
	toX, toY := middle(27) // on the next line
	p.finger(input.DispatchTouchEventTypeTouchMove, x+3, y+3)
	p.finger(input.DispatchTouchEventTypeTouchMove, toX, toY)
	p.wait(`document.querySelectorAll("#look-text .within").length === 16`)
	if top := eval[float64](p, `document.getElementById("look-text").scrollTop`); top != 0 {
		t.Errorf("the text has scrolled by %v", top)
	}
	p.finger(input.DispatchTouchEventTypeTouchEnd)
	p.wait(`location.hash.includes("a=12&b=28") && document.getElementById("look-text").dataset.drawing === ""`)

	// At once it scrolls, and the range stays. The text may go on by itself when the finger is gone.
	p.do(chromedp.Evaluate[chromedp.Void](`document.addEventListener("scrollend", () => { document.body.dataset.scrolled = "yes" }, { capture: true, once: true })`))
	x, y = middle(100)
	p.finger(input.DispatchTouchEventTypeTouchStart, x, y)
	for i := range 8 {
		p.finger(input.DispatchTouchEventTypeTouchMove, x, y-float64(15*(i+1)))
	}
	p.wait(`document.getElementById("look-text").scrollTop + scrollY > 40`)
	p.finger(input.DispatchTouchEventTypeTouchEnd)
	p.wait(`document.body.dataset.scrolled === "yes"`)
	if hash := eval[string](p, `location.hash`); hash != "#look?char=12&a=12&b=28" {
		t.Errorf("the address says %s", hash)
	}
	// A second finger ends what the first has drawn.
	b := eval[[]float64](p, `(() => { const b = document.getElementById("look-text").getBoundingClientRect(), top = Math.max(b.top, 0), end = Math.min(b.bottom, innerHeight);
		const line = [...document.querySelectorAll("#look-text [data-i]")].map((s) => s.getBoundingClientRect()).find((s) => s.top > top + 40 && s.bottom < end - 40);
		return [line.x + line.width / 2, line.y + line.height / 2] })()`)
	x, y = b[0], b[1]
	p.finger(input.DispatchTouchEventTypeTouchStart, x, y)
	p.wait(`document.getElementById("look-text").dataset.drawing === "finger"`)
	p.finger(input.DispatchTouchEventTypeTouchStart, x, y, x+60, y)
	p.wait(`document.getElementById("look-text").dataset.drawing === "" && document.querySelectorAll("#look-text .within").length === 16`)
	p.finger(input.DispatchTouchEventTypeTouchEnd)
}

// longText is an answer of lines of nine letters.
func longText(t *testing.T, n int) string {
	text, p := make([]byte, n), make([]int, n)
	for i := range text {
		if text[i] = 'a' + byte(i%10); i%10 == 9 {
			text[i] = '\n'
		}
	}
	return toJSON(t, map[string]any{"text": text, "next": text, "p": p, "wide": 1, "worth": p})
}

func longCell(t *testing.T, n int) string {
	return toJSON(t, map[string]any{"values": make([]float64, n)})
}
