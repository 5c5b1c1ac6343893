// Package inspect takes a look into a running process: what its goroutines do, what its memory holds, where its time goes.
//
// It is what net/http/pprof serves, without a port: a coordinator asks its workers over their streams and answers to operators
// alone, as stacks and heaps tell more of a run than a passer-by should know. Answers are bounded, whatever the process holds.
package inspect

import (
	"bytes"
	"context"
	"fmt"
	"runtime/pprof"
	"slices"
	"strings"
	"time"
)

// CPU names the profile of processor time, which takes a while.
const CPU = "cpu"

// Goroutines names the stacks of all goroutines, as text.
const Goroutines = "goroutines"

// Names are all that can be asked for. All but the stacks are in pprof's format.
func Names() []string { return []string{Goroutines, CPU, "heap", "allocs", "threadcreate"} }

// Bounds on what is asked for, and on the answer.
const (
	MaxSeconds = 8
	MaxBytes   = 3 << 20
)

// Check says what is wrong with a question; nil: nothing.
func Check(what string, seconds int) error {
	switch {
	case !slices.Contains(Names(), what):
		return fmt.Errorf("%.40q: ask for %s", what, strings.Join(Names(), ", "))
	case what == CPU && (seconds < 1 || seconds > MaxSeconds):
		return fmt.Errorf("%d seconds: from 1 to %d", seconds, MaxSeconds)
	}
	return nil
}

// Take looks into this process, for so many seconds where the look takes time, or until ctx ends.
func Take(ctx context.Context, what string, seconds int) ([]byte, error) {
	if err := Check(what, seconds); err != nil {
		return nil, err
	}
	out := &bounded{}
	switch what {
	case CPU:
		if err := pprof.StartCPUProfile(out); err != nil {
			return nil, err // somebody takes one already
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Duration(seconds) * time.Second):
		}
		pprof.StopCPUProfile()
	case Goroutines:
		_ = pprof.Lookup("goroutine").WriteTo(out, 2) // what is beyond the bound is left out
		return out.Bytes(), nil
	default:
		if err := pprof.Lookup(what).WriteTo(out, 0); err != nil {
			return nil, err
		}
	}
	if out.full {
		return nil, fmt.Errorf("the profile %s is larger than %d bytes", what, MaxBytes)
	}
	return out.Bytes(), nil
}

// bounded keeps the first MaxBytes of what is written.
type bounded struct {
	bytes.Buffer
	full bool
}

func (b *bounded) Write(p []byte) (int, error) {
	room := MaxBytes - b.Len()
	b.full = b.full || len(p) > room
	b.Buffer.Write(p[:min(len(p), room)])
	return len(p), nil
}
