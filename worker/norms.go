package worker

import (
	"github.com/rondo-ml/rondo/allreduce"
	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/nn"
)

// tagNorm and from here on: gathers of batch norms, by site. A tape has the same sites whatever its lanes.
const tagNorm uint32 = 1 << 30

// normExchange brings what batch norms measure in each lane to all workers, under sync_batchnorm. A gather belongs to
// the group and the step that were named last: a step that is done again under another view gathers again.
type normExchange struct {
	lanes int // of the batch
	group *allreduce.Group
	step  uint64
}

// newNormExchange returns nil where each lane has its own statistics.
func newNormExchange(f *runfile.File) *normExchange {
	if !f.SyncBatchNorm {
		return nil
	}
	return &normExchange{lanes: f.Batch.Lanes}
}

// at names the group and the step of the gathers that follow.
func (e *normExchange) at(group *allreduce.Group, step uint64) {
	if e != nil {
		e.group, e.step = group, step
	}
}

// prepare has the tape's batch norms gather.
func (e *normExchange) prepare(t *nn.Tape) {
	if e != nil && t.Mode == nn.Training {
		t.SyncBatchNorm(e.lanes, e)
	}
}

// Gather is [nn.Gatherer]'s.
func (e *normExchange) Gather(site uint32, own, all [][]float64) (nn.Gathering, error) {
	if e.group.View().Workers() == 1 { // it has all lanes
		for l, v := range own {
			copy(all[l], v)
		}
		return atOnce{}, nil
	}
	p, err := e.group.BeginGather(e.step, tagNorm+site, own, all)
	if err != nil {
		return nil, err
	}
	return p, nil
}

// atOnce is a gather that is over.
type atOnce struct{}

func (atOnce) Wait() error { return nil }
