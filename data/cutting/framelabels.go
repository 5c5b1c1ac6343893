package cutting

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// labelRun is consecutive sequences of one class. A line of a few bytes may label very many.
type labelRun struct{ Class, Sequences int }

// labelRuns are the classes of all sequences of a file, in order.
type labelRuns []labelRun

// sequences is how many sequences are labelled.
func (l labelRuns) sequences() (n int) {
	for _, run := range l {
		n += run.Sequences
	}
	return n
}

// classes gives the class of one sequence after the other, as many as there are.
func (l labelRuns) classes() func() int {
	at, used := 0, 0
	return func() int {
		if used == l[at].Sequences {
			at, used = at+1, 0
		}
		used++
		return l[at].Class
	}
}

// namedRun is how many sequences in a row are of the class of a name.
type namedRun struct {
	class     string
	sequences int
}

// readLabelLines reads the classes of sequences.
func readLabelLines(path string) (runs []namedRun, err error) {
	const most = 1 << 28 // sequences
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("labels: %w", err)
	}
	left := most
	for i, line := range strings.Split(strings.TrimPrefix(string(text), byteOrderMark), "\n") {
		if strings.TrimSpace(line) == "" {
			continue
		}
		class, count, many := strings.Cut(line, "\t")
		class = strings.TrimSpace(class)
		n := 1
		if many {
			if n, err = strconv.Atoi(strings.TrimSpace(count)); err != nil || n < 1 {
				return nil, fmt.Errorf("%s:%d: %.40q is not a number of sequences", path, i+1, count)
			}
		}
		if class == "" {
			return nil, fmt.Errorf("%s:%d: its class is empty", path, i+1)
		}
		if n > left {
			return nil, fmt.Errorf("%s:%d: labels of more than %d sequences", path, i+1, most)
		}
		left -= n
		runs = append(runs, namedRun{class, n})
	}
	if runs == nil {
		return nil, fmt.Errorf("%s: no labels", filepath.Clean(path))
	}
	return runs, nil
}
