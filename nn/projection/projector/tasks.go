package projector

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
)

const (
	mostPending = 16 // tasks of a kind that are unfinished at a time
	mostFailed  = 16 // that have failed, and of which nobody has been told
)

// tasks make values beside the answers, each once, and keep those used last, up to a weight.
type tasks[K comparable, V any] struct {
	ctx    context.Context
	budget int // of the weights of what is kept; two stay in any case
	weigh  func(V) int

	going sync.WaitGroup

	mu   sync.Mutex
	all  map[K]*task[V]
	used []K // the last one used last
}

// task is a value, or on the way to one.
type task[V any] struct {
	cancel context.CancelFunc
	over   chan struct{} // closed when value and err are there
	value  V
	err    error

	mu        sync.Mutex
	done, all int
}

func newTasks[K comparable, V any](ctx context.Context, budget int, weigh func(V) int) *tasks[K, V] {
	return &tasks[K, V]{ctx: ctx, budget: budget, weigh: weigh, all: map[K]*task[V]{}}
}

// get returns the task of a key, and begins it where there is none. Too many unfinished ones are an error.
func (t *tasks[K, V]) get(key K, work func(ctx context.Context, progress func(done, all int)) (V, error)) (*task[V], error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if found := t.all[key]; found != nil {
		t.touch(key)
		return found, nil
	}
	pending := 0
	for _, other := range t.all {
		if !other.finished() {
			pending++
		}
	}
	if pending >= mostPending {
		return nil, errors.New("too much is being computed; wait for some of it, or stop it")
	}
	ctx, cancel := context.WithCancel(t.ctx)
	j := &task[V]{cancel: cancel, over: make(chan struct{})}
	t.all[key] = j
	t.touch(key)
	t.going.Go(func() {
		defer cancel()
		j.value, j.err = safely(ctx, j.report, work)
		if j.err != nil && ctx.Err() != nil {
			j.err = errStopped
		}
		close(j.over)
		t.shrink()
	})
	return j, nil
}

// safely makes a panic an error: a process that leads a run answers here, too.
func safely[V any](ctx context.Context, progress func(done, all int), work func(context.Context, func(done, all int)) (V, error)) (v V, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("this cannot be computed: %v", p)
		}
	}()
	return work(ctx, progress)
}

// touch makes a key the one used last.
func (t *tasks[K, V]) touch(key K) {
	kept := t.used[:0]
	for _, k := range t.used {
		if k != key {
			kept = append(kept, k)
		}
	}
	t.used = append(kept, key)
}

// shrink lets go of what was used first.
func (t *tasks[K, V]) shrink() {
	t.mu.Lock()
	defer t.mu.Unlock()
	weight, finished, failed := 0, 0, 0
	for _, j := range t.all {
		switch {
		case !j.finished():
		case j.err != nil:
			failed++
		default:
			weight += t.weigh(j.value)
			finished++
		}
	}
	for _, key := range slices.Clone(t.used) {
		if j := t.all[key]; failed > mostFailed && j.finished() && j.err != nil {
			failed--
			t.remove(key)
		}
	}
	for _, key := range slices.Clone(t.used) {
		if weight <= t.budget || finished <= 2 {
			return
		}
		if j := t.all[key]; j.finished() && j.err == nil {
			weight -= t.weigh(j.value)
			finished--
			t.remove(key)
		}
	}
}

func (t *tasks[K, V]) remove(key K) {
	delete(t.all, key)
	for i, k := range t.used {
		if k == key {
			t.used = append(t.used[:i], t.used[i+1:]...)
			return
		}
	}
}

// drop forgets a task that has failed, once somebody was told: the next one who asks begins it anew.
func (t *tasks[K, V]) drop(key K, j *task[V]) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.all[key] == j {
		t.remove(key)
	}
}

// stop ends the task of a key, if it goes on.
func (t *tasks[K, V]) stop(key K) bool {
	t.mu.Lock()
	j := t.all[key]
	t.mu.Unlock()
	if j == nil || j.finished() {
		return false
	}
	j.cancel()
	t.drop(key, j)
	return true
}

func (j *task[V]) report(done, all int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.done, j.all = done, all
}

// state is how far the task is, for a page.
func (j *task[V]) state() map[string]int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return map[string]int{"done": j.done, "all": j.all}
}

func (j *task[V]) finished() bool {
	select {
	case <-j.over:
		return true
	default:
		return false
	}
}

// wait returns the value when it is there.
func (j *task[V]) wait(ctx context.Context) (v V, err error) {
	select {
	case <-j.over:
		return j.value, j.err
	case <-ctx.Done():
		return v, ctx.Err()
	}
}

// answerable says whether the value, or what was wrong, is there to answer a question; one with wait=1 waits for it.
func (j *task[V]) answerable(r *http.Request) bool {
	if r.URL.Query().Get("wait") == "1" {
		_, _ = j.wait(r.Context())
	}
	return j.finished()
}
