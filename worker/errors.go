package worker

import (
	"fmt"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/rondo-ml/rondo/cmd/program"
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

// CertificateError says that the ring did not close because this worker's own certificate has expired.
type CertificateError struct {
	Since time.Time // when it expired
	Err   error     // of the ring
}

func (e *CertificateError) Error() string {
	return fmt.Sprintf("this worker's certificate expired at %s and was not renewed, so no ring takes it (%v). The others go on without it; "+
		"start it again with a token, or with a certificate, that is valid", e.Since.UTC().Format(time.RFC3339), e.Err)
}

func (e *CertificateError) Unwrap() error { return e.Err }

// NonFiniteError says that a step gave NaN or Inf. Nothing of the step was
// applied.
type NonFiniteError struct {
	Step  uint64
	Where string // first layer, or parameter whose gradient, is not finite
	Lane  int    // lane whose loss is not finite; -1 when the losses are finite
	Rate  float64
	Since uint64 // steps done when Rate was set from outside; Rate 0: the schedule's counts
}

func (e *NonFiniteError) Error() string {
	if e.Lane < 0 {
		return fmt.Sprintf("step %d: the gradient of %s is not finite. The step was not applied; %s", e.Step, e.Where, e.advice())
	}
	return fmt.Sprintf("step %d: the loss of lane %d is not finite; the first layer to show it is %s. The step was not applied; %s",
		e.Step, e.Lane, e.Where, e.advice())
}

// advice says what to do. A run is a function: with the same settings and journal it comes to the same step again.
func (e *NonFiniteError) advice() string {
	if e.Rate > 0 {
		return fmt.Sprintf("the learning rate %g, set when %d steps were done, would lead to it again. Go on with --resume from a "+
			"checkpoint of at most %[2]d steps, and before the run comes there set another by %s lr RATE --at %[2]d; or begin anew",
			e.Rate, e.Since, program.Name())
	}
	return "the same settings would come to it again, so begin anew with a smaller optimizer.lr, or a smaller optimizer.clip (0 clips nothing)"
}
