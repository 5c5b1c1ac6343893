package cmd

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/cmd/program"
	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/nn/zoo"
	"github.com/rondo-ml/rondo/tensor"
	"github.com/rondo-ml/rondo/worker"
	"github.com/rondo-ml/rondo/worker/machine"
)

// Exit statuses.
const (
	exitFailed  = 1
	exitUsage   = 2
	exitStopped = 130
)

// Main runs the command line of this process and exits.
func Main() {
	program.SetName(os.Args[0])
	machine.KeepToMemory()
	os.Exit(Execute(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
}

// Execute runs one command line and returns the exit status. A command whose result could not be written to stdout has
// failed; a run goes on without it. Until it returns, a broken pipe does not end this process.
func Execute(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	defer surviveBrokenPipes()()
	out, errout := newOutput(stdout), newOutput(stderr)
	root := newRoot()
	reached := false
	tellWhenReached(root, &reached)
	root.SetArgs(args)
	root.SetOut(out)
	root.SetErr(errout)
	failed, err := execute(ctx, root)
	if err == nil {
		reached = true
		err = out.failure()
	}
	if err == nil {
		return 0
	}
	if !reached {
		err = wrongUsage(failed, err)
	}
	code := exitCode(err)
	if text := err.Error() + limitAdvice(err); text != "" {
		level := slog.LevelError
		if code == exitStopped { // as it was asked
			level = slog.LevelInfo
		}
		voice{errout, jsonAsked(failed, args)}.say(level, text)
	}
	return code
}

// limitAdvice is what to do about a limit of the system that an error is of.
func limitAdvice(err error) string {
	if errors.Is(err, syscall.EMFILE) {
		return "; allow the process more open files (ulimit -n)"
	}
	return ""
}

// execute runs the command that the arguments name. A panic is an error.
func execute(ctx context.Context, root *cobra.Command) (failed *cobra.Command, err error) {
	defer zoo.Recover("", &err)
	failed = root
	return root.ExecuteContextC(ctx)
}

func newRoot() *cobra.Command {
	root := group(&cobra.Command{
		Use:   program.Name(),
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
	add("run", newTrain(), newChaos(), newCoordinator(), newWorker(), newStatus(), newLR(), newCheckpoint(), newStop(), newScale(), newInspect(), newLogs(), newToken(), newCerts())
	add("use", newSample(), newEval(), newPredict(), newLook(), newPlot(), newCompare(), newSearch(), newProject(), newProbe(), newWeights(), newExport(), newDigest(), newReplay(), newAudit())
	add("use", newPage(), newReport())
	add("data", newShard(), newShow(), newVerify())
	root.AddCommand(newTopics()...)
	root.AddCommand(newModels(), newBench(), newBenchMember(), newVersion())
	callBy(root, program.Name())
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
