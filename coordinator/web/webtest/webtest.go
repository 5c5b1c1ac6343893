//go:build browser

// Package webtest is what tests of the page in a real browser have in common: where Chromium is, and how they wait.
package webtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"

	"github.com/chromedp/cdproto"
	"github.com/chromedp/chromedp"
)

// FindBrowser is the path of the Chromium that RONDO_CHROMIUM names, or else of one in PATH.
func FindBrowser() (string, error) {
	if path := os.Getenv("RONDO_CHROMIUM"); path != "" {
		return path, nil
	}
	names := []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "headless-shell"}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("the browser tests need Chromium, and none of %q is in PATH; "+
		"install one (Debian and Ubuntu: apt-get install chromium; Fedora: dnf install chromium; "+
		"macOS: brew install --cask chromium) or name it with RONDO_CHROMIUM=/path/to/chromium", names)
}

const first, most = 5 * time.Millisecond, 100 * time.Millisecond // between two questions

// Wait returns when a JavaScript condition holds in the tab of ctx; an error says what was waited for, for how long, and what came
// last. The tab is asked from here, again and again. A condition that asks itself before each frame would never hold in a tab that
// gets no frames, as one in the background, or on a busy machine. One that fails for a while, say because an element is not there
// yet, does not hold yet. (chromedp.Poll builds its condition with eval, which the page's policy rightly refuses.)
func Wait(ctx context.Context, patience time.Duration, condition string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	begun, came := time.Now(), "the page has not answered"
	told := func() error {
		return fmt.Errorf("waited %v for %s: %s", time.Since(begun).Round(time.Millisecond), condition, came)
	}
	for pause := first; ; pause = min(2*pause, most) {
		holds, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("Boolean(("+condition+"))"))
		switch {
		case ctx.Err() != nil:
			return told()
		case err == nil && holds:
			return nil
		case err == nil:
			came = "it is false"
		default:
			came = err.Error()
			if !passing(err) {
				return told()
			}
		}
		select {
		case <-ctx.Done():
			return told()
		case <-time.After(pause):
		}
	}
}

// passing says whether a condition that could not be evaluated may hold later: not one that is no JavaScript, nor in a browser
// that has gone.
func passing(err error) bool {
	if thrown, ok := errors.AsType[*chromedp.ExceptionError](err); ok {
		return thrown.Exception == nil || thrown.Exception.ClassName != "SyntaxError"
	}
	_, ok := errors.AsType[*cdproto.Error](err) // a page that is just being replaced
	return ok
}
