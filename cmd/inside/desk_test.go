package inside

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// asking asks a desk what compute answers, and returns the answer when it has come.
func asking(ctx context.Context, d *Desk, key string, compute func(context.Context) (answer, error)) chan *httptest.ResponseRecorder {
	came := make(chan *httptest.ResponseRecorder, 1)
	go func() {
		w := httptest.NewRecorder()
		d.reply(w, httptest.NewRequestWithContext(ctx, http.MethodGet, "/api/look/x", nil), key, longest, compute)
		came <- w
	}()
	return came
}

// One question is computed at a time and once, whoever waits long is told so, and what nobody waits for is not computed.
func TestTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := New(Options{Threads: 1})
		var computing, count atomic.Int32
		gate := make(chan struct{})
		compute := func(context.Context) (answer, error) {
			if computing.Add(1) > 1 {
				t.Error("two are computed at once")
			}
			count.Add(1)
			<-gate
			computing.Add(-1)
			return answer{kind: "text/plain", body: []byte("told")}, nil
		}
		first, same := asking(t.Context(), d, "a", compute), asking(t.Context(), d, "a", compute)
		synctest.Wait()
		gone, leave := context.WithCancel(t.Context())
		dropped := asking(gone, d, "b", compute)
		synctest.Wait()
		leave()
		<-dropped
		if w := <-first; w.Code != http.StatusAccepted { // the bubble's clock goes on while all wait
			t.Errorf("a question that takes long: %d", w.Code)
		}
		if w := <-same; w.Code != http.StatusAccepted {
			t.Errorf("the same question: %d", w.Code)
		}
		again := asking(t.Context(), d, "a", compute)
		synctest.Wait()
		close(gate)
		if w := <-again; w.Code != http.StatusOK || w.Body.String() != "told" {
			t.Errorf("asked again: %d %s", w.Code, w.Body)
		}
		if w := <-asking(t.Context(), d, "a", compute); w.Code != http.StatusOK || w.Body.String() != "told" {
			t.Errorf("what is known: %d %s", w.Code, w.Body)
		}
		synctest.Wait()
		if n := count.Load(); n != 1 {
			t.Errorf("computed %d times", n)
		}
	})
}

// What nobody waits for any more is stopped after a while, so that the next question has its turn; who asks again in time
// keeps it.
func TestAbandoned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := New(Options{Threads: 1})
		var begun atomic.Int32
		compute := func(ctx context.Context) (answer, error) {
			begun.Add(1)
			<-ctx.Done()
			return answer{}, ctx.Err()
		}
		for range 2 { // told to ask again, and does
			if w := <-asking(t.Context(), d, "a", compute); w.Code != http.StatusAccepted {
				t.Fatalf("a question that takes long: %d", w.Code)
			}
			time.Sleep(abandon / 2)
		}
		if n := begun.Load(); n != 1 {
			t.Errorf("computed %d times", n)
		}
		start := time.Now()
		next := <-asking(t.Context(), d, "b", func(context.Context) (answer, error) { return answer{body: []byte("told")}, nil })
		if waited := time.Since(start); next.Code != http.StatusOK || waited != abandon/2 {
			t.Errorf("the next question: %d after %v", next.Code, waited)
		}
		if d.jobs["a"] != nil {
			t.Error("what was stopped is still there")
		}
	})
}

// Panics and errors are told and not kept; answers are, within bounds.
func TestKept(t *testing.T) {
	d := New(Options{Threads: 1})
	for range 2 {
		w := <-asking(t.Context(), d, "a", func(context.Context) (answer, error) { panic("broken") })
		if w.Code != http.StatusBadRequest {
			t.Errorf("a panic: %d", w.Code)
		}
		w = <-asking(t.Context(), d, "b", func(context.Context) (answer, error) { return answer{}, errors.New("refused") })
		if w.Code != http.StatusBadRequest || len(d.jobs) != 0 {
			t.Errorf("an error: %d, %d kept", w.Code, len(d.jobs))
		}
	}
	small := func(context.Context) (answer, error) { return answer{head: "some", body: []byte("told")}, nil }
	for c := range byte(5) {
		<-asking(t.Context(), d, strings.Repeat(string('a'+rune(c)), mostBytes/4), small)
	}
	if len(d.jobs) != 3 {
		t.Errorf("%d answers to questions of %d bytes are kept", len(d.jobs), mostBytes/4)
	}
	large := func(context.Context) (answer, error) { return answer{body: make([]byte, mostBytes/2-1)}, nil }
	for _, key := range []string{"1", "2", "3", "4"} {
		<-asking(t.Context(), d, key, large)
	}
	if len(d.jobs) != 2 || d.jobs["4"] == nil || d.bytes > mostBytes {
		t.Errorf("%d answers of %d bytes are kept", len(d.jobs), d.bytes)
	}
}
