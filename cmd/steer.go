package cmd

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/cmd/program"
	"github.com/rondo-ml/rondo/coordinator/api"
)

// steer makes a command that asks a running coordinator something: that of a cluster, or of a run on this machine.
func steer(use, short, long string, ask func(context.Context, api.CoordinatorClient) (string, error)) *cobra.Command {
	var to steerFlags
	c := &cobra.Command{
		Use:   use + " [--run NAME | {--coordinator HOST:PORT,… | --context NAME} {--token-file FILE | --tls-ca FILE --tls-cert FILE --tls-key FILE}]",
		Short: short,
		Long: short + `.
` + long + `
It finds what you train on this machine with ` + program.Name() + ` train; --run says which where there are several. A run of a
cluster is named by one of its coordinators or several, of which the first that answers is asked, whichever leads, with an operator's token (` + program.Name() + ` token create --role operator) or
certificate; one in Kubernetes by a context of your kubeconfig, and then the token is that of the cluster's Secret for operators
where none is given.`,
		Args: args(0, 0, "nothing"),
		RunE: func(c *cobra.Command, _ []string) error {
			addrs, creds, done, err := to.reach(c)
			if err != nil {
				return err
			}
			defer done()
			text, err := askCoordinator(c.Context(), addrs, creds, ask)
			if err != nil {
				return to.explain(err)
			}
			fmt.Fprintln(c.OutOrStdout(), text)
			return nil
		},
	}
	to.add(c)
	return c
}

// atFlag says when a wish takes effect.
type atFlag struct{ text string }

func (a *atFlag) add(c *cobra.Command) {
	c.Flags().StringVar(&a.text, "at", "", "`STEPS` done when it takes effect, more than are done, as 5000, or +100 from now; without it: at the next step")
}

func (a *atFlag) when() (*api.When, error) {
	if a.text == "" {
		return nil, nil
	}
	digits, ahead := strings.CutPrefix(a.text, "+")
	n, err := strconv.ParseUint(digits, 10, 63)
	if err != nil {
		return nil, &usageError{fmt.Errorf("--at %q: want a number of steps, as 5000, or +100 for so many from now", a.text)}
	}
	return &api.When{Steps: n, Ahead: ahead}, nil
}

// atStep is a steering command with --at.
func atStep(use, short, long string, ask func(context.Context, api.CoordinatorClient, *api.When) (string, error)) *cobra.Command {
	var (
		at   atFlag
		when *api.When
	)
	c := steer(use, short, long, func(ctx context.Context, client api.CoordinatorClient) (string, error) { return ask(ctx, client, when) })
	at.add(c)
	c.PreRunE = func(*cobra.Command, []string) (err error) {
		when, err = at.when()
		return err
	}
	return c
}

func newStop() *cobra.Command {
	return atStep("stop", "Ask a running run to save and stop", `The journal says at which step it stopped. --resume goes on.`,
		func(ctx context.Context, c api.CoordinatorClient, at *api.When) (string, error) {
			r, err := c.Stop(ctx, &api.StopRequest{Reason: program.Name() + " stop", At: at})
			return r.GetMessage(), err
		})
}

func newScale() *cobra.Command {
	var workers int
	c := steer("scale N", "Ask a running run to have N workers", `Those that are too many leave after the next step, the last by name first. Of a run of `+program.Name()+` train, those that are
missing are started; of a cluster's run, whoever starts workers has to. The result is the same with any number.`, func(ctx context.Context, c api.CoordinatorClient) (string, error) {
		r, err := c.Scale(ctx, &api.ScaleRequest{Workers: int32(workers)})
		return r.GetMessage(), err
	})
	c.Args = func(_ *cobra.Command, a []string) (err error) {
		if len(a) != 1 {
			return errors.New("want one number of workers")
		}
		if workers, err = strconv.Atoi(a[0]); err != nil || workers < 1 || workers > math.MaxInt32 {
			return fmt.Errorf("%q is no number of workers", a[0])
		}
		return nil
	}
	return c
}

func newCheckpoint() *cobra.Command {
	return atStep("checkpoint", "Ask a running run for a checkpoint", `It comes beside those of checkpoint.every.`,
		func(ctx context.Context, c api.CoordinatorClient, at *api.When) (string, error) {
			r, err := c.Checkpoint(ctx, &api.CheckpointRequest{At: at})
			return r.GetMessage(), err
		})
}

func newLR() *cobra.Command {
	var (
		clear bool
		lr    float64
	)
	c := atStep("lr RATE", "Set the learning rate of a running run", `From that step on every step has this learning rate, in the place of what schedule and
optimizer.lr_batch make of it, until another is set or --clear gives it back to the schedule, which has gone on meanwhile.
The journal keeps it with its step: a run that goes on from a checkpoint, after whatever failure, has it at the same
steps and ends with the same bits. Factors of model.rates still apply.`,
		func(ctx context.Context, c api.CoordinatorClient, at *api.When) (string, error) {
			r, err := c.Rate(ctx, &api.RateRequest{Lr: lr, At: at})
			return r.GetMessage(), err
		})
	c.Example = `  rondo lr 1e-4
  rondo lr 5e-5 --at +100
  rondo lr --clear --at 5000`
	c.Flags().BoolVar(&clear, "clear", false, "back to the schedule's learning rate")
	parseAt := c.PreRunE
	c.Args = args(0, 1, "one learning rate")
	c.PreRunE = func(c *cobra.Command, given []string) (err error) {
		switch {
		case clear && len(given) > 0:
			return wrongUsage(c, errors.New("--clear takes no learning rate"))
		case !clear && len(given) == 0:
			return wrongUsage(c, fmt.Errorf("%s takes one learning rate, as 1e-4, or --clear", c.CommandPath()))
		case !clear:
			lr, err = strconv.ParseFloat(given[0], 64)
			if err != nil || !(float32(lr) > 0) || math.IsInf(float64(float32(lr)), 0) {
				return wrongUsage(c, fmt.Errorf("the learning rate %q: want a finite number above 0 (in float32, in which runs compute), as 1e-4", given[0]))
			}
		}
		return parseAt(c, given)
	}
	return c
}
