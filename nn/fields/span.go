package fields

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Span is what a number may be: Lo to Hi, both included unless Above or Below says otherwise.
type Span struct {
	Lo, Hi       float64
	Above, Below bool // above Lo, below Hi
}

// Holds reports whether x lies in the span. Nothing that is not finite does.
func (s Span) Holds(x float64) bool {
	switch {
	case math.IsNaN(x), math.IsInf(x, 0), x < s.Lo, x > s.Hi:
		return false
	case s.Above && x == s.Lo, s.Below && x == s.Hi:
		return false
	}
	return true
}

// String is the span as an error says it: "from 1 to 64", "above 0 and below 1".
func (s Span) String() string {
	lo, hi := formatFloat(s.Lo), formatFloat(s.Hi)
	switch {
	case math.IsInf(s.Hi, 1) && math.IsInf(s.Lo, -1):
		return "of any size"
	case math.IsInf(s.Hi, 1) && s.Above:
		return "above " + lo
	case math.IsInf(s.Hi, 1):
		return "of at least " + lo
	case s.Above && s.Below:
		return "above " + lo + " and below " + hi
	case s.Above:
		return "above " + lo + " and at most " + hi
	case s.Below:
		return "from " + lo + " to below " + hi
	default:
		return "from " + strconv.FormatFloat(s.Lo, 'f', -1, 64) + " to " + strconv.FormatFloat(s.Hi, 'f', -1, 64)
	}
}

// ParseSpan reads an interval: "[1, 64]", "(0, inf)", "[0, 1)".
func ParseSpan(text string) (Span, error) {
	wrong := fmt.Errorf("%q is no interval as [1, 64], (0, inf) or [0, 1)", text)
	lo, hi, ok := strings.Cut(text, ",")
	if !ok || len(lo) < 2 || len(hi) < 2 || !strings.Contains("[(", lo[:1]) || !strings.Contains("])", hi[len(hi)-1:]) {
		return Span{}, wrong
	}
	s := Span{Above: lo[0] == '(', Below: hi[len(hi)-1] == ')'}
	var errLo, errHi error
	s.Lo, errLo = strconv.ParseFloat(strings.TrimSpace(lo[1:]), 64)
	s.Hi, errHi = strconv.ParseFloat(strings.TrimSpace(hi[:len(hi)-1]), 64)
	if errLo != nil || errHi != nil || !(s.Lo <= s.Hi) {
		return Span{}, wrong
	}
	return s, nil
}
