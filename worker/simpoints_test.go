package worker

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/coordinator"
)

// trigger strikes once: at a moment of a host.
type trigger struct {
	host, what string // that is in the moment
	after      int    // such moments before it
	strike     func(c *simCluster)

	mu   sync.Mutex
	seen int
	when time.Time // it struck
}

// at has a moment looked at by triggers.
func (c *simCluster) at(triggers ...*trigger) {
	c.moment = func(m simMoment) {
		for _, t := range triggers {
			if m.proc.host == t.host && strings.Contains(m.what, t.what) && t.due() {
				c.log.printf("AT %s of %s", m.what, t.host)
				t.strike(c)
			}
		}
	}
}

func (t *trigger) due() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.seen++
	if t.after < 0 || t.seen != t.after+1 {
		return false
	}
	t.when = time.Now()
	return true
}

func (t *trigger) since() time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	return time.Since(t.when)
}

func (t *trigger) came() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.seen > t.after
}

// dies kills a worker at a moment of its own.
func dies(host, what string, after int) *trigger {
	return &trigger{host: host, what: what, after: after, strike: func(c *simCluster) { c.killWorker(host) }}
}

// wantCalm plays a run of three workers with triggers, and wants the calm digest.
func (k *simKit) wantCalm(t *testing.T, name string, file int, triggers ...*trigger) {
	t.Helper()
	k.want(t, name, file, func(c *simCluster) coordinator.Result {
		c.at(triggers...)
		return c.carry(3, false, nil)
	}, triggers...)
}

// want plays a run, and wants the calm digest and all triggers to have come.
func (k *simKit) want(t *testing.T, name string, file int, run func(*simCluster) coordinator.Result, triggers ...*trigger) (text string) {
	t.Helper()
	r, text := k.play(t, 1, file, run)
	if !k.right(r, file) {
		k.report(t, name, text)
		t.Errorf("%s: %+v, want digest %s", name, r, k.calm[file]())
	}
	for _, tr := range triggers {
		if !tr.came() {
			k.report(t, name, text)
			t.Errorf("%s: %s never comes to %q for the %d. time", name, tr.host, tr.what, tr.after+1)
		}
	}
	return text
}

// report keeps a run's log.
func (k *simKit) report(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join(os.TempDir(), "rondo-simulation-"+strings.Map(func(r rune) rune {
		if strings.ContainsRune(" /:,", r) {
			return '-'
		}
		return r
	}, name)+".log")
	_ = os.WriteFile(path, []byte(text), 0o600)
	t.Logf("%s: log: %s", name, path)
}

// pointRun is a run of the simulation on which workers are lost at named points.
type pointRun struct {
	name      string
	file      int
	exchanges bool // workers need each other in the midst of forward and backward
	remembers bool // lanes have states, of which others keep copies
}

var pointRuns = []pointRun{{"lstm", 0, false, true}, {"norms", 2, false, false}, {"sync-norms", 3, true, false},
	{"pipelines", 4, true, false}}

// runsOfTest are all of them, or the first for a short test.
func runsOfTest() []pointRun {
	if testing.Short() {
		return pointRuns[:1]
	}
	return pointRuns
}

// TestNamedPoints kills a worker in the forward pass, in the midst of the reduction, between the barrier and the update, in a
// checkpoint, in a change of views, and a new one between its view and its being ready. Each run ends with the calm digest.
func TestNamedPoints(t *testing.T) {
	k := newSimKit(t)
	for _, run := range runsOfTest() {
		lost := func() *trigger { return dies("worker-2", "ring: reduction of step 4", 2) }
		joins := func() *trigger {
			return &trigger{host: "worker-0", what: "says: step step 2", strike: func(c *simCluster) { c.employ("worker-3") }}
		}
		points := map[string][]*trigger{
			"forward":                       {dies("worker-1", "of step 4", 0)},
			"reduction begins":              {dies("worker-1", "ring: reduction of step 4", 0)},
			"midst of the reduction":        {dies("worker-1", "ring: reduction of step 4", 7)},
			"barrier":                       {dies("worker-1", "ring: barrier of step 4", 0)},
			"barrier, own part said":        {dies("worker-1", "ring: barrier of step 4", 1)},
			"between barrier and update":    {dies("worker-1", "says: step step 4", 0)},
			"checkpoint, file begun":        {dies("worker-1", "disk: write", 0)},
			"checkpoint, file written":      {dies("worker-1", "says: saved", 0)},
			"checkpoint, read back":         {dies("worker-1", "says: verified", 0)},
			"checkpoint, manifest":          {dies("worker-0", "disk: rename", 1)},
			"checkpoint, committed":         {dies("worker-0", "says: committed", 0)},
			"view changes, ring left":       {lost(), dies("worker-1", "says: failed", 0)},
			"view changes, nothing brought": {lost(), dies("worker-1", "ring: view 2", 0)},
			"view changes, some brought":    {lost(), dies("worker-0", "ring: view 2", 1)},
			"view changes, ready":           {lost(), dies("worker-1", "says: ready generation 2", 0)},
			"joiner, before the ring":       {joins(), dies("worker-3", "ring: view", 0)},
			"joiner, in the midst":          {joins(), dies("worker-3", "ring: view", 3)},
			"joiner, before ready":          {joins(), dies("worker-3", "says: ready", 0)},
			"joiner's donor":                {joins(), dies("worker-0", "ring: view 2", 2)},
		}
		if run.exchanges {
			points["midst of the forward pass"] = []*trigger{dies("worker-1", "ring: exchange of step 4", 5)}
		}
		if run.remembers {
			points["mirror"] = []*trigger{dies("worker-1", "ring: mirror of step 4", 0)}
		}
		if testing.Short() { // of neighbouring points one
			for _, name := range []string{"reduction begins", "barrier, own part said", "checkpoint, file begun", "checkpoint, read back", "checkpoint, committed",
				"view changes, nothing brought", "joiner, before the ring", "joiner, before ready"} {
				delete(points, name)
			}
		}
		for name, triggers := range points {
			k.wantCalm(t, fmt.Sprintf("%s, %s", run.name, name), run.file, triggers...)
		}
	}
}
