package cmd

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/coordinator"
)

// goalFlags say what a run's number of workers is for.
type goalFlags struct {
	deadline string
	budget   float64
}

func (g *goalFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&g.deadline, "deadline", "", "`TIME` by which the run is to be done, as 2027-01-31T08:00:00Z: what /api/desired and rondo_desired_workers say follows")
	c.Flags().Float64Var(&g.budget, "budget", 0, "`WORKER-HOURS` that the whole run may take; 0: no bound")
}

func (g *goalFlags) parse(to *coordinator.Goal) (err error) {
	to.Budget = g.budget
	if g.deadline == "" {
		return nil
	}
	if to.Deadline, err = time.Parse(time.RFC3339, g.deadline); err != nil {
		return fmt.Errorf("--deadline %q: want a time with its zone, as 2027-01-31T08:00:00Z", g.deadline)
	}
	return nil
}
