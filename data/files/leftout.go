package files

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Reason says why something was left out. The reasons below are those of a walk; readers of formats add their own.
type Reason string

// The reasons of a walk.
const (
	Hidden      Reason = "hidden" // the name begins with a dot, or is __MACOSX, where an archive keeps such files
	Excluded    Reason = "excluded"
	NotIncluded Reason = "not matched by --include"
	TooLarge    Reason = "too large"
	Unreadable  Reason = "unreadable" // a file or a directory; the detail is the system's error
	NotFile     Reason = "not a file" // a link to a directory, a broken link, a socket and the like
	Repeated    Reason = "same file again"
	Output      Reason = "output"
	ShardSet    Reason = "shard set"
	RunFiles    Reason = "checkpoint or record of a run"
	Log         Reason = "log"
)

// NoOffset is the offset of what has no place within a file.
const NoOffset = -1

// LeftOut is something that was found and not taken. A directory counts once, with all that is in it.
type LeftOut struct {
	Path   string
	Reason Reason
	Detail string // more about the reason, or ""
	Offset int64  // byte of the file at which the trouble is, or NoOffset
}

// Error makes a file that was named and cannot be taken an error.
func (l LeftOut) Error() string {
	text := fmt.Sprintf("%s: %s", printable(l.Path), l.Reason)
	if l.Detail != "" {
		text += ": " + l.Detail
	}
	if l.Offset >= 0 {
		text += fmt.Sprintf(" at offset %d", l.Offset)
	}
	return text
}

// printable keeps control characters in a file's name away from a terminal.
func printable(path string) string {
	if quoted := fmt.Sprintf("%q", path); strings.Contains(quoted, `\`) {
		return quoted
	}
	return path
}

// maxRefused bounds the files that one error names.
const maxRefused = 20

// Refuse is the error for files that were named and cannot be taken, on one line, or nil if there are none.
func Refuse(named []LeftOut) error {
	var err error
	for i, l := range named {
		switch {
		case i == 0:
			err = l
		case i == maxRefused:
			return fmt.Errorf("%w; and %d more", err, len(named)-i)
		default:
			err = fmt.Errorf("%w; %w", err, l)
		}
	}
	return err
}

// Count is how many were left out for a reason.
func Count(left []LeftOut, reason Reason) (n int) {
	for _, l := range left {
		if l.Reason == reason {
			n++
		}
	}
	return n
}

// Tally counts by reason, the most frequent first: "15 hidden, 1 excluded". It is "nothing" for an empty list.
func Tally(left []LeftOut) string {
	counts := map[Reason]int{}
	for _, l := range left {
		counts[l.Reason]++
	}
	reasons := slices.SortedFunc(maps.Keys(counts), func(a, b Reason) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	var parts []string
	for _, r := range reasons {
		parts = append(parts, fmt.Sprintf("%d %s", counts[r], r))
	}
	if parts == nil {
		return "nothing"
	}
	return strings.Join(parts, ", ")
}
