package inside

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/worker/checkpoint"
)

// Options of a desk.
type Options struct {
	Threads int    // that compute
	Data    string // the set whose samples are shown; empty: the one that the run is evaluated on
	Weights int64  // bytes of a checkpoint that are loaded at most; 0: however many there are
}

// Desk answers questions about runs.
type Desk struct {
	options Options
	turn    chan struct{} // holds one token while somebody computes
	search  chan struct{} // holds one while somebody searches the data, who gives up the turn to others again and again
	opened  []*network    // the ones asked about last; of whoever has the turn
	portion time.Duration // that a search which is told as it goes takes for an answer

	mu       sync.Mutex
	jobs     map[string]*job
	asked    int      // how many there have been
	over     []string // keys of jobs that have an answer, in the order in which they came
	bytes    int      // of these answers and their keys
	pictures []picture
}

const (
	waiting   = 20 * time.Second // that a question is waited for at once
	queuing   = 2 * time.Second  // the same of one whose turn has not come: whoever asks is told so
	longest   = 2 * time.Minute  // that one may take from when it begins
	seeking   = 10 * time.Minute // that a search of the data may take
	glance    = 2 * time.Second  // of one that is told as it goes, for an answer
	abandon   = 10 * time.Second // after which one that nobody waits for is stopped
	mostJobs  = 32               // that wait
	mostBytes = 64 << 20         // of answers and keys that are kept
	mostOpen  = 2                // networks in memory
)

// New makes a desk.
func New(o Options) *Desk {
	return &Desk{options: o, turn: make(chan struct{}, 1), search: make(chan struct{}, 1), portion: glance, jobs: map[string]*job{}}
}

// answer is what is sent.
type answer struct {
	kind string // content type
	head string // of a picture: its facts
	body []byte

	passes bool // there is more to be found: it is told once, and the next to ask has the search go on
}

// job is a question that somebody asked.
type job struct {
	done     chan struct{} // closed when answer and err are there
	cancel   context.CancelFunc
	number   int  // in the order in which they were asked
	searches bool // the data, and may take longer
	askers   int  // who wait for it
	stays    bool // somebody will ask again
	started  bool
	lone     *time.Timer // runs while nobody waits for one that has begun, or will be asked for again
	answer   answer
	err      error
}

// Serve answers a request below /api/look/ about a run.
func (d *Desk) Serve(w http.ResponseWriter, r *http.Request, run api.Run) {
	name := strings.TrimPrefix(r.URL.Path, "/api/look/")
	if name == "picture" {
		d.takePicture(w, r)
		return
	}
	compute, known := questions[name]
	if !known {
		refuse(w, http.StatusNotFound, fmt.Errorf("nothing is asked by %q", name))
		return
	}
	q := query{r.URL.Query()}
	at, err := find(run, q)
	if err != nil {
		refuse(w, http.StatusNotFound, err)
		return
	}
	at.data = d.options.Data
	q.Del("run")
	q.Del("step")
	key := strings.Join([]string{at.manifest.Digest, run.Dir, name, q.Encode()}, " ")
	if name == "about" { // it lists the checkpoints
		newest, _, err := checkpoint.Newest(checkpoint.Files{}, run.Dir)
		if err != nil {
			refuse(w, http.StatusNotFound, err)
			return
		}
		key += " " + newest.Digest
	}
	d.reply(w, r, key, searches[name], func(ctx context.Context) (answer, error) {
		n, err := d.open(at)
		if err != nil {
			return answer{}, err
		}
		return n.ask(ctx, compute, q)
	})
}

// reply waits for the answer to a question, which is computed within a limit unless it is known. One that searches the data
// may take longer.
func (d *Desk) reply(w http.ResponseWriter, r *http.Request, key string, searches bool, compute func(context.Context) (answer, error)) {
	j := d.job(key, searches, compute)
	if j == nil {
		refuse(w, http.StatusServiceUnavailable, fmt.Errorf("%d questions wait already; ask again", mostJobs))
		return
	}
	timer := time.NewTimer(queuing)
	defer timer.Stop()
	for patience := queuing; ; {
		select {
		case <-j.done:
			d.leave(key, j, false)
			if j.err != nil {
				refuse(w, http.StatusBadRequest, j.err)
				return
			}
			j.answer.send(w)
			if j.answer.passes {
				d.forget(key, j)
			}
			return
		case <-timer.C:
			before := d.before(j)
			if before == 0 && patience < waiting {
				timer.Reset(waiting - patience)
				patience = waiting
				continue
			}
			d.leave(key, j, true)
			writeJSON(w, http.StatusAccepted, wait{true, before})
			return
		case <-r.Context().Done():
			d.leave(key, j, false)
			return
		}
	}
}

// wait is what those are told who are to ask again.
type wait struct {
	Waiting bool `json:"waiting"`
	Before  int  `json:"before"` // how many questions come first; 0: it is being computed
}

// before is how many questions come before one that has not begun, the one that is being computed included. Others do not wait
// for a search that has not begun.
func (d *Desk) before(j *job) (n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if j.started {
		return 0
	}
	for _, other := range d.jobs {
		if other.number < j.number && !isClosed(other.done) && (other.started || j.searches || !other.searches) {
			n++
		}
	}
	return max(1, n) // one that was stopped may be at its end still
}

// job is the one of a key, begun if there is none; nil when too many wait.
func (d *Desk) job(key string, searches bool, compute func(context.Context) (answer, error)) *job {
	d.mu.Lock()
	defer d.mu.Unlock()
	j := d.jobs[key]
	if j == nil {
		if len(d.jobs)-len(d.over) >= mostJobs {
			return nil
		}
		ctx, cancel := context.WithCancel(context.Background())
		d.asked++
		j = &job{done: make(chan struct{}), cancel: cancel, number: d.asked, searches: searches}
		d.jobs[key] = j
		go d.work(ctx, key, j, compute)
	}
	j.askers++
	if j.lone != nil {
		j.lone.Stop()
		j.lone = nil
	}
	return j
}

// leave takes an asker off a job. One that nobody waits for, and that has not begun, goes, and so does, after a while, one that
// has: other questions wait for their turn.
func (d *Desk) leave(key string, j *job, again bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	j.askers--
	j.stays = j.stays || again
	switch {
	case j.askers > 0 || isClosed(j.done):
	case !j.stays && !j.started:
		d.stop(key, j)
	default:
		j.lone = time.AfterFunc(abandon, func() {
			d.mu.Lock()
			defer d.mu.Unlock()
			if j.askers == 0 && !isClosed(j.done) {
				d.stop(key, j)
			}
		})
	}
}

// stop ends a job. The caller holds mu.
func (d *Desk) stop(key string, j *job) {
	j.cancel()
	if d.jobs[key] == j {
		delete(d.jobs, key)
	}
}

// forget lets go of an answer that is kept.
func (d *Desk) forget(key string, j *job) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if at := slices.Index(d.over, key); at >= 0 && d.jobs[key] == j {
		d.over, d.bytes = slices.Delete(d.over, at, at+1), d.bytes-j.answer.weight(key)
		delete(d.jobs, key)
	}
}

func isClosed(done chan struct{}) bool {
	select {
	case <-done:
		return true
	default:
		return false
	}
}

// work computes in its turn, for so long at most; the wait for the turn is as long as somebody waits. A search first waits for the
// search before it, so that what it yields goes to short questions alone.
func (d *Desk) work(ctx context.Context, key string, j *job, compute func(context.Context) (answer, error)) {
	defer j.cancel()
	waits, limit := []chan struct{}{d.turn}, longest
	if j.searches {
		waits, limit = []chan struct{}{d.search, d.turn}, seeking
	}
	for _, turn := range waits {
		select {
		case <-ctx.Done():
			d.finish(key, j, answer{}, fmt.Errorf("nobody waited for this any more; ask again"))
			return
		case turn <- struct{}{}:
			defer func() { <-turn }()
		}
	}
	d.mu.Lock()
	j.started = true
	d.mu.Unlock()
	ctx, stop := context.WithTimeout(ctx, limit)
	defer stop()
	a, err := safely(ctx, compute)
	if errors.Is(err, context.DeadlineExceeded) {
		err = fmt.Errorf("this takes longer than %v and was stopped", limit)
	}
	d.finish(key, j, a, err)
}

// yield lets those who wait for the turn have it before whoever has it now goes on. With an error, too, the caller has it.
func (d *Desk) yield(ctx context.Context) error {
	<-d.turn             // one that waits has it with that
	d.turn <- struct{}{} // behind all who waited by then
	return ctx.Err()
}

// safely makes a panic an error.
func safely[T any](ctx context.Context, compute func(context.Context) (T, error)) (a T, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("this cannot be looked at: %v", p)
		}
	}()
	if err := ctx.Err(); err != nil {
		return a, err
	}
	return compute(ctx)
}

// finish tells those who wait. Answers are kept, the older ones go first; errors are not.
func (d *Desk) finish(key string, j *job, a answer, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	j.answer, j.err = a, err
	close(j.done)
	if d.jobs[key] != j {
		return
	}
	if err != nil {
		delete(d.jobs, key)
		return
	}
	d.over, d.bytes = append(d.over, key), d.bytes+a.weight(key)
	for d.bytes > mostBytes && len(d.over) > 1 {
		d.bytes -= d.jobs[d.over[0]].answer.weight(d.over[0])
		delete(d.jobs, d.over[0])
		d.over = d.over[1:]
	}
}

// weight is how many bytes an answer and its key take.
func (a answer) weight(key string) int { return len(key) + len(a.head) + len(a.body) }

func (a answer) send(w http.ResponseWriter) {
	w.Header().Set("Content-Type", a.kind)
	w.Header().Set("Cache-Control", "no-store")
	if a.head != "" {
		w.Header().Set("Rondo-Look", a.head)
	}
	_, _ = w.Write(a.body) // an error here means that the reader has left
}

// ofJSON is an answer of facts.
func ofJSON(v any) (answer, error) {
	body, err := json.Marshal(v)
	return answer{kind: "application/json; charset=utf-8", body: body}, err
}

func refuse(w http.ResponseWriter, code int, err error) {
	writeJSON(w, code, map[string]string{"error": err.Error()})
}

func writeJSON(w http.ResponseWriter, code int, v any) {
	body, err := json.Marshal(v)
	if err != nil { // maps of texts always encode
		code, body = http.StatusInternalServerError, []byte(`{"error":"unknown"}`)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(code)
	_, _ = w.Write(body) // an error here means that the reader has left
}
