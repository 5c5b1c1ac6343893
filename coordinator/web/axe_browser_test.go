//go:build browser

package web

import (
	"os"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestAxe lets axe-core look at every view, on a desktop and a phone, light and
// dark: it finds nothing that is serious.
func TestAxe(t *testing.T) {
	axe, err := os.ReadFile("testdata/axe/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	runs := map[string]*demo{"training": {workers: 3, step: 740}, "stalled": varieties["stalled"], "images": varieties["images"], "crowded": varieties["crowded"]}
	for name, d := range runs {
		url, _, _ := serve(t, d)
		for i, view := range []string{"#run?at=400&x=100-500", "#cluster"} {
			looks := []look{{width: 390, height: 844, dark: i == 0}, {width: 1360, height: 900, dark: i == 1}}
			if name != "training" { // one is enough
				looks = looks[(i+len(name))%2:][:1]
			}
			for _, l := range looks {
				p := open(t, url+"/"+view, l)
				p.wait(`document.querySelector("#chart-norm canvas, #workers tr") && document.querySelectorAll("#views li").length > 1`)
				p.do(chromedp.Evaluate[chromedp.Void](string(axe)))
				found := eval[[]string](p, `axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }).then((r) =>
					r.violations.filter((v) => v.impact === "serious" || v.impact === "critical").map((v) => v.id + ": " + v.help + ": " + v.nodes.slice(0, 3).map((n) => n.html.slice(0, 120) + " " + n.failureSummary).join("; ")))`)
				for _, f := range found {
					t.Errorf("%s %s at %d pixels: %s", name, view, l.width, f)
				}
			}
		}
	}
}
