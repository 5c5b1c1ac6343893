package worker

import (
	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/worker/checkpoint"
)

// recall answers with a piece of the history of the run, beside the step loop. One at a time.
func (c *control) recall(ask *api.Recall) {
	if !c.recalling.CompareAndSwap(false, true) {
		c.recalled(&api.Recalled{Id: ask.Id, Error: "somebody asks for it already; try again"})
		return
	}
	go func() {
		defer c.recalling.Store(false)
		if ask.From == 0 {
			c.saver.told()
		}
		answer := &api.Recalled{Id: ask.Id}
		var err error
		if answer.Data, answer.Next, err = checkpoint.ReadHistory(c.saver.dir, ask.From); err != nil {
			answer.Error = err.Error()
		}
		c.recalled(answer)
	}()
}

func (c *control) recalled(answer *api.Recalled) {
	c.session.out.put(&api.FromWorker{Message: &api.FromWorker_Recalled{Recalled: answer}})
}

// told returns when the points of the steps so far are in the history.
func (s *saver) told() {
	done := make(chan struct{})
	s.later(func() {
		s.history.flush()
		close(done)
	})
	select {
	case <-done:
	case <-s.over:
	}
}
