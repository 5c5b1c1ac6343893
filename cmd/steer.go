package cmd

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/status"

	"github.com/rondo-ml/rondo/cmd/program"
	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/identity"
)

// askTimeout bounds one question to a coordinator.
const askTimeout = 10 * time.Second

// steer makes a command that asks a running coordinator something.
func steer(use, short string, ask func(context.Context, api.CoordinatorClient) (string, error)) *cobra.Command {
	var (
		tls  tlsFlags
		addr string
	)
	c := &cobra.Command{
		Use:   use + " --coordinator HOST:PORT",
		Short: short,
		Long: short + `. The run is one of a cluster; that of ` + program.Name() + ` train
stops with Ctrl-C, which saves, and makes checkpoints every checkpoint.every steps.`,
		Args: args(0, 0, "nothing"),
		RunE: func(c *cobra.Command, _ []string) error {
			creds, err := tls.load()
			if err != nil {
				return err
			}
			warnOfReaders(slog.New(slog.NewTextHandler(c.ErrOrStderr(), nil)), "tls-key", tls.key)
			if err := creds.Permit(identity.MaySteer); err != nil {
				return &usageError{fmt.Errorf("--tls-cert: %w", err)}
			}
			conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(credentials.NewTLS(creds.Client(identity.MayCoordinate))))
			if err != nil {
				return fmt.Errorf("coordinator %s: %w", addr, err)
			}
			defer conn.Close()
			ctx, cancel := context.WithTimeout(c.Context(), askTimeout)
			defer cancel()
			text, err := ask(ctx, api.NewCoordinatorClient(conn))
			if err != nil {
				return fmt.Errorf("coordinator %s: %s", addr, status.Convert(err).Message())
			}
			fmt.Fprintln(c.OutOrStdout(), text)
			return nil
		},
	}
	tls.add(c)
	c.Flags().StringVar(&addr, "coordinator", "", "`HOST:PORT` of the coordinator")
	_ = c.MarkFlagRequired("coordinator")
	return c
}

func newStop() *cobra.Command {
	return steer("stop", "Ask a running run to save and stop at the next step", func(ctx context.Context, c api.CoordinatorClient) (string, error) {
		r, err := c.Stop(ctx, &api.StopRequest{Reason: program.Name() + " stop"})
		return r.GetMessage(), err
	})
}

func newCheckpoint() *cobra.Command {
	return steer("checkpoint", "Ask a running run for a checkpoint at the next step", func(ctx context.Context, c api.CoordinatorClient) (string, error) {
		r, err := c.Checkpoint(ctx, &api.CheckpointRequest{})
		return r.GetMessage(), err
	})
}
