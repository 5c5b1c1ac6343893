//go:build browser

package web

import (
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// varieties are runs that strain the page.
var varieties = map[string]*demo{
	"empty":   {change: func(st *api.Status) { *st = api.Status{} }},
	"waiting": {workers: 2, change: waiting},
	"failed":  {workers: 3, step: 530, change: failed},
	"crowded": {workers: 8, step: demoSteps, change: crowded},
	"wide":    {workers: 32, step: 700, change: wide},
	"stalled": {workers: 3, step: 530, change: stalled},
	"astray":  {workers: 2, step: 200, change: astray, bend: bendAstray},
	"broken":  {workers: 2, step: 200, change: broken, bend: bendBroken},
	"images":  {workers: 2, step: 700, change: images, bend: bendImages},
	"numbers": {workers: 2, step: 700, change: numbers, bend: bendImages},
	"ended": {workers: 2, step: demoSteps, change: func(st *api.Status) {
		st.Phase, st.Reason, st.SecondsLeft = api.PhaseFinished, "all 1200 steps are done", 0
	}},
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
	st.Workers[1].State, st.Workers[1].Cause = "lost", "its process was killed by signal 9 while it sent a bucket"
	st.Events = append(st.Events, api.Event{At: st.Now, Step: st.Step, Level: "error", What: "worker-1 is lost", Reason: st.Reason})
}

// stalled waits for a step, and one of its workers is slow besides.
func stalled(st *api.Status) {
	since := st.Now.Add(-95 * time.Second)
	st.Rate, st.SecondsLeft = 0, 0
	for i, w := range []api.Waits{{On: "worker-2", In: "bucket 3", Step: 530, Seconds: 95}, {On: "worker-0", In: "bucket 2", Step: 530, Seconds: 94.9}} {
		st.Workers[i].Waits, st.Workers[i].Queued = &w, 2
	}
	st.Workers[2].Throttled, st.Workers[2].Doing = 0.4, "computes step 530 for 95.1 s"
	st.Workers[2].Slow, st.Workers[2].Compute, st.Workers[2].Total = 2.1, 0.16, 0.18
	st.Alarms = []api.Alarm{
		{Kind: api.AlarmStalled, Since: since, What: "training stands still: no step since 09:26:18 UTC, where one usually takes 95.1ms; worker-2 has not been heard since 09:26:20 UTC"},
		{Kind: api.AlarmSlow, Since: since, What: "worker-2 is slow: it computes 2.1 times as long on a lane as the others, which wait for it"},
	}
}

// bendAstray lets the loss grow from step 150 on.
func bendAstray(p *point) {
	if p.Step > 150 {
		p.BitsPerChar = api.Number(math.Min(2.5*math.Pow(10, float64(p.Step-150)/1.6), 6.02e25))
		p.Loss, p.Norm = p.BitsPerChar*math.Ln2, p.BitsPerChar
	}
}

func astray(st *api.Status) {
	st.Loss, st.BitsPerChar = 4.17e25, 6.02e25
	st.Evaluations = []api.Evaluation{{Step: 100, Loss: 3, BitsPerChar: 4.3}, {Step: 200, Loss: api.Number(math.NaN()), BitsPerChar: api.Number(math.NaN())}}
	st.Alarms = []api.Alarm{{Kind: api.AlarmDiverging, Since: st.Now.Add(-5 * time.Second),
		What: "the loss is 6.02e+25 bits, and was 8.61 where the run began: it diverges; begin anew with a smaller optimizer.lr or a smaller optimizer.clip"}}
}

// bendBroken makes the last step, and one before it, not finite.
func bendBroken(p *point) {
	if p.Step == 200 || p.Step == 60 {
		nan := api.Number(math.NaN())
		p.Loss, p.BitsPerChar, p.Norm = nan, nan, nan
	}
}

func broken(st *api.Status) {
	st.Phase = api.PhaseFailed
	st.Reason = "worker-0: step 199: the loss of lane 0 is not finite; the first layer to show it is rnn. The step was not applied; the run ends"
	st.Events = append(st.Events, api.Event{At: st.Now, Step: st.Step, Level: "error", What: "failed", Reason: st.Reason})
}

// images has losses near zero, as those of a learnt set are.
func images(st *api.Status) {
	st.Run.Name, st.Run.Model, st.Run.Sample, st.Run.Length = "digits", "lenet5", "image", 1
	st.BitsPerChar /= 400
	for i := range st.Evaluations {
		st.Evaluations[i].BitsPerChar /= 400
		e := &st.Evaluations[i]
		e.Accuracy = 0.95 + 0.01*float64(i)
		e.Measures = []api.Measure{{Name: "accuracy", Value: api.Number(e.Accuracy), Unit: "share"}, {Name: "top-5", Value: 0.9987, Unit: "share"},
			{Name: "mean of the classes", Value: 0.9479, Unit: "share"}}
	}
}

// numbers is a run whose loss is a squared error.
func numbers(st *api.Status) {
	images(st)
	st.Run.Name, st.Run.Sample, st.Run.PlainLoss = "ages", "face", true
	for i := range st.Evaluations {
		st.Evaluations[i].Accuracy = 0
		st.Evaluations[i].Measures = []api.Measure{{Name: "mean absolute error", Value: 4.21875, Unit: "years"}, {Name: "R²", Value: api.Number(math.NaN())}}
	}
}

func bendImages(p *point) { p.Loss, p.BitsPerChar = p.Loss/400, p.BitsPerChar/400 }

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
		for i, l := range []look{{width: 340, height: 700}, {width: 390, height: 844, dark: true}, {width: 768, height: 1024}, {width: 1024, height: 768, dark: true}, desktop} {
			t.Run(fmt.Sprintf("%s/%d", name, l.width), func(t *testing.T) {
				p := open(t, url+[]string{"#run", "#cluster"}[i%2], l)
				p.wait(`document.getElementById("phase").textContent !== "connecting" && document.querySelector(".view .card")`)
				p.notTooWide(t, name, l)
				p.do(chromedp.Evaluate[chromedp.Void](`location.hash = location.hash === "#run" ? "#cluster" : "#run"`))
				p.wait(`document.querySelector(".view").dataset.view === location.hash.slice(1)`)
				p.notTooWide(t, name, l)
				if dir := os.Getenv("RONDO_VARIETIES"); dir != "" {
					screenshot(t, url, fmt.Sprintf("%s/%s-%d.png", dir, name, l.width), look{width: l.width, dark: l.dark})
				}
			})
		}
	}
}

// notTooWide looks at the view that is shown.
func (p *tab) notTooWide(t *testing.T, name string, l look) {
	t.Helper()
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
}
