package nn

import (
	"fmt"
	"iter"
	"maps"
	"math"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Names picks weights by their names: a weight is picked by one of the patterns. A pattern
// with *, ? or [ is one of [path.Match] for the whole name, whose * goes over dots; any other
// is how the names begin: "layer1." picks all of layer1, "fc" also fc2.
type Names []string

// ParseNames reads patterns that commas separate. Spaces around them do not count.
func ParseNames(text string) (Names, error) {
	var names Names
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	for pattern := range strings.SplitSeq(text, ",") {
		pattern = strings.TrimSpace(pattern)
		if pattern == "" {
			return nil, fmt.Errorf("an empty pattern in %q; separate the beginnings of names by single commas", text)
		}
		if _, err := path.Match(pattern, ""); err != nil {
			return nil, fmt.Errorf("the pattern %q: a bracket is open", pattern)
		}
		names = append(names, pattern)
	}
	return names, nil
}

// Match says whether a name is picked.
func (n Names) Match(name string) bool {
	return slices.ContainsFunc(n, func(pattern string) bool { return matches(pattern, name) })
}

func matches(pattern, name string) bool {
	if !strings.ContainsAny(pattern, `*?[\`) {
		return strings.HasPrefix(name, pattern)
	}
	whole, _ := path.Match(pattern, name) // names have no slashes
	return whole
}

// Unused returns the patterns that pick none of the set's weights: spelling mistakes.
func (n Names) Unused(ps *Params) []string { return n.idle(maps.Keys(ps.names)) }

// idle are the patterns that pick none of some names.
func (n Names) idle(names iter.Seq[string]) (list []string) {
	for _, pattern := range n {
		used := false
		for name := range names {
			if used = matches(pattern, name); used {
				break
			}
		}
		if !used {
			list = append(list, pattern)
		}
	}
	return list
}

// Factor is a factor for the weights that a pattern of [Names] picks.
type Factor struct {
	Pattern string
	By      float64 // > 0
}

// Factors are factors by name: the first whose pattern picks a weight is the weight's.
type Factors []Factor

// ParseFactors reads patterns with factors, "fc.=10, layer4.=0.1".
func ParseFactors(text string) (Factors, error) {
	var list Factors
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	for item := range strings.SplitSeq(text, ",") {
		pattern, number, ok := strings.Cut(item, "=")
		by, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		if !ok || err != nil || !(by > 0) || math.IsInf(by, 0) {
			return nil, fmt.Errorf("%q is no beginning of a name with a factor above 0, as fc.=10", strings.TrimSpace(item))
		}
		names, err := ParseNames(pattern)
		if err != nil || len(names) == 0 {
			return nil, fmt.Errorf("%q is no beginning of a name with a factor, as fc.=10", strings.TrimSpace(item))
		}
		list = append(list, Factor{names[0], by})
	}
	return list, nil
}

// Of is the factor of a weight: 1 where no pattern picks it.
func (f Factors) Of(name string) float64 {
	for _, factor := range f {
		if matches(factor.Pattern, name) {
			return factor.By
		}
	}
	return 1
}

// Shadowed returns the patterns whose factor no weight gets, as patterns before them pick all that they do.
func (f Factors) Shadowed(ps *Params) (list []string) {
	for i, factor := range f {
		picks, counts := false, false
		for name := range ps.names {
			if matches(factor.Pattern, name) {
				picks = true
				counts = counts || !f[:i].Names().Match(name)
			}
		}
		if picks && !counts {
			list = append(list, factor.Pattern)
		}
	}
	return list
}

// Names are the patterns.
func (f Factors) Names() Names {
	var names Names
	for _, factor := range f {
		names = append(names, factor.Pattern)
	}
	return names
}

// OldDenseNetName is the name that a weight of DenseNet has today for that of files which
// PyTorch of 2017 wrote: "denselayer1.norm.2.weight" is "denselayer1.norm2.weight". Other
// names stay as they are.
func OldDenseNetName(name string) string {
	layer := strings.Index(name, "denselayer")
	if layer < 0 {
		return name
	}
	parts := strings.Split(name[layer:], ".") // denselayer1, norm, 2, weight
	if len(parts) == 4 && slices.Contains([]string{"norm", "conv", "relu"}, parts[1]) && (parts[2] == "1" || parts[2] == "2") {
		return name[:layer] + parts[0] + "." + parts[1] + parts[2] + "." + parts[3]
	}
	return name
}
