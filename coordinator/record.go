package coordinator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sort"
	"strings"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// Store keeps small values for one run where all its coordinators see them,
// and says which of them leads. Every write is fenced: it fails with
// ErrNotLeader unless this coordinator leads at that moment.
//
// All methods may be called from any goroutine, and block until the store
// answers or ctx ends.
type Store interface {
	// Campaign blocks until this coordinator leads; addr is what Leader tells
	// the others. It keeps its place among those who wait, and its lead, where
	// the store still knows them.
	Campaign(ctx context.Context, addr string) (lead, error)
	// Resign lets another lead.
	Resign(ctx context.Context) error
	// Leader says who leads; without an address, nobody does.
	Leader(ctx context.Context) (leader, error)

	// Load returns all values by key.
	Load(ctx context.Context) (map[string][]byte, error)
	// Put writes one value, which is JSON.
	Put(ctx context.Context, key string, value []byte) error
	// Clear removes all values.
	Clear(ctx context.Context) error
	// Close lets go of the store; it resigns first.
	Close() error
}

// lead is what a campaign won.
type lead struct {
	Term uint64          // later leaders have higher ones
	Lost <-chan struct{} // closed when it leads no more, as far as it can know
}

// leader is a coordinator that leads.
type leader struct {
	Addr string // that it campaigned with
	Term uint64
}

// ErrNotLeader says that a write was refused because another coordinator leads.
var ErrNotLeader = errors.New("this coordinator does not lead any more")

// pastRun is what the record holds of a run.
type pastRun struct {
	Run         runInfo
	View        View
	Phase       phaseInfo
	Journal     []JournalEntry // in the order of their steps
	Asks        []ask
	Checkpoints []Checkpoint // newest last
}

// lastStep is how many steps the newest checkpoint has; 0 when there is none.
func (p *pastRun) lastStep() uint64 {
	if len(p.Checkpoints) == 0 {
		return 0
	}
	return p.Checkpoints[len(p.Checkpoints)-1].Step
}

// runInfo identifies a run. Every leader writes it when its term begins, so that those who stand by know that it is of the
// run that is led now.
type runInfo struct {
	ID       string            `json:"id"` // empty: no run
	Name     string            `json:"name"`
	Bits     map[string]string `json:"bits"`
	Settings map[string]string `json:"settings,omitempty"` // that its workers were told
	Started  time.Time         `json:"started"`
	Dir      string            `json:"dir,omitempty"`  // checkpoint.dir as its coordinators have it
	Term     uint64            `json:"term,omitempty"` // of the last leader
}

// phaseInfo is a phase and why the run is in it.
type phaseInfo struct {
	Phase  api.Phase `json:"phase"`
	Reason string    `json:"reason"`
}

// The keys of the record, beneath the prefix that the store gives the run.
const (
	keyRun         = "run"
	keyView        = "view"
	keyPhase       = "phase"
	keyCheckpoints = "checkpoints"
	keyAsks        = "asks"
	keyJournal     = "journal/" // and the step
)

// record writes what decide wants to be remembered, as JSON.
type record struct{ store Store }

func (r record) put(ctx context.Context, key string, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("record: %s: %w", key, err)
	}
	if err := r.store.Put(ctx, key, text); err != nil {
		return fmt.Errorf("record: %s: %w", key, err)
	}
	return nil
}

func (r record) putJournal(ctx context.Context, e JournalEntry) error {
	return r.put(ctx, fmt.Sprintf("%s%020d", keyJournal, e.Step), e)
}

// begin forgets an earlier run and writes a new one.
func (r record) begin(ctx context.Context, run runInfo) error {
	if err := r.store.Clear(ctx); err != nil {
		return fmt.Errorf("record: clearing: %w", err)
	}
	return r.put(ctx, keyRun, run)
}

// read returns what earlier coordinators wrote.
func (r record) read(ctx context.Context) (pastRun, error) {
	values, err := r.store.Load(ctx)
	if err != nil {
		return pastRun{}, fmt.Errorf("record: %w", err)
	}
	var p pastRun
	for key, text := range values {
		var into any
		switch {
		case key == keyRun:
			into = &p.Run
		case key == keyView:
			into = &p.View
		case key == keyPhase:
			into = &p.Phase
		case key == keyAsks:
			into = &p.Asks
		case key == keyCheckpoints:
			into = &p.Checkpoints
		case strings.HasPrefix(key, keyJournal):
			p.Journal = append(p.Journal, JournalEntry{})
			into = &p.Journal[len(p.Journal)-1]
		default:
			continue // of a later version
		}
		if err := json.Unmarshal(text, into); err != nil {
			return pastRun{}, fmt.Errorf("record: %s is not what a coordinator writes: %w", key, err)
		}
	}
	sort.SliceStable(p.Journal, func(i, j int) bool { return p.Journal[i].Step < p.Journal[j].Step })
	return p, nil
}
