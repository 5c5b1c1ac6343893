package coordinator

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// metrics are what Prometheus reads: counters, which are added to as things
// happen, and gauges, which are read off the board when they are asked for
// (gauges.go). Names carry their unit; times are seconds, losses nats per target.
type metrics struct {
	registry *prometheus.Registry

	steps, targets, evaluations     prometheus.Counter
	checkpoints, checkpointFailures prometheus.Counter
	events                          *prometheus.CounterVec // level
	workerTime                      *prometheus.CounterVec // worker, part
	workerSent                      *prometheus.CounterVec // worker
	throttled                       *prometheus.CounterVec // worker
	stepTime                        prometheus.Histogram
}

// Steps last from a millisecond to minutes.
const (
	shortestStep = 0.001
	stepBuckets  = 18
)

func newMetrics(b *board) *metrics {
	m := &metrics{registry: prometheus.NewRegistry()}
	options := func(name, help string) prometheus.CounterOpts {
		return prometheus.CounterOpts{Namespace: "rondo", Name: name, Help: help}
	}
	counter := func(name, help string) prometheus.Counter {
		c := prometheus.NewCounter(options(name, help))
		m.registry.MustRegister(c)
		return c
	}
	counters := func(name, help string, labels ...string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(options(name, help), labels)
		m.registry.MustRegister(c)
		return c
	}
	m.steps = counter("steps_total", "Steps that were reported since this coordinator leads.")
	m.targets = counter("targets_total", "Targets (bytes, for a model of text) trained on since this coordinator leads.")
	m.checkpoints = counter("checkpoints_total", "Checkpoints that were committed.")
	m.checkpointFailures = counter("checkpoint_failures_total", "Checkpoints that were begun and abandoned.")
	m.evaluations = counter("evaluations_total", "Passes over the held-out set.")
	m.events = counters("events_total", "Events by level.", "level")
	m.workerTime = counters("worker_seconds_total",
		"Time of a worker's steps by part: compute, ring (blocked by it beyond compute), wait (for other workers), data (reading rows). They add up to the whole.", "worker", "part")
	m.workerSent = counters("worker_ring_sent_bytes_total", "Bytes that a worker sent round the ring.", "worker")
	m.throttled = counters("worker_throttled_seconds_total",
		"Time for which a worker's processors stood still because the quota of its control group was used up, all of them added up.", "worker")
	m.stepTime = prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: "rondo", Name: "step_seconds",
		Help: "Time of each step, by the account of the worker that owns lane 0.", Buckets: prometheus.ExponentialBuckets(shortestStep, 2, stepBuckets)})
	m.registry.MustRegister(m.stepTime, gauges{b}, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// step counts a step of the run.
func (m *metrics) step(r *api.StepReport) {
	m.steps.Inc()
	m.stepTime.Observe(seconds(r.TotalNs))
	m.targets.Add(float64(r.Targets))
}

// worker counts one worker's step.
func (m *metrics) worker(name string, r *api.StepReport) {
	for _, part := range [...]struct {
		name string
		ns   int64
	}{{"compute", r.ComputeNs}, {"ring", r.RingNs}, {"wait", r.WaitNs}, {"data", r.DataNs}} {
		m.workerTime.WithLabelValues(name, part.name).Add(seconds(part.ns))
	}
	m.workerSent.WithLabelValues(name).Add(float64(r.RingBytes))
	m.throttled.WithLabelValues(name) // of 0 before it is told, so that its rise can be seen
}

// forgetWorker ends the series of a worker that is in the run no more.
func (m *metrics) forgetWorker(name string) {
	m.workerTime.DeletePartialMatch(prometheus.Labels{"worker": name})
	m.workerSent.DeleteLabelValues(name)
	m.throttled.DeleteLabelValues(name)
}
