package nn

import (
	"fmt"
	"path"
	"slices"
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
func (n Names) Unused(ps *Params) []string {
	var list []string
	for _, pattern := range n {
		used := false
		for name := range ps.names {
			used = used || matches(pattern, name)
		}
		if !used {
			list = append(list, pattern)
		}
	}
	return list
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
