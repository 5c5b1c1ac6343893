package web

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// as is a request of an open page.
func as(page string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(pageHeader, page) }
}

// lingered is how long a site lingers when its run has ended, while what is
// given in happens meanwhile.
func lingered(t *testing.T, src *fixed, before, meanwhile func(s *Site)) time.Duration {
	t.Helper()
	s := New(src, Options{})
	src.status.Phase = api.PhaseTraining
	before(s)
	src.status.Phase = api.PhaseFinished
	began := time.Now()
	go meanwhile(s)
	s.Linger(t.Context(), 3*time.Second)
	return time.Since(began)
}

// round is what a page asks for each second.
func round(s *Site, page string) {
	ask(s, "GET", "/api/status", as(page))
	ask(s, "GET", "/api/series", as(page))
}

func TestLinger(t *testing.T) {
	nothing := func(*Site) {}
	after := func(d time.Duration, what func(s *Site)) func(*Site) {
		return func(s *Site) { time.Sleep(d); what(s) }
	}
	for name, c := range map[string]struct {
		before, meanwhile func(*Site)
		want              time.Duration
	}{
		"nobody watches": {nothing, nothing, 0},
		"strangers ask":  {func(s *Site) { ask(s, "GET", "/api/status"); ask(s, "GET", "/metrics"); ask(s, "GET", "/") }, nothing, 0},
		"a page fetches the end": {func(s *Site) { round(s, "a") },
			after(900*time.Millisecond, func(s *Site) { round(s, "a") }), 900 * time.Millisecond},
		"its history comes later": {func(s *Site) { round(s, "a") },
			after(time.Second, func(s *Site) {
				ask(s, "GET", "/api/status", as("a"))
				time.Sleep(time.Second / 2)
				ask(s, "GET", "/api/series", as("a"))
			}), 1500 * time.Millisecond},
		"two pages": {func(s *Site) { round(s, "a"); round(s, "b") },
			after(time.Second, func(s *Site) { round(s, "a"); time.Sleep(time.Second); round(s, "b") }), 2 * time.Second},
		"one asks for the status alone, again and again": {func(s *Site) { round(s, "a") },
			func(s *Site) {
				for range 10 {
					time.Sleep(time.Second)
					ask(s, "GET", "/api/status", as("a"))
				}
			}, 3 * time.Second},
		"one says nothing more":     {func(s *Site) { round(s, "a") }, nothing, viewerPatience},
		"one was closed before":     {func(s *Site) { round(s, "a"); time.Sleep(viewerPatience) }, nothing, 0},
		"one had half of its round": {func(s *Site) { ask(s, "GET", "/api/status", as("a")) }, after(time.Second, func(s *Site) { round(s, "a") }), time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if got := lingered(t, &fixed{}, c.before, c.meanwhile); got != c.want {
					t.Errorf("lingered %v, want %v", got, c.want)
				}
				time.Sleep(time.Minute) // until meanwhile has ended
			})
		})
	}
}

func TestLingerCanBeEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(&fixed{}, Options{})
		round(s, "a")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		s.Linger(ctx, time.Hour)
		if got := time.Since(began); got != time.Second {
			t.Errorf("lingered %v", got)
		}
	})
}

// Names are made up by whoever asks, so there is an end to how many are kept.
func TestViewersAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(&fixed{}, Options{})
		round(s, strings.Repeat("long", 100))
		for i := range 10 * maxViewers {
			round(s, fmt.Sprint(i))
		}
		if n := len(s.viewers.all); n != maxViewers {
			t.Errorf("%d pages are remembered", n)
		}
		time.Sleep(time.Minute)
		round(s, "a new one")
		if n := len(s.viewers.all); n != 1 {
			t.Errorf("a minute later %d", n)
		}
	})
}
