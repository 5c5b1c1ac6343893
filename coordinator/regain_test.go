package coordinator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// moody is a store that can be away, and can forget who leads.
type moody struct {
	Store
	mu      sync.Mutex
	back    time.Time
	leader  string
	wins    uint64 // term of the next lead; 0: the first again
	mumbles bool   // the run of the next lead is written, and the answer is lost
	term    uint64 // of the last that led the run
	lost    chan struct{}
	puts    map[string]int
}

func (m *moody) Leader(context.Context) (leader, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if time.Now().Before(m.back) {
		return leader{}, errors.New("away")
	}
	return leader{m.leader, 1}, nil
}

func (m *moody) Campaign(context.Context, string) (lead, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.leader, m.lost = "a", make(chan struct{})
	return lead{max(m.wins, 1), m.lost}, nil
}

func (m *moody) Load(context.Context) (map[string][]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return map[string][]byte{keyRun: fmt.Appendf(nil, `{"term": %d}`, m.term)}, nil
}

func (m *moody) room(context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if time.Now().Before(m.back) {
		return errors.New("away")
	}
	return nil
}

func (m *moody) Put(_ context.Context, key string, value []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case time.Now().Before(m.back):
		return errors.New("away")
	case m.leader != "a":
		return ErrNotLeader
	}
	m.puts[key]++
	if key == keyRun {
		var run runInfo
		if err := json.Unmarshal(value, &run); err != nil {
			return err
		}
		m.term = run.Term
		if m.mumbles {
			m.mumbles = false
			return errors.New("no answer")
		}
	}
	return nil
}

// away has the store be away for a while, which ends the lead.
func (m *moody) away(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.back, m.leader = time.Now().Add(d), ""
	close(m.lost)
}

func (m *moody) set(leader string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.leader = leader
}

// led has another coordinator win the lead, and lead the run.
func (m *moody) led() {
	m.set("b")
	m.mu.Lock()
	defer m.mu.Unlock()
	m.term = 2
}

func (m *moody) written(key string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.puts[key]
}

// trainingTerm is a term whose one worker trains, on a moody store.
func trainingTerm(t *testing.T) (c *term, m *moody, ended chan error) {
	clock := SystemClock{}
	p := &plan{Term: 1, Workers: 1, Lanes: 2, Steps: 9, Version: "v", Protocol: 1}
	m = &moody{leader: "a", term: 1, lost: make(chan struct{}), puts: map[string]int{}}
	c = &term{plan: p, clock: clock, log: quiet, hub: newHub(4), board: newBoard(clock, quiet, api.Run{}), record: record{m}, writer: newWriter(quiet),
		addr: "a", greet: func(*api.Welcome) {}, inbound: make(chan inbound), over: make(chan struct{}), state: newState(p, pastRun{})}
	c.board.begin(c.state, pastRun{}, c.addr)
	ended = make(chan error, 1)
	lost := m.lost
	go func() {
		_, err := c.run(t.Context(), lost)
		ended <- err
	}()
	w, _, _ := c.hub.open()
	c.post(workerJoined{Conn: w.conn, Hello: &api.Hello{Name: "w", Version: "v", Protocol: 1}})
	c.post(stepReported{w.conn, &api.StepReport{}})
	go func() {
		beat := time.NewTicker(250 * time.Millisecond)
		defer beat.Stop()
		for {
			select {
			case <-beat.C:
				c.post(heartbeat{Conn: w.conn})
			case <-c.over:
				return
			}
		}
	}()
	return c, m, ended
}

// The record is away for five seconds and forgets us; the run is not disturbed,
// and what was to be written is written when the lead is regained.
func TestRecordAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, m, ended := trainingTerm(t)
		synctest.Wait() // the phases of the beginning are written
		before := m.written(keyPhase)
		m.away(5 * time.Second)
		c.post(stopAsked{Reason: "while the record is away"})
		<-time.After(7 * time.Second)
		if s := c.board.Status(); s.Phase != api.PhaseStopping || !happened("this coordinator leads again")(s) {
			t.Errorf("status %+v", s)
		}
		if n := m.written(keyPhase); before == 0 || n <= before {
			t.Errorf("%d phases were written, %d of them before", n, before)
		}
		c.post(workerFailed{1, &api.Failed{Kind: api.Failed_DATA, Error: "enough"}})
		if err := <-ended; err != nil {
			t.Errorf("the term ended: %v", err)
		}
	})
}

// The record is back, takes the new term, and its answer is lost: that is no other leader's term.
func TestTermWrittenUnheard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, m, ended := trainingTerm(t)
		m.mu.Lock()
		m.wins, m.mumbles = 7, true
		m.mu.Unlock()
		m.away(5 * time.Second)
		<-time.After(9 * time.Second)
		if s := c.board.Status(); !happened("this coordinator leads again")(s) || c.number.Load() != 7 {
			t.Errorf("term %d, status %+v", c.number.Load(), s)
		}
		c.post(workerFailed{1, &api.Failed{Kind: api.Failed_DATA, Error: "enough"}})
		if err := <-ended; err != nil {
			t.Errorf("the term ended: %v", err)
		}
	})
}

// A worker that joins while the record is away waits for it, whether the lead is in doubt yet or not: the ring, which could not be
// made anew, goes on as it is.
func TestJoinsWhileRecordIsAway(t *testing.T) {
	for _, doubt := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			c, m, ended := trainingTerm(t)
			changes := make(chan time.Time, 1)
			go func() {
				for m := range c.hub.find(1).out {
					if m.GetDecision().GetChange() {
						changes <- time.Now()
						return
					}
				}
			}()
			if began := 20 * time.Second; doubt {
				m.away(began)
			} else {
				m.mu.Lock()
				m.back = time.Now().Add(began)
				m.mu.Unlock()
			}
			<-time.After(time.Second)
			w, _, _ := c.hub.open()
			c.post(workerJoined{Conn: w.conn, Hello: &api.Hello{Name: "x", Version: "v", Protocol: 1}})
			if at := <-changes; at.Before(m.back) {
				t.Errorf("in doubt %v: the ring is to change %v before the record is back", doubt, m.back.Sub(at))
			}
			c.post(workerFailed{1, &api.Failed{Kind: api.Failed_DATA, Error: "enough"}})
			if err := <-ended; err != nil {
				t.Errorf("the term ended: %v", err)
			}
		})
	}
}

// Another coordinator leads when the record is back: this one steps down.
func TestAnotherLeads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, m, ended := trainingTerm(t)
		m.away(5 * time.Second)
		m.led()
		if err := <-ended; !errors.Is(err, ErrNotLeader) {
			t.Errorf("the term ended: %v", err)
		}
		if c.hub.find(1).failure() == nil {
			t.Error("the worker's stream stays open")
		}
	})
}

// Another coordinator has won the lead when the record is back. It asks this one before it leads, and leaves it the lead.
func TestAnotherYields(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, m, ended := trainingTerm(t)
		m.away(5 * time.Second)
		m.set("b")
		<-time.After(7 * time.Second)
		m.set("")
		<-time.After(2 * time.Second)
		if s := c.board.Status(); s.Phase != api.PhaseTraining || !happened("this coordinator leads again")(s) {
			t.Errorf("status %+v", s)
		}
		c.post(workerFailed{1, &api.Failed{Kind: api.Failed_DATA, Error: "enough"}})
		if err := <-ended; err != nil {
			t.Errorf("the term ended: %v", err)
		}
	})
}

// A write that is refused, though nobody else leads, puts the lead in doubt,
// not the run.
func TestForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, m, ended := trainingTerm(t)
		synctest.Wait() // the phases of the beginning are written
		before := m.written(keyPhase)
		m.set("")
		c.post(stopAsked{Reason: "so that something is written"})
		<-time.After(3 * time.Second)
		if n := m.written(keyPhase); before == 0 || n <= before {
			t.Errorf("%d phases were written, %d of them before", n, before)
		}
		c.post(workerFailed{1, &api.Failed{Kind: api.Failed_DATA, Error: "enough"}})
		if err := <-ended; err != nil {
			t.Errorf("the term ended: %v", err)
		}
	})
}

// A run that comes to its end while the lead is in doubt is not ended by a coordinator that leads no more.
func TestEndInDoubt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, m, ended := trainingTerm(t)
		m.away(5 * time.Second)
		m.led()
		<-time.After(time.Second)
		c.post(workerFailed{1, &api.Failed{Kind: api.Failed_DATA, Error: "enough"}})
		if err := <-ended; !errors.Is(err, ErrNotLeader) {
			t.Errorf("the term ended: %v", err)
		}
		if _, end, _ := c.hub.open(); end != nil {
			t.Errorf("workers are told %v", end)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		c, m, ended := trainingTerm(t)
		m.away(5 * time.Second)
		<-time.After(time.Second)
		began := time.Now()
		c.post(workerFailed{1, &api.Failed{Kind: api.Failed_DATA, Error: "enough"}})
		if err := <-ended; err != nil || time.Since(began) < 4*time.Second {
			t.Errorf("the term ended after %v: %v", time.Since(began), err)
		}
	})
}
