package coordinator

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/runfile"
)

// leaderEvery is how often a coordinator that stands by looks who leads.
const leaderEvery = 200 * time.Millisecond

// campaign seeks the lead, leads, and seeks it again when it was lost, until
// the run is over or ctx ends. An error comes only from before it was settled
// who leads; later ones are the run's result.
func (c *Coordinator) campaign(ctx context.Context) error {
	var yielded leader // to whom the lead was left once
	for {
		waiting, w, stop := c.watchLeader(ctx)
		won, err := c.store.Campaign(waiting, c.Advertised())
		if stop(); err == nil && w.last != yielded && c.stillLeads(ctx, w.last) {
			yielded = w.last
			c.yield(ctx, w.last)
			continue
		}
		if err != nil && context.Cause(waiting) != nil {
			err = context.Cause(waiting)
		}
		if err == nil {
			var result *Result
			if result, err = c.lead(ctx, won); err == nil {
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
		if stranger, ok := errors.AsType[*strangerError](err); ok {
			c.done <- Result{Reason: stranger.Error(), ExitCode: 1}
			return nil
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
func (c *Coordinator) lead(ctx context.Context, won lead) (*Result, error) {
	r := record{c.store}
	past, err := r.read(ctx)
	if err != nil {
		return nil, err
	}
	if result := c.endedElsewhere(past); result != nil {
		return result, nil
	}
	p := c.plan()
	p.Term = won.Term
	if past, err = c.inherit(ctx, r, p, past); err != nil {
		return nil, err
	}
	t := &term{plan: p, clock: c.cfg.Clock, log: c.cfg.Log, hub: newHub(4*p.Lanes + 64), board: c.board, record: r, addr: c.Advertised(), alone: c.local != nil,
		writer: newWriter(c.cfg.Log), inbound: make(chan inbound, 256), over: make(chan struct{}), state: newState(p, past)}
	t.greet = c.greet
	c.startNews(c.gossipKey(), c.cfg.GossipSeeds, c.Advertised())
	c.runID.Store(&p.RunID)
	c.board.begin(t.state, past, c.Advertised())
	c.mu.Lock()
	c.term, c.stoodBy = t, p.RunID
	early := c.exits
	c.exits = nil
	c.mu.Unlock()
	c.settle()
	c.tasks.Go(func() {
		for _, e := range early {
			t.post(e)
		}
	})
	result, err := t.run(ctx, won.Lost)
	if err != nil {
		c.mu.Lock()
		c.term = nil
		c.mu.Unlock()
	}
	return result, err
}

func (c *Coordinator) plan() *plan {
	f := c.cfg.Run
	p := &plan{Name: f.Name, Version: c.cfg.Version, Protocol: api.Protocol, Rounds: api.Bits, Lanes: f.Batch.Lanes, Workers: c.cfg.Workers, Least: c.cfg.Least, Most: c.cfg.Most,
		Steps: uint64(f.Steps), Resume: c.cfg.Resume, Restarted: c.cfg.Resume, Bits: f.Bits(), DataHash: c.cfg.DataHash, ValidHash: c.cfg.ValidHash,
		PlainLoss: !f.LossInBits(), Settings: f.Settings(), Mixed: f.MixedTiers, Rebalance: f.Rebalance, Dir: f.Checkpoint.Dir, Again: c.cfg.Again, SeesExits: c.cfg.SeesExits, Pool: c.cfg.Pool, Keep: f.Checkpoint.Keep, KeepEvery: uint64(f.Checkpoint.KeepEvery)}
	if f.Data.Valid != "" {
		p.EvalEvery = uint64(f.Eval.Every)
	}
	return p
}

// inherit settles what of the record still counts. A run in a shared record
// that had not ended is taken over: its coordinator is gone, and it goes on from
// its newest checkpoint. So is one that is resumed. Anything else begins anew.
// In a record on this machine the user says with --resume what is wanted, for its run's only
// coordinator is gone; workers may train on without it, which a new run would turn away.
func (c *Coordinator) inherit(ctx context.Context, r record, p *plan, past pastRun) (pastRun, error) {
	unended := past.Run.ID != "" && past.View.Generation > 0 && !ended(past.Phase.Phase)
	if unended && c.local == nil || past.Run.ID != "" && p.Resume {
		diff := runfile.Diff(past.Run.Bits, p.Bits)
		if p.Resume { // the user may ask for more steps; a coordinator that stood by may not
			diff = runfile.Continues(past.Run.Bits, p.Bits, past.lastStep())
		}
		if len(diff) > 0 {
			return past, &strangerError{p.Name, diff, c.clearing()}
		}
		p.RunID, p.Resume, p.Adopt = past.Run.ID, true, past.adoptable() && !p.SeesExits // workers with a parent end with it
		if p.Adopt {
			c.keepSettings(p, past.Run.Settings)
		}
		past.Run.Bits, past.Run.Settings, past.Run.Dir, past.Run.Term = p.Bits, p.Settings, p.Dir, p.Term
		return past, r.put(ctx, keyRun, past.Run)
	}
	if unended && !p.SeesExits { // workers with a parent end with it
		return past, &unendedError{p.Name, past.View.Generation, c.clearing()}
	}
	run := runInfo{ID: newID(), Name: p.Name, Bits: p.Bits, Settings: p.Settings, Started: c.cfg.Clock.Now(), Dir: p.Dir, Term: p.Term}
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
	who, err := c.store.Leader(ctx)
	if err != nil { // whoever led last leads on while the record is away
		c.mu.Lock()
		who = c.follows
		c.mu.Unlock()
	}
	if who.Addr == "" || who.Addr == c.Advertised() {
		return nil, faultf(faultAway, "no coordinator leads yet; try again")
	}
	return nil, &elsewhere{who.Addr}
}

// Stop asks the run to end after the next step, with a checkpoint. It returns
// at once; Done delivers the result.
func (c *Coordinator) Stop(reason string) { c.tell(stopAsked{Reason: reason}) }

// StopAt asks the run to end with a checkpoint when so many steps are done.
func (c *Coordinator) StopAt(steps uint64, reason string) {
	c.tell(stopAsked{Reason: reason, At: when{Steps: steps}})
}

// Scale asks the run to have so many workers.
func (c *Coordinator) Scale(workers int) { c.tell(scaleAsked{Workers: workers}) }

// Checkpoint asks for a checkpoint after the next step.
func (c *Coordinator) Checkpoint(reason string) { c.tell(checkpointAsked{Reason: reason}) }

// WorkerExited says how a worker's process ended: "killed by signal 9", "exit
// status 2".
func (c *Coordinator) WorkerExited(name, status string) { c.tell(workerExited{name, status}) }

// NobodyLeft ends a run whose workers have all ended and are not started again.
func (c *Coordinator) NobodyLeft(cause string) { c.tell(nobodyLeft{cause}) }

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
