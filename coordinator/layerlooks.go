package coordinator

import (
	"errors"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// lookEvery is how often the first worker is asked to look at its network, while somebody wants to see it. The worker looks
// less often where looking takes long.
const lookEvery = time.Second

// looker asks the view's first worker for what somebody wants to see.
type looker struct {
	asked time.Time
	conn  uint64 // that was asked
}

// due says whether to ask the worker of a stream now, and notes that it is asked.
func (k *looker) due(now time.Time, conn uint64) bool {
	if conn == k.conn && now.Sub(k.asked) < lookEvery {
		return false
	}
	k.asked, k.conn = now, conn
	return true
}

// look asks the first worker for how its layers fare, and for what they are where that is not known yet.
func (t *term) look() {
	b := t.board
	b.mu.Lock()
	m := b.state.first()
	if m == nil || !m.live() || m.Conn == 0 || !b.looker.due(b.clock.Now(), m.Conn) {
		b.mu.Unlock()
		return
	}
	conn := m.Conn
	b.mu.Unlock()
	t.hub.send(conn, &api.ToWorker{Message: &api.ToWorker_Look{Look: &api.Look{Network: !b.layers.IsDescribed(), Health: true}}})
}

// seen takes what a worker tells of its network. The view's first worker alone is listened to.
func (t *term) seen(conn uint64, m *api.FromWorker) {
	b := t.board
	b.mu.Lock()
	first := b.state.first()
	listens := first != nil && first.Conn == conn
	b.mu.Unlock()
	if !listens {
		return
	}
	if n := m.GetNetwork(); n != nil {
		b.layers.Describe(n)
		return
	}
	if !b.layers.Add(m.GetHealth()) { // it measures as the run file has it, and nobody has asked what; or it is another network by now
		t.hub.send(conn, &api.ToWorker{Message: &api.ToWorker_Look{Look: &api.Look{Network: true}}})
	}
}

// look asks for what is to be shown of the network, where this coordinator leads.
func (c *Coordinator) look() {
	c.mu.Lock()
	t := c.term
	c.mu.Unlock()
	if t != nil {
		t.look()
	}
}

// TellsLayers says whether the network is known, or a worker can be asked.
func (c *Coordinator) TellsLayers() bool {
	b := c.board
	b.mu.Lock()
	asks := !b.standby && !ended(b.state.Phase)
	b.mu.Unlock()
	return asks || b.layers.IsDescribed()
}

// Network is the graph of the network. It has no layers before the first worker was asked for it.
func (c *Coordinator) Network() api.NetworkGraph {
	c.look()
	return c.board.layers.Graph()
}

// LayersHealth is how all layers fare. While somebody asks for it the first worker measures them.
func (c *Coordinator) LayersHealth() api.LayersHealth {
	c.look()
	return c.board.layers.All()
}

// LayerHistory is how a layer has fared; false when there is none of that name.
func (c *Coordinator) LayerHistory(name string) (api.LayerHistory, bool) {
	c.look()
	return c.board.layers.History(name)
}

// Outcome is what the evaluation after a step shows, as JSON, or that after the newest for step 0; and the steps of which
// there is one.
func (c *Coordinator) Outcome(step uint64) (text []byte, steps []uint64) {
	return c.board.outcome(step)
}

// Draws says whether this coordinator can draw samples of the held-out set.
func (c *Coordinator) Draws() bool { return c.cfg.HeldOut != nil && c.cfg.HeldOut.Draws() }

// Pictures draws samples of the held-out set.
func (c *Coordinator) Pictures(samples []int) ([]byte, error) {
	if c.cfg.HeldOut == nil {
		return nil, errors.New("the held-out set is not read here")
	}
	return c.cfg.HeldOut.Pictures(samples)
}
