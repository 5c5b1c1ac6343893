package coordinator

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// A worker that dies shows in several places: its stream breaks, its
// neighbours report a broken link, its parent sees the exit status, and the
// neighbours of its neighbours report broken links too, for those gave up. The
// signs come in any order. So the first one starts a suspicion, and the
// verdict (verdict.go) is spoken when it is clear, or after patience.
const (
	settle   = 40 * time.Millisecond   // for signs of a second worker lost at the same time
	patience = 500 * time.Millisecond  // for the fate of a worker that others blame
	standoff = 3 * time.Second         // for the others of a ring that one has left
	silence  = 1500 * time.Millisecond // without a word, while no step comes either
	stall    = 2 * time.Second         // between ticks: we ourselves stood still
)

// suspicion gathers signs that a worker is lost.
type suspicion struct {
	Since time.Time // of the first sign
	Signs []sign
}

// sign is one report that something is wrong with a worker. There is at most
// one of each kind for each worker.
type sign struct {
	Kind   signKind
	Worker string // that it is about
	By     string // who reports it: blamed only
	Text   string
}

type signKind string

const (
	signLost     signKind = "lost"     // its stream broke
	signSilent   signKind = "silent"   // it says nothing
	signExited   signKind = "exited"   // its parent saw its exit status
	signFailed   signKind = "failed"   // it says that it cannot go on, by its own fault
	signVictim   signKind = "victim"   // it says that it cannot go on, by a peer's fault
	signDiverged signKind = "diverged" // it says that weights differ, its own or others'
	signBlamed   signKind = "blamed"   // a peer says that the link to it broke
)

func (d *decision) suspect(n sign) {
	if len(d.s.Suspicion.Signs) == 0 {
		d.s.Suspicion.Since = d.now
	}
	d.s.Suspicion.Signs = append(d.s.Suspicion.Signs, n)
	if d.s.Suspicion.has(n.Kind, n.Worker) < len(d.s.Suspicion.Signs)-1 { // it was known
		d.s.Suspicion.Signs = d.s.Suspicion.Signs[:len(d.s.Suspicion.Signs)-1]
		return
	}
	d.speakVerdict()
}

// forgetLost lets a worker's namesake in: the loss of the old one, if it was not
// settled yet, is now.
func (d *decision) forgetLost(name string) {
	m := d.s.byName(name)
	if m == nil {
		return
	}
	if d.s.inRing(m) { // a new process in its place is the proof, if there was none yet
		if m.State != memberLost {
			m.State, m.Cause = memberLost, cmp.Or(m.Cause, "it was started again")
			d.s.Suspicion.Signs = append(d.s.Suspicion.Signs, sign{Kind: signLost, Worker: name, Text: m.Cause})
		}
		d.goOnWithout(d.verdict())
	}
	if m := d.s.byName(name); m != nil {
		d.forget(m)
	}
}

func (n sign) String() string {
	switch n.Kind {
	case signLost:
		return fmt.Sprintf("the stream of %s broke: %s", n.Worker, n.Text)
	case signSilent:
		return fmt.Sprintf("%s is %s", n.Worker, n.Text)
	case signExited:
		return fmt.Sprintf("the process of %s ended: %s", n.Worker, n.Text)
	case signBlamed:
		return fmt.Sprintf("%s has lost %s: %s", n.By, n.Worker, n.Text)
	default:
		return fmt.Sprintf("%s cannot go on: %s", n.Worker, n.Text)
	}
}

// level is that of the notes of what follows: a ring that broke is worth a warning.
func (p *suspicion) level() string {
	if len(p.Signs) > 0 {
		return levelWarn
	}
	return levelInfo
}

// has is the index of the first sign of a kind about a worker, or -1.
func (p *suspicion) has(kind signKind, worker string) int {
	for i, n := range p.Signs {
		if n.Kind == kind && n.Worker == worker {
			return i
		}
	}
	return -1
}

// failed hears a worker's own report. It is heard once.
func (d *decision) failed(e workerFailed) {
	m := d.heard(e.Conn)
	r := e.Report
	ofRing := r.Kind == api.Failed_PEER || r.Kind == api.Failed_STATE || r.Kind == api.Failed_DIVERGED
	if m == nil || m.Failed || ofRing && (r.Generation < d.s.View.Generation || !d.s.inRing(m)) {
		return // of a ring that is no more, nobody needs to hear
	}
	m.Failed = true
	switch r.Kind {
	case api.Failed_NON_FINITE:
		// Going on would come to the same step again.
		d.note(levelWarn, "%s", sign{Kind: signFailed, Worker: m.Name, Text: r.Error})
		d.end(api.PhaseFailed, fmt.Sprintf("%s: %s; the run ends. %s", m.Name, sentence(r.Error), d.whatStands()), 1)
	case api.Failed_CHECKPOINT:
		// The error says what to do with the checkpoint; to go on from it is not it.
		d.note(levelWarn, "%s", sign{Kind: signFailed, Worker: m.Name, Text: r.Error})
		d.end(api.PhaseFailed, fmt.Sprintf("%s: %s; the run ends", m.Name, sentence(r.Error)), 1)
	case api.Failed_DATA:
		// Nothing that a peer does makes it, so there is nothing to wait for.
		d.note(levelWarn, "%s", sign{Kind: signFailed, Worker: m.Name, Text: r.Error})
		d.fail(fmt.Sprintf("%s failed at step %d: %s", m.Name, r.Step, sentence(r.Error)))
	case api.Failed_DIVERGED:
		d.diverged(m, r)
	case api.Failed_STATE:
		d.s.Lost, m.Parted = true, true
		d.suspect(sign{Kind: signVictim, Worker: m.Name, Text: r.Error})
	case api.Failed_PEER:
		m.Parted = true
		view, own := d.s.Generation, m.Name
		d.suspect(sign{Kind: signVictim, Worker: own, Text: r.Error})
		name, _, _ := strings.Cut(r.Peer, " ") // links add their address
		if blamed := d.s.byName(name); blamed != nil && name != own && d.s.Generation == view && !ended(d.s.Phase) {
			d.suspect(sign{Kind: signBlamed, Worker: name, By: own, Text: r.Error})
		}
		if d.s.Generation == view { // else the next view is there, and nobody has left that
			d.mournAway(signLost, "")
		}
	default:
		d.suspect(sign{Kind: signFailed, Worker: m.Name, Text: r.Error})
	}
}

// lost hears that a stream broke. Of one that is in no ring that is nobody's loss
// but the worker's; after its end there is nothing to lose.
func (d *decision) lost(e workerLost) {
	m := d.s.byConn(e.Conn)
	if m == nil {
		return
	}
	if !d.s.inRing(m) && !m.Failed {
		d.leave(m, e.Cause)
		return
	}
	if !e.Ours && d.mayReturn(m) {
		d.away(m, e.Cause)
		return
	}
	d.mourn(m, e.Cause, signLost)
}

// leave forgets a worker that left while it waited.
func (d *decision) leave(m *member, cause string) {
	d.note(levelWarn, "%s left %s: %s", m.Name, map[bool]string{false: "before the run started", true: "while it waited"}[d.s.begun()], cause)
	name := m.Name
	d.forget(m)
	switch {
	case d.s.begun():
	case len(d.s.Members) == 0:
		d.s.Basis = basis{}
	case d.s.Basis.From == name:
		d.s.Basis.From = d.s.Members[0].Name // who is here, and has the same data
	}
	if d.s.Phase == api.PhaseWaiting {
		d.s.Reason = d.s.waitingReason()
	}
}

// forget takes a member off the list.
func (d *decision) forget(m *member) {
	i := d.indexOf(m)
	d.s.Members = append(d.s.Members[:i], d.s.Members[i+1:]...)
}

// mourn marks a member of a running view as lost.
func (d *decision) mourn(m *member, cause string, kind signKind) {
	if m.done(&d.s) { // keep it finished, but without a stream
		m.Conn, m.Cause = 0, cause
		return
	}
	m.State, m.Cause = memberLost, cause
	d.suspect(sign{Kind: kind, Worker: m.Name, Text: cause})
}

// done says that a worker has nothing left to do but to hear the end.
func (m *member) done(s *state) bool { return m.State == memberFinished && len(s.Saves) == 0 }

// needAll mourns those that left as done and are needed after all, for a
// checkpoint that another worker began later.
func (d *decision) needAll() {
	for _, m := range slices.Clone(d.s.Members) { // mourning changes the members
		if m := d.s.byName(m.Name); m != nil && m.State == memberFinished && !m.live() && !ended(d.s.Phase) {
			d.mourn(m, m.Cause, signLost)
		}
	}
}

// exited hears how a worker's process ended.
func (d *decision) exited(e workerExited) {
	m := d.s.byName(e.Name)
	switch {
	case d.s.Phase == api.PhaseWaiting && !d.s.begun():
		d.end(api.PhaseFailed, d.exitedEarly(e), 1)
	case m == nil: // not one of ours
	case m.done(&d.s):
	case !d.s.inRing(m):
		d.leave(m, e.Status)
	default:
		m.State, m.Cause = memberLost, e.Status
		d.suspect(sign{Kind: signExited, Worker: m.Name, Text: e.Status})
	}
}

// exitedEarly explains an exit before the run started. A refusal is the usual
// cause, and says more than the exit status.
func (d *decision) exitedEarly(e workerExited) string {
	for i := len(d.s.Refusals) - 1; i >= 0; i-- {
		if r := d.s.Refusals[i]; r.Name == e.Name {
			return fmt.Sprintf("%s was refused: %s", e.Name, r.Reason)
		}
	}
	return fmt.Sprintf("%s left before the run started (%s); its own log says why", e.Name, e.Status)
}

// tick looks for silent workers, and lets a suspicion end.
func (d *decision) tick() {
	s := &d.s
	if d.overdue(); ended(s.Phase) {
		return
	}
	if gap := d.now.Sub(s.LastTick); !s.LastTick.IsZero() && gap > stall/4 {
		// It was we who heard nothing; nobody is to blame for that time.
		s.Moved = earlier(s.Moved.Add(gap), d.now)
		for i := range s.Members {
			m := &s.Members[i]
			m.Seen, m.Doing.Progressed = earlier(m.Seen.Add(gap), d.now), earlier(m.Doing.Progressed.Add(gap), d.now)
		}
	}
	s.LastTick = d.now
	if len(s.Suspicion.Signs) > 0 {
		d.speakVerdict()
	}
	if s.begun() && s.Phase != api.PhaseWaiting && !ended(s.Phase) {
		d.findSilent()
		d.rebalance()
	}
	if s.begun() && s.Phase != api.PhaseWaiting && !ended(s.Phase) {
		d.findStuck()
	}
	if s.begun() && !ended(s.Phase) && s.Full == "" {
		d.retryCuts()
	}
	d.stopUnheard()
}

// stopUnheard ends a run that was asked to stop, and of which no worker is heard any more: none would take the stop. Those that
// are only cut off hear of the end when they come again.
func (d *decision) stopUnheard() {
	s := &d.s
	heard := func(m member) bool { return m.State != memberLost && d.now.Sub(m.Seen) < adoptPatience }
	if s.Phase != api.PhaseStopping || s.Adoption.Pending || slices.ContainsFunc(s.Members, heard) {
		return
	}
	d.end(api.PhaseStopped, fmt.Sprintf("stopped without a checkpoint, as no worker has been heard for %v. %s", adoptPatience, d.whereToGoOn()), exitStopped)
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// deaf says that no worker of the ring is heard. Then it is this coordinator that is cut off, and they may train
// on without it; others take their places when they are here and those have been silent for long.
func (d *decision) deaf() bool {
	s := &d.s
	patient := silence
	if slices.ContainsFunc(s.Members, func(m member) bool { return m.live() && !s.inRing(&m) }) {
		patient = adoptPatience
	}
	quiet := false
	for _, m := range s.inView() {
		if m.State == memberLost || m.done(s) {
			continue
		}
		if d.now.Sub(m.Seen) < silence {
			return false
		}
		quiet = quiet || d.now.Sub(m.Seen) >= patient
	}
	return patient == silence || !quiet
}

// findSilent evicts workers that say nothing while no step comes. As long as steps come, which all have
// a part in, it is the stream that is slow and not the worker. One that works on a long step says so.
func (d *decision) findSilent() {
	s := &d.s
	if d.now.Sub(s.Moved) < s.Usual.usual()+silence || d.deaf() {
		return
	}
	for _, m := range s.inView() {
		quiet := d.now.Sub(m.Seen)
		if m.State == memberLost || m.done(s) || (m.Away && s.Adoption.Pending) || quiet < silence {
			continue
		}
		cause := fmt.Sprintf("silent for %.1f s", quiet.Seconds())
		if m.Conn != 0 {
			d.do(hangUp{m.Conn, cause + ": the others went on without it; it may join again"})
		}
		if d.mourn(m, cause, signSilent); len(s.Suspicion.Signs) == 0 || ended(s.Phase) {
			return // the next view has been formed
		}
	}
}
