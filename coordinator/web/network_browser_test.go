//go:build browser

package web

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
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

// What is folded, found and shown is in the address, which sets it, too; whoever goes by keys stays where they are.
func TestNetworkByKeys(t *testing.T) {
	url, _, _ := serve(t, &demo{workers: 2, step: 400})
	p := open(t, url+"/#network?fold=layer1.0&colour=time", desktop)
	p.wait(`document.querySelector('[data-path="layer1.0"]')?.open === false && document.querySelector('[data-path="layer1.1"]').open && document.getElementById("network-colour").value === "time"`)
	p.do(chromedp.Focus(`[data-path="layer1.1"] > summary`, chromedp.NodeReady), chromedp.KeyEvent(kb.Enter))
	p.wait(`decodeURIComponent(location.hash).includes("fold=layer1.0,layer1.1") && document.querySelector('[data-path="layer1.1"]').open === false && document.activeElement.textContent === "layer1.1"`)
	p.do(chromedp.Focus(`[data-layer="rnn.l0"]`, chromedp.NodeReady), chromedp.KeyEvent(kb.Enter))
	p.wait(`document.querySelector('[data-layer="rnn.l0"]').getAttribute("aria-pressed") === "true" && document.activeElement.dataset.layer === "rnn.l0"`)
	p.do(chromedp.Evaluate[chromedp.Void](`document.activeElement.blur(); location.hash = "#network?find=bn1&colour=nothing"`))
	p.wait(`document.querySelectorAll("#network-tree button").length === 4 && document.getElementById("network-find").value === "bn1" && document.getElementById("network-colour").value === "health"`)
	p.do(chromedp.Evaluate[chromedp.Void](`location.hash = "#network"`))
	p.wait(`document.querySelectorAll("#network-tree details:not([open])").length === 0 && document.querySelectorAll("#network-tree button").length === 17`)
}
