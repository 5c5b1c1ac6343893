package projector

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/rondo-ml/rondo/nn/projection"
	"github.com/rondo-ml/rondo/tensor"
)

// Handler answers
//
//	/api/projector           what there is: the [Menu], the [Choice], and of the points chosen {"name", "points", "dims",
//	                         "columns", "values", "defaults"}
//	/api/projector/points    ?method=umap&dims=2&sphere=1&beside=400: float32 numbers, little-endian, point by point, with
//	                         the layout's figures as JSON in the header Rondo-Layout. beside has it laid on that of another step
//	/api/projector/near      ?point=7&k=20&metric=cosine: the true neighbours: {"index", "distance"}
//	/api/projector/axis      ?from=1,2&to=3: where each point lies on the way from some to others, as float32
//	/api/projector/sprite    pictures of the points
//	/api/projector/bookmarks what TensorBoard's page keeps of the points, as it writes it
//	/api/projector/stop      as points: ends what would be waited for there
//
// All take ?run=&of=&step= of the source. 202 and {"done", "all"} says that it is being made: ask again, or ask with wait=1
// and be answered when it is made. Nothing is read
// or computed before somebody asks, one thing is computed at a time on the pool, which nobody else may use, and all of it
// ends with ctx; wait returns when it has. The settings that a question does not give are those of defaults.
func Handler(ctx context.Context, pool *tensor.Pool, source Source, defaults Settings) (serve http.Handler, wait func()) {
	h := &handler{pool: pool, source: source, defaults: defaults, turn: make(chan struct{}, 1),
		sets:    newTasks[Choice](ctx, mostKept, func(l *Layouts) int { return l.Set.weight() }),
		layouts: newTasks[wanted](ctx, mostKept, func(l *Layout) int { return len(l.Points.Data) })}
	mux := http.NewServeMux()
	for name, serve := range map[string]http.HandlerFunc{"": h.about, "/points": h.points, "/near": h.near, "/axis": h.axis,
		"/sprite": h.sprite, "/bookmarks": h.bookmarks, "/stop": h.stop} {
		mux.HandleFunc("/api/projector"+name, serve)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" && site != "none" {
			answer(w, http.StatusForbidden, map[string]string{"error": "another site's page asks; what it wants could take minutes"})
			return
		}
		mux.ServeHTTP(w, r)
	}), func() { h.layouts.going.Wait(); h.sets.going.Wait() }
}

// mostKept is how many numbers of sets, or words of their pictures, are kept in memory, and as many of layouts.
const mostKept = 1 << 23

type handler struct {
	pool     *tensor.Pool
	source   Source
	defaults Settings
	turn     chan struct{} // has one in it while the pool computes
	sets     *tasks[Choice, *Layouts]
	layouts  *tasks[wanted, *Layout]
}

// wanted is a layout of a set.
type wanted struct {
	Choice
	Settings
	beside uint64 // the step on whose layout it is laid; 0: none
}

// choose reads which points a question is about, and begins to read them.
func (h *handler) choose(w http.ResponseWriter, q url.Values) (menu Menu, c Choice, j *task[*Layouts], ok bool) {
	c = Choice{Run: q.Get("run"), Of: q.Get("of")}
	if err := whole(q, "step", &c.Step); err != nil {
		refuse(w, err)
		return menu, c, nil, false
	}
	menu, c, err := h.source.Menu(c)
	if err == nil {
		j, err = h.open(c)
	}
	if err != nil {
		refuse(w, err)
	}
	return menu, c, j, err == nil
}

func (h *handler) open(c Choice) (*task[*Layouts], error) {
	return h.sets.get(c, func(ctx context.Context, progress func(done, all int)) (*Layouts, error) {
		if err := h.take(ctx); err != nil {
			return nil, err
		}
		defer h.leave()
		set, cache, err := h.source.Open(ctx, c, progress)
		if err != nil {
			return nil, err
		}
		return NewLayouts(h.pool, set, cache), nil
	})
}

// take waits until nothing else is computed.
func (h *handler) take(ctx context.Context) error {
	select {
	case h.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (h *handler) leave() { <-h.turn }

// read is the set that a question is about, once it is there.
func (h *handler) read(w http.ResponseWriter, r *http.Request) (*Layouts, bool) {
	_, c, j, ok := h.choose(w, r.URL.Query())
	if !ok {
		return nil, false
	}
	l, err := j.wait(r.Context())
	if err != nil {
		h.sets.drop(c, j)
		refuse(w, err)
	}
	return l, err == nil
}

func (h *handler) about(w http.ResponseWriter, r *http.Request) {
	menu, c, j, ok := h.choose(w, r.URL.Query())
	switch {
	case !ok:
	case !j.answerable(r):
		answer(w, http.StatusAccepted, j.state())
	case j.err != nil:
		h.sets.drop(c, j)
		refuse(w, j.err)
	default:
		answer(w, http.StatusOK, AboutOf(j.value.Set, menu, c, h.defaults))
	}
}

// About is what there is to choose from and what is known of the points that were chosen.
type About struct {
	Menu
	Chosen    Choice     `json:"chosen"`
	Name      string     `json:"name"`
	Points    int        `json:"points"`
	Dims      int        `json:"dims"`
	Columns   []string   `json:"columns"`
	Values    [][]string `json:"values"`
	Defaults  Settings   `json:"defaults"`
	Sprite    *Sprite    `json:"sprite,omitempty"`
	Bookmarks bool       `json:"bookmarks,omitempty"`
}

// AboutOf tells of a set.
func AboutOf(s *Set, m Menu, c Choice, defaults Settings) About {
	return About{m, c, s.Name, s.Points.Rows, s.Points.Cols, append([]string{}, s.Columns...), append([][]string{}, s.Values...), defaults,
		s.Sprite, len(s.Bookmarks) > 0}
}

func (h *handler) points(w http.ResponseWriter, r *http.Request) {
	key, err := h.settings(r.URL.Query())
	if err != nil {
		refuse(w, err)
		return
	}
	_, c, opening, ok := h.choose(w, r.URL.Query())
	if !ok {
		return
	}
	key.Choice = c
	j, err := h.layouts.get(key, func(ctx context.Context, progress func(done, all int)) (*Layout, error) {
		return h.lay(ctx, key, opening, progress)
	})
	if err != nil {
		refuse(w, err)
		return
	}
	switch {
	case !j.answerable(r):
		answer(w, http.StatusAccepted, j.state())
	case j.err != nil:
		h.layouts.drop(key, j)
		if opening.finished() && opening.err != nil {
			h.sets.drop(c, opening)
		}
		refuse(w, j.err)
	default:
		head, err := json.Marshal(j.value)
		if err != nil {
			refuse(w, err)
			return
		}
		w.Header().Set("Rondo-Layout", string(head))
		send(w, "application/octet-stream", bytesOf(j.value.Points))
	}
}

// lay computes a layout, and lays it on that of another step if it is to.
func (h *handler) lay(ctx context.Context, key wanted, opening *task[*Layouts], progress func(done, all int)) (*Layout, error) {
	l, err := opening.wait(ctx)
	if err != nil {
		return nil, err
	}
	var beside *Layouts
	if key.beside != 0 && key.beside != key.Step {
		_, c, err := h.source.Menu(Choice{Run: key.Run, Of: key.Of, Step: key.beside})
		if err != nil {
			return nil, err
		}
		j, err := h.open(c)
		if err != nil {
			return nil, err
		}
		if beside, err = j.wait(ctx); err != nil {
			h.sets.drop(c, j)
			return nil, err
		}
	}
	if err := h.take(ctx); err != nil {
		return nil, err
	}
	defer h.leave()
	return l.Beside(ctx, key.Settings, beside, progress)
}

// stop ends the reading of the points, or the layout, that the same question to points would wait for.
func (h *handler) stop(w http.ResponseWriter, r *http.Request) {
	key, err := h.settings(r.URL.Query())
	if err == nil {
		err = whole(r.URL.Query(), "step", &key.Step)
	}
	if err == nil {
		_, key.Choice, err = h.source.Menu(Choice{Run: r.URL.Query().Get("run"), Of: r.URL.Query().Get("of"), Step: key.Step})
	}
	if err != nil {
		refuse(w, err)
		return
	}
	laying, opening := h.layouts.stop(key), h.sets.stop(key.Choice)
	answer(w, http.StatusOK, map[string]bool{"stopped": laying || opening})
}

// settings are the defaults with what a question says.
func (h *handler) settings(q url.Values) (key wanted, err error) {
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
		return key, err
	}
	key.Settings = s.normal()
	return key, whole(q, "beside", &key.beside)
}

func (h *handler) near(w http.ResponseWriter, r *http.Request) {
	l, ok := h.read(w, r)
	if !ok {
		return
	}
	x, q := l.Set.Points, r.URL.Query()
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
	l, ok := h.read(w, r)
	if !ok {
		return
	}
	x, q := l.Set.Points, r.URL.Query()
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
	send(w, "application/octet-stream", bytesOf(column(along)))
}

func (h *handler) sprite(w http.ResponseWriter, r *http.Request) {
	l, ok := h.read(w, r)
	switch {
	case !ok:
	case l.Set.Sprite == nil:
		refuse(w, errors.New("these points have no pictures"))
	default:
		send(w, l.Set.Sprite.Type(), l.Set.Sprite.Image)
	}
}

func (h *handler) bookmarks(w http.ResponseWriter, r *http.Request) {
	l, ok := h.read(w, r)
	switch {
	case !ok:
	case len(l.Set.Bookmarks) == 0:
		refuse(w, errors.New("these points have no bookmarks"))
	default:
		send(w, "application/json; charset=utf-8", l.Set.Bookmarks)
	}
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

// whole reads a whole number of a question, if it has it.
func whole(q url.Values, name string, to *uint64) (err error) {
	if !q.Has(name) {
		return nil
	}
	if *to, err = strconv.ParseUint(q.Get(name), 10, 64); err != nil {
		return fmt.Errorf("%s=%s: want a whole number", name, short(q.Get(name)))
	}
	return nil
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

func send(w http.ResponseWriter, kind string, b []byte) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(b) // an error here means that the reader has left
}
