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
		d.reply(w, httptest.NewRequestWithContext(ctx, http.MethodGet, "/api/look/x", nil), key, strings.HasPrefix(key, "search"), compute)
		came <- w
	}()
	return came
}

// answered asks again and again until there is an answer.
func answered(ctx context.Context, d *Desk, key string, compute func(context.Context) (answer, error)) *httptest.ResponseRecorder {
	for {
		if w := <-asking(ctx, d, key, compute); w.Code != http.StatusAccepted {
			return w
		}
	}
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

// Whoever asks while the data are searched is answered before the search ends; another search waits for it.
func TestSearchGivesWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := New(Options{Threads: 1})
		var order []string // of who has the turn
		search := func(name string) func(context.Context) (answer, error) {
			return func(ctx context.Context) (answer, error) {
				for range 5 {
					time.Sleep(time.Second)
					if err := d.yield(ctx); err != nil {
						return answer{}, err
					}
				}
				order = append(order, name)
				return answer{body: []byte("found")}, nil
			}
		}
		first := asking(t.Context(), d, "search 1", search("first"))
		synctest.Wait()
		second := asking(t.Context(), d, "search 2", search("second"))
		start := time.Now()
		w := <-asking(t.Context(), d, "a", func(context.Context) (answer, error) {
			order = append(order, "short")
			return answer{body: []byte("told")}, nil
		})
		if waited := time.Since(start); w.Code != http.StatusOK || waited != time.Second {
			t.Errorf("a short question: %d after %v", w.Code, waited)
		}
		if w := <-first; w.Code != http.StatusOK || w.Body.String() != "found" {
			t.Errorf("a search: %d %s", w.Code, w.Body)
		}
		if w := <-second; w.Code != http.StatusAccepted || w.Body.String() != `{"waiting":true,"before":1}` {
			t.Errorf("a search behind another: %d %s", w.Code, w.Body)
		}
		if w := answered(t.Context(), d, "search 2", search("second")); w.Code != http.StatusOK || w.Body.String() != "found" {
			t.Errorf("the search after it: %d %s", w.Code, w.Body)
		}
		if got := strings.Join(order, " "); got != "short first second" {
			t.Errorf("the order is %s", got)
		}
	})
}

// The time that a question may take counts from its turn, and the wait for that is told, and is no longer than somebody waits.
func TestLimitBeginsWithTheTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := New(Options{Threads: 1})
		gate := make(chan struct{})
		begun := asking(t.Context(), d, "a", func(context.Context) (answer, error) { <-gate; return answer{}, nil })
		synctest.Wait()
		var took time.Duration
		search := func(ctx context.Context) (answer, error) {
			start := time.Now()
			<-ctx.Done()
			took = time.Since(start)
			return answer{}, ctx.Err()
		}
		start := time.Now()
		for time.Since(start) < 2*seeking { // longer than the search may take
			w := <-asking(t.Context(), d, "search", search)
			if w.Code != http.StatusAccepted || w.Body.String() != `{"waiting":true,"before":1}` {
				t.Fatalf("a search whose turn has not come: %d %s", w.Code, w.Body)
			}
		}
		if w := <-begun; w.Code != http.StatusAccepted || w.Body.String() != `{"waiting":true,"before":0}` {
			t.Errorf("a question that takes long: %d %s", w.Code, w.Body)
		}
		if w := <-asking(t.Context(), d, "b", search); w.Body.String() != `{"waiting":true,"before":1}` { // a search lets it before
			t.Errorf("a short question behind both: %s", w.Body)
		}
		close(gate)
		if w := answered(t.Context(), d, "search", search); took != seeking || !strings.Contains(w.Body.String(), "longer than 10m0s") {
			t.Errorf("the search was stopped after %v: %d %s", took, w.Code, w.Body)
		}
	})
}

// A network that a search goes on with stays open whatever others are asked about, and is closed in its turn afterwards.
func TestHeldStaysOpen(t *testing.T) {
	run := runOf(t, []uint64{1, 2, 3, 4}, lenet...)
	d := New(Options{Threads: 1})
	ask(t, d, run, "input?step=1", &struct{}{})
	first := d.opened[0]
	first.held = true
	for _, step := range []string{"2", "3", "4"} {
		ask(t, d, run, "input?step="+step, &struct{}{})
	}
	if len(d.opened) != mostOpen || d.opened[0] != first || d.opened[1].manifest.Step != 4 {
		t.Errorf("%d are open", len(d.opened))
	}
	ask(t, d, run, "input?step=1&sample=2", &struct{}{}) // it can be asked, too
	first.held = false
	for _, step := range []string{"2", "3"} {
		ask(t, d, run, "input?sample=1&step="+step, &struct{}{})
	}
	if len(d.opened) != mostOpen || d.opened[0] == first || d.opened[1] == first {
		t.Error("it stays open for good")
	}
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
		next := answered(t.Context(), d, "b", func(context.Context) (answer, error) { return answer{body: []byte("told")}, nil })
		if waited := time.Since(start); next.Code != http.StatusOK || waited != abandon/2 {
			t.Errorf("the next question: %d after %v", next.Code, waited)
		}
		if d.jobs["a"] != nil {
			t.Error("what was stopped is still there")
		}
	})
}

// An answer to which more will come is told once to all who wait for it, and the next to ask has it go on.
func TestPasses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := New(Options{Threads: 1})
		portions := 0
		compute := func(context.Context) (answer, error) {
			portions++
			time.Sleep(time.Second)
			return answer{body: []byte{'0' + byte(portions)}, passes: portions < 3}, nil
		}
		for _, want := range []string{"1", "2", "3", "3"} {
			one, other := asking(t.Context(), d, "search a", compute), asking(t.Context(), d, "search a", compute)
			if a, b := (<-one).Body.String(), (<-other).Body.String(); a != want || b != want {
				t.Errorf("it is told %s and %s, want %s", a, b, want)
			}
			synctest.Wait()
		}
		if len(d.jobs) != 1 || len(d.over) != 1 || d.bytes != len("search a")+1 {
			t.Errorf("%d answers are kept, %d bytes", len(d.over), d.bytes)
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
