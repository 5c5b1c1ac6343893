//go:build browser

package web

import (
	"bytes"
	"cmp"
	"image/png"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/chromedp/chromedp"
)

// screenshot writes the page at url, as wide as width, to file as PNG: height
// pixels of it, or all of it for height 0. It waits until the run is shown,
// and its charts if it has made steps.
func screenshot(t testing.TB, url, file string, l look) {
	t.Helper()
	full := l.height == 0
	l.height = max(l.height, 900)
	p := open(t, url, l)
	p.wait(`document.getElementById("phase").textContent !== "connecting"`)
	p.wait(`document.getElementById("progress").value === 0 || document.querySelector("#chart-norm canvas, #ring svg")`)
	p.settle()
	take := chromedp.CaptureScreenshot()
	if full {
		take = chromedp.FullScreenshot(100)
	}
	picture, err := chromedp.Run(p.ctx, take)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, picture, 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestScreenshot takes a picture of a running page for the README:
//
//	RONDO_SCREENSHOT_URL=http://127.0.0.1:7070/ RONDO_SCREENSHOT_FILE=/tmp/page.png \
//	  go test -tags browser -count=1 -run TestScreenshot ./coordinator/web
//
// RONDO_SCREENSHOT_WIDTH (1360), RONDO_SCREENSHOT_HEIGHT (0: the whole page),
// RONDO_SCREENSHOT_SCALE (1; 2 for fine screens) and RONDO_SCREENSHOT_DARK=1
// change how; RONDO_SCREENSHOT_HASH="#cluster" chooses the view. Without a URL it
// shows a made-up run, one of the varieties if RONDO_SCREENSHOT_VARIETY names it;
// without a file it writes to a directory that is removed.
func TestScreenshot(t *testing.T) {
	url := os.Getenv("RONDO_SCREENSHOT_URL")
	if url == "" {
		d := varieties[os.Getenv("RONDO_SCREENSHOT_VARIETY")]
		if d == nil {
			d = &demo{workers: 3, step: 740}
		}
		url, _, _ = serve(t, d)
	}
	url += os.Getenv("RONDO_SCREENSHOT_HASH")
	file := cmp.Or(os.Getenv("RONDO_SCREENSHOT_FILE"), filepath.Join(t.TempDir(), "page.png"))
	l := look{width: setting(t, "WIDTH", 1360), height: setting(t, "HEIGHT", 0), scale: float64(setting(t, "SCALE", 1)), dark: setting(t, "DARK", 0) == 1}
	screenshot(t, url, file, l)

	picture, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	size, err := png.DecodeConfig(bytes.NewReader(picture))
	if err != nil || int64(size.Width) != l.width*int64(l.scale) {
		t.Fatalf("%s is %d x %d: %v", file, size.Width, size.Height, err)
	}
	t.Logf("%s: %d x %d", file, size.Width, size.Height)
}

func setting(t *testing.T, name string, otherwise int64) int64 {
	t.Helper()
	text := os.Getenv("RONDO_SCREENSHOT_" + name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		t.Fatalf("RONDO_SCREENSHOT_%s: %v", name, err)
	}
	return n
}
