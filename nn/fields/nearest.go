package fields

import (
	"fmt"
	"slices"
	"strings"
)

// Nearest returns the one of the known names that name may be a typing slip of; empty: none.
func Nearest(name string, known []string) string {
	best, least := "", 1+len(name)/3
	for _, k := range known {
		if d := distance(name, k); d <= least && (best == "" || d < least) {
			best, least = k, d
		}
	}
	return best
}

// Among lists the known names for who gave one that is none of them, and the nearest, which it asks about: in front of a long list,
// where the question is seen.
func Among(name string, known []string) (list, nearest string) {
	const long = 20
	nearest = Nearest(name, known)
	asked := fmt.Sprintf(" (did you mean %s?)", nearest)
	switch list = strings.Join(known, ", "); {
	case nearest == "":
		return list, ""
	case len(known) <= long:
		return list + asked, nearest
	}
	rest := slices.Clone(known)
	rest = slices.Delete(rest, slices.Index(rest, nearest), slices.Index(rest, nearest)+1)
	return nearest + asked + ", " + strings.Join(rest, ", "), nearest
}

// distance is the Levenshtein distance between two names.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
