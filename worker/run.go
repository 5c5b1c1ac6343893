package worker

import (
	"context"
	"errors"

	"github.com/rondo-ml/rondo/allreduce"
	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/data/shard"
	"github.com/rondo-ml/rondo/nn/zoo"
)

// Run joins the run, trains until it ends, and returns nil when it finished or
// an *EndError (with the exit status to use) when the coordinator ended it
// otherwise. Cancelling ctx asks the whole run to stop at the next step.
func Run(ctx context.Context, cfg Config) error {
	if err := cfg.Validate(); err != nil {
		return err
	}
	w, err := open(cfg)
	if err != nil {
		return err
	}
	defer w.close()

	// life ends with the worker's part in the run, not with ctx: a cancelled
	// ctx is a wish, and the run still ends in order.
	life, end := context.WithCancelCause(context.WithoutCancel(ctx))
	defer end(nil)
	if err := w.join(ctx, life, end); err != nil {
		if ctx.Err() != nil {
			return &EndError{Reason: "asked to leave before a coordinator that leads was found", Code: exitStopped}
		}
		return err
	}
	stopWish := context.AfterFunc(ctx, w.askStop)
	defer stopWish()
	return w.conclude(life, w.train(life))
}

// train runs the steps of the view. A panic of the model is an error, of which
// the coordinator is told like of any other.
func (w *worker) train(life context.Context) (err error) {
	defer zoo.Recover(w.cfg.File.Model.Kind, &err)
	view, err := w.awaitView(life)
	if err != nil {
		return err
	}
	if err := w.prepare(life, view); err != nil {
		return err
	}
	step := view.Step
	steps := uint64(w.cfg.File.Steps)
	stopped := false
	for step < steps && !stopped {
		r, err := w.trainer.step(w.group, step, w.control.wishes.take(step))
		if err != nil {
			return err
		}
		step++
		if err := w.report(step, r); err != nil {
			return err
		}
		if stopped, err = w.after(step, r); err != nil {
			return err
		}
	}
	return w.finish(life, step, stopped)
}

// after does what follows the given number of applied steps: measure, save.
func (w *worker) after(step uint64, r stepResult) (stopped bool, err error) {
	f := w.cfg.File
	stopped = r.action&stopAction != 0
	last := step == uint64(f.Steps)
	listens := w.trainer.updater.plateau != nil // then an evaluation is a part of the run, stopped or not
	saves := last || stopped || r.action&saveAction != 0 || due(step, f.Checkpoint.Every)
	if err := w.watch(step, saves); err != nil {
		return stopped, err
	}
	if w.trainer.held != nil && (!stopped || listens) && (last || due(step, f.Eval.Every)) {
		if err := w.evaluate(step); err != nil {
			return stopped, err
		}
	}
	if saves {
		w.saver.save(w.trainer, step, r.epoch, last || stopped)
	}
	return stopped, nil
}

// exitStopped is the exit status of what was asked to leave.
const exitStopped = 130

func due(step uint64, every int) bool { return every > 0 && step%uint64(every) == 0 }

// finish waits until everything is saved and the coordinator says the end.
func (w *worker) finish(life context.Context, step uint64, stopped bool) error {
	if err := w.group.Barrier(step, tagEnd); err != nil {
		return err
	}
	w.saver.wait()
	err := w.session.send(&api.FromWorker{Message: &api.FromWorker_Finished{
		Finished: &api.Finished{Step: step, Stopped: stopped}}})
	if err != nil {
		return err
	}
	<-life.Done()
	return nil
}

// conclude turns the way the training ended into what Run returns. A failure
// of our own is reported, and the coordinator's verdict, which knows more (who
// was lost, where to go on), is preferred to our view of it.
func (w *worker) conclude(life context.Context, err error) error {
	if err != nil {
		w.cfg.Log.Warn("the step loop ended", "error", err)
	}
	if err != nil && life.Err() == nil {
		_ = w.session.send(w.failure(err)) // when the stream is broken its reader says so, and why
		w.awaitVerdict(life)
	}
	cause := context.Cause(life)
	if ended, ok := errors.AsType[*EndError](cause); ok {
		if ended.Code == 0 {
			return nil
		}
		return ended
	}
	if cause != nil {
		return cause
	}
	return err
}

// failure describes err for the coordinator.
func (w *worker) failure(err error) *api.FromWorker {
	f := &api.Failed{Error: err.Error(), Step: w.reported}
	if peer, ok := errors.AsType[*allreduce.PeerError](err); ok && peer.Worker >= 0 && peer.Worker < len(w.view.Peers) {
		f.Kind, f.Peer = api.Failed_PEER, w.view.Peers[peer.Worker].Name
	} else if d, ok := errors.AsType[*DivergedError](err); ok && d.Own {
		f.Kind, f.Step = api.Failed_DIVERGED, d.Step
	} else if ok {
		f.Kind, f.Step, f.Peer = api.Failed_PEER, d.Step, d.Names[0]
	} else if nf, ok := errors.AsType[*NonFiniteError](err); ok {
		f.Kind, f.Step = api.Failed_NON_FINITE, nf.Step
	} else if _, ok := errors.AsType[*shard.CorruptError](err); ok {
		f.Kind = api.Failed_DATA
	} else if _, ok := errors.AsType[*LoadError](err); ok {
		f.Kind = api.Failed_CHECKPOINT
	} else if _, ok := errors.AsType[*DirError](err); ok {
		f.Kind = api.Failed_CHECKPOINT
	}
	return &api.FromWorker{Message: &api.FromWorker_Failed{Failed: f}}
}
