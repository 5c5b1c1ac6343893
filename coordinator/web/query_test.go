package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/coordinator/history"
)

func TestBadQueries(t *testing.T) {
	h := handlerOf(&fixed{})
	for _, c := range []struct{ target, has string }{
		{"/api/status?since=", "must be a whole number"},
		{"/api/status?since", "must be a whole number"},
		{"/api/status?since=-1", `"-1"`},
		{"/api/status?since=1.5", `"1.5"`},
		{"/api/status?since=0x10", "must be a whole number"},
		{"/api/status?since=18446744073709551616", "2^64-1"},
		{"/api/status?since=%3Cb%3E", "must be a whole number"},
		{"/api/status?since=1&since=2", "given 2 times"},
		{"/api/status?since=1&until=2", `"until" is unknown`},
		{"/api/status?since=%zz", "cannot be read"},
		{"/api/status?since=1;until=2", "cannot be read"},
		{"/api/status?from=1", `"from" is unknown`},
		{"/api/series?from=5&to=4", "ends at 4"},
		{"/api/series?points=5001", "ask for 1 to 5000"},
		{"/api/series?points=-1", `"points" is "-1"`},
		{"/api/series?since=1", `"since" is unknown`},
		{"/api/series?columns=" + strings.Repeat("a,", 70), "columns are asked for"},
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

func FuzzParseStatus(f *testing.F) {
	for _, raw := range []string{"", "since=1", "since=18446744073709551615", "since=1&since=2", "x=%zz", "since=+1", "a;b", "since=%31", "since=7&run=a"} {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		since, _, err := parseStatus(raw)
		if err != nil {
			if since != 0 || err.Error() == "" {
				t.Fatalf("%q: since %d with error %q", raw, since, err)
			}
			return
		}
		// What was accepted says the same again.
		q, err := url.ParseQuery(raw)
		if err != nil || len(q) > 2 {
			t.Fatalf("%q was accepted: %v, %v", raw, q, err)
		}
		again, _, err := parseStatus("since=" + strconv.FormatUint(since, 10))
		if err != nil || again != since {
			t.Fatalf("%q: %d, then %d, %v", raw, since, again, err)
		}
	})
}

func FuzzParseSeries(f *testing.F) {
	for _, raw := range []string{"", "from=1&to=5&points=7&columns=loss,norm", "to=18446744073709551615", "points=99999999999999999999", "from=%zz", "columns=,"} {
		f.Add(raw)
	}
	h := history.New("loss")
	for s := range uint64(100) {
		h.Add(3*s+1, time.Unix(int64(s), 0), []float32{1})
	}
	f.Fuzz(func(t *testing.T, raw string) {
		q, _, err := parseSeries(raw)
		if err != nil {
			return
		}
		most := q.Points
		if most == 0 {
			most = history.DefaultPoints
		}
		if s := h.Series(q); len(s.Steps) > most || s.End != 298 {
			t.Fatalf("%q: %d buckets, %d at most were asked for; end %d", raw, len(s.Steps), most, s.End)
		}
	})
}
