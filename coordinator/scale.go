package coordinator

import (
	"fmt"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// scaleAsked takes another number of workers. Those that are too many are let go after the next step, the
// last by name first; those that are missing are for others to start.
func (d *decision) scaleAsked(e scaleAsked) {
	s := &d.s
	least, most := max(s.plan.Least, 1), s.plan.Most
	if most == 0 {
		most = s.plan.Lanes
	}
	if e.Workers < least || e.Workers > most {
		d.do(answer{Text: fmt.Sprintf("%d workers: this run can have from %d to %d", e.Workers, least, most), Refused: true})
		return
	}
	s.Wanted = e.Workers
	here := s.candidates()
	answered := fmt.Sprintf("%s wanted, %d here", count(e.Workers, "worker"), len(here))
	d.note(levelInfo, "%s", answered)
	if missing := e.Workers - len(here); missing > 0 && !s.plan.SeesExits {
		answered += fmt.Sprintf("; start %d more, each with a --name of its own", missing)
	}
	var leave []string
	for _, m := range here[min(e.Workers, len(here)):] {
		leave = append(leave, m.Name)
	}
	for _, name := range leave {
		d.letGo(s.byName(name), fmt.Sprintf("%s leaves: %s wanted", name, count(e.Workers, "worker")))
	}
	d.do(answer{Text: answered})
	if s.Phase == api.PhaseWaiting { // for more, perhaps, than are wanted now
		d.endWaiting(count(e.Workers, "worker") + " wanted")
	}
}
