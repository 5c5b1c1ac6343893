package projector

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"github.com/rondo-ml/rondo/nn/projection"
)

// Handler answers
//
//	/api/projector         what there is: {"name", "points", "dims", "columns", "values", "defaults"}
//	/api/projector/points  ?method=umap&dims=2&sphere=1: float32 numbers, little-endian, point by point, with the
//	                       layout's figures as JSON in the header Rondo-Layout; 202 and {"done", "all"} while it is computed
//	/api/projector/near    ?point=7&k=20&metric=cosine: the true neighbours: {"index", "distance"}
//	/api/projector/axis    ?from=1,2&to=3: where each point lies on the way from some to others, as float32
//
// What it computes ends with ctx. The settings that a question does not give are those of defaults.
func Handler(ctx context.Context, l *Layouts, defaults Settings) http.Handler {
	h := &handler{ctx: ctx, layouts: l, defaults: defaults, jobs: map[Settings]*job{}}
	mux := http.NewServeMux()
	mux.HandleFunc("/api/projector", h.about)
	mux.HandleFunc("/api/projector/points", h.points)
	mux.HandleFunc("/api/projector/near", h.near)
	mux.HandleFunc("/api/projector/axis", h.axis)
	return mux
}

type handler struct {
	ctx      context.Context
	layouts  *Layouts
	defaults Settings

	mu   sync.Mutex
	jobs map[Settings]*job
}

// job is a layout that is computed.
type job struct {
	over      bool
	layout    *Layout
	err       error
	done, all int
}

func (h *handler) about(w http.ResponseWriter, _ *http.Request) {
	s := h.layouts.Set
	answer(w, http.StatusOK, map[string]any{"name": s.Name, "points": s.Points.Rows, "dims": s.Points.Cols,
		"columns": append([]string{}, s.Columns...), "values": append([][]string{}, s.Values...), "defaults": h.defaults})
}

func (h *handler) points(w http.ResponseWriter, r *http.Request) {
	s, err := h.settings(r.URL.Query())
	if err != nil {
		refuse(w, err)
		return
	}
	h.mu.Lock()
	j := h.jobs[s]
	if j == nil {
		j = &job{}
		h.jobs[s] = j
		go h.work(s, j)
	}
	now := *j
	h.mu.Unlock()
	switch {
	case !now.over:
		answer(w, http.StatusAccepted, map[string]int{"done": now.done, "all": now.all})
	case now.err != nil:
		refuse(w, now.err)
	default:
		head, err := json.Marshal(now.layout)
		if err != nil {
			refuse(w, err)
			return
		}
		w.Header().Set("Rondo-Layout", string(head))
		send(w, bytesOf(now.layout.Points))
	}
}

// work computes a layout, beside the answers.
func (h *handler) work(s Settings, j *job) {
	found, err := h.layouts.Get(h.ctx, s, func(done, all int) {
		h.mu.Lock()
		defer h.mu.Unlock()
		j.done, j.all = done, all
	})
	h.mu.Lock()
	defer h.mu.Unlock()
	j.over, j.layout, j.err = true, found, err
}

// settings are the defaults with what a question says.
func (h *handler) settings(q url.Values) (Settings, error) {
	s := h.defaults
	if m := q.Get("method"); m != "" {
		s.Method = m
	}
	if d := q.Get("dims"); d != "" {
		s.Dims, _ = strconv.Atoi(d) // 0 is refused
	}
	if q.Has("sphere") {
		s.Sphereize = q.Get("sphere") == "1"
	}
	if err := s.Check(); err != nil {
		return s, err
	}
	return s.normal(), nil
}

func (h *handler) near(w http.ResponseWriter, r *http.Request) {
	x, q := h.layouts.Set.Points, r.URL.Query()
	points, err := numbers(q.Get("point"), x.Rows)
	if err != nil || len(points) != 1 {
		refuse(w, fmt.Errorf("point=%s: want the number of one of the %d points", short(q.Get("point")), x.Rows))
		return
	}
	k, err := strconv.Atoi(q.Get("k"))
	if err != nil || k < 1 || k > 1000 {
		refuse(w, fmt.Errorf("k=%s: from 1 to 1000", short(q.Get("k"))))
		return
	}
	m, ok := projection.ParseMetric(q.Get("metric"))
	if !ok {
		refuse(w, fmt.Errorf("metric=%s: euclidean or cosine", short(q.Get("metric"))))
		return
	}
	index, distance := projection.NearestOf(x, points[0], k, m)
	answer(w, http.StatusOK, map[string]any{"index": index, "distance": distance})
}

func (h *handler) axis(w http.ResponseWriter, r *http.Request) {
	x, q := h.layouts.Set.Points, r.URL.Query()
	from, err := numbers(q.Get("from"), x.Rows)
	if err != nil {
		refuse(w, fmt.Errorf("from=%w", err))
		return
	}
	to, err := numbers(q.Get("to"), x.Rows)
	if err != nil {
		refuse(w, fmt.Errorf("to=%w", err))
		return
	}
	along, err := projection.Axis(x, from, to)
	if err != nil {
		refuse(w, err)
		return
	}
	send(w, bytesOf(column(along)))
}

// numbers reads numbers of points, with commas between.
func numbers(text string, n int) (list []int, err error) {
	for part := range strings.SplitSeq(text, ",") {
		i, err := strconv.Atoi(part)
		if err != nil || i < 0 || i >= n {
			return nil, fmt.Errorf("%s: want numbers of points, from 0 to %d, with commas between", short(text), n-1)
		}
		list = append(list, i)
	}
	return list, nil
}

func refuse(w http.ResponseWriter, err error) {
	answer(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
}

func answer(w http.ResponseWriter, code int, v any) {
	body, err := json.Marshal(v)
	if err != nil { // what is answered always encodes
		code, body = http.StatusInternalServerError, []byte(`{"error":"unknown"}`)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(code)
	_, _ = w.Write(body) // an error here means that the reader has left
}

func send(w http.ResponseWriter, b []byte) {
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(b) // an error here means that the reader has left
}
