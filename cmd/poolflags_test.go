package cmd

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rondo-ml/rondo/worker"
)

// A worker of a pool outlives the end of a run and refusals, until it is asked to leave.
func TestStay(t *testing.T) {
	finished := error(nil)
	refused := &worker.RefusedError{Coordinator: "c:1", Reason: "another run file"}
	broken := errors.New("the disk is gone")
	for name, tc := range map[string]struct {
		pool  poolFlags
		ends  []error // of the worker, one a turn; after the last it is asked to leave
		tries int
		code  int // exit status
		took  time.Duration
	}{
		"the run finished":          {poolFlags{}, []error{finished}, 1, 0, 0},
		"the run failed":            {poolFlags{}, []error{&worker.EndError{Code: 1}}, 1, 1, 0},
		"stays after the end":       {poolFlags{stay: true}, []error{finished, &worker.EndError{Code: 1}}, 2, 0, 2*againAfterEnd - time.Second},
		"stays after refusals":      {poolFlags{stay: true}, []error{refused, refused, finished}, 3, 0, 2*againAfterRefusal + againAfterEnd - time.Second},
		"does not stay when broken": {poolFlags{stay: true}, []error{broken}, 1, exitFailed, 0},
		"leaves with a status":      {poolFlags{stay: true, given: true, leaveCode: 143}, []error{finished}, 1, 143, againAfterEnd - time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				tries, began := 0, time.Now()
				takesPart := func(context.Context, worker.Config) error {
					err := tc.ends[tries]
					tries++
					if pause := tc.took - time.Since(began); tries == len(tc.ends) && pause > 0 {
						time.AfterFunc(pause, cancel)
					}
					return err
				}
				err := tc.pool.run(ctx, worker.Config{Log: slog.New(slog.DiscardHandler)}, part{takesPart, worker.Rest}, func() {})
				code := 0
				if err != nil {
					code = exitCode(err)
				}
				if tries != tc.tries || code != tc.code || time.Since(began) != tc.took {
					t.Errorf("%d tries, exit status %d (%v) after %v; want %d, %d after %v", tries, code, err, time.Since(began), tc.tries, tc.code, tc.took)
				}
			})
		})
	}
}

// A worker of a pool that stays says why once, and seldom again, until the reason is another.
func TestStaySaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var text bytes.Buffer
		ctx, cancel := context.WithCancel(t.Context())
		begun, done, first := time.Now(), 0, 0
		takesPart := func(_ context.Context, cfg worker.Config) error {
			if !cfg.Again {
				first++
			}
			switch d := time.Since(begun); {
			case d < time.Hour:
				return &worker.RefusedError{Coordinator: "c:1", Reason: "another run file"}
			case d < 2*time.Hour:
				return nil
			}
			cancel()
			return &worker.EndError{Reason: "all workers were lost", Code: 1}
		}
		p := poolFlags{stay: true, given: true}
		if err := p.run(ctx, worker.Config{Log: slog.New(slog.NewTextHandler(&text, nil))}, part{takesPart, worker.Rest}, func() { done++ }); err != nil {
			t.Error(err)
		}
		refusals, ends := strings.Count(text.String(), "this worker was refused"), strings.Count(text.String(), "the run has ended")
		if refusals != 6 || ends != 6 || done != ends || first != 1 {
			t.Errorf("in an hour each: %d lines of refusals and %d of ends, %d times done, %d times for the first time; want 6, 6, 6, 1\n%s", refusals, ends, done, first, &text)
		}
		if strings.Contains(text.String(), "nil") {
			t.Errorf("a run that is done has no reason:\n%s", &text)
		}
	})
}

// A worker that was asked to leave while it trained ends with the status that was given, and with none where none was.
func TestLeaveCode(t *testing.T) {
	for _, tc := range []struct {
		pool poolFlags
		err  error
		want int
	}{
		{poolFlags{}, nil, 0},
		{poolFlags{given: true, leaveCode: 143}, nil, 143},
		{poolFlags{given: true, leaveCode: 143}, &worker.EndError{Code: exitStopped}, 143},
		{poolFlags{given: true}, &worker.EndError{Code: exitStopped}, 0},
		{poolFlags{}, &worker.EndError{Code: exitStopped}, exitStopped},
		{poolFlags{given: true, leaveCode: 143}, errors.New("broken"), exitFailed},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		ends := func(context.Context, worker.Config) error { return tc.err }
		err := tc.pool.run(ctx, worker.Config{Log: slog.New(slog.DiscardHandler)}, part{ends, worker.Rest}, func() {})
		code := 0
		if err != nil {
			code = exitCode(err)
		}
		if code != tc.want {
			t.Errorf("%+v: %v gives %d, want %d", tc.pool, tc.err, code, tc.want)
		}
	}
}
