package runfile

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// span is what a number may be: lo to hi, both included unless above or below says otherwise.
type span struct {
	lo, hi       float64
	above, below bool // above lo, below hi
}

func (s span) holds(x float64) bool {
	switch {
	case math.IsNaN(x), math.IsInf(x, 0), x < s.lo, x > s.hi:
		return false
	case s.above && x == s.lo, s.below && x == s.hi:
		return false
	}
	return true
}

func (s span) String() string {
	lo, hi := formatFloat(s.lo), formatFloat(s.hi)
	switch {
	case math.IsInf(s.hi, 1) && s.above:
		return "above " + lo
	case math.IsInf(s.hi, 1):
		return "of at least " + lo
	case s.above && s.below:
		return "above " + lo + " and below " + hi
	case s.above:
		return "above " + lo + " and at most " + hi
	case s.below:
		return "from " + lo + " to below " + hi
	default:
		return "from " + strconv.FormatFloat(s.lo, 'f', -1, 64) + " to " + strconv.FormatFloat(s.hi, 'f', -1, 64)
	}
}

// wants says what the field may be, for an error.
func (d *field) wants() string {
	switch d.at(&File{}).(type) {
	case *int:
		return "a whole number " + d.within.String()
	case *uint64:
		return "a whole number from 0 to 18446744073709551615"
	case *float64:
		return "a number " + d.within.String()
	case *bool, **bool:
		return "true or false"
	case *[]int:
		return "a list of whole numbers " + d.within.String()
	}
	if d.oneOf != nil {
		return "one of " + strings.Join(d.oneOf(), ", ")
	}
	return "text"
}

// set stores the text of a scalar in the field. A false answer means that the text is not of its type.
func (d *field) set(f *File, text string) bool {
	switch p := d.at(f).(type) {
	case *string:
		*p = text
		return true
	case *int:
		n, err := strconv.ParseInt(text, 10, 64)
		*p = int(n)
		return err == nil && int64(int(n)) == n && !octal(text)
	case *uint64:
		n, err := strconv.ParseUint(text, 10, 64)
		*p = n
		return err == nil && !octal(text)
	case *float64:
		x, ok := parseFloat(text)
		*p = x
		return ok
	case *bool:
		*p = text == "true"
		return text == "true" || text == "false"
	case *[]int:
		list, ok := parseInts(text)
		*p = list
		return ok
	case **bool:
		b := text == "true"
		*p = &b
		return text == "true" || text == "false"
	}
	panic(fmt.Sprintf("runfile: field %s has a type that is not handled", d.path))
}

// parseInts takes whole numbers with commas between them: "30000, 60000".
func parseInts(text string) (list []int, ok bool) {
	for item := range strings.SplitSeq(strings.Trim(text, "[] "), ",") {
		n, err := strconv.ParseInt(strings.TrimSpace(item), 10, 64)
		if err != nil || int64(int(n)) != n || octal(strings.TrimSpace(item)) {
			return nil, false
		}
		list = append(list, int(n))
	}
	return list, true
}

// octal reports a whole number that begins with 0: YAML has been of two minds about its base.
func octal(text string) bool {
	digits := strings.TrimLeft(text, "+-")
	return len(digits) > 1 && digits[0] == '0'
}

// parseFloat takes decimal notation alone: no hexadecimal, no underscores, no infinities. A number that is too small
// for float64 is the smallest that is not 0, so that it is not taken for a 0.
func parseFloat(text string) (float64, bool) {
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

// text is the canonical form of the field's value: equal values have equal text.
func (d *field) text(f *File) string {
	switch p := d.at(f).(type) {
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
		return strings.Trim(strings.Join(strings.Fields(fmt.Sprint(*p)), ", "), "[]")
	case **bool:
		return strconv.FormatBool(*p != nil && **p)
	}
	panic(fmt.Sprintf("runfile: field %s has a type that is not handled", d.path))
}

// formatFloat is the shortest text that reads back as x.
func formatFloat(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
