package web

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/history"
)

func parseQuery(raw string, allowed ...string) (url.Values, error) {
	q, err := url.ParseQuery(raw)
	if err != nil {
		return nil, fmt.Errorf("query %q cannot be read: %w", raw, err)
	}
	for _, name := range slices.Sorted(maps.Keys(q)) {
		if !slices.Contains(allowed, name) {
			return nil, fmt.Errorf("query field %q is unknown; allowed: %q", name, allowed)
		}
		if len(q[name]) > 1 {
			return nil, fmt.Errorf("query field %q is given %d times; give it once", name, len(q[name]))
		}
	}
	return q, nil
}

// parseStatus reads ?since=NUMBER&run=NAME, both of which may be left out. It
// returns all fields, too.
func parseStatus(raw string) (since uint64, q url.Values, err error) {
	if q, err = parseQuery(raw, "since", "run"); err != nil {
		return 0, nil, err
	}
	since, err = whole(q, "since")
	return since, q, err
}

// parseSeries reads ?from=STEP&to=STEP&points=N&columns=NAME,NAME&run=NAME, all
// of which may be left out. It returns all fields, too.
func parseSeries(raw string) (s history.Query, q url.Values, err error) {
	if q, err = parseQuery(raw, "from", "to", "points", "columns", "run"); err != nil {
		return s, nil, err
	}
	var points uint64
	for _, field := range []struct {
		name string
		to   *uint64
	}{{"from", &s.From}, {"to", &s.To}, {"points", &points}} {
		if *field.to, err = whole(q, field.name); err != nil {
			return s, nil, err
		}
	}
	s.Points = int(min(points, history.MaxPoints+1))
	if q.Get("columns") != "" {
		s.Columns = strings.Split(q.Get("columns"), ",")
	}
	return s, q, s.Validate()
}

// checkColumns says which columns that were asked for there are none of, and
// which there are.
func checkColumns(asked []string, answer history.Series, src Source) error {
	for _, name := range asked {
		if answer.Columns[name] == nil {
			known := src.Series(history.Query{Points: 1}).Columns
			return fmt.Errorf("query field %q names the column %q; the run has %s", "columns", name, strings.Join(slices.Sorted(maps.Keys(known)), ", "))
		}
	}
	return nil
}

// whole is a field of a query that says a whole number; 0 without it.
func whole(q url.Values, name string) (uint64, error) {
	if !q.Has(name) {
		return 0, nil
	}
	n, err := strconv.ParseUint(q.Get(name), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("query field %q is %q; it must be a whole number from 0 to 2^64-1", name, q.Get(name))
	}
	return n, nil
}

// parseSamples reads the numbers of some samples, "3,17,4".
func parseSamples(text string) (list []int, err error) {
	numbers := strings.Split(text, ",")
	if len(numbers) > api.MaxSeen {
		return nil, fmt.Errorf("query field \"samples\" has %d samples, at most %d", len(numbers), api.MaxSeen)
	}
	for _, number := range numbers {
		n, err := strconv.ParseUint(number, 10, 62)
		if err != nil {
			return nil, fmt.Errorf("query field \"samples\" has %q; it must be whole numbers with commas between", number)
		}
		list = append(list, int(n))
	}
	return list, nil
}
