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
// otherwise. Cancelling ctx asks to leave the run at the next step; the others go on.
func Run(ctx context.Context, cfg Config) error {
	if err := cfg.Validate(); err != nil {
		return err
	}
	told, err := newHealth(cfg)
	if err != nil {
		return err
	}
	defer told.close()
	w, err := open(cfg)
	if err != nil {
		return err
	}
	defer w.close()
	w.health = told
	told.of(w)

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
	context.AfterFunc(life, func() { w.leaving.Store(true) })
	leaveWish := context.AfterFunc(ctx, w.askLeave)
	defer leaveWish()
	return w.conclude(life, w.train(life))
}

// train goes from view to view until the run or the worker's part in it ends. Which errors end it is for the coordinator
// to say, who hears of all. A panic of the model is an error, of which the coordinator is told like of any other.
func (w *worker) train(life context.Context) (err error) {
	defer zoo.Recover(w.cfg.File.Model.Kind, &err)
	for {
		w.activity.begin(api.Doing_IDLE)
		v, err := w.control.views.await(life)
		if err != nil {
			return err
		}
		if err := w.begins(v.RunId); err != nil {
			return err
		}
		if err := w.claim(v.RunId); err != nil {
			return err
		}
		err = w.live(life, v)
		if life.Err() != nil {
			return context.Cause(life)
		}
		if own, ok := errors.AsType[*CertificateError](err); ok {
			return own // a ring with this worker in it would never close
		}
		w.part(err)
	}
}

// live takes a worker through one view, to the end of the run or to where the view ends for it:
// at a step, as was decided (nil), or by an error of the ring.
func (w *worker) live(life context.Context, v *api.View) (err error) {
	w.seat, err = w.enter(life, v)
	defer w.seat.close()
	if err != nil {
		return err
	}
	w.activity.begin(api.Doing_BRINGING)
	again, err := w.bring(w.seat)
	if err != nil {
		return err
	}
	w.tell(&api.FromWorker{Message: &api.FromWorker_Ready{Ready: &api.Ready{Generation: v.Generation}}})
	w.saver.tell(viewLine(v, w.trainer.applied))
	w.saver.history.begin(w.trainer.applied, w.shown())
	if w.seat.first() {
		w.saver.history.described(w.trainer.described())
	}
	defer func() { w.saver.history.end(w.trainer.applied, err) }()
	if err := w.follow(again); err != nil {
		return err
	}
	stopped := again.stopped
	for w.trainer.applied < uint64(w.cfg.File.Steps) && !stopped {
		r, err := w.step()
		if err != nil {
			return err
		}
		stopped = r.action&stopAction != 0
		if r.action&changeAction != 0 && !stopped && w.trainer.applied < uint64(w.cfg.File.Steps) {
			return w.trainer.handOver(w.seat.group)
		}
	}
	return w.finish(stopped)
}

// step runs a step, and does what follows on it.
func (w *worker) step() (stepResult, error) {
	w.activity.begin(api.Doing_STEPPING)
	w.beginLook(w.trainer.applied)
	r, err := w.trainer.step(w.seat.group, w.trainer.applied, w.control.wishes.take(w.trainer.applied))
	if err != nil {
		w.trainer.probe, w.trainer.fall = nil, nil
		return r, err
	}
	w.report(w.trainer.applied, r)
	w.endLook(w.trainer.applied, r.time.total)
	return r, w.follow(w.following(w.trainer.applied, r.action))
}

// roll applies the step under way, whose sums are all here, when another worker has told what was gathered in it.
func (w *worker) roll() error {
	r := w.trainer.expect(w.trainer.applied)
	w.trainer.told(&r, w.trainer.losses)
	if err := w.trainer.apply(w.trainer.applied, &r); err != nil {
		return err
	}
	w.report(w.trainer.applied, r)
	return nil
}

// following is what follows on so many applied steps: the held-out set is measured, a checkpoint is saved.
func (w *worker) following(step uint64, taken action) afterwards {
	f := w.cfg.File
	last := step == uint64(f.Steps)
	a := afterwards{stopped: taken&stopAction != 0}
	listens := w.trainer.updater.plateau != nil // then an evaluation is a part of the run, stopped or not
	a.evaluate = w.trainer.held != nil && (!a.stopped || listens) && (last || due(step, f.Eval.Every))
	a.save = last || a.stopped || taken&saveAction != 0 || due(step, f.Checkpoint.Every)
	return a
}

// follow does what follows on the steps applied.
func (w *worker) follow(a afterwards) error {
	step := w.trainer.applied
	w.stopping = a.stopped
	if err := w.watch(step, a.save); err != nil {
		return err
	}
	if a.evaluate {
		w.activity.begin(api.Doing_EVALUATING)
		if err := w.evaluate(step); err != nil {
			return err
		}
	}
	if a.save {
		w.activity.begin(api.Doing_SAVING) // a slow disk holds the step loop up
		w.saver.save(w.trainer, step, w.trainer.epoch(), a.stopped || step == uint64(w.cfg.File.Steps))
	}
	w.settled = step
	return nil
}

// exitStopped is the exit status of what was asked to leave.
const exitStopped = 130

func due(step uint64, every int) bool { return every > 0 && step%uint64(every) == 0 }

// finish waits until everything is saved and the coordinator says the end, or that the ring
// is needed once more.
func (w *worker) finish(stopped bool) error {
	w.activity.begin(api.Doing_FINISHING)
	step := w.trainer.applied
	if err := w.seat.group.Barrier(step, tagEnd); err != nil {
		return err
	}
	w.saver.wait()
	w.tell(&api.FromWorker{Message: &api.FromWorker_Finished{Finished: &api.Finished{Step: step, Stopped: stopped}}})
	<-w.seat.ctx.Done()
	return context.Cause(w.seat.ctx)
}

// part tells the coordinator that the worker has no place in the ring now, and why; nil is as
// was decided. Then the worker waits for the next view, or for the end: an error of its own fails the run.
func (w *worker) part(err error) {
	g := w.seat.view.Generation
	switch {
	case errors.Is(context.Cause(w.seat.ctx), errSuperseded):
		w.cfg.Log.Info("left the ring for a newer one", "generation", g) // of which a coordinator that began since may not know
	case err == nil:
		w.cfg.Log.Info("left the ring, as was decided", "generation", g, "step", w.applied.Load())
	default:
		w.cfg.Log.Warn("cannot go on in the ring; waiting for the next view or the end", "generation", g, "error", err)
		w.tell(w.failure(err))
		return
	}
	w.tell(&api.FromWorker{Message: &api.FromWorker_Parted{Parted: &api.Parted{Generation: g, Step: w.applied.Load()}}})
}

// conclude turns the way the training ended into what Run returns. A failure
// of our own is reported, and the coordinator's verdict, which knows more (who
// was lost, where to go on), is preferred to our view of it.
func (w *worker) conclude(life context.Context, err error) error {
	var end *EndError
	switch {
	case errors.As(err, &end) && end.Code == 0:
		w.cfg.Log.Info("the run is over", "reason", end.Reason)
	case err != nil:
		w.cfg.Log.Warn("the step loop ended", "error", err)
	}
	// A failure of our own would end the run. To the others, who can go on, one without a certificate is a worker that is lost.
	if _, alone := errors.AsType[*CertificateError](err); err != nil && life.Err() == nil && !alone {
		w.tell(w.failure(err))
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
	f := &api.Failed{Error: err.Error(), Step: w.applied.Load()}
	if w.seat != nil {
		f.Generation = w.seat.view.Generation
	}
	if peer, ok := errors.AsType[*allreduce.PeerError](err); ok && w.seat != nil && peer.Worker >= 0 && peer.Worker < len(w.seat.view.Peers) {
		f.Kind, f.Peer = api.Failed_PEER, w.seat.view.Peers[peer.Worker].Name
	} else if d, ok := errors.AsType[*DivergedError](err); ok {
		f.Kind, f.Step, f.Peer = api.Failed_DIVERGED, d.Step, d.blamed(w.cfg.Name)
	} else if _, ok := errors.AsType[*LostStateError](err); ok {
		f.Kind = api.Failed_STATE
	} else if nf, ok := errors.AsType[*NonFiniteError](err); ok {
		f.Kind, f.Step, f.Where = api.Failed_NON_FINITE, nf.Step, nf.Where
	} else if _, ok := errors.AsType[*shard.CorruptError](err); ok {
		f.Kind = api.Failed_DATA
	} else if _, ok := errors.AsType[*LoadError](err); ok {
		f.Kind = api.Failed_CHECKPOINT
	} else if _, ok := errors.AsType[*DirError](err); ok {
		f.Kind = api.Failed_CHECKPOINT
	}
	return &api.FromWorker{Message: &api.FromWorker_Failed{Failed: f}}
}
