package coordinator

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"maps"
	"strings"
	"sync"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/runfile"
)

// leaderEvery is how often a coordinator that stands by looks who leads.
const leaderEvery = 200 * time.Millisecond

// campaign seeks the lead, leads, and seeks it again when it was lost, until
// the run is over or ctx ends. An error comes only from before it was settled
// who leads.
func (c *Coordinator) campaign(ctx context.Context) error {
	for {
		stop := c.watchLeader(ctx)
		lost, err := c.store.Campaign(ctx, c.Advertised())
		stop()
		if err == nil {
			var result *Result
			if result, err = c.lead(ctx, lost); err == nil {
				c.done <- *result
				return nil
			}
		}
		if ctx.Err() != nil {
			return nil
		}
		if !c.isSettled() {
			return err
		}
		c.board.standBy("", "this coordinator does not lead: "+err.Error())
		c.board.remark(levelWarn, "this coordinator does not lead", err.Error())
		c.cfg.Log.Warn("this coordinator does not lead", "reason", err)
		_ = c.store.Resign(ctx)
		select {
		case <-time.After(retryAfter):
		case <-ctx.Done():
			return nil
		}
	}
}

// watchLeader looks who leads while we do not, and says so when it changes. That
// somebody does settles the matter for Start, and lets us join the gossip, of which
// the leader tells.
func (c *Coordinator) watchLeader(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var mu sync.Mutex // nothing is told once stop has returned
	c.tasks.Go(func() {
		tick := time.NewTicker(leaderEvery)
		defer tick.Stop()
		told, known := "", ""
		for {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
			addr, err := c.store.Leader(ctx)
			mu.Lock()
			if waits := c.waitsFor(addr, err); waits != told && ctx.Err() == nil {
				told = waits
				c.cfg.Log.Info("standing by", "reason", waits)
				c.board.standBy(addr, waits)
			}
			mu.Unlock()
			if err != nil || addr == "" || addr == known || addr == c.Advertised() {
				continue
			}
			c.settle()
			if err := c.joinNews(ctx, addr); err == nil {
				known = addr
			} else if ctx.Err() == nil {
				c.cfg.Log.Debug("the leader does not tell how to join the gossip; it is asked again", "leader", addr, "error", err)
			}
		}
	})
	return func() {
		mu.Lock()
		defer mu.Unlock()
		cancel()
	}
}

// waitsFor says what a coordinator that stands by waits for.
func (c *Coordinator) waitsFor(leader string, err error) string {
	switch {
	case err != nil:
		return "the record does not say who leads, and is asked again: " + err.Error()
	case leader == "":
		return "nobody leads yet: this coordinator seeks the lead"
	case leader == c.Advertised():
		return "the record still names this coordinator's address as the leader's: it leads when that lapses"
	}
	return fmt.Sprintf("the coordinator at %s leads; this one takes over when it is gone", leader)
}

func (c *Coordinator) isSettled() bool {
	select {
	case <-c.settled:
		return true
	default:
		return false
	}
}

func (c *Coordinator) settle() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.isSettled() {
		close(c.settled)
	}
}

// lead is one term.
func (c *Coordinator) lead(ctx context.Context, lost <-chan struct{}) (*Result, error) {
	r := record{c.store}
	past, err := r.read(ctx)
	if err != nil {
		return nil, err
	}
	p := c.plan()
	if past, err = c.inherit(ctx, r, p, past); err != nil {
		return nil, err
	}
	t := &term{plan: p, clock: c.cfg.Clock, log: c.cfg.Log, hub: newHub(4*p.Workers + 64), board: c.board, record: r, addr: c.Advertised(), alone: c.local != nil,
		writer: newWriter(c.cfg.Log), inbound: make(chan inbound, 256), over: make(chan struct{}), state: newState(p, past)}
	t.greet = c.greet
	key := c.gossipKey()
	if len(c.cfg.GossipSeeds) == 0 {
		c.startNews(key, nil, c.Advertised())
	} else { // seeds that do not answer take their time
		c.tasks.Go(func() { c.startNews(key, c.cfg.GossipSeeds, c.Advertised()) })
	}
	c.runID.Store(&p.RunID)
	c.board.begin(t.state, past, c.Advertised())
	c.mu.Lock()
	c.term = t
	early := c.exits
	c.exits = nil
	c.mu.Unlock()
	c.settle()
	c.tasks.Go(func() {
		for _, e := range early {
			t.post(e)
		}
	})
	result, err := t.run(ctx, lost)
	if err != nil {
		c.mu.Lock()
		c.term = nil
		c.mu.Unlock()
	}
	return result, err
}

func (c *Coordinator) plan() *plan {
	f := c.cfg.Run
	p := &plan{Name: f.Name, Version: c.cfg.Version, Protocol: api.Protocol, Lanes: f.Batch.Lanes, Workers: c.cfg.Workers,
		Steps: uint64(f.Steps), Resume: c.cfg.Resume, Bits: f.Bits(), DataHash: c.cfg.DataHash, ValidHash: c.cfg.ValidHash,
		PlainLoss: !f.LossInBits(), Settings: f.Settings(), Mixed: f.MixedTiers, Dir: f.Checkpoint.Dir, Again: c.cfg.Again, SeesExits: c.cfg.SeesExits, Keep: f.Checkpoint.Keep}
	if f.Data.Valid != "" {
		p.EvalEvery = uint64(f.Eval.Every)
	}
	return p
}

// inherit settles what of the record still counts. A run in a shared record
// that had not ended is taken over: its coordinator is gone, and it goes on from
// its newest checkpoint. So is one that is resumed. Anything else begins anew;
// a record on this machine ends with its run's only coordinator, so there the user
// says with --resume what is wanted.
func (c *Coordinator) inherit(ctx context.Context, r record, p *plan, past pastRun) (pastRun, error) {
	running := c.local == nil && past.View.Generation > 0 && !ended(past.Phase.Phase)
	if past.Run.ID != "" && (running || p.Resume) {
		diff := runfile.Diff(past.Run.Bits, p.Bits)
		if p.Resume { // the user may ask for more steps; a coordinator that stood by may not
			diff = runfile.Continues(past.Run.Bits, p.Bits, past.lastStep())
		}
		if len(diff) > 0 {
			return past, fmt.Errorf("the record of run %s is of a run with other settings (theirs and ours): %s; give this run another name", p.Name, strings.Join(diff, "; "))
		}
		p.RunID, p.Resume = past.Run.ID, true
		if maps.Equal(past.Run.Bits, p.Bits) {
			return past, nil
		}
		past.Run.Bits = p.Bits
		return past, r.put(ctx, keyRun, past.Run)
	}
	run := runInfo{ID: newID(), Name: p.Name, Bits: p.Bits, Started: c.cfg.Clock.Now()}
	p.RunID = run.ID
	if err := r.begin(ctx, run); err != nil {
		return past, err
	}
	return pastRun{Run: run}, nil
}

func newID() string {
	id := make([]byte, 8)
	rand.Read(id) // never fails
	return hex.EncodeToString(id)
}

// leading is the term that leads here. When another coordinator leads, the
// error names its address.
func (c *Coordinator) leading(ctx context.Context) (*term, error) {
	c.mu.Lock()
	t := c.term
	c.mu.Unlock()
	if t != nil {
		return t, nil
	}
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	addr, err := c.store.Leader(ctx)
	if err != nil || addr == "" || addr == c.Advertised() {
		return nil, faultf(faultAway, "no coordinator leads yet; try again")
	}
	return nil, faultf(faultNotNow, "not the leader; the leader is %s", addr)
}

// Stop asks the run to end after the next step, with a checkpoint. It returns
// at once; Done delivers the result.
func (c *Coordinator) Stop(reason string) { c.tell(stopAsked{reason}) }

// Checkpoint asks for a checkpoint after the next step.
func (c *Coordinator) Checkpoint(reason string) { c.tell(checkpointAsked{reason}) }

// WorkerExited says how a worker's process ended: "killed by signal 9", "exit
// status 2".
func (c *Coordinator) WorkerExited(name, status string) { c.tell(workerExited{name, status}) }

// tell gives the term an event. Exits that come before the term are kept.
func (c *Coordinator) tell(e event) {
	c.mu.Lock()
	t := c.term
	if exit, ok := e.(workerExited); ok && t == nil {
		c.exits = append(c.exits, exit)
	}
	c.mu.Unlock()
	if t != nil {
		t.post(e)
	}
}
