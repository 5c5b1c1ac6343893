//go:build browser

package web

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// inside answers questions below /api/look/ as a test says: by functions, or by fixed JSON.
type inside map[string]any

func (in inside) serve(t *testing.T) string {
	t.Helper()
	answer := func(w http.ResponseWriter, r *http.Request, _ api.Run) {
		switch a := in[strings.TrimPrefix(r.URL.Path, lookPath)].(type) {
		case string:
			fmt.Fprint(w, a)
		case func(http.ResponseWriter, *http.Request):
			a(w, r)
		default:
			refuse(http.StatusNotFound, "nobody knows")(w, r)
		}
	}
	server := httptest.NewServer(New(&demo{workers: 1, step: 620}, Options{Look: answer}))
	t.Cleanup(server.Close)
	t.Cleanup(server.CloseClientConnections) // what a handler waits for may never come
	return server.URL + "/"
}

func refuse(code int, why string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) { http.Error(w, fmt.Sprintf(`{"error":%q}`, why), code) }
}

// sheet is tiles in so many columns, each of height and width, with further facts.
func sheet(tiles, columns, height, width int, facts string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		var b bytes.Buffer
		_ = png.Encode(&b, image.NewGray(image.Rect(0, 0, columns*width, (tiles+columns-1)/columns*height))) // it fails for empty pictures alone
		w.Header().Set("Rondo-Look", fmt.Sprintf(`{"tiles":%d,"columns":%d,"height":%d,"width":%d,%s}`, tiles, columns, height, width, facts))
		_, _ = w.Write(b.Bytes())
	}
}

// What a question waits for is said where its answer comes, and so is what went wrong; what passes is asked again.
func TestLookSays(t *testing.T) {
	gate := make(chan struct{})
	var asked, refused atomic.Int32
	url := inside{
		"about": `{"kind":"sequence","steps":[600],"step":600,"digest":"ab","samples":4,"source":"sounds","layers":[{"name":"rnn","steps":8,"channels":3}]}`,
		"maps":  sheet(1, 1, 3, 8, `"layer":"rnn","steps":8,"channels":3,"span":[0,1]`),
		"track": refuse(http.StatusBadRequest, "the channel has no values"),
		"matters": func(w http.ResponseWriter, r *http.Request) {
			if asked.Add(1) == 1 {
				w.WriteHeader(http.StatusAccepted)
				fmt.Fprint(w, `{"waiting":true,"before":2}`)
				return
			}
			select {
			case <-gate:
			case <-r.Context().Done():
			}
			sheet(1, 1, 3, 8, `"answer":0,"name":"a","value":0.5,"p":true,"said":1,"lengths":[1,2]`)(w, r)
		},
		"input": func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Get("sample") == "1" && refused.Add(1) == 1 {
				refuse(http.StatusServiceUnavailable, "many questions wait already")(w, r)
				return
			}
			sheet(1, 1, 3, 8, `"steps":8,"channels":3,"span":[0,1],"class":"`+r.URL.Query().Get("sample")+`"`)(w, r)
		},
	}.serve(t)
	p := open(t, url+"#look", desktop, "400 (Bad Request)", "503 (Service Unavailable)")
	p.wait(`document.getElementById("look-matters-says")?.textContent === "waits for its turn: 2 questions before it"`)
	close(gate)
	p.wait(`document.getElementById("look-matters-says").textContent.startsWith("the gradient of a (50.0 %)")`)

	p.do(chromedp.Evaluate[chromedp.Void](`location.hash = "#look?channel=1"`))
	p.wait(`document.getElementById("look-track-says").textContent === "the channel has no values" && document.getElementById("look-maps-says").textContent.startsWith("rnn: 8 steps")`)
	p.do(chromedp.Evaluate[chromedp.Void](`location.hash = "#look?sample=1"`))
	p.wait(`document.getElementById("look-track-says").textContent === "" && document.getElementById("look-class").textContent.startsWith("class 1")`)
	if n := refused.Load(); n != 2 {
		t.Errorf("it was asked %d times", n)
	}
}

// A search that nobody wants any more is not waited for any more.
func TestLookSearchEnds(t *testing.T) {
	begun, left := make(chan struct{}), make(chan struct{})
	url := inside{
		"about": `{"kind":"text","steps":[600],"step":600,"digest":"ab","samples":4,"source":"texts","states":[{"name":"h","cells":2}]}`,
		"text":  `{"text":"YWJjZA==","next":"YWJjZA==","p":[9,9,9,9],"wide":1,"worth":[-1,9,9,9]}`,
		"cell":  `{"values":[0,1,0,1]}`,
		"cells": `{"state":"h","from":0,"to":2,"cell":{"cell":0},"all":0,"cells":[],"places":[]}`,
		"where": func(_ http.ResponseWriter, r *http.Request) {
			close(begun)
			<-r.Context().Done()
			close(left)
		},
	}.serve(t)
	p := open(t, url+"#look?a=0&b=2&where=1", desktop)
	p.wait(`document.getElementById("look-found-says")?.textContent === "searching the data"`)
	<-begun
	p.do(chromedp.Evaluate[chromedp.Void](`location.hash = "#look?a=0&b=2"`))
	select {
	case <-left:
	case <-p.ctx.Done():
		t.Error("the page waits for a search that it has left")
	}
}

// While a search for the strongest patches goes on, the page shows those so far and asks again, until all were seen or nobody looks.
func TestLookPatchesSoFar(t *testing.T) {
	var asked atomic.Int32
	url := inside{
		"about": `{"kind":"pictures","steps":[600],"step":600,"digest":"ab","samples":40,"source":"coats","convolutions":[],"layers":[{"name":"c","image":true,"height":4,"width":4,"channels":1}]}`,
		"input": sheet(1, 1, 4, 4, `"taken":[]`),
		"maps":  sheet(1, 1, 4, 4, `"layer":"c","image":true,"channels":1,"span":[0,1],"rows":[],"cols":[]`),
		"patches": func(w http.ResponseWriter, r *http.Request) {
			n := asked.Add(1)
			if r.URL.Query().Get("channels") == "0-0" && n == 3 { // there is more for ever, but somebody leaves
				<-r.Context().Done()
				return
			}
			sheet(4, 4, 3, 3, fmt.Sprintf(`"first":0,"seen":%d,"of":40,"more":%v,"places":[[[3,1,1,0.5],[5,2,3,0.4]]]`, 16*n, r.URL.Query().Get("passing") == "deconv"))(w, r)
		},
		"maximize": sheet(1, 1, 4, 4, `"value":1`),
	}.serve(t)
	p := open(t, url+"#look", desktop)
	p.wait(`document.getElementById("look-rows-says")?.textContent.startsWith("the strongest so far, of 32 samples of 40; ") && document.querySelectorAll(".look-row").length === 1`)
	p.do(chromedp.Evaluate[chromedp.Void](`location.hash = "#look?passing=guided"`))
	p.wait(`document.getElementById("look-rows-says").textContent.startsWith("the strongest of 64 samples; ")`)
	p.do(chromedp.Evaluate[chromedp.Void](`location.hash = "#run"`))
	p.wait(`document.querySelector("#chart-norm canvas")`)
	if n := asked.Load(); n != 4 {
		t.Errorf("it was asked %d times", n)
	}
}

// The strongest patches are gone through by keys; a unit of which nothing can be said tells why.
func TestLookPatchesByKeys(t *testing.T) {
	url := inside{
		"about":    `{"kind":"pictures","steps":[600],"step":600,"digest":"ab","samples":9,"source":"coats","convolutions":[],"layers":[{"name":"c","image":true,"height":4,"width":4,"channels":2}]}`,
		"input":    sheet(1, 1, 4, 4, `"taken":[]`),
		"maps":     sheet(2, 2, 4, 4, `"layer":"c","image":true,"channels":2,"span":[0,1],"rows":[],"cols":[]`),
		"patches":  sheet(8, 4, 3, 3, `"first":0,"seen":9,"places":[[[3,1,1,0.5],[5,2,3,0.4]],[[3,1,1,0.5],[7,2,2,0.4]]]`),
		"maximize": sheet(1, 1, 4, 4, `"value":1`),
		"unit":     refuse(http.StatusBadRequest, "the unit sees nothing"),
	}.serve(t)
	p := open(t, url+"#look", desktop, "400 (Bad Request)")
	p.wait(`document.querySelectorAll(".look-row .scroll canvas[data-tiles='4']").length === 2`)
	p.do(chromedp.Focus(".look-row .scroll", chromedp.NodeReady), chromedp.KeyEvent(kb.ArrowRight), chromedp.KeyEvent(kb.ArrowRight))
	p.wait(`document.querySelector(".look-row [role=status]").textContent === "sample 5"`)
	p.do(chromedp.KeyEvent(kb.Enter))
	p.wait(`location.hash.includes("sample=5&channel=0&y=2&x=3")`)
	p.wait(`document.getElementById("look-unit-says").textContent === "the unit sees nothing" && document.getElementById("look-unit").hidden`)
}
