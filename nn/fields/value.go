package fields

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Wants says what a value may be, for an error: "a whole number from 1 to 64". at points to it; within is what a
// number may be, oneOf what a text may be, if not anything.
func Wants(at any, within Span, oneOf []string) string {
	switch at.(type) {
	case *int:
		return "a whole number " + within.String()
	case *uint64:
		return "a whole number from 0 to 18446744073709551615"
	case *float64:
		return "a number " + within.String()
	case *bool:
		return "true or false"
	case *[]int:
		return "a list of whole numbers " + within.String()
	case *[]float64:
		return "a list of numbers " + within.String()
	}
	if oneOf != nil {
		return "one of " + strings.Join(oneOf, ", ")
	}
	return "text"
}

// Set stores a scalar's text in the value that at points to. A false answer means that the text is not of its type.
func Set(at any, text string) bool {
	switch p := at.(type) {
	case *string:
		*p = text
		return true
	case *int:
		n, ok := parseInt(text)
		*p = n
		return ok
	case *uint64:
		n, err := strconv.ParseUint(text, 10, 64)
		*p = n
		return err == nil && !octal(text)
	case *float64:
		x, ok := ParseFloat(text)
		*p = x
		return ok
	case *bool:
		*p = text == "true"
		return text == "true" || text == "false"
	case *[]int:
		list, ok := parseList(text, parseInt)
		*p = list
		return ok
	case *[]float64:
		list, ok := parseList(text, ParseFloat)
		*p = list
		return ok
	}
	panic(fmt.Sprintf("fields: a %T is of no type that fields have", at))
}

// Text is the canonical form of the value that at points to: equal values have equal text.
func Text(at any) string {
	switch p := at.(type) {
	case *string:
		return *p
	case *int:
		return strconv.Itoa(*p)
	case *uint64:
		return strconv.FormatUint(*p, 10)
	case *float64:
		return formatFloat(*p)
	case *bool:
		return strconv.FormatBool(*p)
	case *[]int:
		return joined(*p, strconv.Itoa)
	case *[]float64:
		return joined(*p, formatFloat)
	}
	panic(fmt.Sprintf("fields: a %T is of no type that fields have", at))
}

// IsList reports whether at points to a list.
func IsList(at any) bool {
	switch at.(type) {
	case *[]int, *[]float64:
		return true
	}
	return false
}

// Impossible says what is wanted in place of the number, or of the numbers of the list, that at points to, or nothing
// when they lie within.
func Impossible(at any, within Span) string {
	switch p := at.(type) {
	case *int:
		if !within.Holds(float64(*p)) {
			return Wants(at, within, nil)
		}
	case *[]int:
		if slices.ContainsFunc(*p, func(n int) bool { return !within.Holds(float64(n)) }) {
			return Wants(at, within, nil)
		}
	case *float64:
		return outside(at, *p, within)
	case *[]float64:
		for _, x := range *p {
			if want := outside(at, x, within); want != "" {
				return want
			}
		}
	}
	return ""
}

// outside says what is wanted in place of x where it does not lie within, as it stands or in float32.
func outside(at any, x float64, within Span) string {
	r := float64(float32(x))
	switch {
	case !within.Holds(x):
		return Wants(at, within, nil)
	case !within.Holds(r), (r == 0) != (x == 0):
		return Wants(at, within, nil) + "; in float32, in which runs compute, it is " + formatFloat(r)
	}
	return ""
}

func joined[T any](list []T, text func(T) string) string {
	items := make([]string, len(list))
	for i, x := range list {
		items[i] = text(x)
	}
	return strings.Join(items, ", ")
}

// parseList takes items with commas between them: "30000, 60000", or none.
func parseList[T any](text string, parse func(string) (T, bool)) (list []T, ok bool) {
	if text = strings.Trim(text, "[] "); text == "" {
		return nil, true
	}
	for item := range strings.SplitSeq(text, ",") {
		x, ok := parse(strings.TrimSpace(item))
		if !ok {
			return nil, false
		}
		list = append(list, x)
	}
	return list, true
}

func parseInt(text string) (int, bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	return int(n), err == nil && int64(int(n)) == n && !octal(text)
}

// octal reports a whole number that begins with 0: YAML has been of two minds about its base.
func octal(text string) bool {
	digits := strings.TrimLeft(text, "+-")
	return len(digits) > 1 && digits[0] == '0'
}

// ParseFloat takes decimal notation alone: no hexadecimal, no underscores, no infinities. A number that is too small
// for float64 is the smallest that is not 0, so that it is not taken for a 0.
func ParseFloat(text string) (float64, bool) {
	if strings.Trim(text, "0123456789+-.eE") != "" {
		return 0, false
	}
	x, err := strconv.ParseFloat(text, 64)
	mantissa, _, _ := strings.Cut(strings.ToLower(text), "e")
	switch {
	case x != 0:
	case strings.ContainsAny(mantissa, "123456789"):
		x = math.Copysign(math.SmallestNonzeroFloat64, x)
	default:
		x = 0 // -0 and 0 are one value, and have one text
	}
	return x, err == nil
}

// formatFloat is the shortest text that reads back as x.
func formatFloat(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
