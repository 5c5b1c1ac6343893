package coordinator

import "github.com/rondo-ml/rondo/coordinator/api"

// event is something that happened to a run. Those that come from a worker
// name the stream they came by, for a worker that was replaced has none.
type event interface{ event() }

type (
	workerJoined struct {
		Conn   uint64
		Hello  *api.Hello
		Barred string // what its certificate lacks for its name; empty: nothing
	}
	workerReady struct {
		Conn       uint64
		Generation uint64
	}
	stepReported struct {
		Conn   uint64
		Report *api.StepReport
	}
	evaluated struct {
		Conn   uint64
		Report *api.Evaluated
	}
	saved struct {
		Conn  uint64
		Saved *api.Saved
	}
	verified struct {
		Conn  uint64
		Step  uint64
		Error string
	}
	committed struct {
		Conn   uint64
		Report *api.Committed
	}
	finished struct {
		Conn    uint64
		Step    uint64
		Stopped bool
	}
	// workerFailed is a worker's own report that it cannot go on.
	workerFailed struct {
		Conn   uint64
		Report *api.Failed
	}
	// parted says that a worker has left the ring after a step, as was decided.
	parted struct {
		Conn       uint64
		Generation uint64
		Step       uint64
	}
	// workerLeaves says that somebody asked a worker to leave.
	workerLeaves struct{ Conn uint64 }
	heartbeat    struct {
		Conn uint64
		Beat *api.Heartbeat // nil: of a worker that tells no more than that it lives
	}
	// workerLost says that a stream broke.
	workerLost struct {
		Conn  uint64
		Cause string
		Ours  bool // it was we who ended it, for what the worker said
	}
	// workerExited says how a worker's process ended, as its parent saw it:
	// "killed by signal 9", "exit status 2".
	workerExited struct{ Name, Status string }
	// nobodyLeft says that the workers' parent starts none of them any more.
	nobodyLeft struct{ Cause string }

	// recordFailed says that a view cannot be recorded, and that no other
	// coordinator has another record.
	recordFailed struct{ Error string }
	// recordLooked says whether the record can be written.
	recordLooked struct{ Full string } // why not; empty: it can

	stopAsked struct {
		Reason string
		At     when
	}
	checkpointAsked struct {
		Reason string
		At     when
	}
	// rateAsked wishes a learning rate; 0: the schedule's.
	rateAsked struct {
		LR     float64
		Reason string
		At     when
	}
	scaleAsked struct{ Workers int }
	// tick lets time pass.
	tick struct{}
)

func (workerJoined) event()    {}
func (workerReady) event()     {}
func (stepReported) event()    {}
func (evaluated) event()       {}
func (saved) event()           {}
func (verified) event()        {}
func (committed) event()       {}
func (finished) event()        {}
func (workerFailed) event()    {}
func (parted) event()          {}
func (workerLeaves) event()    {}
func (heartbeat) event()       {}
func (workerLost) event()      {}
func (workerExited) event()    {}
func (nobodyLeft) event()      {}
func (recordFailed) event()    {}
func (recordLooked) event()    {}
func (stopAsked) event()       {}
func (checkpointAsked) event() {}
func (rateAsked) event()       {}
func (scaleAsked) event()      {}
func (tick) event()            {}
