package api

import (
	"slices"
	"time"
)

// Status is what the status page, `rondo status` and tests read. Times are
// RFC 3339, durations seconds, losses nats per target.
type Status struct {
	Run         Run          `json:"run"`
	Phase       Phase        `json:"phase"`
	Reason      string       `json:"reason"`        // why the run is in this phase
	Why         string       `json:"why,omitempty"` // why no step comes: who waits for whom, in what, for how long; empty while steps come
	Now         time.Time    `json:"now"`
	Started     time.Time    `json:"started"`
	Step        uint64       `json:"step"`  // steps applied
	Steps       uint64       `json:"steps"` // of the whole run
	Epoch       uint64       `json:"epoch"`
	Loss        Number       `json:"loss"` // of the last step
	BitsPerChar Number       `json:"bits_per_char"`
	LR          float64      `json:"lr"`
	Rate        float64      `json:"rate"`         // targets per second, recent; 0 while training stands still
	SecondsLeft float64      `json:"seconds_left"` // estimate; 0 when unknown
	Generation  uint64       `json:"generation"`
	Lanes       int          `json:"lanes"`
	Expected    int          `json:"expected"` // workers to wait for
	Workers     []Worker     `json:"workers"`
	Checkpoints []Checkpoint `json:"checkpoints"`    // those that are kept, newest last
	Evaluations []Evaluation `json:"evaluations"`    // oldest first
	Journal     []Entry      `json:"journal"`        // the newest decisions from outside by their steps, then those that wait
	Events      []Event      `json:"events"`         // newest last, bounded
	Next        uint64       `json:"next"`           // ask with ?since= this for the events and evaluations that follow
	Base        uint64       `json:"-"`              // their numbers are greater
	Whole       bool         `json:"whole"`          // all of them are here, rather than those that follow
	Alarms      []Alarm      `json:"alarms"`         // what is wrong, gravest first
	Runs        []string     `json:"runs,omitempty"` // names of all runs that are shown beside one another, for ?run=; none of a coordinator, which has one

	// Projector says that the page answers below /api/projector.
	Projector bool `json:"projector,omitempty"`
	// Look says that the page can look into the network of a checkpoint.
	Look bool `json:"look,omitempty"`
	// Layers says that the page can show the network and how its layers fare.
	Layers bool `json:"layers,omitempty"`
	// Waterfalls says of which steps /api/waterfall tells where their time went: "live", "kept", or of none.
	Waterfalls string `json:"waterfalls,omitempty"`
}

// Since leaves out the events and evaluations up to a number, which an earlier
// status gave as its Next. All stay where another coordinator gave it.
func (s Status) Since(number uint64) Status {
	s.Whole = number < max(s.Base, 1) || number > s.Next
	if !s.Whole {
		s.Events = slices.DeleteFunc(slices.Clone(s.Events), func(e Event) bool { return e.Number <= number })
		s.Evaluations = slices.DeleteFunc(slices.Clone(s.Evaluations), func(e Evaluation) bool { return e.Number <= number })
	}
	return s
}

// Phase is where a run stands.
type Phase string

// The phases of a run.
const (
	PhaseStandby  Phase = "standby"  // another coordinator leads, or none yet
	PhaseWaiting  Phase = "waiting"  // for workers
	PhaseStarting Phase = "starting" // ring forming, checkpoint loading
	PhaseTraining Phase = "training"
	PhaseStopping Phase = "stopping" // a stop was asked for
	PhaseFinished Phase = "finished"
	PhaseStopped  Phase = "stopped"
	PhaseFailed   Phase = "failed"
)

// Alarm is something that is wrong with a run, though the run goes on.
type Alarm struct {
	Kind   AlarmKind `json:"kind"`
	Worker string    `json:"worker,omitempty"` // that it is about; empty: the run
	Since  time.Time `json:"since"`
	What   string    `json:"what"` // a sentence
}

// AlarmKind is what an alarm is about.
type AlarmKind string

// The kinds of alarms.
const (
	AlarmStalled   AlarmKind = "stalled"   // no step for much longer than usual
	AlarmDiverging AlarmKind = "diverging" // the loss is far above where it began, or not finite
	AlarmSlow      AlarmKind = "slow"      // one worker holds up the others
	AlarmSlower    AlarmKind = "slower"    // steps take twice as long as the median of their ring
	AlarmThrottled AlarmKind = "throttled" // a quota of processor time holds a worker back
	AlarmFailed    AlarmKind = "failed"    // the run has failed; it is in no status, whose phase says so
)

// Alarm returns the alarm of a kind; nil when there is none.
func (s *Status) Alarm(kind AlarmKind) *Alarm {
	for i := range s.Alarms {
		if s.Alarms[i].Kind == kind {
			return &s.Alarms[i]
		}
	}
	return nil
}

// Run says what is being trained.
type Run struct {
	Name       string  `json:"name"`
	ID         string  `json:"id"`
	File       string  `json:"file"` // the whole run file, defaults filled in
	Model      string  `json:"model"`
	Parameters int     `json:"parameters"`
	DataHash   string  `json:"data_hash"`
	Version    string  `json:"version"`
	Batch      int     `json:"batch"`
	Length     int     `json:"length"`                // time steps of a row; 1 of images
	Sample     string  `json:"sample"`                // what is predicted one of: byte, image, sound …
	PlainLoss  bool    `json:"plain_loss,omitempty"`  // the task's loss is shown as it is: bits_per_char means nothing
	Leader     string  `json:"leader"`                // coordinator that leads
	Dir        string  `json:"dir"`                   // checkpoint directory
	EpochSteps float64 `json:"epoch_steps,omitempty"` // steps that use all of the training set once; 0: not known
	Schedule   []Rate  `json:"schedule"`              // the learning rate over the whole run, at some steps
}

// Rate is the learning rate that is planned for a step.
type Rate struct {
	Step uint64  `json:"step"`
	LR   float64 `json:"lr"`
}

// Worker is one worker and how its last steps went.
type Worker struct {
	Name       string    `json:"name"`
	Host       string    `json:"host"`
	PID        int       `json:"pid"`
	State      string    `json:"state"` // joined, ready, training, finished, lost
	Cause      string    `json:"cause,omitempty"`
	Doing      string    `json:"doing,omitempty"` // "computes step 12 for 1.2 s"
	FirstLane  int       `json:"first_lane"`
	EndLane    int       `json:"end_lane"`
	Step       uint64    `json:"step"`
	Tier       string    `json:"tier"`
	Threads    int       `json:"threads"`
	Compute    float64   `json:"compute"` // seconds per step, smoothed
	Ring       float64   `json:"ring"`
	Wait       float64   `json:"wait"`
	Data       float64   `json:"data"`
	Total      float64   `json:"total"`
	Sent       float64   `json:"sent"` // bytes per second
	Heap       int64     `json:"heap"`
	Slow       float64   `json:"slow,omitempty"`       // how many times as long as the others it computes on a lane, where that is much
	Throttled  float64   `json:"throttled,omitempty"`  // share of its threads' time that a quota held it back, of late
	Next       string    `json:"next,omitempty"`       // worker of the ring that it sends to
	Queued     int64     `json:"queued,omitempty"`     // frames on the way to that one
	Link       *Link     `json:"link,omitempty"`       // to that one, as the system of the worker measures it; nil: it does not
	Memory     int64     `json:"memory,omitempty"`     // bytes that its process holds
	Limit      int64     `json:"limit,omitempty"`      // bytes that it may hold
	Operations float64   `json:"operations,omitempty"` // floating-point, in the matrix products and convolutions of its lanes' step; 0: not known
	Ceiling    float64   `json:"ceiling,omitempty"`    // such operations a second that its threads can do out of registers; 0: not known
	Share      float64   `json:"share,omitempty"`      // of that ceiling, over whole steps; 0: not known
	Waits      *Waits    `json:"waits,omitempty"`      // what it waits for, if it can do nothing else
	Seen       time.Time `json:"seen"`
}

// Link is what a system measures of a connection.
type Link struct {
	RTT         float64 `json:"rtt"`           // seconds of a round trip, smoothed
	Deviation   float64 `json:"rtt_deviation"` // of it
	Retransmits int64   `json:"retransmits"`   // segments sent again since it was made
}

// Waits is what a worker waits for.
type Waits struct {
	On      string  `json:"on"`      // the worker before it in the ring
	In      string  `json:"in"`      // "bucket 3"
	Step    uint64  `json:"step"`    // of that collective
	Seconds float64 `json:"seconds"` // for so long
}

// Desired is how many workers a run should have, for an autoscaler (/api/desired).
type Desired struct {
	Workers int    `json:"desired_workers"`
	Reason  string `json:"reason"`
}

// Checkpoint is one that was committed.
type Checkpoint struct {
	Step   uint64    `json:"step"`
	Digest string    `json:"digest"`
	Path   string    `json:"path"`
	At     time.Time `json:"at"`
	Bytes  int64     `json:"bytes"`
}

// Evaluation is a pass over the held-out set.
type Evaluation struct {
	Number      uint64    `json:"number"` // greater than of what was told before
	Step        uint64    `json:"step"`
	Loss        Number    `json:"loss"`
	BitsPerChar Number    `json:"bits_per_char"`
	Accuracy    float64   `json:"accuracy,omitempty"` // of a task of classes: the share whose class is the likeliest
	Measures    []Measure `json:"measures,omitempty"` // of the task, the foremost first
	Seconds     float64   `json:"seconds"`
	Outcome     bool      `json:"outcome,omitempty"` // there is an Outcome of it
}

// Measure says how good a network is: "accuracy", 0.991.
type Measure struct {
	Name  string `json:"name"`
	Value Number `json:"value"`
	Unit  string `json:"unit,omitempty"` // "share" for what lies between 0 and 1
}

// Entry is a decision from outside.
type Entry struct {
	Step   uint64  `json:"step"` // steps done when it took effect, or is to; 0 of one that waits: as soon as it can
	What   string  `json:"what"` // "the learning rate 0.0001"
	LR     float64 `json:"lr,omitempty"`
	Reason string  `json:"reason,omitempty"`
	Waits  bool    `json:"waits,omitempty"`
}

// RingChanges is what an event says when the ring goes on with other workers, in midst of training. It is a warning where the ring broke.
const RingChanges = "the ring changes"

// Event is something that happened, and why.
type Event struct {
	Number uint64    `json:"number"` // greater than of what was told before
	At     time.Time `json:"at"`
	Step   uint64    `json:"step"`
	Level  string    `json:"level"` // info, warn, error
	What   string    `json:"what"`
	Reason string    `json:"reason,omitempty"`
}
