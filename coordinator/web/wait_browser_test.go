//go:build browser

package web

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/rondo-ml/rondo/coordinator/web/webtest"
)

// A page that gets no frames is waited for all the same, and what never comes is named.
func TestWait(t *testing.T) {
	url, _, _ := serve(t, &demo{workers: 1, step: 2})
	p := open(t, url, desktop)
	p.wait(`document.querySelector("#chart-norm canvas")`)
	p.do(chromedp.Evaluate[chromedp.Void](`globalThis.requestAnimationFrame = () => 0; setTimeout(() => { globalThis.late = { here: true }; }, 30)`))
	p.wait(`late.here`) // which throws at first
	p.settle()
	for condition, want := range map[string]string{`1 > 2`: "for 1 > 2: it is false", `nobody.here`: "ReferenceError: nobody is not defined"} {
		err := webtest.Wait(p.ctx, 200*time.Millisecond, condition)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", condition, err)
		}
	}
	begun := time.Now()
	err := webtest.Wait(p.ctx, patience, `1 >`)
	if err == nil || !strings.Contains(err.Error(), "SyntaxError") || time.Since(begun) > patience/2 {
		t.Errorf("what is no JavaScript: %v after %v", err, time.Since(begun))
	}
}
