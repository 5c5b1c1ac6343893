package cmd

import (
	"context"
	"slices"
	"time"

	"github.com/rondo-ml/rondo/cmd/bench"
	"github.com/rondo-ml/rondo/cmd/bench/predict"
	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/worker"
	"github.com/rondo-ml/rondo/worker/machine"
)

// prediction is `rondo bench RUN.yaml`.
type prediction struct {
	*benching
	file *runfile.File

	profiler *worker.Profiler
	cluster  bench.Cluster
	local    bool  // the network is that of processes on this machine, and its bandwidth is measured
	plan     []int // nodes of clusters to plan; none: the run is shared as its file says
}

// measure takes the run's steps here, and what the network costs the processors, and predicts the rest.
func (p *prediction) measure(ctx context.Context) (r bench.Report, err error) {
	threads := p.threads()
	p.tell("the ceiling")
	ceiling := bench.Meter{Budget: p.options.budget(), Cores: threads}.Ceiling()
	profiles, err := p.profile(ctx, threads)
	if err != nil {
		return r, err
	}
	all := profiles[len(profiles)-1]
	r.Run = p.describe(all, threads, ceiling.All)
	net, err := p.network(ctx, all)
	if err != nil {
		return r, err
	}
	run := predict.Run{Lanes: p.file.Batch.Lanes, Steps: float64(p.file.Steps), Targets: float64(all.Targets), Cores: float64(threads)}
	for _, profile := range profiles {
		run.Alone = append(run.Alone, stepOf(profile))
	}
	for n := 1; n <= p.cluster.Nodes; n++ {
		if !p.told(n) {
			continue
		}
		one, err := predict.Predict(run, net, n)
		if err != nil {
			return r, err
		}
		r.Run.Predicted = append(r.Run.Predicted, one)
	}
	r.Run.Cluster = p.cluster
	return r, nil
}

// threads is how many threads compute here: as many as a node has cores, if there are so many.
func (p *prediction) threads() int {
	return min(max(1, int(p.cluster.Cores)), machine.Threads(), worker.MaxThreads)
}

// told says whether n workers are worth a line: each number up to 8, then those that take lanes off the worker
// with the most, and the last.
func (p *prediction) told(n int) bool {
	return n <= 8 || n == p.cluster.Nodes || p.most(n) < p.most(n-1)
}

// most is the lanes of the worker with the most.
func (p *prediction) most(n int) int { return (p.file.Batch.Lanes + n - 1) / n }

// maxProfiles bounds how many numbers of lanes are measured; those between lie on a line.
const maxProfiles = 5

// lanes are the numbers of lanes to measure, ascending: the ends, and some of what lies between.
func (p *prediction) lanes() []int {
	var all []int
	for n := p.cluster.Nodes; n >= 1; n-- {
		if m := p.most(n); len(all) == 0 || m > all[len(all)-1] {
			all = append(all, m)
		}
	}
	for len(all) > maxProfiles { // drop the one that is nearest to the one before it, in proportion
		drop := 1
		for i := 2; i < len(all)-1; i++ {
			if all[i]*all[drop-1] < all[drop]*all[i-1] {
				drop = i
			}
		}
		all = slices.Delete(all, drop, drop+1)
	}
	return all
}

// profile measures the run's steps with each number of lanes.
func (p *prediction) profile(ctx context.Context, threads int) ([]worker.Profile, error) {
	var profiles []worker.Profile
	for _, m := range p.lanes() {
		one, err := p.profileOf(ctx, threads, m)
		if err != nil {
			return nil, err
		}
		profiles = append(profiles, one)
	}
	return profiles, nil
}

// profileOf measures the run's step with so many lanes.
func (p *prediction) profileOf(ctx context.Context, threads, lanes int) (worker.Profile, error) {
	if p.profiler == nil {
		err := p.make(func() (err error) {
			p.profiler, err = worker.NewProfiler(p.file, p.work.path, threads)
			return err
		})
		if err != nil {
			return worker.Profile{}, err
		}
	}
	p.tell("the step with " + countText(lanes, "lane"))
	return p.profiler.Measure(ctx, lanes, 6*p.options.budget())
}

// describe is the run and its step with all lanes here.
func (p *prediction) describe(all worker.Profile, threads int, ceiling float64) *bench.Run {
	f := p.file
	r := &bench.Run{Name: f.Name, Model: f.Model.Text(), Parameters: all.Parameters, Lanes: f.Batch.Lanes, Steps: f.Steps, Targets: all.Targets, Unit: f.Sample(),
		Operations: all.Operations / 1e9, GradientBytes: 4 * all.Parameters, Buckets: len(all.Buckets)}
	r.Here = bench.Here{Threads: threads, Step: all.Total.Seconds(), Compute: all.Computed.Seconds(), First: all.Buckets[0].Left.Seconds(),
		Rate: float64(all.Targets) / all.Total.Seconds(), GFLOPS: all.Operations / float64(all.Total), Ceiling: ceiling}
	r.Here.Share = r.Here.GFLOPS / ceiling
	return r
}

func stepOf(p worker.Profile) predict.Step {
	seconds := time.Duration.Seconds
	s := predict.Step{Lanes: p.Lanes, Computed: seconds(p.Computed), Total: seconds(p.Total)}
	var totals []float64
	for _, total := range p.Totals {
		totals = append(totals, seconds(total))
	}
	s.Late = predict.LateOf(totals, s.Total)
	for _, b := range p.Buckets {
		s.Buckets = append(s.Buckets, predict.Bucket{Bytes: float64(b.Bytes), Ready: seconds(b.Left), Fold: seconds(b.Fold)})
	}
	return s
}
