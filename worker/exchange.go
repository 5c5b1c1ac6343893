package worker

import (
	"github.com/rondo-ml/rondo/allreduce"
	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/nn"
)

// tagMidst and from here on: gathers in the midst of a step, by site. A tape has the same sites whatever its lanes.
const tagMidst uint32 = 1 << 30

// exchange brings what lanes have for each other in the midst of a step to all workers: what batch norms measure, under
// sync_batchnorm, and what pipelines have of an activation, under batch.pipelines. A gather belongs to the group and
// the step that were named last: a step that is done again under another view gathers again.
type exchange struct {
	batch runfile.Batch
	norms bool
	group *allreduce.Group
	step  uint64
}

// newExchange returns nil where lanes do not need each other.
func newExchange(f *runfile.File) *exchange {
	if !f.LanesMeet() {
		return nil
	}
	return &exchange{batch: f.Batch, norms: f.SyncBatchNorm}
}

// at names the group and the step of the gathers that follow.
func (e *exchange) at(group *allreduce.Group, step uint64) {
	if e != nil {
		e.group, e.step = group, step
	}
}

// prepare has what the tape records gather.
func (e *exchange) prepare(t *nn.Tape) {
	if e == nil || t.Mode != nn.Training {
		return
	}
	if e.norms {
		t.SyncBatchNorm(e.batch.Lanes, e)
	}
	if e.batch.Pipelines > 1 {
		t.Pipelines(e.batch.Pipelines, e.batch.Lanes, e)
	}
}

// Gather is [nn.Gatherer]'s.
func (e *exchange) Gather(site uint32, own, all [][]float64) (nn.Gathering, error) {
	if e.group.View().Workers() == 1 { // it has all lanes
		for l, v := range own {
			copy(all[l], v)
		}
		return atOnce{}, nil
	}
	p, err := e.group.BeginGather(e.step, tagMidst+site, own, all)
	if err != nil {
		return nil, err
	}
	return p, nil
}

// WholeGroups says that every worker of the view has whole groups of n lanes.
func (e *exchange) WholeGroups(n int) bool {
	for w := range e.group.View().Workers() {
		if first, _ := e.group.View().LanesOf(w); first%n != 0 {
			return false
		}
	}
	return true
}

// atOnce is a gather that is over.
type atOnce struct{}

func (atOnce) Wait() error { return nil }
