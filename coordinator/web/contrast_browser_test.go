//go:build browser

package web

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// TestContrast holds every colour that text is written in to 4.5 to 1 on what
// it lies on (WCAG 2.2, success criterion 1.4.3).
func TestContrast(t *testing.T) {
	d := &demo{workers: 8, step: 530, change: func(st *api.Status) { stalled(st); failed(st) }}
	url, _, _ := serve(t, d)
	for _, dark := range []bool{false, true} {
		for _, hash := range []string{"#run?at=400&x=100-500", "#cluster"} {
			p := open(t, url+hash, look{width: 1360, height: 900, dark: dark})
			p.wait(`document.querySelector("#chart-norm canvas, #ring svg")`)
			for _, stale := range []bool{false, true} {
				p.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`document.body.classList.toggle("stale", %v)`, stale)))
				if low := p.lowContrast(); len(low) > 0 {
					t.Errorf("%s, dark %v, stale %v: too little contrast: %q", hash, dark, stale, low)
				}
			}
		}
	}
}

// lowContrast lists text of less than 4.5 to 1, as it is seen: opacity counts.
func (p *tab) lowContrast() []string {
	p.t.Helper()
	return eval[[]string](p, `(() => {
  const parse = (c) => c.match(/[\d.]+/g).map(Number);
  const light = (c) => parse(c).slice(0, 3).map((v) => v / 255).map((v) => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const behind = (n) => { for (; n; n = n.parentElement) { const c = getComputedStyle(n).backgroundColor; if ((parse(c)[3] ?? 1) > 0) return c; } };
  const low = new Set();
  for (const n of document.querySelectorAll("body *:not(svg *)")) {
    if (![...n.childNodes].some((c) => c.nodeType === 3 && c.data.trim()) || !n.checkVisibility()) continue;
    const seen = parse(getComputedStyle(n).color).slice(0, 3), ground = parse(behind(n)).slice(0, 3);
    let opacity = 1;
    for (let o = n; o; o = o.parentElement) opacity *= getComputedStyle(o).opacity;
    const mixed = seen.map((v, i) => v * opacity + ground[i] * (1 - opacity));
    const [a, b] = [light(mixed.join(" ")), light(ground.join(" "))].sort((x, y) => y - x);
    const ratio = (a + .05) / (b + .05);
    if (ratio < 4.5) low.add(n.tagName + "." + n.className + " " + ratio.toFixed(2) + " " + n.textContent.slice(0, 20));
  }
  return [...low];
})()`)
}

// TestGraphicsContrast holds what is drawn to 3 to 1 on the card, and pieces
// that touch to 3 to 1 between them (WCAG 2.2, success criterion 1.4.11).
func TestGraphicsContrast(t *testing.T) {
	url, _, _ := serve(t, &demo{workers: 2, step: 3})
	for _, dark := range []bool{false, true} {
		p := open(t, url+"#cluster", look{width: 1360, height: 900, dark: dark})
		p.wait(`document.querySelector("#workers tr")`)
		low := eval[[]string](p, `import("/static/workers.js").then(({ colourOf }) => {
  const brush = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const probe = document.body.appendChild(document.createElement("i"));
  const light = (c) => {
    probe.style.color = c;
    brush.fillStyle = getComputedStyle(probe).color;
    brush.fillRect(0, 0, 1, 1);
    return [...brush.getImageData(0, 0, 1, 1).data].slice(0, 3).map((v) => v / 255).map((v) => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
      .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  };
  const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((x, y) => y - x); return (x + .05) / (y + .05); };
  const names = (all) => all.map((n) => "var(--" + n + ")");
  const parts = names(["compute", "ringing", "waiting", "data"]);
  const pairs = [...names(["raw", "accent", "held", "bad", "soft"]), ...parts].map((c) => [c, "var(--card)", 3]);
  for (let i = 1; i < parts.length; i++) pairs.push([parts[i - 1], parts[i], 3]);
  for (let i = 0; i < 40; i++) pairs.push([colourOf(i), "var(--card)", 3], [colourOf(i), "#10131a", 4.5]);
  return pairs.map(([a, b, least]) => [a, b, least, ratio(a, b)]).filter(([, , least, r]) => r < least).map((p) => p.join(" "));
})`)
		if len(low) > 0 {
			t.Errorf("dark %v: too little contrast: %q", dark, low)
		}
		if n := eval[int](p, `import("/static/workers.js").then(({ colourOf }) => new Set(Array.from({ length: 40 }, (_, i) => colourOf(i))).size)`); n != 40 {
			t.Errorf("40 workers have %d colours", n)
		}
	}
}
