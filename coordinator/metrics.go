package coordinator

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// metrics are what Prometheus reads. Names carry their unit; times are
// seconds, losses nats per target.
type metrics struct {
	registry *prometheus.Registry

	steps, targets, checkpoints, evaluations  prometheus.Counter
	stepsDone, stepsAll, epoch, workers       prometheus.Gauge
	generation, loss, heldOut, rate, lr, norm prometheus.Gauge
	checkpointStep                            prometheus.Gauge
	phase                                     *prometheus.GaugeVec   // phase
	events                                    *prometheus.CounterVec // level
	workerTime                                *prometheus.CounterVec // worker, part
	workerSent                                *prometheus.CounterVec // worker
	workerHeap, workerStep                    *prometheus.GaugeVec   // worker
}

// phases in the order of a run's life.
var phases = []api.Phase{api.PhaseWaiting, api.PhaseStarting, api.PhaseTraining, api.PhaseStopping,
	api.PhaseFinished, api.PhaseStopped, api.PhaseFailed}

func newMetrics() *metrics {
	m := &metrics{registry: prometheus.NewRegistry()}
	gauge := func(name, help string) prometheus.Gauge {
		g := prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "rondo", Name: name, Help: help})
		m.registry.MustRegister(g)
		return g
	}
	counter := func(name, help string) prometheus.Counter {
		c := prometheus.NewCounter(prometheus.CounterOpts{Namespace: "rondo", Name: name, Help: help})
		m.registry.MustRegister(c)
		return c
	}
	gauges := func(name, help string, labels ...string) *prometheus.GaugeVec {
		g := prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: "rondo", Name: name, Help: help}, labels)
		m.registry.MustRegister(g)
		return g
	}
	counters := func(name, help string, labels ...string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "rondo", Name: name, Help: help}, labels)
		m.registry.MustRegister(c)
		return c
	}
	m.steps = counter("steps_total", "Steps that were reported since this coordinator leads.")
	m.targets = counter("targets_total", "Targets (characters, for a character model) trained on since this coordinator leads.")
	m.checkpoints = counter("checkpoints_total", "Checkpoints that were committed.")
	m.evaluations = counter("evaluations_total", "Passes over the held-out set.")
	m.stepsDone = gauge("step", "Steps applied in the run.")
	m.stepsAll = gauge("steps", "Steps of the whole run.")
	m.epoch = gauge("epoch", "Passes over the training set that are complete.")
	m.workers = gauge("workers", "Workers that are in the run and not lost.")
	m.generation = gauge("generation", "Number of the current view; 0 before the first.")
	m.loss = gauge("loss_nats", "Training loss of the last step, nats per target, mean over the global batch.")
	m.heldOut = gauge("held_out_loss_nats", "Loss of the last pass over the held-out set, nats per target.")
	m.rate = gauge("targets_per_second", "Targets trained on per second by the clock, smoothed over about 20 steps.")
	m.lr = gauge("learning_rate", "Learning rate of the last step.")
	m.norm = gauge("gradient_norm", "Global norm of the last step's gradient, before clipping.")
	m.checkpointStep = gauge("checkpoint_step", "Steps applied in the newest checkpoint.")
	m.phase = gauges("phase", "1 for the phase that the run is in, 0 for the others.", "phase")
	m.events = counters("events_total", "Events by level.", "level")
	m.workerTime = counters("worker_seconds_total", "Time of a worker's steps in seconds, by part: compute, ring, wait (nothing to compute), data (reading rows), total. Parts overlap.", "worker", "part")
	m.workerSent = counters("worker_ring_sent_bytes_total", "Bytes that a worker sent round the ring.", "worker")
	m.workerHeap = gauges("worker_heap_bytes", "Bytes of a worker's heap.", "worker")
	m.workerStep = gauges("worker_step", "Steps that a worker has applied.", "worker")
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// step shows the newest step of the run.
func (m *metrics) step(r *api.StepReport, rate float64) {
	m.steps.Inc()
	m.targets.Add(float64(r.Targets))
	m.loss.Set(r.Loss)
	m.lr.Set(r.Lr)
	m.norm.Set(r.GradientNorm)
	m.rate.Set(rate)
}

func (m *metrics) evaluation(r *api.Evaluated) {
	m.evaluations.Inc()
	m.heldOut.Set(r.Loss)
}

// worker shows one worker's step.
func (m *metrics) worker(name string, r *api.StepReport) {
	for _, part := range [...]struct {
		name string
		ns   int64
	}{{"compute", r.ComputeNs}, {"ring", r.RingNs}, {"wait", r.WaitNs}, {"data", r.DataNs}, {"total", r.TotalNs}} {
		m.workerTime.WithLabelValues(name, part.name).Add(seconds(part.ns))
	}
	m.workerSent.WithLabelValues(name).Add(float64(r.RingBytes))
	m.workerHeap.WithLabelValues(name).Set(float64(r.HeapBytes))
	m.workerStep.WithLabelValues(name).Set(float64(r.Step + 1))
}

// observe shows the state of the run.
func (m *metrics) observe(s *state) {
	m.stepsDone.Set(float64(s.Step))
	m.stepsAll.Set(float64(s.plan.Steps))
	m.epoch.Set(float64(s.Epoch))
	m.generation.Set(float64(s.Generation))
	live := 0
	for i := range s.Members {
		if s.Members[i].live() {
			live++
		}
	}
	m.workers.Set(float64(live))
	for _, p := range phases {
		on := 0.0
		if p == s.Phase {
			on = 1
		}
		m.phase.WithLabelValues(string(p)).Set(on)
	}
}
