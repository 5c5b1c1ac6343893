package coordinator

import "fmt"

// fault is an error that a caller is told. What it is on the wire is the
// service's matter (service.go).
type fault struct {
	kind faultKind
	text string
}

type faultKind int

const (
	faultInternal  faultKind = iota
	faultBusy                // more than is served at once
	faultLate                // took too long
	faultNotNow              // the run or this coordinator is not in a state for it
	faultAway                // try again, here or elsewhere
	faultOver                // cut off by the end of the run
	faultMalformed           // cannot be right
	faultForbidden           // the caller's certificate does not permit it
)

func faultf(kind faultKind, format string, args ...any) error {
	return &fault{kind, fmt.Sprintf(format, args...)}
}

func (f *fault) Error() string { return f.text }
