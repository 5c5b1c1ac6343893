//go:build browser

package web

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// The network is folded by paths, found by name and by shape, and a layer says how it fares.
func TestNetworkView(t *testing.T) {
	url, _, _ := serve(t, &demo{workers: 2, step: 400})
	for _, l := range []look{desktop, {width: 390, height: 844, dark: true}} {
		p := open(t, url+"/#network", l)
		p.wait(`document.querySelectorAll("#network-tree button").length === 17`)
		if n := eval[int](p, `document.querySelectorAll('#network-tree details[data-path="layer1"] details').length`); n != 3 {
			t.Errorf("layer1 has %d blocks", n)
		}
		if level := p.text(`[data-layer="layer1.1.bn1"] .level`); level != "✕" {
			t.Errorf("a layer of dead units is shown as %q", level)
		}
		p.do(chromedp.Click(`[data-layer="rnn.l0"]`, chromedp.NodeVisible))
		p.wait(`document.querySelectorAll("#layer-plots figure").length >= 8 && location.hash.includes("layer=rnn.l0")`)
		if v := p.text("#layer-verdict"); v != "well: a step changes its weights by 10^-3.1 of their size" {
			t.Errorf("verdict %q", v)
		}
		if n := eval[int](p, `[...document.querySelectorAll("#layer-plots text.y")].filter((y) => y.getBBox().x < 0).length`); n > 0 {
			t.Errorf("%d numbers beside the plots are cut at their left", n)
		}
		if n := eval[int](p, `[...document.querySelectorAll("#layer-plots figcaption")].filter((c) => c.textContent.includes("time step")).length`); n != 1 {
			t.Errorf("%d pictures of the gradient by time step", n)
		}
		p.do(chromedp.Evaluate[chromedp.Void](`{ const c = document.getElementById("network-colour"); c.value = "time"; c.dispatchEvent(new Event("change")) }`))
		p.wait(`document.querySelector('[data-layer="layer1.0.conv1"] progress')?.title === "5.70 ms"`)
		p.do(chromedp.SendKeys("#network-find", "16x16x3"))
		p.wait(`document.querySelectorAll("#network-tree button").length === 6`)
		if wide := eval[bool](p, `document.documentElement.scrollWidth > innerWidth`); wide {
			t.Errorf("at %d pixels the page scrolls sideways", l.width)
		}
	}
}
