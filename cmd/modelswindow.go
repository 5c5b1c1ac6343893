package cmd

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/rondo-ml/rondo/tensor"
)

// window is what slides along a side of an image, by its words: "in=224 kernel=7 stride=2 pad=3".
type window struct {
	numbers                map[string]int
	ceil, same, transposed bool
	asked                  string // the number that is to be found, "out" where none is marked by ?
}

// windowNumber is a number of a window, and the least that it may be.
type windowNumber struct {
	name  string
	least int
}

var windowNumbers = []windowNumber{{"in", 1}, {"kernel", 1}, {"stride", 1}, {"pad", 0}, {"dilation", 1}, {"outpad", 0}, {"out", 1}}

// mostWindow bounds every number, and those that are tried.
const mostWindow = 1 << 13

// readWindow reads the words of --window.
func readWindow(text string) (*window, error) {
	w := &window{numbers: map[string]int{"stride": 1, "dilation": 1, "pad": 0, "outpad": 0}}
	given := map[string]bool{}
	for _, word := range strings.Fields(text) {
		name, value, valued := strings.Cut(word, "=")
		if given[name] {
			return nil, fmt.Errorf("%s is there twice", name)
		}
		given[name] = true
		flags := map[string]*bool{"ceil": &w.ceil, "same": &w.same, "transposed": &w.transposed}
		at := slices.IndexFunc(windowNumbers, func(n windowNumber) bool { return n.name == name })
		switch {
		case !valued && flags[name] != nil:
			*flags[name] = true
		case at < 0 || !valued:
			return nil, fmt.Errorf("%q is none of in=, kernel=, stride=, pad=, dilation=, outpad=, out=, ceil, same, transposed", word)
		case value == "?" && w.asked != "":
			return nil, fmt.Errorf("%s and %s are both asked for; one can be found", w.asked, name)
		case value == "?":
			w.asked = name
		default:
			n, err := strconv.Atoi(value)
			if err != nil || n < windowNumbers[at].least || n > mostWindow {
				return nil, fmt.Errorf("%s=%s: a whole number from %d to %d, or ? for what is to be found", name, value, windowNumbers[at].least, mostWindow)
			}
			w.numbers[name] = n
		}
	}
	if w.asked == "" && !given["out"] {
		w.asked = "out"
	}
	return w, w.check(given)
}

// check refuses words that do not go together.
func (w *window) check(given map[string]bool) error {
	for _, name := range []string{"in", "kernel"} {
		if !given[name] {
			return fmt.Errorf("%s= is missing; give a number, or ? for what is to be found", name)
		}
	}
	switch {
	case w.asked == "":
		return errors.New("nothing is asked for; leave out out=, or give a number as ?")
	case w.asked != "out" && !given["out"]:
		return fmt.Errorf("out= is missing, which %s is to give", w.asked)
	case given["outpad"] && !w.transposed:
		return errors.New("outpad= is for transposed")
	case w.ceil && w.transposed:
		return errors.New("ceil is for what is not transposed")
	case w.same && given["pad"]:
		return errors.New("same chooses the padding; leave out pad=")
	}
	return nil
}

// out is what comes out, or an error that says why nothing does.
func (w *window) out() (int, error) {
	n := w.numbers
	e := tensor.Extent{In: n["in"], Kernel: n["kernel"], Stride: n["stride"], Pad: n["pad"], Dilation: n["dilation"], Same: w.same, Ceil: w.ceil}
	if w.transposed {
		return e.TransposedOut(n["outpad"])
	}
	return e.Out()
}

// solve finds the values of what is asked for.
func (w *window) solve() (found []int, err error) {
	if w.asked == "out" {
		n, err := w.out()
		return []int{n}, err
	}
	want := w.numbers["out"]
	for _, n := range windowNumbers {
		if n.name != w.asked {
			continue
		}
		for v := n.least; v <= mostWindow; v++ {
			w.numbers[w.asked] = v
			if out, err := w.out(); err == nil && out == want {
				found = append(found, v)
			}
		}
	}
	if found == nil {
		return nil, fmt.Errorf("no %s up to %d gives %d", w.asked, mostWindow, want)
	}
	return found, nil
}

// printWindow is `rondo models --window`.
func printWindow(out io.Writer, text string) error {
	w, err := readWindow(text)
	if err != nil {
		return &usageError{fmt.Errorf("--window: %w", err)}
	}
	found, err := w.solve()
	if err != nil {
		return &usageError{fmt.Errorf("--window: %w", err)}
	}
	fmt.Fprintf(out, "%s = %s\n", w.asked, rangesText(found))
	if n := w.numbers; w.transposed && w.asked != "kernel" && w.asked != "stride" && n["kernel"]%n["stride"] != 0 {
		fmt.Fprintf(out, "kernel %d is no multiple of stride %d: some pixels are covered more often than others, a checkerboard\n", n["kernel"], n["stride"])
	}
	return nil
}

// rangesText is rising numbers as "3, 5 to 9".
func rangesText(list []int) string {
	var parts []string
	for i := 0; i < len(list); {
		j := i
		for j+1 < len(list) && list[j+1] == list[j]+1 {
			j++
		}
		text := strconv.Itoa(list[i])
		if j > i {
			text += " to " + strconv.Itoa(list[j])
		}
		parts, i = append(parts, text), j+1
	}
	return strings.Join(parts, ", ")
}
