package worker

import (
	"runtime"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/worker/machine"
)

// meters are what Prometheus reads of a worker's own process. What the run does is the coordinator's to say, under
// other names; those that both have mean the process that is asked.
type meters struct {
	registry *prometheus.Registry
	steps    prometheus.Histogram
	worker   atomic.Pointer[worker] // nil: none yet
	throttle *machine.Throttle
	limits   machine.Limits
	cfg      Config
}

// Steps last from a millisecond to minutes.
const (
	shortestStep = 0.001
	stepBuckets  = 18
)

func newMeters(cfg Config) *meters {
	m := &meters{registry: prometheus.NewRegistry(), throttle: machine.ThrottleHere(), limits: machine.Here(), cfg: cfg}
	m.steps = prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: "rondo", Name: "worker_step_seconds",
		Help: "Time of each step of this worker, waiting for the others included.", Buckets: prometheus.ExponentialBuckets(shortestStep, 2, stepBuckets)})
	m.registry.MustRegister(m.steps, m, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *meters) of(w *worker) { m.worker.Store(w) }

func describeMeter(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("rondo_"+name, help, labels, nil)
}

var (
	meterBuild       = describeMeter("build_info", "1, labelled with the versions of the program and of Go.", "version", "goversion")
	meterInfo        = describeMeter("worker_info", "1, labelled with this worker's name and the run's.", "worker", "run")
	meterInRing      = describeMeter("worker_in_ring", "1 while this worker has its place in the ring, 0 while it has none.")
	meterApplied     = describeMeter("worker_applied_steps", "Steps of the run that this worker has applied.")
	meterThreads     = describeMeter("worker_threads", "Goroutines that compute in this worker.")
	meterQuota       = describeMeter("cpu_quota_cores", "Processor time that the control group grants this process, in cores; absent without a quota.")
	meterThrottled   = describeMeter("cpu_throttled_seconds_total", "Time for which the control group of this process stood still because its quota was used up.")
	meterMemory      = describeMeter("memory_limit_bytes", "Memory that this process may use.")
	meterFree        = describeMeter("checkpoint_dir_free_bytes", "Bytes that are free where checkpoints go; absent where that is no directory.")
	meterCertificate = describeMeter("certificate_expiry_timestamp_seconds", "When this process's certificate expires, in seconds since 1970.")
)

// Describe sends nothing: which series there are depends on the system.
func (m *meters) Describe(chan<- *prometheus.Desc) {}

// Collect sends all that is known now.
func (m *meters) Collect(out chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	gauge(meterBuild, 1, api.Version(), runtime.Version())
	gauge(meterInfo, 1, m.cfg.Name, m.cfg.File.Name)
	gauge(meterThreads, float64(m.cfg.Threads))
	if m.limits.Quota > 0 {
		gauge(meterQuota, m.limits.Quota)
	}
	if m.limits.Memory > 0 {
		gauge(meterMemory, float64(m.limits.Memory))
	}
	if d, told := m.throttle.Total(); told {
		out <- prometheus.MustNewConstMetric(meterThrottled, prometheus.CounterValue, d.Seconds())
	}
	if m.cfg.Credentials != nil {
		gauge(meterCertificate, float64(m.cfg.Credentials.Expires().Unix()))
	}
	if free := freeBytes(m.cfg.File.Checkpoint.Dir); free >= 0 {
		gauge(meterFree, float64(free))
	}
	w := m.worker.Load()
	if w == nil {
		gauge(meterInRing, 0)
		return
	}
	in := 0.0
	if w.activity.inRing() {
		in = 1
	}
	gauge(meterInRing, in)
	gauge(meterApplied, float64(w.applied.Load()))
}
