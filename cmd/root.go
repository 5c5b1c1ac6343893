package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/tensor"
	"github.com/rondo-ml/rondo/worker"
)

// Exit statuses.
const (
	exitFailed  = 1
	exitUsage   = 2
	exitStopped = 130
)

// Main runs the command line of this process and exits.
func Main() {
	os.Exit(Execute(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
}

// Execute runs one command line and returns the exit status.
func Execute(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := newRoot()
	reached := false
	tellWhenReached(root, &reached)
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	failed, err := root.ExecuteContextC(ctx)
	if err == nil {
		return 0
	}
	if !reached {
		err = wrongUsage(failed, err)
	}
	code := exitCode(err)
	if text := err.Error(); text != "" {
		fmt.Fprintln(stderr, "rondo:", text)
	}
	return code
}

func newRoot() *cobra.Command {
	root := group(&cobra.Command{
		Use:   "rondo",
		Short: "Train networks on clusters of ordinary CPUs: a run is a function",
		Long: `Rondo trains convolutional and recurrent networks on clusters of ordinary CPUs.
The same run file and data give the same bits on any number of workers.

Start with:  rondo shard text --out shards PATH…
             rondo train run.yaml --workers 2`,
		PersistentPreRunE: func(*cobra.Command, []string) error {
			if err := tensor.TierError(); err != nil {
				return &usageError{err}
			}
			return nil
		},
		SilenceUsage:  true,
		SilenceErrors: true,
		Version:       api.Version(),
	})
	root.AddGroup(&cobra.Group{ID: "run", Title: "Training:"}, &cobra.Group{ID: "use", Title: "Using what was trained:"},
		&cobra.Group{ID: "data", Title: "Data:"})
	add := func(group string, commands ...*cobra.Command) {
		for _, c := range commands {
			c.GroupID = group
			root.AddCommand(c)
		}
	}
	add("run", newTrain(), newCoordinator(), newWorker(), newStatus(), newStop(), newCheckpoint())
	add("use", newSample(), newEval(), newDigest())
	add("data", newShard(), newVerify())
	root.AddCommand(newModels(), newBench(), newBenchMember(), newVersion())
	return root
}

// exitError ends the program with a status and the message of err, which may
// be nil when everything has been said.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

func exitCode(err error) int {
	if e, ok := errors.AsType[*exitError](err); ok {
		return e.code
	}
	if e, ok := errors.AsType[*worker.EndError](err); ok {
		return e.Code
	}
	if _, ok := errors.AsType[*usageError](err); ok {
		return exitUsage
	}
	if _, ok := errors.AsType[*runfile.Error](err); ok {
		return exitUsage
	}
	return exitFailed
}

// onSignal returns a context that the first SIGINT or SIGTERM cancels. The
// second one ends the process at once, after a last call of leave.
func onSignal(ctx context.Context, stderr io.Writer, leave func()) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case <-signals:
			cancel()
		case <-ctx.Done():
			signal.Stop(signals)
			return
		}
		<-signals
		leave()
		fmt.Fprintln(stderr, "rondo: leaving at once; what was saved before stands")
		os.Exit(exitStopped)
	}()
	return ctx, cancel
}
