package coordinator

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// plan is what a run is told before it starts. It never changes.
type plan struct {
	Name      string
	RunID     string
	Term      uint64 // of this leader
	Version   string
	Protocol  int32
	Rounds    int32 // version of the arithmetic (api.Bits)
	Lanes     int
	Workers   int // to wait for before the first step
	Least     int // without which the run waits; 0 is 1
	Most      int // that can be asked for; 0: as many as lanes
	Steps     uint64
	Resume    bool
	Adopt     bool // the record's view may live
	Restarted bool // somebody started it again, by --resume
	Bits      map[string]string
	DataHash  string            // empty: the first worker's counts
	ValidHash string            // with DataHash
	Settings  map[string]string // run-file fields that workers take from here
	Rebalance bool              // lanes move from slow workers to fast ones
	Mixed     bool              // tiers with bits of their own may join those of others
	Dir       string            // checkpoint.dir
	Again     string            // command that goes on with the run
	SeesExits bool              // the workers' parent reports exit statuses
	Pool      bool              // somebody starts another worker for each that leaves, also for the last
	EvalEvery uint64            // steps between evaluations; 0: none but the last
	Keep      int               // newest checkpoints that workers keep; 0: all
	KeepEvery uint64            // steps of whose multiples they keep all; 0: none
	PlainLoss bool              // losses are told as they are, not in bits
}

// lossText writes a loss for people, its number by the format: "1.2345 bits", or as it is where it is no number of bits.
func (p *plan) lossText(format string, loss float64) string {
	if p.PlainLoss {
		return fmt.Sprintf(format, loss)
	}
	return fmt.Sprintf(format+" bits", loss/math.Ln2)
}

// state is all that decide knows. A state is never changed in place once it
// has been returned, so anybody may go on reading it.
type state struct {
	plan *plan

	Phase  api.Phase
	Reason string // why the run is in this phase

	Generation uint64   // of the last view that was made, here or by an earlier coordinator
	Members    []member // who is here, in the natural order of their names
	Basis      basis
	View       View // who is in the ring; generation 0: none yet
	Refusals   []refusal

	Step  uint64 // steps applied, by the worker that is furthest
	Epoch uint64

	Journal   []JournalEntry // in the order of their steps
	Asks      []ask          // wishes that wait, oldest first
	LastAsk   uint64         // number of the newest wish
	Change    change         // of the ring, that was asked for
	Wanted    int            // workers, as asked for
	Saves     []save         // checkpoints under way, oldest first
	Committed []Checkpoint

	Commits, Abandons, Evaluations sparing // notes about checkpoints and evaluations

	Full     string // why the record takes nothing, and whose it is; empty: it can be written, as far as is known
	Adoption adoption
	Settled  uint64 // step of the newest checkpoint that was committed or abandoned

	Suspicion suspicion
	Lost      bool      // the workers have lost what the run needs: the next view goes back to a checkpoint
	Fruitless int       // views since the last step
	Backs     int       // times that the run went back since the last step that was new
	Furthest  uint64    // steps applied at most, also before the run went back
	Measured  uint64    // steps applied at the last evaluation
	Moved     time.Time // of the last step or evaluation, or of the view
	Usual     tempos    // of the last steps
	Balanced  time.Time // when lanes were moved last
	LastTick  time.Time
	Cuts      []cut // pairs of workers between which nothing came through
}

// member is a worker that was admitted.
type member struct {
	Name, Incarnation  string
	Conn               uint64 // its stream; every stream has its own number
	Host               string
	PID                int32
	RingUnix, RingTCP  string
	Network            string // identifies its loopback, or empty
	Tier               string
	Threads            int32
	State              string // joined, ready, training, finished, lost
	Cause              string // of its loss
	FirstLane, EndLane int
	Step               uint64 // steps applied
	Seen               time.Time
	Pace               float64 // nanoseconds that it computes for a lane, mean of recent steps
	Paced              int     // steps that it is the mean of
	Away               bool    // it has no stream, and may come again
	Generation         uint64  // of the view that it was sent last
	Model              bool    // it has been in a ring: it has the weights
	Handed             bool    // and gave the others in it the states of all lanes first
	Parted             bool    // it has left the ring of the view, and waits for the next
	Leaving            bool    // it was asked to leave
	Kept               bool    // and has a place in the view all the same, until others have what it has
	Stopped            bool    // it finished because of a stop
	Failed             bool    // it reported a failure
	Diverged           int     // how often it held other weights than most
	Doing              doing   // by its last heartbeat
}

// The states of a member, as the status page shows them.
const (
	memberJoined   = "joined"
	memberReady    = "ready"
	memberTraining = "training"
	memberFinished = "finished"
	memberLost     = "lost"
)

// live says that the member's stream is open.
func (m *member) live() bool { return m != nil && m.State != memberLost && m.Conn != 0 }

// basis is what the first worker brought; all others must bring the same.
type basis struct {
	From          string
	DataHash      string
	ValidHash     string
	Parameters    int64
	EpochSteps    float64
	Tier          string
	Dir, DirID    string // of the checkpoints: as it sees it, and what tells it from others
	HasCheckpoint bool
	Step          uint64
	Digest        string
	Rates         []*api.RateChange // set before it
}

// refusal remembers why a worker was not admitted, for when it exits.
type refusal struct{ Name, Reason string }

// maxRefusals bounds what strangers can make us remember.
const maxRefusals = 16

// View is the membership of the ring from Step on, as the record keeps it.
type View struct {
	Generation uint64       `json:"generation"`
	Lanes      int          `json:"lanes"`
	Workers    []ViewWorker `json:"workers"`
	Step       uint64       `json:"step"`
	Digest     string       `json:"digest,omitempty"` // of the checkpoint that it starts from
	Live       bool         `json:"live,omitempty"`   // it goes on with what its workers have; else, without a digest, from the beginning
}

// ViewWorker is one worker of a view and its lanes [First, End).
type ViewWorker struct {
	Name        string `json:"name"`
	Incarnation string `json:"incarnation"`
	Host        string `json:"host"`
	First       int    `json:"first"`
	End         int    `json:"end"`
}

// Checkpoint is one that was committed.
type Checkpoint struct {
	Step   uint64    `json:"step"` // steps applied
	Digest string    `json:"digest"`
	Path   string    `json:"path"`
	At     time.Time `json:"at"`
	Bytes  int64     `json:"bytes"`
}

// termWishes is the bits that number the wishes of a term. The numbers travel as float64, which leaves 33 bits to terms.
const termWishes = 20

// newState is where a run begins, given what the record holds of earlier
// coordinators.
func newState(p *plan, past pastRun) state {
	s := state{plan: p, Phase: api.PhaseWaiting, Generation: past.View.Generation, Committed: past.Checkpoints, Journal: past.Journal, Wanted: p.Workers}
	s.Asks, s.LastAsk = past.pastAsks(p.Restarted)
	s.LastAsk = max(s.LastAsk, p.Term<<termWishes) // the record forgets those that took effect; workers take none of a known number
	s.Reason = s.waitingReason()
	if p.Adopt {
		s.expect(past)
	}
	return s
}

// clone copies what a decision may change.
func (s state) clone() state {
	s.Members = slices.Clone(s.Members)
	s.Refusals = slices.Clone(s.Refusals)
	s.Committed = slices.Clone(s.Committed)
	s.Journal, s.Asks = slices.Clone(s.Journal), slices.Clone(s.Asks)
	s.Suspicion.Signs = slices.Clone(s.Suspicion.Signs)
	s.View.Workers = slices.Clone(s.View.Workers)
	s.Saves = slices.Clone(s.Saves)
	for i := range s.Saves {
		s.Saves[i].Parts = slices.Clone(s.Saves[i].Parts)
	}
	return s
}

// byConn finds the member whose stream has that number; nil when there is none
// or it is lost. What a stale stream says is thus heard by nobody.
func (s *state) byConn(conn uint64) *member {
	for i := range s.Members {
		if m := &s.Members[i]; m.Conn == conn && m.live() {
			return m
		}
	}
	return nil
}

func (s *state) byName(name string) *member {
	for i := range s.Members {
		if m := &s.Members[i]; m.Name == name {
			return m
		}
	}
	return nil
}

// first is the worker that puts decisions into the gather: the view's first; nil when it is gone.
func (s *state) first() *member {
	if len(s.View.Workers) == 0 {
		return nil
	}
	if m := s.byName(s.View.Workers[0].Name); m != nil && m.Incarnation == s.View.Workers[0].Incarnation {
		return m
	}
	return nil
}

// last is the newest checkpoint that a run can go on from.
func (s *state) last() (c Checkpoint, ok bool) {
	if s.Basis.HasCheckpoint {
		c, ok = Checkpoint{Step: s.Basis.Step, Digest: s.Basis.Digest, Path: s.plan.Dir}, true
	}
	if n := len(s.Committed); n > 0 && s.Committed[n-1].Step >= c.Step {
		c, ok = s.Committed[n-1], true
	}
	return c, ok
}

func ended(p api.Phase) bool {
	return p == api.PhaseFinished || p == api.PhaseStopped || p == api.PhaseFailed
}
