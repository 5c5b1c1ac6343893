package worker

import (
	"context"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/inspect"
)

// inspect looks into this process for an operator, beside the step loop. One look at a time.
func (c *control) inspect(ctx context.Context, ask *api.Inspect) {
	if !c.looking.CompareAndSwap(false, true) {
		c.inspected(&api.Inspected{Id: ask.Id, Error: "somebody looks into it already; try again"})
		return
	}
	go func() {
		defer c.looking.Store(false)
		answer := &api.Inspected{Id: ask.Id}
		var err error
		if answer.Data, err = inspect.Take(ctx, ask.What, int(ask.Seconds)); err != nil {
			answer.Error = err.Error()
		}
		c.inspected(answer)
	}()
}

func (c *control) inspected(answer *api.Inspected) {
	c.session.out.put(&api.FromWorker{Message: &api.FromWorker_Inspected{Inspected: answer}})
}
