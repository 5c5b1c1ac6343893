package cmd

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
)

// surviveBrokenPipes makes a write to a pipe that nobody reads an error like others, until restore is called. Without
// it, such a write to standard output or standard error ends a Go program.
func surviveBrokenPipes() (restore func()) {
	broken := make(chan os.Signal, 1) // nobody needs to read it
	signal.Notify(broken, syscall.SIGPIPE)
	return func() { signal.Stop(broken) }
}

// onSignal returns a context that the first SIGINT, SIGTERM or SIGHUP cancels. The second SIGINT or SIGTERM ends the
// process at once, after a last call of leave. A terminal that closes may send SIGHUP more than once, so that signal
// never counts as the second; under nohup it is ignored, as it was before.
func onSignal(ctx context.Context, v voice, leave func()) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	asked := make(chan os.Signal, 2)
	signal.Notify(asked, os.Interrupt, syscall.SIGTERM)
	hungUp := make(chan os.Signal, 1)
	if !signal.Ignored(syscall.SIGHUP) {
		signal.Notify(hungUp, syscall.SIGHUP)
	}
	go func() {
		select {
		case <-asked:
		case <-hungUp:
		case <-ctx.Done():
			signal.Stop(asked)
			signal.Stop(hungUp)
			return
		}
		cancel()
		<-asked
		leave()
		v.say(slog.LevelError, "leaving at once; what was saved before stands")
		os.Exit(exitStopped)
	}()
	return ctx, cancel
}

// onCutSignal returns a channel that has a value after each SIGUSR1.
func onCutSignal() <-chan struct{} {
	asked, cuts := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(asked, syscall.SIGUSR1)
	go func() {
		for range asked {
			cuts <- struct{}{}
		}
	}()
	return cuts
}

// leaveOnSignal has the first SIGINT or SIGTERM end the process at once, after a last word, until restore is called. It is
// for work that may be stopped anywhere.
func leaveOnSignal(v voice, word string) (restore func()) {
	asked, over := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(asked, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case <-asked:
			v.say(slog.LevelInfo, word)
			os.Exit(exitStopped)
		case <-over:
		}
	}()
	return func() {
		signal.Stop(asked)
		close(over)
	}
}

// removeOnSignal has SIGINT or SIGTERM remove a file that is not whole, and end the process, until restore is called.
func removeOnSignal(path string) (restore func()) {
	asked, over := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(asked, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case <-asked:
			_ = os.Remove(path)
			os.Exit(exitStopped)
		case <-over:
		}
	}()
	return func() {
		signal.Stop(asked)
		close(over)
	}
}
