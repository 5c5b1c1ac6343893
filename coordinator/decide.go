package coordinator

import (
	"fmt"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// decide is the coordinator's whole policy: what follows from an event, and
// why. It reads no clock, does no I/O and starts nothing, and equal arguments
// give equal results, so every decision can be replayed. The reason says why
// the run is where it is; log and status page show it when it changes.
//
// Once a run has ended nothing follows from anything.
func decide(now time.Time, s state, e event) (state, []action, string) {
	if ended(s.Phase) {
		return s, nil, s.Reason
	}
	d := &decision{now: now, s: s.clone()}
	switch e := e.(type) {
	case workerJoined:
		d.joined(e)
	case workerReady:
		d.ready(e)
	case stepReported:
		d.stepped(e)
	case evaluated:
		d.evaluated(e)
	case saved:
		d.saved(e)
	case verified:
		d.verified(e)
	case committed:
		d.committed(e)
	case finished:
		d.finished(e)
	case workerFailed:
		d.failed(e)
	case workerLeaves:
		d.leaves(e)
	case parted:
		d.parted(e)
	case heartbeat:
		d.beat(e)
	case workerLost:
		d.lost(e)
	case workerExited:
		d.exited(e)
	case nobodyLeft:
		d.fail("no worker is left: " + e.Cause)
	case recordFailed:
		d.fail("the record cannot be written: " + e.Error)
	case recordLooked:
		d.recordLooked(e)
	case stopAsked:
		d.stopAsked(e)
	case checkpointAsked:
		d.checkpointAsked(e)
	case rateAsked:
		d.rateAsked(e)
	case scaleAsked:
		d.scaleAsked(e)
	case tick:
		d.tick()
	}
	return d.s, d.actions, d.s.Reason
}

// decision is one call of decide under way.
type decision struct {
	now     time.Time
	s       state
	actions []action
}

// do adds an action. Nothing follows the run's end.
func (d *decision) do(a action) {
	if n := len(d.actions); n > 0 {
		if _, over := d.actions[n-1].(finish); over {
			return
		}
	}
	d.actions = append(d.actions, a)
}

func (d *decision) note(level, format string, args ...any) {
	d.do(note{Level: level, What: fmt.Sprintf(format, args...)})
}

// send queues a message for a member; one without a stream misses it, and what
// follows from that is losing.go's matter.
func (d *decision) send(m *member, message *api.ToWorker) {
	if !m.live() {
		return
	}
	d.do(send{Conn: m.Conn, To: m.Name, Message: message})
}

// heard finds the member on a stream and notes that it is alive; nil when the
// stream has no member any more.
func (d *decision) heard(conn uint64) *member {
	m := d.s.byConn(conn)
	if m != nil {
		m.Seen = d.now
	}
	return m
}

// enter changes the phase.
func (d *decision) enter(phase api.Phase, reason string) {
	level := levelInfo
	if phase == api.PhaseFailed {
		level = levelError
	}
	d.enterAt(level, phase, reason)
}

// enterAt changes the phase, and tells of it at a level.
func (d *decision) enterAt(level string, phase api.Phase, reason string) {
	d.s.Phase, d.s.Reason = phase, reason
	d.do(recordPhase{phase, reason})
	d.do(note{level, string(phase), reason})
}

// fail ends the run because something went wrong. The reason is a whole
// account but for where to go on.
func (d *decision) fail(reason string) {
	d.end(api.PhaseFailed, reason+"; the run ends. "+d.whereToGoOn(), 1)
}

// end ends the run: every member with a stream is told, once.
func (d *decision) end(phase api.Phase, reason string, code int) {
	d.enter(phase, reason)
	for i := range d.s.Members {
		d.send(&d.s.Members[i], &api.ToWorker{Message: &api.ToWorker_End{End: &api.End{Reason: reason, ExitCode: int32(code)}}})
	}
	last, _ := d.s.last()
	d.do(finish{Reason: reason, ExitCode: code, Step: d.s.Step, Digest: last.Digest})
}

// whatStands tells people what they still have after a failure that going on
// would only repeat.
func (d *decision) whatStands() string {
	last, ok := d.s.last()
	if !ok {
		return "No checkpoint was written"
	}
	return fmt.Sprintf("The checkpoint of step %d stands as it was", last.Step)
}

// whereToGoOn tells people what they can do after a failure.
func (d *decision) whereToGoOn() string {
	last, ok := d.s.last()
	if !ok {
		return "There is no checkpoint to go on from; start it again"
	}
	return fmt.Sprintf("Go on from the checkpoint of step %d: %s", last.Step, d.s.plan.Again)
}
