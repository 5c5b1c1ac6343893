package cmd

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/rondo-ml/rondo/cmd/bench"
	"github.com/rondo-ml/rondo/cmd/bench/predict"
	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/worker"
)

// maxPlan bounds the sizes of a plan and the nodes of each.
const (
	maxPlan      = 32
	maxPlanNodes = 1 << 16
)

// parsePlan reads --plan: sorted, each once, with one node first.
func parsePlan(nodes []int) ([]int, error) {
	if len(nodes) > maxPlan {
		return nil, fmt.Errorf("--plan: %d sizes of a cluster; at most %d", len(nodes), maxPlan)
	}
	for _, n := range nodes {
		if n < 1 || n > maxPlanNodes {
			return nil, fmt.Errorf("--plan %d: from 1 to %d nodes", n, maxPlanNodes)
		}
	}
	all := append([]int{1}, nodes...)
	slices.Sort(all)
	return slices.Compact(all), nil
}

// measurePlan takes the step of one node here, and plans clusters on which every node does as much.
func (p *prediction) measurePlan(ctx context.Context) (r bench.Report, err error) {
	threads := p.threads()
	p.tell("the ceiling")
	ceiling := bench.Meter{Budget: p.options.budget(), Cores: threads}.Ceiling()
	profiles, extrapolated, err := p.profilePlan(ctx, threads)
	if err != nil {
		return r, err
	}
	net, err := p.network(ctx, profiles[len(profiles)-1])
	if err != nil {
		return r, err
	}
	run := predict.Run{Lanes: p.file.Batch.Lanes, Most: runfile.MaxLanes, Steps: float64(p.file.Steps), Cores: float64(threads)}
	for _, profile := range profiles {
		run.Alone = append(run.Alone, stepOf(profile))
	}
	last := profiles[len(profiles)-1]
	if extrapolated {
		last = p.whole(profiles)
		s, err := predict.Extrapolated(run.Alone, run.Lanes, leastSeconds(profiles, last.Operations, 1e9*ceiling.All))
		if err != nil {
			return r, err
		}
		run.Alone = append(run.Alone, s)
		last.Total, last.Computed = time.Duration(s.Total*float64(time.Second)), time.Duration(s.Computed*float64(time.Second))
	}
	run.Targets = float64(last.Targets)
	r.Run = p.describe(last, threads, ceiling.All)
	r.Run.Cluster = p.cluster
	r.Run.Plan, err = p.planned(run, net)
	if err == nil {
		r.Run.Plan.Extrapolated = extrapolated
	}
	return r, err
}

// planBudget is how long a step with all lanes may take to be measured; a longer one is extrapolated.
const planBudget = 15 * time.Second

// profilePlan measures the step with one and two lanes, and with all if it is not too long.
func (p *prediction) profilePlan(ctx context.Context, threads int) (profiles []worker.Profile, extrapolated bool, err error) {
	all := p.file.Batch.Lanes
	for _, m := range []int{1, 2, all} {
		if m > all || len(profiles) > 0 && m <= profiles[len(profiles)-1].Lanes {
			continue
		}
		if n := len(profiles); n == 2 {
			a, b := profiles[0], profiles[1]
			if b.Total+time.Duration(all-2)*(b.Total-a.Total) > planBudget {
				return profiles, true, nil
			}
		}
		one, err := p.profileOf(ctx, threads, m)
		if err != nil {
			return nil, false, err
		}
		profiles = append(profiles, one)
	}
	return profiles, false, nil
}

// leastSeconds is what so many operations take at the ceiling, in operations a second, or above it as far as a measured step was:
// AMX and Winograd's method are.
func leastSeconds(profiles []worker.Profile, operations, ceiling float64) float64 {
	for _, p := range profiles {
		ceiling = max(ceiling, p.Operations/p.Total.Seconds())
	}
	return operations / ceiling
}

// whole is what is known of the step with all lanes without its times.
func (p *prediction) whole(profiles []worker.Profile) worker.Profile {
	w := profiles[len(profiles)-1]
	more := float64(p.file.Batch.Lanes) / float64(w.Lanes)
	w.Lanes, w.Targets, w.Operations = p.file.Batch.Lanes, int(float64(w.Targets)*more+0.5), w.Operations*more
	return w
}

// planned is the plan for both forms in which gradients travel.
func (p *prediction) planned(run predict.Run, net predict.Cluster) (*bench.Plan, error) {
	plan := &bench.Plan{}
	passes := p.file.Batch.Lanes
	one, err := worker.PlanMemory(p.file, p.file.Batch.Lanes, 1, p.threads())
	if err != nil {
		return nil, err
	}
	least, err := worker.PlanMemory(p.file, p.file.Batch.Lanes, passes, p.threads())
	if err != nil {
		return nil, err
	}
	plan.Memory, plan.LeastMemory, plan.Passes = one.Total(), least.Total(), passes
	for _, n := range p.plan {
		for _, to := range []struct {
			wire float64
			all  *[]predict.Planned
		}{{1, &plan.Float32}, {0.5, &plan.BFloat16}} {
			net.Wire = to.wire
			one, err := predict.Plan(run, net, n)
			if err != nil {
				return nil, err
			}
			*to.all = append(*to.all, one)
		}
	}
	return plan, nil
}

// plannable refuses what a plan has no use for.
func (o *benchOptions) plannable(nodes int) error {
	if nodes != 0 {
		return errors.New("--plan and --nodes: a plan says itself how many nodes; leave out one or the other")
	}
	return nil
}
