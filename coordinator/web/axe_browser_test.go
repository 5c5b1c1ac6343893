//go:build browser

package web

import (
	"fmt"
	"os"
	"testing"

	"github.com/chromedp/chromedp"
)

// serious is what axe-core finds that is serious.
const serious = `axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }).then((r) =>
	r.violations.filter((v) => v.impact === "serious" || v.impact === "critical").map((v) => v.id + ": " + v.help + ": " + v.nodes.slice(0, 3).map((n) => n.html.slice(0, 120) + " " + n.failureSummary).join("; ")))`

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
		for i, view := range []string{"#run?at=400&x=100-500", "#cluster", "#network?layer=rnn.l0"} {
			looks := []look{{width: 390, height: 844, dark: i != 1}, {width: 1360, height: 900, dark: i == 1}, {width: 390, height: 844, dark: i == 1}, {width: 1360, height: 900, dark: i != 1}}
			if name != "training" { // one is enough, and one network
				if i == 2 {
					continue
				}
				looks = looks[(i+len(name))%2:][:1]
			}
			for _, l := range looks {
				t.Run(fmt.Sprintf("%s %s %d dark %v", name, view, l.width, l.dark), func(t *testing.T) { // closes its tab, which else goes on drawing
					p := open(t, url+"/"+view, l)
					p.wait(`document.querySelector("#chart-norm canvas, #workers tr, #layer-plots svg") && document.querySelectorAll("#views li").length > 1`)
					p.do(chromedp.Evaluate[chromedp.Void](string(axe)))
					for _, f := range eval[[]string](p, serious) {
						t.Error(f)
					}
				})
			}
		}
	}
}
