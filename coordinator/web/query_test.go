package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
)

func TestBadQueries(t *testing.T) {
	h := handlerOf(&fixed{})
	for _, c := range []struct{ target, has string }{
		{"/api/curve?since=", "must be a step"},
		{"/api/curve?since", "must be a step"},
		{"/api/curve?since=-1", `"-1"`},
		{"/api/curve?since=1.5", `"1.5"`},
		{"/api/curve?since=0x10", "must be a step"},
		{"/api/curve?since=18446744073709551616", "2^64-1"},
		{"/api/curve?since=%3Cb%3E", "must be a step"},
		{"/api/curve?since=1&since=2", "given 2 times"},
		{"/api/curve?since=1&until=2", `"until" is unknown`},
		{"/api/curve?since=%zz", "cannot be read"},
		{"/api/curve?since=1;until=2", "cannot be read"},
		{"/api/status?since=1", `"since" is unknown`},
	} {
		w := ask(h, "GET", c.target)
		var answer struct{ Error string }
		err := json.Unmarshal(w.Body.Bytes(), &answer)
		if w.Code != http.StatusBadRequest || err != nil || !strings.Contains(answer.Error, c.has) {
			t.Errorf("%s: %d %s, want 400 with %q", c.target, w.Code, w.Body, c.has)
		}
		if strings.ContainsAny(w.Body.String(), "<>") {
			t.Errorf("%s: markup in %s", c.target, w.Body)
		}
	}
}

func FuzzParseSince(f *testing.F) {
	for _, raw := range []string{"", "since=1", "since=18446744073709551615", "since=1&since=2", "x=%zz", "since=+1", "a;b", "since=%31"} {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		since, err := parseSince(raw)
		if err != nil {
			if since != 0 || err.Error() == "" {
				t.Fatalf("%q: since %d with error %q", raw, since, err)
			}
			return
		}
		// What was accepted says the same again, and alone.
		q, err := url.ParseQuery(raw)
		if err != nil || len(q) > 1 {
			t.Fatalf("%q was accepted: %v, %v", raw, q, err)
		}
		again, err := parseSince("since=" + strconv.FormatUint(since, 10))
		if err != nil || again != since {
			t.Fatalf("%q: %d, then %d, %v", raw, since, again, err)
		}
	})
}
