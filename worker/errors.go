package worker

import (
	"fmt"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// EndError says that the coordinator ended the worker's part in the run.
type EndError struct {
	Reason string
	Code   int // exit status: 0 finished, 130 stopped, 1 failed
}

func (e *EndError) Error() string { return e.Reason }

// LoadError says that the checkpoint to go on from cannot be loaded, or the weights to begin from.
type LoadError struct{ Err error }

func (e *LoadError) Error() string { return e.Err.Error() }

func (e *LoadError) Unwrap() error { return e.Err }

// DirError says that the directory of checkpoints cannot be used.
type DirError struct{ Err error }

func (e *DirError) Error() string { return e.Err.Error() }

func (e *DirError) Unwrap() error { return e.Err }

// LostCoordinatorError says that the stream to the coordinator broke before the
// run had ended.
type LostCoordinatorError struct {
	Coordinator string // host:port
	Dir         string // of the checkpoints
	Committed   uint64 // step of the newest of them that this worker heard of; 0: none
	Err         error
}

func (e *LostCoordinatorError) Error() string {
	how := "was lost"
	s, ok := status.FromError(e.Err)
	if ok && s.Code() != codes.Unavailable {
		how = "ended the stream"
	}
	from := "the newest checkpoint in " + e.Dir
	if e.Committed > 0 {
		from += fmt.Sprintf(", at least that of step %d", e.Committed)
	}
	return fmt.Sprintf("coordinator %s %s (%s); without it the run cannot go on. "+
		"Start it and the workers again with --resume: they go on from %s", e.Coordinator, how, s.Message(), from)
}

func (e *LostCoordinatorError) Unwrap() error { return e.Err }

// NonFiniteError says that a step gave NaN or Inf. Nothing of the step was
// applied.
type NonFiniteError struct {
	Step  uint64
	Where string // first layer, or parameter whose gradient, is not finite
	Lane  int    // lane whose loss is not finite; -1 when the losses are finite
}

func (e *NonFiniteError) Error() string {
	if e.Lane < 0 {
		return fmt.Sprintf("step %d: the gradient of %s is not finite. The step was not applied; "+nonFiniteAdvice, e.Step, e.Where)
	}
	return fmt.Sprintf("step %d: the loss of lane %d is not finite; the first layer to show it is %s. The step was not applied; "+
		nonFiniteAdvice, e.Step, e.Lane, e.Where)
}

// A run is a function: with the same settings it comes to the same step again.
const nonFiniteAdvice = "the same settings would come to it again, so begin anew with a smaller optimizer.lr, or a smaller optimizer.clip (0 clips nothing)"
