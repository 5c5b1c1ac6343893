package web

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
)

// checkQuery refuses a query with fields other than those allowed, or with
// one given twice.
func checkQuery(raw string, allowed ...string) error {
	_, err := parseQuery(raw, allowed...)
	return err
}

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

// parseSince reads ?since=N, a step; 0 without one.
func parseSince(raw string) (uint64, error) {
	q, err := parseQuery(raw, "since")
	if err != nil {
		return 0, err
	}
	if !q.Has("since") {
		return 0, nil
	}
	since, err := strconv.ParseUint(q.Get("since"), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("query field \"since\" is %q; it must be a step, a whole number from 0 to 2^64-1", q.Get("since"))
	}
	return since, nil
}
