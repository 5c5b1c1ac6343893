package inside

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// query is the fields of a question.
type query struct{ url.Values }

// number is a whole number from low to high; def without the field.
func (q query) number(name string, def, low, high int) (int, error) {
	if !q.Has(name) {
		def = min(max(def, low), high)
		return def, nil
	}
	n, err := strconv.Atoi(q.Get(name))
	if err != nil || n < low || n > high {
		return 0, fmt.Errorf("%s=%s: a number from %d to %d is wanted", name, short(q.Get(name)), low, high)
	}
	return n, nil
}

// span reads A-B, both of which count.
func (q query) span(name string, n, most int) (from, to int, err error) {
	a, b, _ := strings.Cut(q.Get(name), "-")
	from, err = strconv.Atoi(a)
	if err == nil {
		to, err = strconv.Atoi(b)
	}
	if err != nil || from < 0 || to < from || from >= n || to-from >= most {
		return 0, 0, fmt.Errorf("%s=%s: A-B is wanted, of %d, at most %d of them", name, short(q.Get(name)), n, most)
	}
	return from, min(to, n-1), nil
}

// short is a text from outside as it is told.
func short(text string) string {
	if len(text) > 40 {
		text = strings.ToValidUTF8(text[:40], "") + "…"
	}
	return strconv.Quote(text)
}
