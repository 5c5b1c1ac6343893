package coordinator

import (
	"fmt"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// maxDiverged is how often a worker may hold other weights than most, before its
// machine is not trusted any more.
const maxDiverged = 2

// diverged hears that weights differ among workers. What the one that is wrong has
// computed lately is in everybody's sums, so the run goes back to its last
// checkpoint, which all agreed on: with that worker, which takes it up anew like
// all others, or without it where it is not the first time. All report it; where
// most agree, with the name of one that does not.
func (d *decision) diverged(m *member, r *api.Failed) {
	if !d.s.Lost {
		d.note(levelError, "%s", r.Error)
	}
	d.s.Lost, m.Parted = true, true
	if r.Peer == m.Name {
		m.Diverged++
	}
	if m.Diverged >= maxDiverged {
		cause := fmt.Sprintf("it held other weights than the others %d times", m.Diverged)
		d.do(hangUp{m.Conn, cause + ": the run goes on without it; look at the memory and the processor of its machine"})
		d.mourn(m, cause, signLost)
		return
	}
	d.suspect(sign{Kind: signDiverged, Worker: m.Name, Text: r.Error})
}
