//go:build browser

package web

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// varieties are runs that strain the page.
var varieties = map[string]*demo{
	"empty":   {change: func(st *api.Status) { *st = api.Status{} }},
	"waiting": {workers: 2, change: waiting},
	"failed":  {workers: 3, step: 530, change: failed},
	"crowded": {workers: 8, step: demoSteps, change: crowded},
}

func waiting(st *api.Status) {
	st.Phase, st.Reason, st.Expected = api.PhaseWaiting, "2 of 4 workers have joined", 4
	for i := range st.Workers {
		w := &st.Workers[i]
		*w = api.Worker{Name: w.Name, Host: w.Host, PID: w.PID, State: "joined", Tier: "avx512", Threads: 4, Seen: st.Now}
	}
}

func failed(st *api.Status) {
	st.Phase, st.Reason = api.PhaseFailed, "worker-1 was lost: its process was killed (signal 9); go on from step 400 with: rondo train examples/go-source.yaml --resume"
	st.Workers[1].State, st.Workers[1].Cause = "lost", "killed by signal 9"
	st.Events = append(st.Events, api.Event{At: st.Now, Step: st.Step, Level: "error", What: "worker-1 is lost", Reason: st.Reason})
}

// crowded has many lanes and workers with long names, and words without spaces.
func crowded(st *api.Status) {
	long := strings.Repeat("verylongname", 12)
	st.Run.Name, st.Run.Dir, st.Reason = "run-"+long, "/srv/"+long, long+" and a reason besides"
	st.Lanes, st.Workers = 64, nil
	for i := range 32 {
		st.Workers = append(st.Workers, api.Worker{Name: fmt.Sprintf("rondo-worker-%d.rondo.training.svc.cluster.local", i), Host: "node-" + long, State: "training",
			FirstLane: 2 * i, EndLane: 2*i + 2, Step: 1e9, Tier: "avx512", Threads: 128, Compute: 3.25, Ring: 1, Total: 4.5, Sent: 9e9, Heap: 7 << 40, Seen: st.Now})
	}
	for i := range st.Checkpoints {
		st.Checkpoints[i].Path = "/srv/" + long + "/step"
	}
	for i := range 200 {
		st.Events = append(st.Events, api.Event{At: st.Now, Step: uint64(i), Level: "warn", What: long, Reason: long})
	}
}

// TestNothingOverflows opens every variety in every width, light and dark: the
// page itself never scrolls sideways, and no card spills over its edge.
func TestNothingOverflows(t *testing.T) {
	for name, d := range varieties {
		url, _, _ := serve(t, d)
		for _, l := range []look{{width: 340, height: 700}, {width: 390, height: 844, dark: true}, {width: 768, height: 1024}, {width: 1024, height: 768, dark: true}, desktop} {
			t.Run(fmt.Sprintf("%s/%d", name, l.width), func(t *testing.T) {
				p := open(t, url, l)
				p.wait(`document.getElementById("phase").textContent !== "connecting"`)
				if over := eval[int](p, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
					t.Errorf("the page is %d pixels too wide", over)
				}
				const spill = `[...document.querySelectorAll(".card, .tiles > div, .phase, .who, .banner, .legend")].filter((n) => n.checkVisibility() && n.scrollWidth > n.clientWidth + 1).map((n) => n.className + " " + n.innerText.slice(0, 40))`
				if name != "crowded" || l.width < 900 { // wide names may scroll in their own region
					if tables := eval[[]string](p, `[...document.querySelectorAll(".scroll")].filter((n) => n.scrollWidth > n.clientWidth + 1).map((n) => n.innerText.slice(0, 40))`); len(tables) > 0 {
						t.Errorf("tables scroll sideways: %q", tables)
					}
				}
				if cards := eval[[]string](p, spill); len(cards) > 0 {
					t.Errorf("spills over: %q", cards)
				}
				background := eval[string](p, `getComputedStyle(document.body).backgroundColor`)
				if dark := background == "rgb(16, 18, 24)"; dark != l.dark {
					t.Errorf("background %s", background)
				}
				if dir := os.Getenv("RONDO_VARIETIES"); dir != "" {
					screenshot(t, url, fmt.Sprintf("%s/%s-%d.png", dir, name, l.width), look{width: l.width, dark: l.dark})
				}
			})
		}
	}
}

// TestContrast holds every colour that text is written in to 4.5 to 1 on what
// it lies on (WCAG 2.2, success criterion 1.4.3).
func TestContrast(t *testing.T) {
	d := &demo{workers: 8, step: 530, change: failed}
	url, _, _ := serve(t, d)
	for _, dark := range []bool{false, true} {
		p := open(t, url, look{width: 1360, height: 900, dark: dark})
		p.wait(`document.querySelector("#chart-norm canvas")`)
		low := eval[[]string](p, `(() => {
  const parse = (c) => c.match(/[\d.]+/g).map(Number);
  const light = (c) => parse(c).slice(0, 3).map((v) => v / 255).map((v) => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const behind = (n) => { for (; n; n = n.parentElement) { const c = getComputedStyle(n).backgroundColor; if ((parse(c)[3] ?? 1) > 0) return c; } };
  const low = new Set();
  for (const n of document.querySelectorAll("body *:not(svg *)")) {
    if (![...n.childNodes].some((c) => c.nodeType === 3 && c.data.trim()) || !n.checkVisibility()) continue;
    const [a, b] = [light(getComputedStyle(n).color), light(behind(n))].sort((x, y) => y - x);
    const ratio = (a + .05) / (b + .05);
    if (ratio < 4.5) low.add(n.tagName + "." + n.className + " " + ratio.toFixed(2) + " " + n.textContent.slice(0, 20));
  }
  return [...low];
})()`)
		if len(low) > 0 {
			t.Errorf("dark %v: too little contrast: %q", dark, low)
		}
	}
}
