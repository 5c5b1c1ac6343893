package coordinator

import (
	"errors"
	"fmt"
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
	t.hub.send(conn, &api.ToWorker{Message: &api.ToWorker_Look{Look: &api.Look{Network: !b.layers.isDescribed(), Health: true}}})
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
		b.layers.describe(n)
		return
	}
	if !b.layers.add(m.GetHealth()) { // it measures as the run file has it, and nobody has asked what; or it is another network by now
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

// Network is the graph of the network. It has no layers before the first worker was asked for it.
func (c *Coordinator) Network() api.NetworkGraph {
	c.look()
	return c.board.layers.graph()
}

// LayersHealth is how all layers fare. While somebody asks for it the first worker measures them.
func (c *Coordinator) LayersHealth() api.LayersHealth {
	c.look()
	return c.board.layers.all()
}

// LayerHistory is how a layer has fared; false when there is none of that name.
func (c *Coordinator) LayerHistory(name string) (api.LayerHistory, bool) {
	c.look()
	return c.board.layers.history(name)
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

// Bounds on what a worker tells of its network.
const (
	maxLayers     = 8192
	maxParameters = 4 * maxLayers
	maxRank       = 8
	maxCounts     = 512
	maxTimeSteps  = 1 << 16
	maxGates      = 16
	maxShares     = 16
)

// checkNetwork says what is wrong with a description of a network.
func checkNetwork(n *api.Network) error {
	if len(n.GetLayers()) > maxLayers {
		return fmt.Errorf("network.layers: %d of them, at most %d", len(n.GetLayers()), maxLayers)
	}
	parameters := 0
	for i, l := range n.GetLayers() {
		parameters += len(l.GetParameters())
		if len(l.GetShape()) > maxRank || len(l.GetInputs()) > maxLayers || parameters > maxParameters {
			return fmt.Errorf("network.layers: layer %d has a shape of %d numbers, %d inputs, %d parameters", i, len(l.GetShape()), len(l.GetInputs()), len(l.GetParameters()))
		}
		for _, in := range l.GetInputs() {
			if in < -1 || int(in) >= i {
				return fmt.Errorf("network.layers: layer %d reads layer %d", i, in)
			}
		}
		if err := firstError(checkText("network.layers.name", l.GetName()), checkText("network.layers.kind", l.GetKind())); err != nil {
			return err
		}
		for _, p := range l.GetParameters() {
			if len(p.GetShape()) > maxRank {
				return fmt.Errorf("network.layers: parameter %.40q has a shape of %d numbers", p.GetName(), len(p.GetShape()))
			}
			if err := checkText("network.layers.parameters.name", p.GetName()); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkHealth says what is wrong with a measurement of layers.
func checkHealth(h *api.Health, steps uint64) error {
	if len(h.GetLayers()) > maxLayers {
		return fmt.Errorf("health.layers: %d of them, at most %d", len(h.GetLayers()), maxLayers)
	}
	parameters := 0
	for i, l := range h.GetLayers() {
		parameters += len(l.GetParameters())
		if len(l.GetGates()) > maxGates || len(l.GetByStep()) > maxTimeSteps || parameters > maxParameters {
			return fmt.Errorf("health.layers: layer %d has %d gates, %d time steps, %d parameters", i, len(l.GetGates()), len(l.GetByStep()), len(l.GetParameters()))
		}
		all := []*api.Distribution{l.GetOutput()}
		for _, p := range l.GetParameters() {
			all = append(all, p.GetWeight(), p.GetGradient(), p.GetUpdate())
		}
		for _, d := range all {
			if err := checkDistribution(d); err != nil {
				return fmt.Errorf("health.layers: layer %d: %w", i, err)
			}
		}
		for _, g := range l.GetGates() {
			if err := checkText("health.layers.gates.name", g.GetName()); err != nil {
				return err
			}
		}
		if err := checkSizes("health.layers", l.GetUnits(), l.GetDead(), l.GetForwardNs(), l.GetBackwardNs()); err != nil {
			return err
		}
	}
	return firstError(checkCount("health", h.GetStep(), steps), checkSizes("health", h.GetCostNs()))
}

func checkDistribution(d *api.Distribution) error {
	for _, b := range []*api.Bins{d.GetPositive(), d.GetNegative()} {
		if len(b.GetCounts()) > maxCounts || b.GetFirst() < -maxCounts || b.GetFirst() > maxCounts {
			return fmt.Errorf("a histogram of %d bins from bin %d on", len(b.GetCounts()), b.GetFirst())
		}
		if err := checkSizes("a histogram", b.GetCounts()...); err != nil {
			return err
		}
	}
	if len(d.GetQuantiles()) > maxShares {
		return fmt.Errorf("%d quantiles, at most %d", len(d.GetQuantiles()), maxShares)
	}
	return checkSizes("a distribution", d.GetCount(), d.GetBad(), d.GetZeros())
}
