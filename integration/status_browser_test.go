//go:build browser

package integration

import (
	"context"
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/rondo-ml/rondo/coordinator/web/webtest"
)

// TestStatusPage watches a real run in a real browser: the chart moves, the
// workers have their rows, events and checkpoints appear, and the end is shown.
func TestStatusPage(t *testing.T) {
	l := NewLab(t)
	smallRun(l)
	p := l.Start(trainArgs("run", "--workers", "2", "--set", "steps=100000", "--set", "eval.every=30")...)
	b := l.openBrowser(p.Page())

	b.wait(`document.getElementById("run-name").textContent === "small"`)
	b.wait(`document.getElementById("phase").textContent === "training"`)
	b.wait(`location.hash = "#cluster"`)
	b.wait(`document.querySelectorAll("#workers tr").length === 2`)
	b.wait(`[...document.querySelectorAll("#workers tr strong")].map((e) => e.textContent).join() === "worker-0,worker-1"`)
	b.wait(`location.hash = "#run"`)
	b.wait(`[...document.querySelectorAll("#events li")].some((e) => e.textContent.includes("worker-1 joined"))`)
	b.wait(`[...document.querySelectorAll("#events li")].some((e) => /checkpoint of step \d+ is committed/.test(e.textContent))`)
	b.wait(`document.querySelector("#checkpoints tr")`)
	b.wait(`/^\d/.test(document.getElementById("held").textContent)`)
	b.wait(`document.getElementById("run-file").textContent.includes("hidden: 32")`)

	const newest = `Number(document.getElementById("chart-loss").dataset.last)`
	b.wait(newest + ` > 0`)
	before := b.number(newest)
	b.wait(`window.shown = document.querySelector("#chart-loss canvas").toDataURL()`)
	b.wait(fmt.Sprintf(`%s > %d`, newest, before+20))
	// The chart is drawn after the page has the numbers.
	b.wait(`document.querySelector("#chart-loss canvas").toDataURL() !== window.shown`)

	p.Signal(interrupt)
	if r := p.Wait(); r.Code != 130 {
		t.Errorf("Ctrl-C while a browser watches: exit status %d\n%s", r.Code, r.Stderr)
	}
	// The end was shown before the page's server left.
	b.wait(`document.getElementById("phase").textContent === "stopped" && document.getElementById("reason").textContent.includes("go on with rondo train")`)
	b.wait(`!document.getElementById("banner").hidden && document.getElementById("banner").classList.contains("calm")`)
}

// TestPageShowsTheEnd watches a run that finishes, and one that loses a worker, goes on with another and is stopped.
func TestPageShowsTheEnd(t *testing.T) {
	l := NewLab(t)
	smallRun(l)
	c := l.StartCluster(2) // without workers it waits for the browser
	b := l.openBrowser(c.Coordinator.Page())
	b.wait(`document.getElementById("phase").textContent === "waiting"`)
	c.StartWorkers(2)
	c.WantLeft(0)
	b.wait(`document.getElementById("phase").textContent === "finished" && document.getElementById("step").textContent === "step 40"`)

	p := l.Start(trainArgs("lost", "--workers", "2", "--set", "steps=100000", "--set", "eval.every=0")...)
	b = l.openBrowser(p.Page())
	b.wait(`document.getElementById("phase").textContent === "training"`)
	for _, w := range p.WaitStep(1).Workers {
		if w.Name == "worker-1" {
			if err := syscall.Kill(w.PID, syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
		}
	}
	b.wait(`[...document.querySelectorAll("#events li")].some((e) => e.textContent.includes("the ring changes") && e.textContent.includes("worker-1"))`)
	b.wait(`location.hash = "#cluster"`)
	b.wait(`document.getElementById("phase").textContent === "training" && document.querySelectorAll("#workers tr").length === 2`)
	p.Signal(interrupt)
	if r := p.Wait(); r.Code != 130 {
		t.Errorf("exit status %d\n%s", r.Code, r.Stderr)
	}
	b.wait(`document.getElementById("phase").textContent === "stopped"`)
}

// browser is a tab of a headless Chromium.
type browser struct {
	l   *Lab
	ctx context.Context
}

// openBrowser starts a Chromium (RONDO_CHROMIUM names it) that shows the page.
func (l *Lab) openBrowser(url string) *browser {
	l.t.Helper()
	path, err := webtest.FindBrowser()
	if err != nil {
		l.t.Fatal(err)
	}
	allocator, stop := chromedp.NewExecAllocator(l.ctx, append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))...)
	l.t.Cleanup(stop)
	ctx, leave := chromedp.NewContext(allocator)
	l.t.Cleanup(leave)
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1360, 900), chromedp.Navigate(url)); err != nil {
		l.t.Fatalf("%s: %v", path, err)
	}
	return &browser{l, ctx}
}

// wait returns when the JavaScript condition holds.
func (b *browser) wait(condition string) {
	b.l.t.Helper()
	if err := webtest.Wait(b.ctx, 5*time.Minute, condition); err != nil {
		b.l.t.Fatal(err)
	}
}

// number is the value of a JavaScript expression.
func (b *browser) number(expression string) int {
	b.l.t.Helper()
	n, err := chromedp.Run(b.ctx, chromedp.Evaluate[int](expression))
	if err != nil {
		b.l.t.Fatalf("%s: %v", expression, err)
	}
	return n
}
