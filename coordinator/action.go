package coordinator

import "github.com/rondo-ml/rondo/coordinator/api"

// action is something to be done because of a decision. Actions are done in
// order.
type action interface{ action() }

type (
	// admit welcomes the worker on a stream.
	admit struct {
		Conn uint64
		Name string
	}
	// refuse turns the worker on a stream away.
	refuse struct {
		Conn   uint64
		Name   string
		Reason string
		Later  bool // the reason passes, and nobody need be told
		Part   bool // the worker is to leave the ring that it is in
	}
	// hangUp ends a stream in whose place its worker has another.
	hangUp struct {
		Conn   uint64
		Reason string
	}
	// send gives a message to a member.
	send struct {
		Conn    uint64
		To      string
		Message *api.ToWorker
	}
	// recordView, recordJournal, recordAsks, recordCheckpoint and recordPhase write to the
	// record. A view is written before it is sent.
	recordView       struct{ View View }
	recordJournal    struct{ Entry JournalEntry }
	recordAsks       struct{ Asks []ask }
	recordCheckpoint struct{ Checkpoint Checkpoint }
	recordPhase      struct {
		Phase  api.Phase
		Reason string
	}
	// note is an event for people: the log and the status page.
	note struct {
		Level        string // info, warn, error
		What, Reason string
	}
	// answer tells whoever asked for something what follows.
	answer struct {
		Text    string
		Refused bool // nothing follows
	}
	// finish ends the run; nothing follows it.
	finish struct {
		Reason   string
		ExitCode int
		Step     uint64
		Digest   string
	}
)

func (admit) action()            {}
func (refuse) action()           {}
func (hangUp) action()           {}
func (send) action()             {}
func (recordView) action()       {}
func (recordJournal) action()    {}
func (recordAsks) action()       {}
func (recordCheckpoint) action() {}
func (recordPhase) action()      {}
func (note) action()             {}
func (answer) action()           {}
func (finish) action()           {}

// The levels of a note.
const (
	levelInfo  = "info"
	levelWarn  = "warn"
	levelError = "error"
)
