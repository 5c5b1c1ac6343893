//go:build browser

package web

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/rondo-ml/rondo/coordinator/web/webtest"
)

const (
	patience = 90 * time.Second // for one thing that is waited for: a busy machine takes its time
	openFor  = 5 * time.Minute  // that a tab is there
)

var browser context.Context // one process for all tests; each test has a tab

var atEnd = func() {} // removes what tests have in common

func TestMain(m *testing.M) {
	path, err := webtest.FindBrowser()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	allocator, stop := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("hide-scrollbars", true), chromedp.Flag("enable-unsafe-swiftshader", true))...)
	var leave context.CancelFunc
	browser, leave = chromedp.NewContext(allocator)
	if err := chromedp.Do(browser); err != nil { // starts it
		fmt.Fprintf(os.Stderr, "starting %s: %v\n", path, err)
		os.Exit(1)
	}
	code := m.Run()
	atEnd()
	leave()
	stop()
	os.Exit(code)
}

// look is how a tab shows the page.
type look struct {
	width, height int64
	dark          bool
	scale         float64
}

var desktop = look{width: 1360, height: 900}

// tab is one open page and all it complained about.
type tab struct {
	t   testing.TB
	ctx context.Context

	mu         sync.Mutex
	complaints []string
	loads      []string
}

// open shows url in a new tab. At the test's end it fails the test if the page
// wrote an error, broke its own policy, or asked another server for anything;
// allow names complaints that the test provokes.
func open(t testing.TB, url string, l look, allow ...string) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser)
	t.Cleanup(cancel)
	ctx, stop := context.WithTimeout(ctx, openFor)
	t.Cleanup(stop)
	p := &tab{t: t, ctx: ctx}
	t.Cleanup(func() { p.check(url, allow) })
	if err := chromedp.Listen(ctx, p.hear); err != nil {
		t.Fatal(err)
	}
	p.do(chromedp.EmulateViewport(l.width, l.height, chromedp.EmulateScale(max(l.scale, 1))))
	p.scheme(l.dark)
	p.do(chromedp.Navigate(url))
	return p
}

// scheme shows the page light or dark.
func (p *tab) scheme(dark bool) {
	p.t.Helper()
	if _, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: map[bool]string{false: "light", true: "dark"}[dark]}},
	}); err != nil {
		p.t.Fatal(err)
	}
}

func (p *tab) hear(ev any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch ev := ev.(type) {
	case *runtime.EventConsoleAPICalled:
		if ev.Type == runtime.ConsoleAPICalledTypeError || ev.Type == runtime.ConsoleAPICalledTypeWarning {
			p.complaints = append(p.complaints, fmt.Sprintf("console.%s: %s", ev.Type, ev.Args[0].Value))
		}
	case *runtime.EventExceptionThrown:
		p.complaints = append(p.complaints, (&chromedp.ExceptionError{ExceptionDetails: ev.ExceptionDetails}).Error())
	case *log.EventEntryAdded: // refused by the policy, missing file, broken style
		p.complaints = append(p.complaints, fmt.Sprintf("%s %s: %s %s", ev.Entry.Source, ev.Entry.Level, ev.Entry.Text, ev.Entry.URL))
	case *network.EventRequestWillBeSent:
		p.loads = append(p.loads, ev.Request.URL)
	}
}

func (p *tab) check(url string, allow []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
next:
	for _, c := range p.complaints {
		for _, a := range allow {
			if strings.Contains(c, a) {
				continue next
			}
		}
		p.t.Errorf("the page complains: %s", c)
	}
	if len(p.loads) == 0 {
		p.t.Error("no request was seen; the tab's events are lost")
	}
	server, _, _ := strings.Cut(url, "#")
	for _, load := range p.loads {
		if !strings.HasPrefix(load, server) && !strings.HasPrefix(load, "data:") {
			p.t.Errorf("fetched from outside: %s", load)
		}
	}
}

func (p *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, steps...); err != nil {
		p.t.Fatal(err)
	}
}

// eval returns what a JavaScript expression, or the promise that it makes, is.
func eval[T any](p *tab, expression string) T {
	p.t.Helper()
	v, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// wait returns when the JavaScript condition holds.
func (p *tab) wait(condition string) {
	p.t.Helper()
	if err := webtest.Wait(p.ctx, patience, condition); err != nil {
		p.t.Fatalf("%v; the page says:\n%s", err, p.saw())
	}
}

// settle gives the page two frames, in which it draws what it still has to, and goes on without them where it gets none.
func (p *tab) settle() {
	p.t.Helper()
	eval[bool](p, `Promise.race([new Promise((ok) => requestAnimationFrame(() => requestAnimationFrame(ok))), new Promise((ok) => setTimeout(ok, 1000))]).then(() => true)`)
}

// box is where an element is in the window once it stays there: left, top, width and height. It is brought into view.
func (p *tab) box(selector string) []float64 {
	p.t.Helper()
	for last := []float64(nil); ; {
		p.settle()
		box := eval[[]float64](p, fmt.Sprintf(`(() => { const n = document.querySelector(%q); n.scrollIntoView({ block: "center" }); const b = n.getBoundingClientRect(); return [b.left, b.top, b.width, b.height]; })()`, selector))
		if slices.Equal(box, last) {
			return box
		}
		last = box
	}
}

// saw is the page's text, asked for with a little time of its own.
func (p *tab) saw() string {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(p.ctx), 5*time.Second)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.body.innerText`))
	if err != nil {
		return err.Error()
	}
	return text
}

// text of the first element that matches.
func (p *tab) text(selector string) string {
	p.t.Helper()
	return eval[string](p, fmt.Sprintf(`document.querySelector(%q).textContent`, selector))
}

// serve puts src on a loopback port. While broken is set, the API answers 500.
func serve(t testing.TB, src Source) (url string, broken *atomic.Bool, server *httptest.Server) {
	broken = new(atomic.Bool)
	h := New(src, Options{})
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if broken.Load() && strings.HasPrefix(r.URL.Path, "/api/") {
			http.Error(w, "broken by the test", http.StatusInternalServerError)
			return
		}
		h.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL, broken, server
}
