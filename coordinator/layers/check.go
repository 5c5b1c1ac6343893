package layers

import (
	"cmp"
	"fmt"

	"github.com/rondo-ml/rondo/coordinator/api"
)

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

// CheckNetwork says what is wrong with a description of a network.
func CheckNetwork(n *api.Network) error {
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
		if err := cmp.Or(api.CheckText("network.layers.name", l.GetName()), api.CheckText("network.layers.kind", l.GetKind())); err != nil {
			return err
		}
		for _, p := range l.GetParameters() {
			if len(p.GetShape()) > maxRank {
				return fmt.Errorf("network.layers: parameter %.40q has a shape of %d numbers", p.GetName(), len(p.GetShape()))
			}
			if err := api.CheckText("network.layers.parameters.name", p.GetName()); err != nil {
				return err
			}
		}
	}
	return nil
}

// CheckHealth says what is wrong with a measurement of layers.
func CheckHealth(h *api.Health) error {
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
			if err := api.CheckText("health.layers.gates.name", g.GetName()); err != nil {
				return err
			}
		}
		if err := api.CheckSizes("health.layers", l.GetUnits(), l.GetDead(), l.GetForwardNs(), l.GetBackwardNs()); err != nil {
			return err
		}
	}
	return api.CheckSizes("health", h.GetCostNs())
}

func checkDistribution(d *api.Distribution) error {
	for _, b := range []*api.Bins{d.GetPositive(), d.GetNegative()} {
		if len(b.GetCounts()) > maxCounts || b.GetFirst() < -maxCounts || b.GetFirst() > maxCounts {
			return fmt.Errorf("a histogram of %d bins from bin %d on", len(b.GetCounts()), b.GetFirst())
		}
		if err := api.CheckSizes("a histogram", b.GetCounts()...); err != nil {
			return err
		}
	}
	if len(d.GetQuantiles()) > maxShares {
		return fmt.Errorf("%d quantiles, at most %d", len(d.GetQuantiles()), maxShares)
	}
	return api.CheckSizes("a distribution", d.GetCount(), d.GetBad(), d.GetZeros())
}
