package objects

import (
	"errors"
	"fmt"
	"io/fs"
)

// Kind says what a caller can do about an error.
type Kind int

// The kinds of errors.
const (
	Failed    Kind = iota // for good
	Passing               // another try may succeed
	Missing               // no such object: fs.ErrNotExist
	Refused               // the condition does not hold: fs.ErrExist
	NoBucket              // no such bucket
	Denied                // these credentials may not
	ShortRead             // the object ends before what was asked for
)

// Error is what went wrong with an object or its bucket.
type Error struct {
	Kind   Kind
	Op     string // "read", "put", "list", …
	Bucket string // with its scheme: "s3://data"
	Key    string // empty: the bucket as a whole
	Where  string // the endpoint
	Advice string // what to do; empty: nothing is known
	Err    error  // what the store said
}

func (e *Error) Error() string {
	what := e.Bucket
	if e.Key != "" {
		what += "/" + e.Key
	}
	text := fmt.Sprintf("%s %s", e.Op, what)
	switch e.Kind {
	case Missing:
		text += ": no such object"
	case Refused:
		text += ": it is there already, or was changed by another"
	case NoBucket:
		text = fmt.Sprintf("%s: there is no such bucket at %s", e.Bucket, e.Where)
	case Denied:
		text = fmt.Sprintf("%s: %s does not allow to %s", what, e.Where, e.Op)
	}
	if e.Err != nil {
		text += fmt.Sprintf(" (%v)", e.Err)
	}
	if e.Advice != "" {
		text += "; " + e.Advice
	}
	return text
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is makes errors.Is know an object that is not there, and one that is.
func (e *Error) Is(target error) bool {
	return e.Kind == Missing && target == fs.ErrNotExist || e.Kind == Refused && target == fs.ErrExist ||
		e.Kind == Denied && target == fs.ErrPermission
}

// kindOf is the kind of an error; one of another sort is for good.
func kindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Failed
}
