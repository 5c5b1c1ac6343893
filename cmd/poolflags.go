package cmd

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/worker"
)

// poolFlags say how a worker ends that something starts again: a Deployment, a Job, systemd.
type poolFlags struct {
	stay      bool
	leaveCode int
	given     bool // leaveCode
}

// Pauses before a worker that stays joins again.
const (
	againAfterEnd     = 30 * time.Second
	againAfterRefusal = 10 * time.Second
	sayAgainAfter     = 10 * time.Minute // that it was refused, or has come to an end, for the same reason
)

func (p *poolFlags) add(c *cobra.Command) {
	f := c.Flags()
	f.BoolVar(&p.stay, "stay", false, "when the run has ended, or refuses this worker, join again from time to time until SIGTERM: for a pool of workers")
	f.IntVar(&p.leaveCode, "exit-code-on-leave", 0, "exit status `N` of a worker that was asked to leave (SIGTERM): 0 in a pool, 143 in a Job, which would take 0 for the end of its work")
}

func (p *poolFlags) validate(c *cobra.Command) error {
	p.given = c.Flags().Changed("exit-code-on-leave")
	if p.leaveCode < 0 || p.leaveCode > 255 {
		return &usageError{fmt.Errorf("--exit-code-on-leave %d: from 0 to 255", p.leaveCode)}
	}
	return nil
}

// part is what a worker does, worker.Run, and what it does in between, worker.Rest.
type part struct {
	run  func(context.Context, worker.Config) error
	rest func(ctx context.Context, c worker.Config, why string, pause time.Duration) error
}

// run has a worker take part until it ends for good. ended is called when the run has, as often as that is said.
func (p *poolFlags) run(ctx context.Context, cfg worker.Config, w part, ended func()) error {
	var said string
	var at time.Time
	for ; ; cfg.Again = true {
		begun := time.Now()
		err := w.run(ctx, cfg)
		_, over := errors.AsType[*worker.EndError](err)
		_, refused := errors.AsType[*worker.RefusedError](err)
		over = over || err == nil
		switch {
		case ctx.Err() != nil && over && p.given:
			return p.left()
		case ctx.Err() != nil || !p.stay || !over && !refused:
			if err == nil {
				ended()
			}
			return err
		}
		pause, why := againAfterEnd, "the run has ended"
		if refused {
			pause, why = againAfterRefusal, err.Error()
		}
		took := time.Since(begun) > againAfterRefusal // part, most likely: no and over are said at once
		if reason := fmt.Sprint(why, err); took || reason != said || time.Since(at) >= sayAgainAfter {
			said, at = reason, time.Now()
			if refused {
				cfg.Log.Error("this worker was refused; it asks again", "after", pause.String(), "error", err)
			} else {
				ended()
				log := cfg.Log
				if err != nil { // nil: all steps are done
					log = log.With("reason", err)
				}
				log.Info("the run has ended; this worker joins again should it go on", "after", pause.String())
			}
		}
		if err := w.rest(ctx, cfg, why, pause); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return p.left()
		}
	}
}

// left is how a worker ends that was asked to leave.
func (p *poolFlags) left() error {
	if p.leaveCode == 0 {
		return nil
	}
	return &exitError{p.leaveCode, errors.New("this worker left, as it was asked to")}
}
