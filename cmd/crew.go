package cmd

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rondo-ml/rondo/coordinator/identity"
)

// crew keeps as many workers at work on this machine as the run wants: one that was lost is started
// again, and joins the others, who have gone on without it. It may be ended before it begins.
type crew struct {
	mu        sync.Mutex
	training  *training
	authority *identity.Authority
	hands     map[string]*hand // by name
	over      bool             // nobody is started any more

	// wanted is how many workers the run wants at this moment, and launch starts the process of one. The number is asked for
	// behind a look at who runs and never kept: a worker that the run has let go ends after the number fell, so whoever finds
	// that it has ended also finds the smaller number.
	wanted func() int
	launch func(name string) error
}

// hand is one of the crew.
type hand struct {
	running bool
	began   time.Time
	early   int // ends, one after another, soon after a start
}

// A worker that ends so soon after its start, so often, is not started again.
const (
	earlyEnd  = 2 * time.Second
	earlyEnds = 3
)

// begin starts the first workers.
func (c *crew) begin(t *training, authority *identity.Authority, n int) error {
	c.mu.Lock()
	c.training, c.authority, c.hands = t, authority, map[string]*hand{}
	c.wanted, c.launch = func() int { return t.coord.Status().Expected }, c.process
	c.mu.Unlock()
	return c.fill(func() int { return n })
}

// keep starts the workers that are missing. The run lets go those that are too many.
func (c *crew) keep() error { return c.fill(c.wanted) }

// fill starts workers until there are as many as wanted says.
func (c *crew) fill(wanted func() int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over {
		return nil
	}
	there := c.running() + c.givenUp()
	n := wanted() // asked behind the count: see crew
	for i := 0; there < n; i++ {
		name := fmt.Sprintf("worker-%d", i)
		if h := c.hands[name]; h != nil && (h.running || h.early >= earlyEnds) {
			continue
		}
		if err := c.start(name); err != nil {
			return err
		}
		there++
	}
	return nil
}

// running counts the workers.
func (c *crew) running() int {
	n := 0
	for _, h := range c.hands {
		if h.running {
			n++
		}
	}
	return n
}

// givenUp counts those that are not started again.
func (c *crew) givenUp() int {
	n := 0
	for _, h := range c.hands {
		if !h.running && h.early >= earlyEnds {
			n++
		}
	}
	return n
}

// start starts a worker. The caller holds mu.
func (c *crew) start(name string) error {
	h := c.hands[name]
	if h == nil {
		h = &hand{}
		c.hands[name] = h
	}
	h.running, h.began = true, time.Now()
	err := c.launch(name)
	h.running = err == nil
	return err
}

// process starts the process of a worker.
func (c *crew) process(name string) error {
	argv, err := c.training.workerCommand(c.authority, name)
	if err != nil {
		return err
	}
	number, _ := strconv.Atoi(strings.TrimPrefix(name, "worker-"))
	return c.training.children.start(name, c.training.placement.processors(number), argv, c.training.logs, func(name, status string) {
		c.training.coord.WorkerExited(name, status)
		c.ended(name, status)
	})
}

// ended hears that a worker's process has ended, and starts another. When that cannot be, keep tries again.
func (c *crew) ended(name, status string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	h := c.hands[name]
	h.running = false
	if c.over || status == "exit status 0" {
		return
	}
	there := c.running()
	wanted := c.wanted() // asked behind the count: see crew
	if there >= wanted {
		return
	}
	if time.Since(h.began) < earlyEnd {
		h.early++
	} else {
		h.early = 0
	}
	if h.early >= earlyEnds {
		why := fmt.Sprintf("%s is not started again: it ended %d times within %v of its start (%s)", name, earlyEnds, earlyEnd, status)
		c.training.voice.say(slog.LevelWarn, why)
		if c.running() == 0 && c.givenUp() >= wanted {
			c.training.coord.NobodyLeft(why)
		}
		return
	}
	_ = c.start(name)
}

// end starts nobody any more.
func (c *crew) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.over = true
}

// workerCommand is the command line of a worker.
func (t *training) workerCommand(authority *identity.Authority, name string) ([]string, error) {
	p, err := authority.Write(t.work.path, name, identity.NamedWorker(name), "127.0.0.1", "localhost")
	if err != nil {
		return nil, err
	}
	argv := []string{t.program, "worker", filepath.Join(t.work.path, "run.yaml"), "--bound", "--name", name, "--coordinator", t.coord.Addr(),
		"--tls-ca", p.CA, "--tls-cert", p.Cert, "--tls-key", p.Key,
		"--threads", strconv.Itoa(t.options.threads), "--passes", strconv.Itoa(t.options.passes)}
	if t.options.ring == "tcp" {
		argv = append(argv, "--ring-listen", "127.0.0.1:0")
	} else {
		argv = append(argv, "--socket-dir", t.work.path)
	}
	argv = append(argv, t.options.logs.ofWorkers(t.level)...)
	if t.chaos != nil {
		argv = append(argv, "--cuts")
	}
	if t.options.run.resume {
		argv = append(argv, "--resume")
	}
	return argv, nil
}
