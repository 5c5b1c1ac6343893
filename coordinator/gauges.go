package coordinator

import (
	"runtime"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// gauges are the metrics that are read off the board. What is not known, or is
// another coordinator's to say, has no series, rather than one of 0.
type gauges struct{ b *board }

// Describe sends nothing: which gauges there are depends on the board.
func (g gauges) Describe(chan<- *prometheus.Desc) {}

// Collect sends all that is known now.
func (g gauges) Collect(out chan<- prometheus.Metric) {
	b := g.b
	now := b.clock.Now()
	if leads := g.ofBoard(now, out); leads {
		collectLayers(&b.layers, out) // they have a lock of their own: to judge many takes a while
	}
}

// ofBoard sends what the board knows, and says whether this coordinator leads.
func (g gauges) ofBoard(now time.Time, out chan<- prometheus.Metric) (leads bool) {
	b := g.b
	b.mu.Lock()
	defer b.mu.Unlock()
	process(b, out)
	if b.standby {
		return false
	}
	run(b, now, out)
	lastStep(b, now, out)
	newestCheckpoint(b, out)
	workers(b, out)
	return true
}

// gauge is the name, help and labels of one gauge.
type gauge struct{ desc *prometheus.Desc }

func newGauge(name, help string, labels ...string) gauge {
	return gauge{prometheus.NewDesc("rondo_"+name, help, labels, nil)}
}

func (g gauge) send(out chan<- prometheus.Metric, value float64, labels ...string) {
	out <- prometheus.MustNewConstMetric(g.desc, prometheus.GaugeValue, value, labels...)
}

func (g gauge) sendTime(out chan<- prometheus.Metric, at time.Time, labels ...string) {
	if !at.IsZero() {
		g.send(out, float64(at.UnixMilli())/1e3, labels...)
	}
}

func truth(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

var (
	gaugeBuild       = newGauge("build_info", "1, labelled with the versions of the program and of Go.", "version", "goversion")
	gaugeLeader      = newGauge("leader", "1 while this coordinator leads, 0 while it stands by.")
	gaugeRecord      = newGauge("record_up", "1 when the record took or answered what it was last asked, 0 when it did not.")
	gaugeCertificate = newGauge("certificate_expiry_timestamp_seconds", "When this coordinator's certificate expires, in seconds since 1970.")
)

// process is what every coordinator says, whether it leads or not.
func process(b *board, out chan<- prometheus.Metric) {
	gaugeBuild.send(out, 1, b.run.Version, runtime.Version())
	gaugeLeader.send(out, truth(!b.standby))
	gaugeRecord.send(out, truth(!b.recordDown.Load()))
	if b.expiry != nil {
		gaugeCertificate.sendTime(out, b.expiry())
	}
}

var (
	gaugeRun        = newGauge("run_info", "1, labelled with the run's name and its id.", "run", "id")
	gaugePhase      = newGauge("phase", "1 for the phase that the run is in, 0 for the others.", "phase")
	gaugeStep       = newGauge("step", "Steps applied in the run.")
	gaugePlanned    = newGauge("planned_steps", "Steps of the whole run.")
	gaugeEpoch      = newGauge("epoch", "Passes over the training set that are complete.")
	gaugeGeneration = newGauge("generation", "Number of the current view; 0 before the first.")
	gaugeWorkers    = newGauge("workers", "Workers that are in the run and not lost.")
	gaugeExpected   = newGauge("expected_workers", "Workers that the run was asked to have.")
	gaugeDesired    = newGauge("desired_workers", "Workers that the run should have, for its deadline or budget, by the measured time of its steps; 0 when it is over.")
	gaugeStalled    = newGauge("stalled", "1 while training stands still: no step for much longer than usual.")
	gaugeSlower     = newGauge("slower", "1 while steps take more than twice as long as the median of the steps of their ring.")
	gaugeDiverging  = newGauge("diverging", "1 while the loss is far above where it began, or not finite.")
)

// phases in the order of a run's life.
var phases = []api.Phase{api.PhaseWaiting, api.PhaseStarting, api.PhaseTraining, api.PhaseStopping,
	api.PhaseFinished, api.PhaseStopped, api.PhaseFailed}

// run is where the run stands.
func run(b *board, now time.Time, out chan<- prometheus.Metric) {
	s := &b.state
	gaugeRun.send(out, 1, b.run.Name, b.run.ID)
	for _, p := range phases {
		gaugePhase.send(out, truth(p == s.Phase), string(p))
	}
	live := 0
	for i := range s.Members {
		if s.Members[i].live() {
			live++
		}
	}
	gaugeStep.send(out, float64(s.Step))
	gaugePlanned.send(out, float64(s.plan.Steps))
	gaugeEpoch.send(out, float64(s.Epoch))
	gaugeGeneration.send(out, float64(s.Generation))
	gaugeWorkers.send(out, float64(live))
	gaugeExpected.send(out, float64(s.Wanted))
	gaugeDesired.send(out, float64(b.desired(now).Workers))
	_, stands := b.standing(now)
	gaugeStalled.send(out, truth(stands))
	gaugeSlower.send(out, truth(b.alarms.slower.told))
	gaugeDiverging.send(out, truth(!b.alarms.loss.since.IsZero()))
}

var (
	gaugeLoss     = newGauge("loss_nats", "Training loss of the last step, nats per target, mean over the global batch.")
	gaugeHeldOut  = newGauge("held_out_loss_nats", "Loss of the last pass over the held-out set, nats per target.")
	gaugeAccuracy = newGauge("held_out_accuracy_ratio", "Share of the held-out samples whose class is the likeliest, in the last pass.")
	gaugeRate     = newGauge("targets_per_second", "Targets trained on per second by the clock, smoothed over about 20 steps; 0 while training stands still.")
	gaugeLR       = newGauge("learning_rate", "Learning rate of the last step.")
	gaugeNorm     = newGauge("gradient_norm", "Global norm of the last step's gradient, before clipping.")
	gaugeStepTime = newGauge("last_step_duration_seconds", "Time of the last step, by the account of the worker that owns lane 0.")
	gaugeStepAt   = newGauge("last_step_timestamp_seconds", "When the last step was reported, in seconds since 1970.")
)

// lastStep is what the newest step and the newest evaluation told.
func lastStep(b *board, now time.Time, out chan<- prometheus.Metric) {
	if n := len(b.evaluations); n > 0 {
		e := b.evaluations[n-1]
		gaugeHeldOut.send(out, float64(e.Loss))
		if slices.ContainsFunc(e.Measures, func(m api.Measure) bool { return m.Name == "accuracy" }) {
			gaugeAccuracy.send(out, e.Accuracy)
		}
	}
	r := b.newest
	if r == nil {
		return
	}
	gaugeLoss.send(out, r.Loss)
	gaugeRate.send(out, b.rate(now))
	gaugeLR.send(out, r.Lr)
	gaugeNorm.send(out, r.GradientNorm)
	gaugeStepTime.send(out, seconds(r.TotalNs))
	gaugeStepAt.sendTime(out, b.tempo.last)
}

var (
	gaugeSavedStep = newGauge("checkpoint_step", "Steps applied in the newest checkpoint.")
	gaugeSavedAt   = newGauge("last_checkpoint_timestamp_seconds", "When the newest checkpoint was committed, in seconds since 1970.")
	gaugeSavedSize = newGauge("last_checkpoint_size_bytes", "Bytes of the newest checkpoint.")
	gaugeSavedTime = newGauge("last_checkpoint_duration_seconds", "From the step before the newest checkpoint until it was committed; training goes on meanwhile.")
)

func newestCheckpoint(b *board, out chan<- prometheus.Metric) {
	n := len(b.state.Committed)
	if n == 0 {
		return
	}
	c := b.state.Committed[n-1]
	gaugeSavedStep.send(out, float64(c.Step))
	gaugeSavedAt.sendTime(out, c.At)
	if c.Bytes > 0 {
		gaugeSavedSize.send(out, float64(c.Bytes))
	}
	if b.saved > 0 { // by this coordinator
		gaugeSavedTime.send(out, b.saved.Seconds())
	}
}

var (
	gaugeWorkerHeap = newGauge("worker_heap_bytes", "Bytes of a worker's heap.", "worker")
	gaugeWorkerStep = newGauge("worker_step", "Steps that a worker has applied.", "worker")
	gaugeWorkerSeen = newGauge("worker_last_seen_timestamp_seconds", "When a worker was last heard, in seconds since 1970.", "worker")
	gaugeWorkerSlow = newGauge("worker_slow", "1 for a worker that computes much longer on a lane than the others, which wait for it.", "worker")
	gaugeWorkerPeak = newGauge("worker_ceiling_flops", "Floating-point operations a second that a worker's threads can do: float32 multiply-adds out of registers.", "worker")
	gaugeWorkerFlop = newGauge("worker_flops_ratio", "Share of its ceiling that a worker reaches over whole steps, in matrix products and convolutions.", "worker")
)

// workers are those that are in the run and not lost.
func workers(b *board, out chan<- prometheus.Metric) {
	for i := range b.state.Members {
		m := &b.state.Members[i]
		if !m.live() {
			continue
		}
		gaugeWorkerStep.send(out, float64(m.Step), m.Name)
		gaugeWorkerSeen.sendTime(out, m.Seen, m.Name)
		gaugeWorkerSlow.send(out, truth(b.alarms.slow[m.Name].told), m.Name)
		if p := b.paces[m.Name]; p != nil {
			gaugeWorkerHeap.send(out, float64(p.heap), m.Name)
			if peak, speed := m.Doing.Ceiling, p.speed(); peak > 0 && speed > 0 {
				gaugeWorkerPeak.send(out, peak, m.Name)
				gaugeWorkerFlop.send(out, speed/peak, m.Name)
			}
		}
	}
}
