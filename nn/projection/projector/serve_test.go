package projector

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
)

// steps is a network whose points move: at each of its steps by one more, and mirrored at the last.
type steps struct {
	opened []Choice
	block  chan struct{} // step 30 is read when it is closed
}

func (s *steps) Menu(c Choice) (Menu, Choice, error) {
	m := Menu{Of: []string{"embedding", "output"}, Steps: []uint64{10, 20, 30}}
	if c.Of == "" {
		c.Of = m.Of[0]
	}
	if c.Step == 0 {
		c.Step = 20
	}
	if !slices.Contains(m.Steps, c.Step) || !slices.Contains(m.Of, c.Of) {
		return m, c, fmt.Errorf("no %+v", c)
	}
	return m, c, nil
}

func (s *steps) Open(ctx context.Context, c Choice, progress func(done, all int)) (*Set, Cache, error) {
	s.opened = append(s.opened, c)
	progress(1, 2)
	if c.Step == 30 {
		select {
		case <-s.block:
			return nil, Cache{}, fmt.Errorf("step 30 is torn")
		case <-ctx.Done():
			return nil, Cache{}, ctx.Err()
		}
	}
	set := words()
	for i := range set.Points.Data {
		if i%5 == 0 {
			set.Points.Data[i] += float32(c.Step)
		}
	}
	return set, Cache{}, nil
}

// asks answers a handler's questions.
func asks(h http.Handler) asking {
	return func(path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/api/projector"+path, nil))
		return w
	}
}

// asking is a question to a handler.
type asking func(path string) *httptest.ResponseRecorder

// answered asks again when what was asked for is made. What is made fast is the first answer, and a failure is told once.
func (ask asking) answered(path string) *httptest.ResponseRecorder {
	w := ask(path)
	if w.Code == http.StatusAccepted {
		synctest.Wait()
		w = ask(path)
	}
	return w
}

// TestHandler asks about one set, for which all is made when it is asked for.
func TestHandler(t *testing.T) { synctest.Test(t, testHandler) }

func testHandler(t *testing.T) {
	set := words()
	set.Bookmarks = []byte("[]")
	serve, _ := Handler(t.Context(), nil, One{Set: set}, settings)
	ask := asks(serve)
	var about struct {
		Points int
		Values [][]string
	}
	if err := json.Unmarshal(ask.answered("").Body.Bytes(), &about); err != nil || about.Points != 40 || about.Values[0][2] != "c" {
		t.Errorf("%+v, %v", about, err)
	}
	w := ask.answered("/points?method=umap&dims=3&sphere=1")
	if w.Code != http.StatusOK || w.Body.Len() != 40*3*4 || !strings.Contains(w.Header().Get("Rondo-Layout"), `"method":"umap"`) {
		t.Errorf("%d, %d bytes, %v", w.Code, w.Body.Len(), w.Header())
	}
	var near struct{ Index []int }
	if err := json.Unmarshal(ask("/near?point=3&k=2&metric=euclidean").Body.Bytes(), &near); err != nil || len(near.Index) != 2 || near.Index[0] == 3 {
		t.Errorf("%+v, %v", near, err)
	}
	if b := ask("/axis?from=1&to=2,3").Body.Bytes(); len(b) != 40*4 || !bytes.Equal(b[4:8], make([]byte, 4)) {
		t.Errorf("axis: %d bytes", len(b))
	}
	if w := ask("/bookmarks"); w.Code != http.StatusOK || w.Body.String() != "[]" {
		t.Errorf("bookmarks: %d %s", w.Code, w.Body)
	}
	for _, bad := range []string{"?of=x", "?step=x", "/points?method=x", "/points?dims=9", "/points?beside=x", "/near?point=40&k=2&metric=cosine", "/near?point=1&k=0&metric=cosine",
		"/near?point=1&k=2&metric=x", "/axis?from=1&to=1", "/axis?from=&to=1", "/axis?from=1&to=-1", "/sprite", "/stop?step=-1"} {
		if w := ask(bad); w.Code != http.StatusBadRequest {
			t.Errorf("%s: %d %s", bad, w.Code, w.Body)
		}
	}
}

// TestHandlerSteps lays points of one step on those of another, and ends what is read.
func TestHandlerSteps(t *testing.T) { synctest.Test(t, testHandlerSteps) }

func testHandlerSteps(t *testing.T) {
	source := &steps{block: make(chan struct{})}
	ctx, end := context.WithCancel(t.Context())
	serve, wait := Handler(ctx, nil, source, settings)
	ask := asks(serve)
	if _, c, err := source.Menu(Choice{}); err != nil || len(source.opened) != 0 {
		t.Fatalf("%v: opened %v before anybody asked", c, source.opened)
	}
	var about struct {
		Menu
		Chosen Choice
	}
	if err := json.Unmarshal(ask.answered("").Body.Bytes(), &about); err != nil || about.Chosen != (Choice{Of: "embedding", Step: 20}) || len(about.Steps) != 3 {
		t.Errorf("%+v, %v", about, err)
	}
	for _, method := range []string{"pca", "umap"} {
		w := ask.answered("/points?step=10&beside=20&method=" + method)
		var l Layout
		if err := json.Unmarshal([]byte(w.Header().Get("Rondo-Layout")), &l); err != nil || l.Frame == nil || len(l.Frame.Middle) != 2 {
			t.Errorf("%s: %d %s %+v, %v", method, w.Code, w.Body, l, err)
		}
	}
	if w := ask("/points?step=30"); w.Code != http.StatusAccepted {
		t.Errorf("what takes long: %d", w.Code)
	}
	synctest.Wait()
	if w := ask("/points?step=30"); w.Code != http.StatusAccepted {
		t.Errorf("what takes long, again: %d", w.Code)
	}
	if w := ask("/stop?step=30"); w.Body.String() != `{"stopped":true}` {
		t.Errorf("stop: %s", w.Body)
	}
	synctest.Wait()
	if w := ask("/stop?step=30"); w.Body.String() != `{"stopped":false}` {
		t.Errorf("stop of nothing: %s", w.Body)
	}
	close(source.block)
	for _, path := range []string{"?step=30", "/points?step=30", "/near?step=30&point=1&k=1&metric=cosine"} {
		if w := ask.answered(path); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "torn") {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	opened := len(source.opened)
	if w := ask.answered("/points?step=10&beside=99"); w.Code != http.StatusBadRequest {
		t.Errorf("beside no step: %d", w.Code)
	}
	if ask.answered("?step=10"); len(source.opened) != opened {
		t.Errorf("points are read anew since a layout of them has failed: %v", source.opened[opened:])
	}
	end()
	wait()
}

// TestHandlerOtherSite refuses the questions of another site's page.
func TestHandlerOtherSite(t *testing.T) {
	r := httptest.NewRequest(http.MethodGet, "/api/projector", nil)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	w := httptest.NewRecorder()
	serve, _ := Handler(t.Context(), nil, One{Set: words()}, settings)
	if serve.ServeHTTP(w, r); w.Code != http.StatusForbidden {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// TestTasks keeps what was used last, up to a weight, and begins no more than it may.
func TestTasks(t *testing.T) { synctest.Test(t, testTasks) }

func testTasks(t *testing.T) {
	made := newTasks[int](t.Context(), 10, func(v int) int { return v })
	get := func(key, v int) {
		t.Helper()
		j, err := made.get(key, func(context.Context, func(done, all int)) (int, error) { return v, nil })
		if err != nil {
			t.Fatal(err)
		}
		if got, err := j.wait(t.Context()); got != v || err != nil {
			t.Errorf("%d: %d, %v", key, got, err)
		}
		synctest.Wait()
	}
	get(1, 4)
	get(2, 4)
	get(1, 4)
	get(3, 4)
	get(2, 5) // has gone, as it was used first
	if len(made.all) != 2 || made.all[1] != nil {
		t.Errorf("kept %v", made.used)
	}
	for i := range mostFailed + 5 {
		if _, err := made.get(50+i, func(context.Context, func(done, all int)) (int, error) { panic("odd") }); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
	}
	last := made.all[50+mostFailed+4]
	if n := len(made.all); n != 2+mostFailed || last == nil || last.err == nil || !strings.Contains(last.err.Error(), "odd") {
		t.Errorf("%d tasks are kept after many have failed; the last: %+v", n, last)
	}
	for i := range mostPending + 1 {
		_, err := made.get(100+i, func(ctx context.Context, _ func(done, all int)) (int, error) { <-ctx.Done(); return 0, ctx.Err() })
		if (err != nil) != (i == mostPending) {
			t.Errorf("%d: %v", i, err)
		}
	}
	j := made.all[100]
	if !made.stop(100) || made.stop(100) {
		t.Error("a task is stopped twice, or not at all")
	}
	if _, err := j.wait(t.Context()); err != errStopped {
		t.Errorf("stopped: %v", err)
	}
	for i := range mostPending {
		made.stop(100 + i)
	}
}
