package worker

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"github.com/rondo-ml/rondo/coordinator/advertise"
	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/dirlock"
	"github.com/rondo-ml/rondo/worker/checkpoint"
	"github.com/rondo-ml/rondo/worker/machine"
)

// worker is one process's part in a run, from its start to its end.
type worker struct {
	cfg        Config
	dir        string // of checkpoints
	bits       map[string]string
	trainSet   *Dataset
	validSet   *Dataset
	hello      *api.Hello
	ring       *ringListener
	session    *session
	control    *control
	saver      *saver
	trainer    *trainer             // nil before the first view
	seat       *seat                // the last; nil before the first view
	news       atomic.Pointer[news] // nil: none
	runID      atomic.Pointer[string]
	generation atomic.Uint64 // of the view, likewise
	applied    atomic.Uint64 // steps, and reported; for whoever asks beside the step loop too
	dirLock    *dirlock.Lock // on checkpoint.dir; nil: none
	activity   activity
	health     *health     // nil: nobody is told
	leaving    atomic.Bool // it has been asked to leave, or its part in the run is over
	stopping   bool        // the step that was done last is the last one before a stop
	late       atomic.Bool // it was told to leave a ring, and is watched
	cutter     cutter
	peak       peak
	garbage    machine.Garbage

	settled   uint64 // steps after which it has done what follows on them
	unreached bool   // it has said that the held-out set has a target that the network cannot give
}

// verdictWait is how long a worker that failed waits for the coordinator to
// say what happened to the run. The coordinator takes up to half a second to
// learn a lost worker's fate.
const verdictWait = 1500 * time.Millisecond

// open reads what is needed before joining: data, the newest checkpoint, and
// the addresses at which peers will find this worker.
func open(cfg Config) (*worker, error) {
	w := &worker{cfg: cfg, dir: cfg.File.Checkpoint.Dir, bits: cfg.File.Bits()}
	var err error
	if w.trainSet, err = OpenData(cfg.File, cfg.File.Data.Train); err != nil {
		return nil, fmt.Errorf("data.train: %w", err)
	}
	if cfg.File.Data.Valid != "" {
		if w.validSet, err = OpenData(cfg.File, cfg.File.Data.Valid); err == nil {
			err = w.validSet.NumberedAs(w.trainSet)
		}
		if err != nil {
			w.close()
			return nil, fmt.Errorf("data.valid: %w", err)
		}
	}
	if err := w.makeHello(); err != nil {
		w.close()
		return nil, err
	}
	if cfg.outside.ring != nil {
		return w, nil
	}
	if w.ring, err = listenRing(cfg); err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

func (w *worker) makeHello() error {
	f := w.cfg.File
	model, err := describeModel(f.Model)
	if err == nil {
		err = CheckModel(f)
	}
	if err != nil {
		return err
	}
	dirID, err := checkpoint.Identify(f.Checkpoint.Dir)
	if err != nil {
		return err
	}
	host, err := os.Hostname()
	if err != nil {
		return fmt.Errorf("the name of this host: %w", err)
	}
	w.hello = &api.Hello{
		Name: w.cfg.Name, Incarnation: rand.Text(), Version: api.Version(), Protocol: api.Protocol, Arithmetic: api.Bits,
		Host: host, Network: advertise.Network(), Pid: int32(os.Getpid()), Bits: w.bits, DataHash: w.trainSet.Hash(),
		CheckpointDir: f.Checkpoint.Dir, CheckpointDirId: dirID, Tier: kernelTier(), Threads: int32(w.cfg.Threads),
		Parameters: int64(model.Params().Size()), EpochSteps: w.trainSet.epochSteps(f),
	}
	if w.validSet != nil {
		w.hello.ValidHash = w.validSet.Hash()
	}
	m, err := w.look(w.hello)
	if err != nil || m == nil || !w.cfg.Resume {
		return err
	}
	if err := m.Check(w.bits, w.hello.DataHash); err != nil {
		return err
	}
	return CheckTier(m, f)
}

// look puts into a hello which checkpoint the worker sees now, and returns it; nil: none.
func (w *worker) look(h *api.Hello) (*checkpoint.Manifest, error) {
	m, _, err := checkpoint.Newest(w.cfg.files(), w.dir)
	if errors.Is(err, checkpoint.ErrNone) {
		h.HasCheckpoint, h.CheckpointStep, h.CheckpointDigest, h.CheckpointRates = false, 0, "", nil // also of one that was there before
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	h.HasCheckpoint, h.CheckpointStep, h.CheckpointDigest, h.CheckpointRates = true, m.Step, m.Digest, ratesToAPI(m.Rates)
	return m, nil
}

// join finds the coordinator that leads. ctx bounds the search; the session
// that begins with it lasts as long as life.
func (w *worker) join(ctx, life context.Context, end context.CancelCauseFunc) error {
	w.saver = newSaver(w.cfg, checkpoint.Manifest{
		Run: w.cfg.File.Name, Version: api.Version(), DataHash: w.hello.DataHash, Bits: w.bits,
		Tier: api.Arithmetic(w.hello.Tier), Data: w.trainSet.schemaText(),
	}, w.tell)
	w.control = &control{saver: w.saver, views: newViews(), end: end, look: w.beat(machine.ThrottleHere())}
	w.session = w.newSession(life, end)
	w.saver.orphaned = w.session.orphaned
	w.control.session = w.session
	err := w.session.open(ctx, life, func(l *link) error {
		if err := w.take(l.welcome); err != nil {
			return err
		}
		w.news.Store(startNews(w.cfg, l.addr, l.welcome))
		w.cfg.Log.Info("joined", "coordinator", l.addr)
		return nil
	})
	if err != nil {
		return err
	}
	go w.control.beat(life)
	go w.peak.measure(&w.cfg)
	if w.cfg.Cuts != nil {
		go w.obeyCuts(life)
	}
	return nil
}

// begin gives the weights their first values, and says which they are where a file has them.
func (w *worker) begin(ctx context.Context) error {
	loaded, err := w.trainer.initialize(ctx)
	if err == nil && loaded != nil {
		w.cfg.Log.Info("begins from weights", "file", w.cfg.File.Model.Weights, "sha256", w.cfg.File.Model.WeightsHash,
			"tensors", loaded.Loaded, "converted", len(loaded.Converted), "skipped", len(loaded.Skipped), "prefix", loaded.Prefix)
	}
	return err
}

// take makes a coordinator's run the worker's own, with its settings: what the worker does beside the bits, as saving, it must do
// at the same steps as all others.
func (w *worker) take(of *api.Welcome) error {
	file, changed, err := w.cfg.File.WithSettings(of.Settings)
	if err != nil {
		return fmt.Errorf("the coordinator's settings: %w", err)
	}
	for _, field := range changed {
		w.cfg.Log.Info("taken from the coordinator's run file", "field", field)
	}
	w.cfg.File = file
	w.saver.keep, w.saver.manifest.Run = keepingOf(file), file.Name
	w.runID.Store(&of.RunId)
	return nil
}

// begins takes the run of a view. It may be another than that of the first welcome: where a coordinator is lost before its run has
// begun, the next one begins another, with the workers that wait.
func (w *worker) begins(run string) error {
	of := w.session.welcomed()
	if *w.runID.Load() == run || of.RunId != run {
		return nil
	}
	return w.take(of)
}

// report tells the coordinator of an applied step.
func (w *worker) report(step uint64, r stepResult) {
	w.applied.Store(step)
	w.health.step(r.time.total)
	ring, heap := w.seat.group.Stats(), heapBytes()
	w.garbage.Bound(heap)
	m := &api.StepReport{
		Step: step - 1, Epoch: r.epoch, Loss: r.loss, Targets: int64(r.targets), GradientNorm: r.norm, Clipped: r.clipped, Lr: r.lr,
		TotalNs: int64(r.time.total), WaitNs: int64(r.time.wait), DataNs: int64(r.time.data),
		ComputeNs: int64(r.time.total - r.time.wait - r.time.ring - r.time.data),
		RingNs:    int64(r.time.ring), RingBytes: ring.BytesSent - w.seat.sent,
		HeapBytes: heap, Operations: w.trainer.operations,
	}
	w.seat.sent = ring.BytesSent
	m.Decision = r.wish.decision(step - 1)
	w.saver.tell(r.wish.lines(step - 1)...)
	w.saver.history.step(m)
	w.tell(&api.FromWorker{Message: &api.FromWorker_Step{Step: m}})
}

// evaluate measures the held-out set; the first worker reports it.
func (w *worker) evaluate(step uint64) error {
	began := time.Now()
	m, err := w.trainer.measure(w.seat.group, step, w.seat.first())
	if m.Unreachable != nil && !w.unreached { // it is so in each evaluation
		w.unreached = true
		w.cfg.Log.Warn("the held-out loss is infinite", "reason", m.Unreachable)
	}
	if err != nil || !w.seat.first() {
		return err
	}
	found := &api.Evaluated{Step: step, Loss: m.Loss, Targets: int64(m.Targets), TotalNs: int64(time.Since(began)), Outcome: w.outcome(step, m)}
	for _, f := range m.Figures {
		found.Figures = append(found.Figures, &api.Figure{Name: f.Name, Value: f.Value, Unit: f.Unit})
	}
	w.saver.history.evaluated(found)
	if len(found.Outcome) > 0 && keepsOutcome(w.cfg.File, step) {
		w.saver.history.outcome(found)
	}
	w.tell(&api.FromWorker{Message: &api.FromWorker_Evaluated{Evaluated: found}})
	return nil
}

// askLeave asks the coordinator to let this worker go at the next step.
func (w *worker) askLeave() {
	w.leaving.Store(true)
	w.cfg.Log.Info("asked to leave: the others go on without this worker after the next step; the last one saves, and the run stops")
	w.tell(&api.FromWorker{Message: &api.FromWorker_Leave{Leave: &api.Leave{}}})
}

// hurries says whether somebody waits for this worker, or the run, to stop.
func (w *worker) hurries() bool {
	return w.leaving.Load() || w.stopping || w.control.wishes.stops(w.trainer.applied)
}

func (w *worker) awaitVerdict(life context.Context) {
	select {
	case <-life.Done():
	case <-time.After(verdictWait):
	}
}

func (w *worker) close() {
	defer func() { w.news.Load().leave() }()
	if w.seat != nil {
		w.seat.close()
	}
	if w.ring != nil {
		w.ring.close()
	}
	if w.saver != nil {
		w.saver.drain()
	}
	if w.dirLock != nil {
		_ = w.dirLock.Release()
	}
	if w.trainer != nil {
		w.trainer.close()
	}
}

// beat makes heartbeats: what the step loop does, what memory the process holds, for how long its quota has held it back since now,
// and how fast its threads can be.
func (w *worker) beat(quota *machine.Throttle) func() *api.Heartbeat {
	before, _ := quota.Total()
	memory := machine.Here().Memory
	return func() *api.Heartbeat {
		h := w.activity.look(w.applied.Load())
		now, _ := quota.Total()
		h.ThrottledNs = int64(max(0, now-before))
		h.Resident, h.MemoryLimit, h.Ceiling = machine.Resident(), memory, w.peak.speed()
		return h
	}
}
