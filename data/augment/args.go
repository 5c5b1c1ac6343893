package augment

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// args are the values of one operation's parameters. The methods read one each, and keep the first error and the
// canonical text of each value.
type args struct {
	given map[string]string
	text  []string
	err   error
}

// span is a range of numbers.
type span struct{ lo, hi float64 }

// size is height and width in pixels.
type size struct{ height, width int }

// maxSide bounds what sizes may be asked for.
const maxSide = 8192

func (a *args) fail(name, want string) {
	if a.err == nil {
		a.err = fmt.Errorf("%s is %q, want %s", name, a.given[name], want)
	}
}

func (a *args) keep(name, value string) { a.text = append(a.text, " "+name+"="+value) }

// number reads a number of [lo, hi].
func (a *args) number(name string, lo, hi float64) float64 {
	v, ok := number(a.given[name])
	if !ok || v < lo || v > hi {
		a.fail(name, fmt.Sprintf("a number from %v to %v", lo, hi))
		return lo
	}
	a.keep(name, plain(v))
	return v
}

// whole reads a whole number of [lo, hi].
func (a *args) whole(name string, lo, hi int) int {
	v, err := strconv.Atoi(a.given[name])
	if err != nil || v < lo || v > hi {
		a.fail(name, fmt.Sprintf("a whole number from %d to %d", lo, hi))
		return lo
	}
	a.keep(name, strconv.Itoa(v))
	return v
}

// span reads a range within [lo, hi]; one number stands for a range of that number alone.
func (a *args) span(name string, lo, hi float64) span {
	first, last, two := strings.Cut(a.given[name], "..")
	if !two {
		last = first
	}
	l, ok := number(first)
	h, fine := number(last)
	if !ok || !fine || l < lo || h > hi || l > h {
		a.fail(name, fmt.Sprintf("a range such as %v..%v, within these", lo, hi))
		return span{lo, lo}
	}
	a.keep(name, plain(l)+".."+plain(h))
	return span{l, h}
}

// size reads one side of a square, or height x width.
func (a *args) size(name string) size {
	first, last, two := strings.Cut(a.given[name], "x")
	if !two {
		last = first
	}
	h, err := strconv.Atoi(first)
	w, fault := strconv.Atoi(last)
	if err != nil || fault != nil || h < 1 || w < 1 || h > maxSide || w > maxSide {
		a.fail(name, fmt.Sprintf("pixels such as 64, or 48x64 for height and width, from 1 to %d", maxSide))
		return size{1, 1}
	}
	a.keep(name, fmt.Sprintf("%dx%d", h, w))
	return size{h, w}
}

// choice reads one of some words.
func (a *args) choice(name string, words ...string) string {
	v := a.given[name]
	if !slices.Contains(words, v) {
		a.fail(name, strings.Join(words, " or "))
		return words[0]
	}
	a.keep(name, v)
	return v
}

// numbers reads n numbers separated by slashes.
func (a *args) numbers(name string, n int) []float64 {
	parts := strings.Split(a.given[name], "/")
	values, texts := make([]float64, n), make([]string, n)
	for i := range values {
		ok := len(parts) == n
		if ok {
			values[i], ok = number(parts[i])
		}
		if !ok || math.Abs(values[i]) > 1000 {
			a.fail(name, fmt.Sprintf("%d numbers such as %s", n, strings.Join(slices.Repeat([]string{"0.1"}, n), "/")))
			return values
		}
		texts[i] = plain(values[i])
	}
	a.keep(name, strings.Join(texts, "/"))
	return values
}

// number reads a decimal number that is finite.
func number(text string) (float64, bool) {
	v, err := strconv.ParseFloat(text, 64)
	return v + 0, err == nil && !math.IsNaN(v) && !math.IsInf(v, 0)
}

// plain is the shortest text that reads as v. Negative zero is zero.
func plain(v float64) string {
	if v == 0 {
		v = 0
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}
