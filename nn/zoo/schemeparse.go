package zoo

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// What a scheme may hold.
const (
	maxSchemeText   = 4096
	maxSchemeLayers = 1000
	maxSchemeNumber = 1 << 16
)

// schemeStep is one layer of a scheme: "conv 32 5x5 stride=2".
type schemeStep struct {
	name  string
	of    schemeLayer
	plain []string
	named map[string]int
	same  bool // pad=same
}

func (s schemeStep) String() string { return strings.Join(append([]string{s.name}, s.plain...), " ") }

// number is a named argument.
func (s schemeStep) number(name string, otherwise int) int {
	if n, ok := s.named[name]; ok {
		return n
	}
	return otherwise
}

func (s schemeStep) has(name string) bool { _, ok := s.named[name]; return ok }

// count is the first argument, a number of at least 1, or what is usual where there is none.
func (s schemeStep) count(usual int, what string) (int, error) {
	if len(s.plain) == 0 {
		return usual, nil
	}
	n, err := strconv.Atoi(s.plain[0])
	if err != nil || n < 1 || n > maxSchemeNumber {
		return 0, fmt.Errorf("%q is no number of %s; want a whole number from 1 to %d", s.plain[0], what, maxSchemeNumber)
	}
	return n, nil
}

// fraction is argument i as a number of [0, 1).
func (s schemeStep) fraction(i int) (float32, bool) {
	if i >= len(s.plain) {
		return 0, false
	}
	x, err := strconv.ParseFloat(s.plain[i], 32)
	return float32(x), err == nil && 0 <= x && float32(x) < 1
}

// window is argument i as a window, "5" or "1x7".
func (s schemeStep) window(i, otherwise int) (height, width int, err error) {
	if i >= len(s.plain) {
		return otherwise, otherwise, nil
	}
	a, b, both := strings.Cut(s.plain[i], "x")
	if !both {
		b = a
	}
	height, errA := strconv.Atoi(a)
	width, errB := strconv.Atoi(b)
	if errA != nil || errB != nil || height < 1 || width < 1 || height > maxSchemeNumber || width > maxSchemeNumber {
		return 0, 0, fmt.Errorf("%q is no window, as 3 or 1x7; want sides from 1 to %d", s.plain[i], maxSchemeNumber)
	}
	return height, width, nil
}

// parseScheme reads layers with → , -> or > between them; "[ … ]*3" repeats what is in brackets. A leading INPUT says
// nothing. Letters may be large or small, and lines may end between words.
func parseScheme(text string) ([]schemeStep, error) {
	if len(text) > maxSchemeText {
		return nil, fmt.Errorf("%d bytes; at most %d are allowed", len(text), maxSchemeText)
	}
	text = strings.NewReplacer("->", ">", "→", ">").Replace(strings.ToLower(text))
	p := &schemeParser{rest: strings.Join(strings.Fields(text), " ")}
	steps, err := p.list(false)
	if err != nil {
		return nil, err
	}
	if len(steps) > 0 && steps[0].name == "input" {
		steps = steps[1:]
	}
	if slices.ContainsFunc(steps, func(s schemeStep) bool { return s.name == "input" }) {
		return nil, fmt.Errorf("input stands in front of all layers, and once")
	}
	if len(steps) == 0 {
		return nil, fmt.Errorf("there are no layers; write some, as [conv 32 > relu > pool]*2 > fc")
	}
	return steps, nil
}

type schemeParser struct {
	rest  string
	depth int
}

// list reads layers up to the end, or to the bracket that closes.
func (p *schemeParser) list(inside bool) (steps []schemeStep, err error) {
	if p.depth++; p.depth > 8 {
		return nil, fmt.Errorf("brackets within brackets within brackets: at most 7 deep")
	}
	defer func() { p.depth-- }()
	for first := true; ; first = false {
		if err := p.arrow(first); err != nil {
			return nil, err
		}
		switch {
		case p.rest == "" && inside:
			return nil, fmt.Errorf("a bracket [ is not closed")
		case p.rest == "":
			return steps, nil
		case p.rest[0] == ']' && inside && first:
			return nil, fmt.Errorf("brackets without a layer in them")
		case p.rest[0] == ']' && inside:
			return steps, nil
		case p.rest[0] == '[':
			p.rest = p.rest[1:]
			group, err := p.list(true)
			if err != nil {
				return nil, err
			}
			p.rest = p.rest[1:]
			times, err := p.times()
			if err != nil {
				return nil, err
			}
			if len(steps)+times*len(group) > maxSchemeLayers {
				return nil, fmt.Errorf("more than %d layers", maxSchemeLayers)
			}
			for range times {
				steps = append(steps, group...)
			}
		default:
			end := strings.IndexAny(p.rest, ">[]")
			if end < 0 {
				end = len(p.rest)
			}
			if end == 0 {
				return nil, fmt.Errorf("a bracket ] closes nothing")
			}
			s, err := parseStep(strings.Fields(p.rest[:end]))
			if err != nil {
				return nil, err
			}
			steps, p.rest = append(steps, s), p.rest[end:]
		}
		if len(steps) > maxSchemeLayers {
			return nil, fmt.Errorf("more than %d layers", maxSchemeLayers)
		}
	}
}

// arrow reads what stands between two layers. Both must be there, but behind the last of all one arrow may stand.
func (p *schemeParser) arrow(first bool) error {
	rest := strings.TrimLeft(p.rest, " >")
	n := strings.Count(p.rest[:len(p.rest)-len(rest)], ">")
	p.rest = rest
	switch {
	case n == 0:
	case first:
		return fmt.Errorf("no layer stands before the first arrow")
	case n > 1:
		return fmt.Errorf("no layer stands between two arrows, before %q", short(rest))
	case rest != "" && rest[0] == ']':
		return fmt.Errorf("no layer stands behind the last arrow")
	}
	return nil
}

// times reads "*3" behind a bracket.
func (p *schemeParser) times() (int, error) {
	text := strings.TrimLeft(p.rest, " ")
	end := strings.IndexAny(text+">", ">[]")
	behind := strings.TrimRight(text[:end], " ")
	if !strings.HasPrefix(text, "*") {
		if digits := strings.TrimLeft(behind, "x0123456789"); behind != "" && digits == "" {
			return 0, fmt.Errorf("found %q behind ]; want *%s for so many times", short(behind), strings.TrimLeft(behind, "x"))
		}
		return 1, nil
	}
	count, _, _ := strings.Cut(strings.TrimLeft(behind[1:], " "), " ")
	n, err := strconv.Atoi(count)
	if err != nil || n < 0 || n > maxSchemeLayers {
		return 0, fmt.Errorf("found %q behind ]*; want a whole number from 0 to %d, and an arrow before the next layer", short(count), maxSchemeLayers)
	}
	p.rest = text[strings.Index(text, count)+len(count):]
	return n, nil
}

// short is the beginning of a text.
func short(text string) string {
	const most = 20
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "…"
	}
	return text
}

// parseStep reads one layer of its words.
func parseStep(words []string) (schemeStep, error) {
	s := schemeStep{name: words[0], named: map[string]int{}}
	layer, known := schemeLayers[s.name]
	if s.name == "input" && len(words) == 1 {
		return s, nil
	}
	if s.name == "input" && slices.IndexFunc(words, func(w string) bool { return strings.Trim(w, "0123456789x") == "" }) > 0 {
		return s, fmt.Errorf("input takes no numbers: an image's size is that of model.height, model.width and model.channels")
	}
	if s.name == "input" {
		return s, fmt.Errorf("behind input: found %q, want > , -> or →", words[1])
	}
	if !known {
		return s, fmt.Errorf("%q is no layer; there are %s", s.name, strings.Join(schemeNames(), ", "))
	}
	s.of = layer
	for _, word := range words[1:] {
		name, value, named := strings.Cut(word, "=")
		switch {
		case !named:
			s.plain = append(s.plain, word)
		case len(layer.named) == 0:
			return s, fmt.Errorf("%s has no argument %q; it has none", s.name, name)
		case !slices.Contains(layer.named, name):
			return s, fmt.Errorf("%s has no argument %q; it has %s", s.name, name, strings.Join(layer.named, ", "))
		case value == "same" && name == "pad":
			s.same = true
		default:
			n, err := strconv.Atoi(value)
			if err != nil || n < 0 || n > maxSchemeNumber || n == 0 && name != "pad" {
				least, same := 1, ""
				if name == "pad" {
					least, same = 0, ", or same"
				}
				return s, fmt.Errorf("%s: %s=%s: want a whole number from %d to %d%s", s.name, name, short(value), least, maxSchemeNumber, same)
			}
			s.named[name] = n
		}
	}
	if len(s.plain) > layer.plain {
		return s, fmt.Errorf("%s has %d arguments; at most %d without a name are allowed", s.name, len(s.plain), layer.plain)
	}
	return s, nil
}
