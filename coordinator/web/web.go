package web

import (
	"log/slog"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/history"
)

// Source is what the page shows. Its methods are called from several
// goroutines at once, about once a second for every open page; they must be
// quick, and what they return must not change afterwards.
type Source interface {
	// Status is the run as it is now.
	Status() api.Status
	// Series is the history between two steps.
	Series(q history.Query) history.Series
	// Desired is how many workers the run should have, as the coordinator that leads says; false: it cannot be asked now.
	Desired() (api.Desired, bool)
}

// scrapes is how many /metrics requests are answered at once; further ones
// get 503.
const scrapes = 4

// Options of a status page.
type Options struct {
	Metrics prometheus.Gatherer // shown at /metrics; nil: none
	Log     *slog.Logger        // nil discards
	// Hosts are names that the page may be asked for by over the loopback
	// interface, besides those of that interface: a proxy's on this machine.
	Hosts []string
	// Look answers requests below /api/look/ about a run; nil: nobody does.
	Look func(http.ResponseWriter, *http.Request, api.Run)
	// Library has further runs, the source among them; nil: that is the only one.
	Library Library
	// Projector answers below /api/projector, about points of the checkpoints; nil: nobody does.
	Projector http.Handler
}

// Site answers all requests of the status page.
type Site struct {
	src     Source
	library Library
	names   []string // of the library's runs; nil: there is one run
	log     *slog.Logger
	hosts   []string
	assets  map[string]asset
	viewers *viewers
	points  bool // there is a projector
	look    func(http.ResponseWriter, *http.Request, api.Run)
	guarded http.Handler
}

// New makes the status page of src.
func New(src Source, o Options) *Site {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Metrics == nil {
		o.Metrics = prometheus.NewRegistry()
	}
	s := &Site{src: src, log: o.Log, hosts: o.Hosts, assets: loadAssets(), viewers: newViewers(), library: o.Library, look: o.Look}
	if s.library == nil {
		s.library = alone{src}
	} else {
		s.names = s.library.Names()
	}
	mux := http.NewServeMux()
	if o.Projector != nil {
		s.points = true
		mux.Handle("/api/projector", o.Projector)
		mux.Handle("/api/projector/", o.Projector)
	}
	mux.HandleFunc("/{$}", s.page)
	mux.HandleFunc("/static/{name...}", s.static)
	mux.HandleFunc("/api/status", s.status)
	mux.HandleFunc("/api/series", s.series)
	mux.HandleFunc("/api/runs", s.runs)
	mux.HandleFunc("/api/desired", s.desired)
	mux.HandleFunc("/api/network", s.network)
	mux.HandleFunc("/api/health", s.layers)
	mux.HandleFunc("/api/waterfall", s.waterfall)
	mux.HandleFunc("/api/outcome", s.outcome)
	mux.HandleFunc("/api/pictures", s.pictures)
	mux.HandleFunc(lookPath, s.looks)
	mux.HandleFunc("/healthz", s.health)
	mux.HandleFunc("/readyz", s.ready)
	mux.HandleFunc("/", s.missing)
	mux.Handle("/metrics", promhttp.HandlerFor(o.Metrics, promhttp.HandlerOpts{
		ErrorLog:            slog.NewLogLogger(o.Log.Handler(), slog.LevelWarn),
		ErrorHandling:       promhttp.HTTPErrorOnError,
		MaxRequestsInFlight: scrapes,
	}))
	s.guarded = s.guard(mux)
	return s
}

func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.guarded.ServeHTTP(w, r) }

func (s *Site) status(w http.ResponseWriter, r *http.Request) {
	since, q, err := parseStatus(r.URL.RawQuery)
	if err != nil {
		writeError(w, http.StatusBadRequest, err.Error())
		return
	}
	src, ok := s.of(w, q)
	if !ok {
		return
	}
	st := filled(src.Status().Since(since))
	st.Runs, st.Projector = s.names, s.points && len(st.Checkpoints) > 0
	st.Look, st.Layers, st.Waterfalls = s.seesInside(&st), tellsLayers(src), tellsWaterfalls(src)
	s.writeJSON(w, st)
	last := st.Phase == api.PhaseFinished || st.Phase == api.PhaseStopped || st.Phase == api.PhaseFailed
	s.viewers.gaveStatus(r.Header.Get(pageHeader), last)
}

// filled is a status whose lists are there, as JSON says null of those that are not.
func filled(st api.Status) api.Status {
	if st.Workers == nil {
		st.Workers = []api.Worker{}
	}
	if st.Checkpoints == nil {
		st.Checkpoints = []api.Checkpoint{}
	}
	if st.Evaluations == nil {
		st.Evaluations = []api.Evaluation{}
	}
	if st.Events == nil {
		st.Events = []api.Event{}
	}
	if st.Alarms == nil {
		st.Alarms = []api.Alarm{}
	}
	return st
}

func (s *Site) series(w http.ResponseWriter, r *http.Request) {
	q, run, err := parseSeries(r.URL.RawQuery)
	if err != nil {
		writeError(w, http.StatusBadRequest, err.Error())
		return
	}
	src, ok := s.of(w, run)
	if !ok {
		return
	}
	answer := src.Series(q)
	if err := checkColumns(q.Columns, answer, src); err != nil {
		writeError(w, http.StatusBadRequest, err.Error())
		return
	}
	s.writeJSON(w, answer)
	s.viewers.gaveSeries(r.Header.Get(pageHeader))
}

// desired is for an autoscaler, which keeps to what it was told last while it gets no answer.
func (s *Site) desired(w http.ResponseWriter, r *http.Request) {
	d, leads := s.src.Desired()
	if !leads {
		writeError(w, http.StatusServiceUnavailable, "this coordinator stands by, and the one that leads does not answer")
		return
	}
	s.writeJSON(w, d)
}

func (s *Site) missing(w http.ResponseWriter, r *http.Request) {
	writeError(w, http.StatusNotFound, "nothing is served at "+r.URL.Path)
}
