package coordinator

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// speakVerdict goes on without those that are lost when the signs tell who they are, or
// when patience is over. One that fails by itself ends the run: the others would fail alike.
func (d *decision) speakVerdict() {
	p := &d.s.Suspicion
	waited := d.now.Sub(p.Since)
	gone := slices.ContainsFunc(d.s.inView(), func(m *member) bool { return m.State == memberLost })
	broke := !gone && d.allParted() // nobody's fate is waited for
	if waited < settle || waited < patience && !broke && !d.clear() {
		return
	}
	switch {
	case slices.ContainsFunc(p.Signs, func(n sign) bool { return n.Kind == signFailed }):
		d.fail(d.verdict())
	case gone:
		d.goOnWithout(d.verdict())
	case broke, waited >= standoff && d.somebodyParted():
		d.closeAgain()
	case waited >= patience:
		d.neverClosed()
	}
}

// neverClosed settles a ring that does not close, for one worker cannot reach another: the rest wait in vain. Where
// nobody has been in a ring it is the run's beginning that is wrong; else a new worker, without which it goes on.
func (d *decision) neverClosed() {
	s := &d.s
	if !slices.ContainsFunc(s.inView(), func(m *member) bool { return m.Model }) {
		d.fail(d.verdict())
		return
	}
	verdict := d.verdict()
	for _, n := range s.Suspicion.Signs {
		m := s.byName(n.Worker)
		if m == nil || m.Model || !s.inRing(m) || m.State == memberLost {
			continue
		}
		d.do(hangUp{m.Conn, "the ring does not close with this worker: " + n.Text})
		m.State, m.Cause = memberLost, n.Text
	}
	if slices.ContainsFunc(s.inView(), func(m *member) bool { return m.State == memberLost }) {
		d.goOnWithout(verdict)
	}
}

// goOnWithout forms a view of those that are left.
func (d *decision) goOnWithout(verdict string) {
	d.s.Members = slices.DeleteFunc(d.s.Members, func(m member) bool { return !m.live() })
	d.formView(verdict)
}

// closeAgain forms the ring of the same workers anew. A ring that never was closed would not be at the next try.
func (d *decision) closeAgain() {
	if d.s.Furthest == 0 && !d.s.Lost && !slices.ContainsFunc(d.s.inView(), func(m *member) bool { return m.Model }) {
		d.fail(d.verdict())
		return
	}
	d.formView(d.verdict())
}

// somebodyParted says that a worker has left the ring, which does no step any more.
func (d *decision) somebodyParted() bool {
	return slices.ContainsFunc(d.s.inView(), func(m *member) bool { return m.Parted })
}

// allParted says that nobody is in the ring any more, or would notice that it broke.
func (d *decision) allParted() bool {
	return !slices.ContainsFunc(d.s.inView(), func(m *member) bool { return m.State != memberLost && m.State != memberFinished && !m.Parted })
}

// clear says whether everybody under suspicion has shown what became of them.
func (d *decision) clear() bool {
	p := &d.s.Suspicion
	for _, n := range p.Signs {
		fate := p.has(signExited, n.Worker) >= 0
		if !d.s.plan.SeesExits {
			fate = fate || p.gone(n.Worker)
		}
		own := p.has(signDiverged, n.Worker) >= 0 || p.has(signFailed, n.Worker) >= 0 || p.has(signVictim, n.Worker) >= 0 || p.has(signSilent, n.Worker) >= 0
		if !fate && !own {
			return false
		}
	}
	return len(d.culprits()) > 0
}

// gone says that a worker's process or its stream is known to have ended.
func (p *suspicion) gone(worker string) bool {
	return p.has(signExited, worker) >= 0 || p.has(signLost, worker) >= 0 || p.has(signSilent, worker) >= 0
}

// culprits are the workers that went away without naming another first.
func (d *decision) culprits() []string {
	p := &d.s.Suspicion
	var names []string
	for i := range d.s.Members {
		name := d.s.Members[i].Name
		if p.gone(name) && p.has(signVictim, name) < 0 && p.has(signFailed, name) < 0 {
			names = append(names, name)
		}
	}
	if len(names) > 0 {
		return names
	}
	for _, n := range p.Signs {
		if n.Kind == signFailed {
			return []string{n.Worker}
		}
	}
	return nil
}

// verdict says what happened, from the strongest signs to the weakest: workers
// that went away, one that failed by itself, one that is blamed and says
// nothing, and last of all a link that broke between two that both live.
func (d *decision) verdict() string {
	p := &d.s.Suspicion
	names := d.culprits()
	if len(names) == 1 {
		if i := p.has(signFailed, names[0]); i >= 0 {
			return fmt.Sprintf("%s failed %s: %s", names[0], d.when(), sentence(p.Signs[i].Text))
		}
		return fmt.Sprintf("%s was lost %s (%s)", names[0], d.when(), p.fate(names[0]))
	}
	if len(names) > 1 {
		each := make([]string, len(names))
		for i, name := range names {
			each[i] = fmt.Sprintf("%s (%s)", name, p.fate(name))
		}
		return fmt.Sprintf("%s were lost %s", listed(each), d.when())
	}
	for _, n := range p.Signs {
		if n.Kind == signDiverged {
			return sentence(n.Text)
		}
		if n.Kind == signBlamed && p.has(signVictim, n.Worker) < 0 {
			return fmt.Sprintf("%s was lost %s (%s reports: %s)", n.Worker, d.when(), n.By, sentence(n.Text))
		}
	}
	i := slices.IndexFunc(p.Signs, func(n sign) bool { return n.Kind == signVictim })
	if i < 0 {
		return fmt.Sprintf("a worker was lost %s (%s)", d.when(), p.Signs[0])
	}
	return fmt.Sprintf("the ring broke %s: %s reports: %s", d.when(), p.Signs[i].Worker, sentence(p.Signs[i].Text))
}

// when says how far the run is.
func (d *decision) when() string {
	if (d.s.Phase == api.PhaseWaiting || d.s.Phase == api.PhaseStarting) && d.s.Furthest == 0 {
		return "before the first step"
	}
	return fmt.Sprintf("at step %d", d.s.Step)
}

// fate is the best that is known of a worker's end.
func (p *suspicion) fate(worker string) string {
	for _, kind := range []signKind{signExited, signSilent, signLost} {
		if i := p.has(kind, worker); i >= 0 {
			return p.Signs[i].Text
		}
	}
	return "no word of it"
}

// sentence makes a text fit to be followed by another.
func sentence(text string) string { return strings.TrimRight(text, ". \n") }
