package cmd

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/inspect"
)

func newInspect() *cobra.Command {
	var (
		question api.InspectRequest
		path     string
	)
	c := steer("inspect [WORKER]", "Look into a worker of a running run, or into its coordinator",
		`Without --what it prints what every goroutine does; profiles (go tool pprof reads them) go to --out. Only operators may ask.`,
		func(ctx context.Context, client api.CoordinatorClient) (string, error) {
			r, err := client.Inspect(ctx, &question)
			if err != nil {
				return "", err
			}
			if path == "" {
				return strings.TrimSuffix(string(r.GetData()), "\n"), nil
			}
			if err := os.WriteFile(path, r.GetData(), 0o600); err != nil {
				return "", err
			}
			return fmt.Sprintf("%s of %s are in %s", bytesText(int64(len(r.GetData()))), question.What, path), nil
		})
	c.Args = args(0, 1, "a worker's name or nothing")
	c.PreRunE = func(c *cobra.Command, given []string) error {
		if len(given) > 0 {
			question.Worker = given[0]
		}
		if err := inspect.Check(question.What, int(question.Seconds)); err != nil {
			return wrongUsage(c, fmt.Errorf("--what: %w", err))
		}
		if path == "" && question.What != inspect.Goroutines {
			return wrongUsage(c, fmt.Errorf("--what %s is a file for go tool pprof; give --out FILE", question.What))
		}
		return nil
	}
	c.Example = `  rondo inspect worker-1
  rondo inspect worker-1 --what cpu --seconds 5 --out cpu.pprof
  rondo inspect --what heap --out heap.pprof`
	c.Flags().StringVar(&question.What, "what", inspect.Goroutines, strings.Join(inspect.Names(), ", "))
	c.Flags().Int32Var(&question.Seconds, "seconds", 5, "for how long cpu is measured")
	c.Flags().StringVar(&path, "out", "", "`FILE` for the answer; empty: standard output")
	return c
}
