package cmd

import (
	"cmp"
	"fmt"
	"io"

	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/nn/check"
	"github.com/rondo-ml/rondo/worker"
)

// runCheck is one of the checks of `rondo train --check`.
type runCheck struct {
	name, about string
	run         func() (found string, err error)
}

// runChecks are all checks of a run.
func runChecks(f *runfile.File, threads int) ([]runCheck, error) {
	network, err := worker.Checked(f, threads)
	if err != nil {
		return nil, err
	}
	all := []runCheck{{"data", "the training set opens, and its parts are those that the network reads", func() (string, error) { return worker.LookAt(f) }}}
	if f.Batch.Pipelines > 1 {
		all = append(all, runCheck{"pipelines", "the network records in parts", func() (string, error) { return worker.Pipelines(f) }})
	}
	for _, c := range check.Checks() {
		all = append(all, runCheck{c.Name, c.About, func() (string, error) { return c.Run(network) }})
	}
	return all, nil
}

// checkRun is `rondo train --check`: it runs all checks and says of each how it
// ends. It returns an error unless all pass.
func checkRun(out io.Writer, f *runfile.File, path string, threads int) error {
	t := &training{file: f, path: path}
	if err := t.checkData(); err != nil {
		return err
	}
	checks, err := runChecks(f, threads)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	failed := 0
	for _, c := range checks {
		found, err := c.run()
		if err != nil {
			failed++
			fmt.Fprintf(out, "%-9s FAILED  %v\n", c.name, err)
			continue
		}
		fmt.Fprintf(out, "%-9s ok      %s\n", c.name, cmp.Or(found, c.about))
	}
	if failed > 0 {
		return fmt.Errorf("%s: %d of %s failed", path, failed, countText(len(checks), "check"))
	}
	return nil
}
